import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { countsOf, newProject, type TestProject } from '../support/project.ts';
import { dateOf, good, readings, READINGS_YAML } from './readings-project.ts';

const ASSETS = `assets:
  readings:
    group: raw
    description: One row per reading.
    source: { path: data/readings.csv }
    columns: [day, { value: { type: INT64, description: What was read } }]
  other:
    group: raw
    description: Not read by the module.
    partitions: none
    key: []
    source: { path: data/other.csv }
    columns: [{ word: { type: STRING, description: A word } }]
  computed:
    group: reports
    description: What a module makes of the readings.
    upstream: { readings: { before: { partitions: 2 } } }
    timeout: 2s
    columns:
      - day
      - value: { type: INT64, nullable: true, description: Sum }
      - ratio: { type: FLOAT64, round: 2, nullable: true, description: A third of it }
    expected_empty:
      - condition: NOT EXISTS (SELECT 1 FROM readings AS r WHERE r.day < partitions.partition_date)
        reason: the first day
`;

/** Sums the readings that the window lets in; the body of the loop may be replaced. */
function moduleText(body = ''): string {
  return `interface Context {
  partitions: { date: string }[];
  read: (name: string, columns?: string[]) => Promise<Record<string, unknown[]>>;
  write: (rows: object[]) => void;
  log: (text: string) => void;
  signal: AbortSignal;
}
export async function materialize(context: Context): Promise<void> {
  const { day = [], value = [] } = await context.read('readings', ['day', 'value']);
  context.log('has ' + day.length + ' readings');
  for (const { date } of context.partitions) {
    ${body}
    const before = day.flatMap((each, at) => (String(each) < date ? [Number(value[at])] : [])).slice(-2);
    if (before.length === 0) continue;
    const sum = before.reduce((total, each) => total + each, 0);
    context.write([{ day: date, value: sum, ratio: sum / 3 }]);
  }
}
`;
}

function moduleProject(text: string, count = 6): TestProject {
  return newProject({
    'pipeline.yaml': READINGS_YAML.slice(0, READINGS_YAML.indexOf('assets:\n')) + ASSETS,
    'data/readings.csv': readings(good(count)),
    'data/other.csv': 'word\nx\n',
    'assets/reports/computed.ts': text,
  });
}

test('a module makes its partitions from what its window holds, typed and rounded as declared', async () => {
  const project = moduleProject(moduleText());
  const outcome = await project.materialize();
  expect(outcome.code).toBe(0);
  expect(countsOf(outcome, 'computed')).toEqual({ materialized: 5, expected_empty: 1 });
  expect(await project.query('FROM reports.computed ORDER BY day LIMIT 2')).toEqual([
    [dateOf(1), '1', 0.33],
    [dateOf(2), '3', 1],
  ]);
  await expectAgreement(project);
});

test('a module reads nothing at or after the date that it is asked for', async () => {
  const greedy = `context.write([{ day: date, value: day.length === 0 ? 0 : Math.max(...value.map(Number)), ratio: null }]); continue;`;
  const project = moduleProject(moduleText(greedy));
  await project.materialize({ selection: ['readings'] });
  await project.materialize({ selection: ['computed'], partitions: dateOf(3) });
  expect(await project.query('SELECT value FROM reports.computed')).toEqual([['3']]);
});

test('a module that throws for one date fails for that date alone, with what it threw', async () => {
  const text = moduleText(`if (date === '${dateOf(3)}') throw new Error('bad luck');`);
  const project = moduleProject(text);
  const outcome = await project.materialize();
  expect(outcome.code).toBe(1);
  expect(countsOf(outcome, 'computed')).toEqual({ materialized: 4, expected_empty: 1, failed: 1 });
  expect(outcome.document.failures).toMatchObject([
    { partition: dateOf(3), category: 'MODULE_ERROR' },
  ]);
  expect(outcome.document.failures[0]?.message).toContain('bad luck');
  await expectAgreement(project);
});

test('a value of the wrong type fails for its date alone, with the column and the value named', async () => {
  const text = moduleText(
    `if (date === '${dateOf(3)}') { context.write([{ day: date, value: 'many', ratio: 1 }]); continue; }`,
  );
  const project = moduleProject(text);
  const outcome = await project.materialize();
  expect(outcome.document.failures).toMatchObject([
    { partition: dateOf(3), category: 'DATA_ERROR' },
  ]);
  expect(outcome.document.failures[0]?.message).toContain('value expects INT64');
  expect(outcome.document.failures[0]?.message).toContain('many');
  expect(countsOf(outcome, 'computed')).toEqual({ materialized: 4, expected_empty: 1, failed: 1 });
  await expectAgreement(project);
});

test('a module that reads an upstream which it does not declare is told so', async () => {
  const text = moduleText().replace("context.read('readings'", "context.read('other'");
  const outcome = await moduleProject(text).materialize();
  const [failure] = outcome.document.failures;
  expect(failure?.category).toBe('UNDECLARED_UPSTREAM');
  expect(failure?.message).toContain('"other"');
  expect(failure?.message).toContain('readings');
});

test('rows for dates that were not asked for are left out', async () => {
  const extra = `context.write([{ day: '2031-01-01', value: 1, ratio: 1 }]);`;
  const project = moduleProject(moduleText(extra));
  expect((await project.materialize()).code).toBe(0);
  expect(
    await project.query(`SELECT COUNT(*) FROM reports.computed WHERE day > '2030-01-01'`),
  ).toEqual([['0']]);
  await expectAgreement(project);
});

test('a module without the function that makes rows is told what to export', async () => {
  const outcome = await moduleProject('export const nothing = 1;\n').materialize();
  const [failure] = outcome.document.failures;
  expect(failure?.category).toBe('MODULE_WITHOUT_MATERIALIZE');
  expect(failure?.message).toContain('materialize');
});

test('another text of a module makes its partitions stale', async () => {
  const project = moduleProject(moduleText());
  await project.materialize();
  project.write('assets/reports/computed.ts', moduleText().replace('slice(-2)', 'slice(-1)'));
  expect(await project.status('computed')).toMatchObject({ [dateOf(3)]: 'stale' });
});

describe('a module that does not end', () => {
  const FOR_EVER = 'await new Promise(() => undefined);';

  test('is given up at its timeout, whether it listens or not', async () => {
    const project = moduleProject(moduleText(FOR_EVER));
    project.edit('pipeline.yaml', 'timeout: 2s', 'timeout: 200ms');
    const outcome = await project.materialize();
    expect(outcome.code).toBe(1);
    expect(new Set(outcome.document.failures.map((each) => each.category))).toEqual(
      new Set(['TIMEOUT']),
    );
    expect(await project.status('computed')).toMatchObject({ [dateOf(3)]: 'failed' });
  });

  test('is left at Ctrl-C, and its partitions stay missing', async () => {
    const project = moduleProject(moduleText(FOR_EVER));
    const controller = new AbortController();
    await project.materialize({ selection: ['readings'] });
    setTimeout(() => controller.abort(), 200);
    const outcome = await project.materialize({
      selection: ['computed'],
      signal: controller.signal,
    });
    expect(outcome.code).toBe(130);
    expect(await project.status('computed')).toMatchObject({ [dateOf(3)]: 'missing' });
    await expectAgreement(project);
  });
});
