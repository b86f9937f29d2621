import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { unsafeRunId } from '../../engine/ids.ts';
import { openStateStore } from '../../state/sqlite.ts';
import { expectAgreement } from '../support/agreement.ts';
import { GAMES, leagueProject } from '../support/league.ts';
import type { RunDocument, TestProject } from '../support/project.ts';
import { errorOf, jsonOf, runCommand } from '../support/run-command.ts';

const MORE = `  teams:
    group: raw
    description: The teams.
    partitions: none
    source: { path: data/teams.csv }
    key: [team]
    columns: [{ team: { type: STRING, description: The team } }]
  totals:
    group: reports
    description: Everything in one row.
    partitions: none
    upstream: { daily: all, teams: all }
    key: [games]
    columns:
      - games: { type: INT64, description: Number of games }
      - teams: { type: INT64, description: Number of teams }
`;

/** The league with a source and an asset that have no partitions. */
function wholeLeague(): TestProject {
  const project = leagueProject(GAMES, {
    'data/teams.csv': 'team\nBOS\nLAL\n',
    'assets/reports/totals.sql':
      'SELECT SUM(d.games) AS games, (SELECT COUNT(*) FROM teams AS t) AS teams FROM daily AS d\n',
  });
  project.edit('pipeline.yaml', 'assets:\n', `assets:\n${MORE}`);
  return project;
}

interface StatusDocument {
  readonly assets: readonly Record<string, unknown>[];
}

/** Everything that status says but the last runs, which cannot come back. */
async function statusOf(project: TestProject): Promise<readonly object[]> {
  const { assets } = await jsonOf<StatusDocument>(project, 'status');
  return assets.map((asset) => ({ ...asset, last_run: null }));
}

function stateFile(project: TestProject): string {
  return join(project.home, 'state.sqlite');
}

function loseState(project: TestProject): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(stateFile(project) + suffix, { force: true });
}

let project: TestProject;
beforeEach(async () => {
  project = wholeLeague();
  expect((await project.materialize()).code).toBe(0);
});

async function expectNothingToDo(): Promise<void> {
  const { document } = await project.materialize();
  expect(document.status).toBe('nothing-to-do');
}

