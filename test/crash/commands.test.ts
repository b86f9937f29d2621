import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Game, GAMES, leagueFiles, setGames } from '../support/league.ts';
import { copyOf, keptProject, type TestProject } from '../support/project.ts';
import {
  atInstants,
  crashBefore,
  expectNothingOpen,
  expectRecovery,
  inProcess,
  instantsOf,
} from './crash.ts';

/** One date more, one less, one with another value. */
const LATER: readonly Game[] = [
  ...GAMES.filter((game) => game.id !== 6).map((game) =>
    game.id === 4 ? { ...game, points: 141 } : game,
  ),
  { id: 11, date: '2023-11-05', points: 118 },
];

interface Writer {
  readonly line: string;
  readonly title: string;
  /** What the project is like when the command begins. */
  readonly prepare?: (project: TestProject) => void;
  /** Instants that the short form tries. */
  readonly some: number;
}

const laterGames = (project: TestProject): void => setGames(project, LATER);
const sameRows = (project: TestProject): void =>
  project.edit('assets/reports/daily.sql', 'MAX(g.points)', 'MAX(g.points) + 0');
const loseRecord = (project: TestProject): void => {
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(`${project.home}/state.sqlite${suffix}`, { force: true });
  }
};

const WRITERS: readonly Writer[] = [
  { line: 'forget daily --partitions 2023-10-25..2023-10-28 --yes', title: '', some: 2 },
  { line: 'forget games --partitions 2023-10-25 --yes', title: '(dates of the calendar)', some: 2 },
  {
    line: 'mark-current daily --partitions ..2023-11-03 --yes',
    title: 'on changed code',
    prepare: sameRows,
    some: 2,
  },
  { line: 'state rebuild', title: 'of a good record', some: 2 },
  { line: 'state rebuild', title: 'of a lost record', prepare: loseRecord, some: 2 },
  { line: 'materialize --force', title: '', some: 1 },
  { line: 'backfill daily+ --from 2023-10-24 --to 2023-10-28 --force', title: '', some: 1 },
  { line: 'materialize --prune', title: 'on other dates', prepare: laterGames, some: 2 },
  { line: 'materialize', title: 'without a record', prepare: loseRecord, some: 2 },
];

let made: TestProject;
beforeAll(async () => {
  made = keptProject(leagueFiles());
  expect((await made.materialize()).code).toBe(0);
});
afterAll(() => rmSync(made.root, { recursive: true }));

test.each(WRITERS)(
  '$line $title, killed before any of its instructions, leaves what the next command puts in order',
  async ({ line, prepare, some }) => {
    const before = copyOf(made);
    prepare?.(before);
    const whole = copyOf(before);
    const instants = await instantsOf(whole, line);
    expect((await whole.materialize({ prune: true })).code).toBe(0);
    const undisturbed = await whole.allVersions();
    await atInstants(instants, { some, seed: 11, most: 80 }, async (instant) => {
      const project = copyOf(before);
      await crashBefore(project, instant, line);
      expect(await inProcess(project, 'status --json')).toMatchObject({ code: 0 });
      const repeated = copyOf(project);
      await expectRecovery(project, undisturbed);
      const again = await inProcess(repeated, line);
      // What the first one had done already, the second one finds nothing of.
      if (again.code !== 0) expect(again.stderr).toContain('nothing is recorded of');
      await expectRecovery(repeated, undisturbed);
    });
  },
  1_800_000,
);

test.each(['check', 'verify --all'])(
  '%s, killed before any of its instructions, changes nothing',
  async (line) => {
    const project = copyOf(made);
    // A copy is another file: this run compares it with the record.
    await project.materialize();
    const undisturbed = await project.allVersions();
    const instants = await instantsOf(project, line);
    await atInstants(instants, { some: 2, seed: 13, most: 10 }, async (instant) => {
      await crashBefore(project, instant, line);
      expect(await project.allVersions()).toEqual(undisturbed);
      await expectNothingOpen(project);
      expect((await project.materialize()).document.status).toBe('nothing-to-do');
    });
    expect(await inProcess(project, line)).toMatchObject({ code: 0 });
  },
  1_800_000,
);
