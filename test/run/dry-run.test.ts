import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { unsafeRunId } from '../../engine/ids.ts';
import { formatDay } from '../../engine/partitions/date.ts';
import { gamesWith, leagueProject, setGames } from '../support/league.ts';
import type { RunRequest, TestProject } from '../support/project.ts';

/** Every file of a folder but the cache, with its bytes. */
function contents(project: TestProject): Record<string, string> {
  const files: Record<string, string> = {};
  const entries = readdirSync(project.root, { recursive: true, encoding: 'utf8' });
  for (const name of entries) {
    // SQLite makes its index of the log for readers too; the cache is no state.
    if (name.includes('cache') || name.endsWith('-shm') || name.endsWith('-wal')) continue;
    const path = project.path(name);
    if (statSync(path).isFile()) files[name] = readFileSync(path, 'base64');
  }
  return files;
}

interface StepText {
  readonly asset: string;
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

async function plannedSteps(project: TestProject, request: RunRequest): Promise<StepText[]> {
  const { steps } = await project.dryRun(request);
  return steps.map(({ asset, partitions }) => ({ asset, ...partitions }));
}

/** The steps that a run took; those of assets that find out their own dates were recorded before they knew. */
async function takenSteps(project: TestProject, request: RunRequest): Promise<StepText[]> {
  const outcome = await project.materialize(request);
  const reader = await project.reader();
  const runId = unsafeRunId(outcome.document.run_id ?? 'none');
  const events = reader.eventsOfRun(runId);
  return reader
    .steps(runId)
    .toSorted((a, b) => a.id - b.id)
    .map((step) => {
      const days = events
        .filter((event) => event.asset === step.asset && event.type !== 'removed')
        .map((event) => formatDay(event.day))
        .toSorted();
      return {
        asset: step.asset,
        from: days[0] ?? '',
        to: days.at(-1) ?? '',
        count: days.length,
      };
    });
}

describe('a dry run prints the steps that the run then takes', () => {
  test('from nothing', async () => {
    const project = leagueProject();
    const planned = await plannedSteps(project, {});
    expect(planned).toHaveLength(4);
    expect(await takenSteps(project, {})).toEqual(planned);
  });

  test('of a selection and a range', async () => {
    const project = leagueProject();
    await project.materialize({ selection: ['+daily'] });
    const request = { selection: ['best_before', 'season_so_far'], partitions: '..2023-10-27' };
    const planned = await plannedSteps(project, request);
    expect(planned).toHaveLength(2);
    expect(await takenSteps(project, request)).toEqual(planned);
  });

  test('by force', async () => {
    const project = leagueProject();
    await project.materialize();
    const request = { force: true, selection: ['daily'] };
    const planned = await plannedSteps(project, request);
    expect(planned).toHaveLength(1);
    expect(await takenSteps(project, request)).toEqual(planned);
  });

  test('after the calendar of the source grew', async () => {
    const project = leagueProject();
    await project.materialize();
    setGames(project, [...gamesWith(0, {}), { id: 11, date: '2023-11-09', points: 150 }]);
    const planned = await plannedSteps(project, { selection: ['games'] });
    expect(planned).toEqual([{ asset: 'games', from: '2023-03-01', to: '2023-11-09', count: 9 }]);
    expect(await takenSteps(project, { selection: ['games'] })).toEqual(planned);
  });

  test('and what may change is all that a run then looks at', async () => {
    const project = leagueProject();
    await project.materialize();
    setGames(project, gamesWith(8, { points: 81 }));
    const planned = await plannedSteps(project, {});
    const taken = await takenSteps(project, {});
    for (const step of taken) {
      const plan = planned.find((each) => each.asset === step.asset);
      expect(plan?.count).toBeGreaterThanOrEqual(step.count);
      expect(plan && plan.from <= step.from && step.to <= plan.to).toBe(true);
    }
  });
});

describe('a dry run writes nothing', () => {
  test('before anything was made', async () => {
    const project = leagueProject();
    await project.dryRun();
    expect(existsSync(project.warehouseFile)).toBe(false);
    expect(existsSync(`${project.home}/state.sqlite`)).toBe(false);
  });

  test('when there is much to do', async () => {
    const project = leagueProject();
    await project.materialize();
    setGames(project, gamesWith(8, { points: 81 }));
    const before = contents(project);
    await project.dryRun();
    await project.dryRun({ force: true });
    expect(contents(project)).toEqual(before);
    expect((await project.reader()).runs('local', 10)).toHaveLength(1);
  });
});

test('a dry run on a source that cannot be read is a user error, not a bug', async () => {
  const project = leagueProject();
  project.write('data/games.csv', 'game_id,game_date,season,points\n1,soon,2023,1\n');
  const error = await project.error({ dryRun: true });
  expect(error.message).toContain('games');
});
