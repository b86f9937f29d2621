import { describe, expect, test } from 'vitest';
import { newProject, type TestProject } from '../support/project.ts';
import { experiment, measured } from './league-project.ts';

const YAML = `name: shop
timezone: UTC
default_target: local
targets: { local: { warehouse: duckdb, threads: 1, memory_limit: 512MB } }
groups: { raw: {}, models: {} }
partition_sets: { days: { every: day, from: 2024-01-01, to: 2024-01-20 } }
columns: { day: { type: DATE, description: The day } }
defaults: { partitions: days, partition_column: day, key: [day] }
assets:
  sales:
    group: raw
    source: { path: data/sales.csv }
    columns: [day, { sold: { type: INT64, description: Pieces } }]
  forecast:
    group: models
    module: assets/forecast.ts
    upstream: { sales: { before: { days: 3 } } }
    expected_empty: [{ condition: 'TRUE', reason: nothing is made here }]
    columns: [day, { expected: { type: FLOAT64, round: 2, description: Pieces } }]
    settings: { weight: 1 }
`;

/** Tells what it was given by what it predicts. */
const EVALUATE = `
export const materialize = () => undefined;
export const evaluate = async ({ partitions, settings, readColumns }) => {
  const read = await readColumns('sales');
  const days = read.numbers('day');
  const from = Date.parse(partitions[0].date) / 86400000;
  const rows = [...days.keys()].filter((row) => days[row] >= from);
  return {
    partition: rows.map((row) => new Date(days[row] * 86400000).toISOString().slice(0, 10)),
    entity: rows.map(() => 'shop'),
    prediction: Float64Array.from(rows, (row) => read.numbers('sold')[row] + settings.weight),
    actual: Float64Array.from(rows, (row) => read.numbers('sold')[row]),
    group: rows.map(() => 'first read ' + days[0]),
  };
};
`;

async function shop(module: string, files: Readonly<Record<string, string>> = {}) {
  const sales = Array.from(
    { length: 20 },
    (_, at) => `2024-01-${`${at + 1}`.padStart(2, '0')},${at}`,
  );
  const project = newProject({
    'pipeline.yaml': YAML,
    'assets/forecast.ts': module,
    'data/sales.csv': ['day,sold', ...sales, ''].join('\n'),
    'half.yaml': 'set: { weight: 0.5 }\n',
    ...files,
  });
  await project.materialize({ selection: ['sales'] });
  return project;
}

const LINE = 'forecast --variant half.yaml';

describe('a module that exports evaluate', () => {
  test('gets the settings of each side, and rows from its windows to the next partition', async () => {
    const project = await shop(EVALUATE);
    const found = await measured(project, `${LINE} --partitions 2024-01-08..2024-01-12`);
    expect(found).toMatchObject({
      champion: { name: 'forecast as declared', settings: { weight: 1 } },
      challenger: { name: 'half.yaml', settings: { weight: 0.5 } },
      first: '2024-01-08',
      last: '2024-01-12',
      rows: 5,
      champion_mae: 1,
      challenger_mae: 0.5,
      baseline_mae: null,
      difference: -0.5,
      interval: [-0.5, -0.5],
      challenger_wins: 1,
      verdict: 'challenger_wins',
    });
    // The first read is of three days before the first partition: 2024-01-05.
    expect(found.groups.map(({ group }) => group)).toEqual(['first read 19727']);
    // Of every third day the reads go on to the end of the range as well.
    const third = await measured(project, `${LINE} --partitions 2024-01-08..2024-01-12 --every 3`);
    expect(third.cut_offs).toEqual(['2024-01-08', '2024-01-11']);
    expect([third.last, third.rows]).toEqual(['2024-01-12', 5]);
    const all = await measured(project, LINE);
    expect([all.first, all.last]).toEqual(['2024-01-01', '2024-01-20']);
  });

  test('may have it in a file beside it, which is no part of its version', async () => {
    const materialize = 'export const materialize = () => undefined;\n';
    const beside = EVALUATE.replace(materialize.trim(), '');
    const project = await shop(materialize, { 'assets/forecast.evaluate.ts': beside });
    expect((await measured(project, LINE)).rows).toBe(20);
    const version = async (of: TestProject): Promise<string | undefined> =>
      (await of.open()).pipeline.assets.find(({ name }) => name === 'forecast')?.codeVersion;
    const before = await version(project);
    project.write('assets/forecast.evaluate.ts', `${beside}\n// Another text.\n`);
    expect(await version(project)).toBe(before);
    expect(before).toBeDefined();
  });

  test.each([
    ['undefined', 'returned undefined instead of columns'],
    ['{}', 'returned no list of texts as partition'],
    ["{ partition: ['2024-01-01'], entity: [] }", 'returned 0 values of entity for 1 partitions'],
    ['{ partition: [], entity: [] }', 'returned no Float64Array as prediction'],
    [
      '{ partition: [], entity: [], prediction: new Float64Array(2) }',
      'returned 2 values of prediction for 0 partitions',
    ],
    [
      "{ partition: [3], entity: ['a'], prediction: new Float64Array(1), actual: new Float64Array(1) }",
      'returned something else than text in partition',
    ],
    [
      "{ partition: ['soon'], entity: ['a'], prediction: new Float64Array(1), actual: new Float64Array(1) }",
      'returned the partition "soon", which is no date',
    ],
    [
      '{ partition: [], entity: [], prediction: new Float64Array(0), actual: new Float64Array(0), group: [1] }',
      'returned 1 values of group for 0 partitions',
    ],
  ])('is told what is wrong with %s', async (made, message) => {
    const project = await shop(`export const materialize = () => undefined;
export const evaluate = () => (${made});\n`);
    await expect(experiment(project, LINE)).rejects.toThrow(message);
  });

  test('that throws fails the experiment with its message', async () => {
    const project = await shop(`export const materialize = () => undefined;
export const evaluate = () => { throw new Error('no idea'); };\n`);
    const failure = expect(experiment(project, LINE)).rejects;
    await failure.toMatchObject({
      message:
        'the experiment ended early: assets/forecast.ts threw: no idea (assets/forecast.ts:2)',
      exitCode: 1,
    });
  });

  test('that reads what is not declared is refused', async () => {
    const project = await shop(`export const materialize = () => undefined;
export const evaluate = ({ read }) => read('orders');\n`);
    await expect(experiment(project, LINE)).rejects.toThrow(/reads "orders", which is not among/);
  });

  test('warns of upstream partitions that are not current', async () => {
    const project = await shop(EVALUATE);
    project.edit('data/sales.csv', '2024-01-05,4', '2024-01-05,99');
    const { err, code } = await experiment(project, `${LINE} --partitions 2024-01-08`);
    // The file is another one now, so that all that was read of it is in doubt.
    expect(err).toContain('warning: 4 partitions of sales are not current');
    expect(code).toBe(0);
  });
});
