import { describe, expect, test } from 'vitest';
import { openWarehouse } from '../../engine/commands/context.ts';
import { verifiablePartitions } from '../../engine/health/sample.ts';
import {
  type Difference,
  verifyPartitions,
  type VerifyProgress,
} from '../../engine/health/verify.ts';
import { formatDay } from '../../engine/partitions/date.ts';
import { recordsIn } from '../../engine/staleness/window-inputs.ts';
import { leagueProject } from '../support/league.ts';
import type { TestProject } from '../support/project.ts';
import { forgetfulProject, overreachingProject, withReport } from '../support/verify-pipelines.ts';

interface Verified {
  readonly differences: readonly Difference[];
  readonly progress: readonly VerifyProgress[];
}

/** Verifies every current partition of a project, or of one asset of it. */
async function verifyAll(
  project: TestProject,
  only?: string,
  signal = new AbortController().signal,
): Promise<Verified> {
  const opened = await project.open();
  const { pipeline } = opened;
  const { evaluation } = await project.evaluate();
  const evaluations = [...evaluation.assets.values()].filter(
    ({ asset }) => only === undefined || asset.name === only,
  );
  const warehouse = await openWarehouse(opened, project.effects(), 'read');
  const assets = new Map(pipeline.assets.map((asset) => [asset.name, asset]));
  const progress: VerifyProgress[] = [];
  const onProgress = (each: VerifyProgress): void => void progress.push(each);
  try {
    const recordsOf = recordsIn(evaluation);
    const context = { pipeline, assets, warehouse, signal, recordsOf, onProgress };
    const verifiable = verifiablePartitions(evaluations, undefined);
    return { differences: await verifyPartitions(context, verifiable.assets), progress };
  } finally {
    await warehouse.close();
  }
}

function datesOf(differences: readonly Difference[]): string[] {
  return differences.map((each) => `${each.asset} ${formatDay(each.day)} ${each.cause}`);
}

describe('partitions made alone', () => {
  test('are those of the batch in a pipeline that keeps its windows apart', async () => {
    const project = leagueProject();
    await project.materialize();
    const { differences, progress } = await verifyAll(project);
    expect(differences).toEqual([]);
    expect(progress.map(({ asset, done }) => `${asset} ${done}`)).toEqual([
      'daily 8',
      'best_before 7',
      'season_so_far 6',
    ]);
  });

  test('differ where SQL numbers rows over all partitions of the batch', async () => {
    const project = forgetfulProject();
    await project.materialize();
    const { differences } = await verifyAll(project);
    // Only the first date has the number 1 both ways.
    expect(datesOf(differences)).toEqual([
      'date_number 2023-03-02 alone',
      'date_number 2023-10-24 alone',
      'date_number 2023-10-25 alone',
      'date_number 2023-10-27 alone',
      'date_number 2023-10-28 alone',
      'date_number 2023-11-02 alone',
      'date_number 2023-11-03 alone',
    ]);
    expect(differences[1]).toMatchObject({
      rows: 1,
      rowsAlone: 1,
      differing: {
        keys: 1,
        examples: [
          {
            type: 'value',
            key: { game_date: '2023-10-24' },
            column: 'number',
            batch: 3,
            alone: 1,
          },
        ],
      },
    });
  });

  test('differ where SQL joins `<=` although the window ends before the date', async () => {
    const project = overreachingProject();
    await project.materialize();
    const { differences } = await verifyAll(project);
    // Alone it cannot see its own date; the batch, made with later dates, can. The last date of all cannot.
    expect(datesOf(differences)).toEqual([
      'season_so_far 2023-03-02 alone',
      'season_so_far 2023-10-25 alone',
      'season_so_far 2023-10-27 alone',
      'season_so_far 2023-10-28 alone',
      'season_so_far 2023-11-02 alone',
    ]);
    expect(differences[0]?.differing?.examples).toEqual([
      {
        type: 'value',
        key: { game_date: '2023-03-02' },
        column: 'average',
        batch: 92.5,
        alone: 90,
      },
      { type: 'value', key: { game_date: '2023-03-02' }, column: 'dates', batch: 2, alone: 1 },
    ]);
  });

  test('that have other rows are told by the key, with the side that has them', async () => {
    const project = withReport(
      leagueProject(),
      `  ranking:
    group: reports
    description: The best two games.
    key: [game_date, game_id]
    upstream: { games: same }
    columns:
      - game_date
      - game_id: { type: INT64, description: Number of the game }
`,
      `WITH ranked AS (
  SELECT g.game_date AS game_date, g.game_id AS game_id,
    ROW_NUMBER() OVER (ORDER BY g.game_id) AS place
  FROM games AS g JOIN partitions AS p ON p.partition_date = g.game_date
)
SELECT r.game_date AS game_date, r.game_id AS game_id FROM ranked AS r
WHERE r.place <> 2 AND r.place <> 4
`,
    );
    // The second date has no row in the batch, which is a failure of that date.
    await project.materialize();
    const { differences } = await verifyAll(project, 'ranking');
    expect(datesOf(differences)).toEqual(['ranking 2023-10-28 alone']);
    expect(differences[0]).toMatchObject({
      rows: 2,
      rowsAlone: 1,
      differing: {
        examples: [{ type: 'row', key: { game_date: '2023-10-28', game_id: 8 }, onlyIn: 'batch' }],
      },
    });
  });

  test('that fail although the batch did not are differences, and do not hide the others', async () => {
    const project = withReport(
      leagueProject(),
      `  share:
    group: reports
    description: The number of dates by those that are not the date's own.
    upstream: { daily: same }
    columns:
      - game_date
      - share: { type: INT64, description: A division that fails for one date alone }
`,
      `SELECT d.game_date AS game_date,
  CAST(IF(COUNT(*) OVER () = 1 AND d.points = 101, 'none', '1') AS INT64) AS share
FROM daily AS d JOIN partitions AS p ON p.partition_date = d.game_date
`,
    );
    await project.materialize();
    const { differences } = await verifyAll(project, 'share');
    expect(datesOf(differences)).toEqual(['share 2023-10-25 failed']);
    expect(differences[0]).toMatchObject({ rowsRecorded: 1, rowsAlone: undefined });
    expect(differences[0]?.message).toContain('none');
  });

  test('are not made any more after Ctrl-C', async () => {
    const project = leagueProject();
    await project.materialize();
    await expect(verifyAll(project, undefined, AbortSignal.abort())).rejects.toMatchObject({
      kind: 'interrupted',
    });
  });
});