describe('state rebuild', () => {
  test('gives back what status said, and materialize has nothing to do', async () => {
    const before = await statusOf(project);
    loseState(project);
    const { code, out } = await runCommand(project, 'state rebuild');
    expect(code).toBe(0);
    expect(out).toContain('cannot come back: runs, steps');
    expect(await statusOf(project)).toEqual(before);
    await expectAgreement(project);
    await expectNothingToDo();
  });

  test('knows why partitions are expected to be empty', async () => {
    loseState(project);
    await runCommand(project, 'state rebuild');
    const { out } = await runCommand(project, 'why best_before 2023-03-01');
    expect(out).toContain('is expected to be empty: no game was played before.');
  });

  test('knows what was stale, and the cause', async () => {
    project.edit('assets/reports/daily.sql', 'MAX(g.points)', 'MAX(g.points) + 0');
    project.edit('data/games.csv', ',111', ',110');
    await project.materialize({ selection: ['games'] });
    const before = await statusOf(project);
    const [said] = await causes();
    loseState(project);
    await runCommand(project, 'state rebuild');
    expect(await statusOf(project)).toEqual(before);
    expect((await causes())[0]).toBe(said);
    expect(said).toContain('code changed: SQL');
  });

  async function causes(): Promise<string[]> {
    const story = await jsonOf<{ causes: { detail: string }[] }>(project, 'why daily 2023-11-02');
    return story.causes.map((cause) => cause.detail);
  }

  test('does not lose a date whose rows failed a check: it is missing now, and tried again', async () => {
    const check = '{ range: { column: points, max: 1000 }, severity: error, blocking: true }';
    project.edit('pipeline.yaml', 'key: [game_id]', `key: [game_id]\n    checks: [${check}]`);
    project.edit('data/games.csv', '2023-11-03,2023,112', '2023-11-03,2023,112000');
    project.edit('data/games.csv', '2023-10-25,2023,101', '2023-10-26,2023,101000');
    expect((await project.materialize({ prune: true })).code).toBe(1);
    expect(await project.status('games')).toMatchObject({ '2023-10-26': 'failed' });
    loseState(project);
    await runCommand(project, 'state rebuild');
    expect(await project.status('games')).toMatchObject({ '2023-10-26': 'missing' });
    const { code, document } = await project.materialize();
    expect(code).toBe(1);
    expect(document.failures).toContainEqual(
      expect.objectContaining({ asset: 'games', partition: '2023-10-26', status: 'failed' }),
    );
  });

  test.each([
    ['is of another program', 'not a database at all, but long enough to look like a file'],
    ['is empty', ''],
  ])('replaces a file that %s, and keeps it', async (_, content) => {
    const before = await statusOf(project);
    loseState(project);
    writeFileSync(stateFile(project), content);
    const { kept } = await jsonOf<{ kept: string }>(project, 'state rebuild');
    expect(existsSync(kept)).toBe(true);
    expect(await statusOf(project)).toEqual(before);
  });

  test('keeps a good file with its history, and leaves nothing else behind', async () => {
    const runs = (await project.reader()).runs('local', 10).length;
    const { kept } = await jsonOf<{ kept: string }>(project, 'state rebuild');
    const old = openStateStore(kept);
    expect(old.runs('local', 10)).toHaveLength(runs);
    old.close();
    const left = readdirSync(project.home).filter((name) => name.includes('rebuilding'));
    expect(left).toEqual([]);
    const commands = (await project.reader()).runs('local', 10).map((run) => run.command);
    expect(commands).toEqual(['state rebuild']);
  });

  test('does not touch a target that another run holds', async () => {
    const store = openStateStore(stateFile(project));
    store.acquireLease({
      target: 'local',
      runId: unsafeRunId('20240301T115900-abcd'),
      pid: process.pid,
      host: hostname(),
      command: 'backfill',
      now: Date.parse('2024-03-01T12:00:00Z'),
      staleMs: 1,
    });
    store.close();
    const error = await errorOf(project, 'state rebuild');
    expect(error).toMatchObject({ code: 'TARGET_HELD', exitCode: 3 });
    expect(readdirSync(project.home).filter((name) => name.includes('before-'))).toEqual([]);
  });

  test('says so when there is no warehouse', async () => {
    rmSync(project.warehouseFile);
    expect((await errorOf(project, 'state rebuild')).code).toBe('NOT_MATERIALIZED');
  });

  test('reads a warehouse of an older version, and looks again at what it did not keep', async () => {
    await project.tamper(
      'DROP TABLE _fastbreak_calendars',
      'DROP TABLE _fastbreak_definitions',
      ...['reason', 'source_quick', 'source_content', 'marked_by', 'marked_at'].map(
        (column) => `ALTER TABLE _fastbreak_materializations DROP COLUMN ${column}`,
      ),
    );
    loseState(project);
    await runCommand(project, 'state rebuild');
    const { document } = await project.materialize();
    const done = document.assets.map((asset) => asset.materialized);
    expect(done.reduce((sum, count) => sum + count, 0)).toBe(0);
    await expectAgreement(project);
    await expectNothingToDo();
  });
});

test('materialize without a state file takes over what the warehouse holds, and makes nothing again', async () => {
  const before = await statusOf(project);
  loseState(project);
  const { document } = await project.materialize();
  const made = (key: keyof RunDocument['assets'][number]): number =>
    document.assets.reduce((sum, asset) => sum + Number(asset[key]), 0);
  expect([made('materialized'), made('unchanged'), made('failed')]).toEqual([0, 0, 0]);
  expect(await statusOf(project)).toEqual(before);
  await expectNothingToDo();
});

test('status without a state file says that there is a warehouse, and what to do', async () => {
  loseState(project);
  const { out } = await runCommand(project, 'status');
  expect(out).toContain('There is a warehouse, but no record of it');
  expect(out).toContain('fastbreak state rebuild');
});

test('a damaged state file is refused by materialize with the command that mends it', async () => {
  renameSync(stateFile(project), `${stateFile(project)}.away`);
  writeFileSync(stateFile(project), 'x'.repeat(5000));
  const error = await project.error();
  expect(error.code).toBe('STATE_CORRUPT');
  expect(error.hint).toContain('fastbreak state rebuild');
});
