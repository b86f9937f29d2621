import { expect, test } from 'vitest';
import { clientOf } from '../bigquery/broken-runs.ts';
import { cloudFor, machineWith } from '../bigquery/cloud.ts';
import { checksOf, type FailedCheck } from './failed-checks.ts';
import { DAYS, gamesProject, LINES } from './games-project.ts';

/** Every kind that needs more than the query which counts rows; each fails somewhere on the planted rows. */
const EVERY_KIND = `
- { duplicate_rows: { except: [points] }, severity: warn }
- { group: { by: [game_id], value: SUM(points), max: 190 }, severity: warn }
- { mirror: { by: [game_id], columns: { points: 190 - points } }, severity: warn }
- { row_count: { per: games, min: 2, max: 2 }, severity: warn }
- { relationship: { column: team, to: teams.team }, severity: warn }
- { relationship: { column: team, to: members.team }, severity: warn, name: known_member }
- { coverage: { of: teams, on: { team: team } }, severity: warn }
- { sum_equals: { of: games, on: { game_id: game_id }, sum: is_odd(points), equals: '1' }, severity: warn }
- { constant: { columns: [points], min_rows: 2 }, severity: warn }
- { drift: { columns: [points], over: 3, min_partitions: 2, sd: 1, min_rows: 1 }, severity: warn }
- { distribution_shift: { column: points, bins: [95], over: 3, min_partitions: 2, min_rows: 1 }, severity: warn }
- { distribution_shift: { column: points, over: 3, min_partitions: 2, min_rows: 1 }, severity: warn, name: deciles }
- { correlation: { column: points, columns: [game_id], max: 0.5, min_rows: 2 }, severity: warn }
- { sql: 'SELECT t.day, t.team FROM this AS t WHERE is_odd(t.points)', severity: warn }
`.replace('sum: is_odd(points)', "sum: 'IF(is_odd(points), 1, 0)'");

const PLANTED = [
  ...LINES.slice(0, 5),
  `${DAYS[3]},4,aaa,100`,
  `${DAYS[3]},4,aaa,101`,
  `${DAYS[3]},9,zzz,103`,
  `${DAYS[4]},5,ccc,7`,
  `${DAYS[4]},5,bbb,7`,
];

const TARGETS = `targets:
  local: { warehouse: duckdb, memory_limit: 512MB, threads: 1 }
  prod: { warehouse: bigquery, project: loopback, location: US }
`;

function byName(checks: readonly FailedCheck[]): readonly FailedCheck[] {
  return checks.toSorted((a, b) => (a.check < b.check ? -1 : 1));
}

test('all kinds find the same on both warehouses, in one statement for each batch', async () => {
  const server = await cloudFor();
  const project = gamesProject(EVERY_KIND, { lines: PLANTED });
  const yaml = project.read('pipeline.yaml').replace(/targets:\n.*\n/, () => TARGETS);
  const names = ['data/games.csv', 'data/teams.csv', 'data/members.csv', 'data/lines.csv'];
  const files = [...names, 'assets/reports/scores.sql'].map((name) => [name, project.read(name)]);
  const machine = machineWith({
    ...(Object.fromEntries(files) as Record<string, string>),
    'pipeline.yaml': yaml,
  });
  const found = async (target: string) => {
    type Document = { readonly checks: readonly FailedCheck[] };
    return byName((await machine.json<Document>('materialize', target)).checks);
  };
  const local = await found('local');
  expect(new Set(local.map(({ check }) => check)).size).toBe(EVERY_KIND.trim().split('\n').length);
  expect(await found('prod')).toEqual(local);
  const [jobs] = await clientOf(server).getJobs({ allUsers: true });
  // Beside those that show rows which fail a condition, of which two kinds are.
  const purposes = jobs.map(({ id = '' }) => /_[0-9a-f]{8}_(check|sample)/.exec(id)?.[1]);
  expect(purposes.filter((purpose) => purpose === 'check')).toHaveLength(1);
  expect(purposes.filter((purpose) => purpose === 'sample')).toHaveLength(1);
});

test('a check that cannot be run is named, whichever of them it is', async () => {
  for (const at of [0, 1, 2]) {
    const sound = ['a', 'b'].map(
      (name) => `- { group: { value: COUNT(*), max: 9 }, name: ${name} }`,
    );
    const broken =
      "- { sql: 'SELECT t.day FROM this AS t WHERE CAST(t.team AS INT64) > 1', name: broken }";
    const project = gamesProject(sound.toSpliced(at, 0, broken).join('\n'));
    const { code, document } = await project.materialize();
    expect(code).toBe(1);
    expect(document.failures[0]).toMatchObject({ asset: 'scores', status: 'failed' });
    expect(document.failures[0]?.message).toMatch(/^check "broken" could not be run: .*aaa/);
  }
});

test('several batches find what one finds', async () => {
  const whole = gamesProject(EVERY_KIND, { lines: PLANTED });
  const one = byName(checksOf(await whole.materialize()));
  for (const batch of [1, 2, 3]) {
    const project = gamesProject(EVERY_KIND, { lines: PLANTED });
    const column = '  partition_column: day';
    project.edit('pipeline.yaml', column, `${column}\n  batch: ${batch}`);
    expect(byName(checksOf(await project.materialize())), `batches of ${batch}`).toEqual(one);
  }
});

test('an empty batch and an asset without rows have nothing to be checked', async () => {
  const { code, document } = await gamesProject(EVERY_KIND, { lines: [] }).materialize();
  expect({ code, checks: (document as unknown as { checks: unknown }).checks }).toEqual({
    code: 0,
    checks: [],
  });
});

test('a kind that blocks keeps exactly its partitions out', async () => {
  const project = gamesProject(EVERY_KIND.replaceAll('severity: warn', 'blocking: true'), {
    lines: PLANTED.slice(0, 6),
  });
  const { document } = await project.materialize();
  const failed = new Set(document.failures.map(({ partition }) => partition));
  expect(document.failures.every(({ category }) => category === 'CHECK_FAILED')).toBe(true);
  const rows = await project.query('SELECT DISTINCT CAST(day AS VARCHAR) FROM reports.scores');
  expect(new Set([...failed, ...rows.map(([day]) => String(day))])).toEqual(
    new Set(DAYS.slice(0, 4)),
  );
  for (const [day] of rows) expect(failed).not.toContain(String(day));
});