describe('rows that were changed in the warehouse', () => {
  test('are told from rows that the batch wrote', async () => {
    const project = leagueProject();
    await project.materialize();
    await project.tamper(
      "UPDATE reports.best_before SET best = 7 WHERE game_date = '2023-10-28'",
      "DELETE FROM reports.best_before WHERE game_date = '2023-11-02'",
      "INSERT INTO reports.best_before VALUES ('2023-11-03', 1)",
    );
    const { differences } = await verifyAll(project);
    expect(differences).toMatchObject([
      {
        asset: 'best_before',
        cause: 'table',
        rows: 1,
        rowsAlone: 1,
        differing: { keys: 1, examples: [{ column: 'best', batch: 7, alone: 120 }] },
      },
      {
        cause: 'table',
        rows: 0,
        rowsRecorded: 1,
        rowsAlone: 1,
        differing: { examples: [{ key: { game_date: '2023-11-02' }, onlyIn: 'alone' }] },
      },
      { cause: 'table', rows: 2, rowsRecorded: 1, rowsAlone: 1 },
    ]);
    expect(differences).toHaveLength(3);
  });

  test('upstream make every asset that reads them differ', async () => {
    const project = leagueProject();
    await project.materialize();
    await project.tamper("UPDATE raw.games SET points = 500 WHERE game_date = '2023-10-28'");
    const { differences } = await verifyAll(project);
    expect(datesOf(differences)).toEqual(['daily 2023-10-28 alone']);
  });

  test('in the same way as upstream agree with upstream, but not with the record', async () => {
    const project = leagueProject();
    await project.materialize();
    await project.tamper(
      "UPDATE raw.games SET points = 111 WHERE game_date = '2023-10-25'",
      "UPDATE reports.daily SET points = 111, best = 111 WHERE game_date = '2023-10-25'",
    );
    const { differences } = await verifyAll(project, 'daily');
    expect(differences).toMatchObject([{ cause: 'record', rows: 1, rowsAlone: 1 }]);
  });

  test('are a failure of every partition when the table itself is gone', async () => {
    const project = leagueProject();
    await project.materialize();
    await project.tamper('DROP TABLE reports.best_before');
    const { differences } = await verifyAll(project, 'best_before');
    expect(differences.map((each) => each.cause)).toEqual(Array(7).fill('failed'));
    expect(differences[0]?.message).toContain('best_before');
  });
});

describe('every kind of asset', () => {
  test('an unpartitioned one is verified as a whole', async () => {
    const project = withReport(
      leagueProject(),
      `  totals:
    group: reports
    description: All points.
    partitions: none
    key: [season]
    upstream: { games: all }
    columns:
      - season: { type: STRING, description: The season }
      - points: { type: INT64, description: Points }
`,
      'SELECT g.season AS season, SUM(g.points) AS points FROM games AS g GROUP BY g.season\n',
    );
    await project.materialize();
    expect(await verifyAll(project, 'totals')).toMatchObject({
      differences: [],
      progress: [{ asset: 'totals', done: 1, total: 1 }],
    });
    await project.tamper("UPDATE reports.totals SET points = 1 WHERE season = '2022'");
    const { differences } = await verifyAll(project, 'totals');
    expect(datesOf(differences)).toEqual(['totals all table']);
    expect(differences[0]?.differing?.examples).toEqual([
      { type: 'value', key: { season: '2022' }, column: 'points', batch: 1, alone: 185 },
    ]);
  });

  test('a module is called once for each partition', async () => {
    const project = leagueProject(undefined, { 'assets/reports/counted.ts': COUNTED });
    project.edit(
      'pipeline.yaml',
      'assets:\n',
      `assets:
  counted:
    group: reports
    module: assets/reports/counted.ts
    description: Points of the date, and how many dates the module was called for.
    upstream: { daily: same }
    columns:
      - game_date
      - points: { type: INT64, description: Points }
      - dates: { type: INT64, description: Dates per call }
`,
    );
    await project.materialize();
    const { differences } = await verifyAll(project, 'counted');
    expect(differences).toHaveLength(8);
    expect(differences[0]?.differing?.examples).toEqual([
      { type: 'value', key: { game_date: '2023-03-01' }, column: 'dates', batch: 8, alone: 1 },
    ]);
  });
});

const COUNTED = `export async function materialize({ partitions, read, write }) {
  const { game_date, points } = await read('daily');
  write(game_date.map((date, at) => ({ game_date: date, points: points[at], dates: partitions.length })));
}
`;
