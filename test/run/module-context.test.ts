import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { runVerify } from '../../engine/commands/verify.ts';
import { formatHash } from '../../engine/partitions/hash64.ts';
import {
  countsOf,
  GLOBALS,
  newProject,
  type RunOutcome,
  type TestProject,
} from '../support/project.ts';
import { runCommand } from '../support/run-command.ts';
import { dateOf, good, readings, READINGS_YAML } from './readings-project.ts';

const ASSETS = `assets:
  readings:
    group: raw
    description: One row per reading.
    source: { path: data/readings.csv }
    columns: [day, { value: { type: INT64, nullable: true, description: What was read } }]
  computed:
    group: reports
    description: What a module makes of the readings.
    module: assets/reports/sums.ts
    settings: { factor: 2, deep: { list: [1, two, null] } }
    upstream: { readings: { before: { partitions: 2 } } }
    columns:
      - day
      - value: { type: INT64, nullable: true, description: Sum }
      - word: { type: STRING, nullable: true, description: A word }
    expected_empty:
      - condition: NOT EXISTS (SELECT 1 FROM readings AS r WHERE r.day < partitions.partition_date)
        reason: the first day
`;

/** The sum of the two readings before, times a setting; the body before it may say more. */
function moduleText(body = ''): string {
  return `export async function materialize(context) {
  const { partitions, settings, readColumns, writeColumns } = context;
  const { numbers } = await readColumns('readings');
  const [day, value] = [numbers('day'), numbers('value')];
  const made = { day: [], value: [], word: [] };
  for (const { date } of partitions) {
    const at = Date.parse(date) / 86400000;
    ${body}
    const before = [...value].filter((_, index) => day[index] < at).slice(-2);
    if (before.length === 0) continue;
    made.day.push(date);
    made.value.push(before.reduce((sum, each) => sum + each, 0) * settings.factor);
    made.word.push(JSON.stringify(settings.deep));
  }
  writeColumns({ ...made, value: Float64Array.from(made.value) });
}
`;
}

function sumsProject(text = moduleText(), count = 6): TestProject {
  return newProject({
    'pipeline.yaml': READINGS_YAML.slice(0, READINGS_YAML.indexOf('assets:\n')) + ASSETS,
    'data/readings.csv': readings(good(count)),
    'assets/reports/sums.ts': text,
  });
}

async function why(project: TestProject): Promise<string> {
  return (await runCommand(project, `why computed ${dateOf(3)}`)).out;
}

const failureOf = ({ document }: RunOutcome) => document.failures[0];

test('a module reads and writes columns, and knows its settings', async () => {
  const project = sumsProject();
  const outcome = await project.materialize();
  expect(countsOf(outcome, 'computed')).toEqual({ materialized: 5, expected_empty: 1 });
  const deep = '{"list":[1,"two",null]}';
  expect(await project.query('FROM reports.computed ORDER BY day LIMIT 2')).toEqual([
    [dateOf(1), '2', deep],
    [dateOf(2), '6', deep],
  ]);
  await expectAgreement(project);
});

test('settings cannot be changed, however deep', async () => {
  const outcome = await sumsProject(moduleText('settings.deep.list.push(1);')).materialize();
  expect(failureOf(outcome)?.message).toContain('not extensible');
});

test('arrays that were written may be used again for other rows', async () => {
  const text = `export function materialize({ partitions, writeColumns }) {
  const value = new Float64Array(1);
  const day = [''];
  for (const { date } of partitions) {
    day[0] = date;
    value[0]++;
    writeColumns({ day, value });
  }
}
`;
  const project = sumsProject(text);
  await project.materialize();
  expect(await project.query('SELECT value FROM reports.computed ORDER BY day')).toEqual(
    ['1', '2', '3', '4', '5', '6'].map((value) => [value]),
  );
});

test.each([
  [
    'a column of another length',
    `{ day: [], value: new Float64Array(2) }`,
    /writes 2 values of "value" and 0 of "day"/,
  ],
  [
    'a column that is not declared',
    `{ day: [], valeu: [] }`,
    /writes the column "valeu", which computed does not declare, did you mean "value"\?/,
  ],
  ['no partition column', `{ value: [] }`, /writes no column "day", which may not be NULL/],
])('a module that writes %s is told so, with its name', async (_, columns, says) => {
  const text = moduleText(`writeColumns(${columns});`);
  const { category, message } = failureOf(await sumsProject(text).materialize()) ?? {};
  expect(category).toBe('MODULE_COLUMNS');
  expect(message).toContain('assets/reports/sums.ts ');
  expect(message).toMatch(says);
});

test.each([
  [
    'texts for a column of numbers',
    `texts('value')`,
    'readings.value is a column of numbers, not of texts (take it with numbers(…))',
  ],
  [
    'numbers of a column that it did not read',
    `numbers('vlaue')`,
    '"vlaue" of readings was not read, did you mean "value"? (read: day, value)',
  ],
])('a module that takes %s is told so', async (_, taken, says) => {
  const text = moduleText(`(await readColumns('readings')).${taken};`);
  const outcome = await sumsProject(text).materialize();
  expect(failureOf(outcome)?.message).toContain(says);
});

test('a module that reads a column that is not there is told which there are', async () => {
  const text = moduleText(`await readColumns('readings', ['day', 'vlue']);`);
  const { category, message } = failureOf(await sumsProject(text).materialize()) ?? {};
  expect(category).toBe('UNKNOWN_COLUMN');
  expect(message).toContain('"vlue" of readings, which has no such column, did you mean "value"?');
});

test('what is read comes in the order of the key, not in that of the rows in the warehouse', async () => {
  const text = moduleText(
    `throw new Error([...day].join() + ' ' + (await context.read('readings', ['value'])).value.join());`,
  );
  const project = sumsProject(text, 4);
  const backwards = good(4)
    .map((value, index) => `${dateOf(index)},${value}\n`)
    .toReversed();
  project.write('data/readings.csv', `day,value\n${backwards.join('')}`);
  const outcome = await project.materialize();
  const last = outcome.document.failures.at(-1)?.message;
  const days = [1, 2].map((index) => Date.parse(dateOf(index)) / 86_400_000);
  expect(last).toContain(`threw: ${days.join(',')} 2,3`);
});

describe('the version of the code', () => {
  test('holds the settings, whatever the order of their keys, and says which changed', async () => {
    const project = sumsProject();
    await project.materialize();
    project.edit(
      'pipeline.yaml',
      '{ factor: 2, deep: { list: [1, two, null] } }',
      '{ deep: { list: [1, two, null] }, factor: 2 }',
    );
    expect(await project.status('computed')).toMatchObject({ [dateOf(3)]: 'current' });
    project.edit('pipeline.yaml', 'two, null', 'three, null');
    expect(await project.status('computed')).toMatchObject({ [dateOf(3)]: 'stale' });
    expect(await why(project)).toContain('code changed: setting deep (');
    const outcome = await project.materialize();
    expect(countsOf(outcome, 'computed')).toMatchObject({ materialized: 5 });
  });

  test('holds the files, and says which changed', async () => {
    const project = sumsProject(
      moduleText(`made.word.push(context.files['models/a b.bin']); made.word.pop();`),
    );
    project.writeAll({ 'models/a b.bin': 'one', 'models/other.bin': 'x' });
    project.edit(
      'pipeline.yaml',
      '    settings:',
      '    files: [models/a b.bin, models/other.bin]\n    settings:',
    );
    await project.materialize();
    project.write('models/a b.bin', 'two');
    expect(await project.status('computed')).toMatchObject({ [dateOf(3)]: 'stale' });
    expect(await why(project)).toContain('code changed: file models/a b.bin (');
  });
});

describe('what a module is told of its inputs', () => {
  /** Writes per partition the hash and the range that it was told, and those of the batch for all of them. */
  const TELLING = `export function materialize({ partitions, inputs, inputsOf, codeVersion, write }) {
  const textOf = ([input]) => [input.relation, input.asset, input.partitions, input.first, input.last, input.hash].join(' ');
  if (partitions.length > 1) write([{ day: partitions[0].date, word: textOf(inputs) + ' ' + codeVersion }]);
  for (const { date } of partitions.slice(partitions.length > 1 ? 1 : 0)) write([{ day: date, word: textOf(inputsOf(date)) }]);
}
`;

  async function told(project: TestProject): Promise<readonly string[]> {
    const rows = await project.query('SELECT word FROM reports.computed ORDER BY day');
    return rows.map(([word]) => String(word));
  }

  test('is what the input versions of its partitions are made of', async () => {
    const project = sumsProject(TELLING, 4);
    await project.materialize();
    const { evaluation } = await project.evaluate();
    const of = [...evaluation.assets.values()].find(({ asset }) => asset.name === 'computed');
    const [edge] = of?.edges ?? [];
    const hashOf = (at: number): string =>
      formatHash({ hi: edge?.sums.hi[at] ?? 0, lo: edge?.sums.lo[at] ?? 0 });
    const [all, ...single] = await told(project);
    expect(single).toEqual([
      `readings readings 1 ${dateOf(0)} ${dateOf(0)} ${hashOf(1)}`,
      `readings readings 2 ${dateOf(0)} ${dateOf(1)} ${hashOf(2)}`,
      `readings readings 2 ${dateOf(1)} ${dateOf(2)} ${hashOf(3)}`,
    ]);
    expect(all).toMatch(
      new RegExp(
        `^readings readings 3 ${dateOf(0)} ${dateOf(2)} [0-9a-f]{16} ${of?.asset.codeVersion}$`,
      ),
    );
  });

  test('of a window without rows has no dates', async () => {
    const project = sumsProject(TELLING, 4);
    await project.materialize({ selection: ['readings'] });
    await project.materialize({ selection: ['computed'], partitions: dateOf(0) });
    expect(await told(project)).toEqual([`readings readings 0   ${'0'.repeat(16)}`]);
  });

  test('changes with the rows in the window alone', async () => {
    const project = sumsProject(TELLING, 4);
    await project.materialize();
    const before = await told(project);
    project.edit('data/readings.csv', `${dateOf(0)},1`, `${dateOf(0)},10`);
    await project.materialize();
    const after = await told(project);
    expect(after.map((word, at) => word === before[at])).toEqual([true, false, false, true]);
  });

  test('of a partition is the same when it is made alone, as verify makes it', async () => {
    const alone = TELLING.replaceAll('partitions.length > 1', 'false');
    const project = sumsProject(alone, 4);
    await project.materialize();
    const options = {
      ...GLOBALS,
      selection: ['computed'],
      exclude: [],
      sample: 5,
      all: true,
      seed: 1,
    };
    expect(await runVerify(options, project.effects())).toBe(0);
  });
});

describe('a module that fails some of its partitions', () => {
  const failing = (more = '') =>
    moduleText(
      `if (date === '${dateOf(2)}' || date === '${dateOf(4)}') context.fail(date, 'the weights of ' + date + ' are damaged'${more});`,
    );

  test('keeps them from being published, though it wrote rows for them, and nothing else', async () => {
    const project = sumsProject(failing());
    const outcome = await project.materialize();
    expect(outcome.code).toBe(1);
    expect(countsOf(outcome, 'computed')).toEqual({
      materialized: 3,
      failed: 2,
      expected_empty: 1,
    });
    expect(outcome.document.failures).toMatchObject([
      {
        partition: dateOf(2),
        category: 'MODULE_ERROR',
        message: `the weights of ${dateOf(2)} are damaged`,
      },
      { partition: dateOf(4), category: 'MODULE_ERROR' },
    ]);
    const days = await project.query('SELECT day FROM reports.computed ORDER BY day');
    expect(days).toEqual([1, 3, 5].map((index) => [dateOf(index)]));
    await expectAgreement(project);
  });

  test('says with which category, and what to do', async () => {
    const text = failing(`, { category: 'MODEL_DAMAGED', hint: 'train it again' }`);
    const outcome = await sumsProject(text).materialize();
    expect(failureOf(outcome)).toMatchObject({
      category: 'MODEL_DAMAGED',
      message: `the weights of ${dateOf(2)} are damaged (train it again)`,
    });
  });

  test('may name those only that it was asked for', async () => {
    const outcome = await sumsProject(moduleText(`context.fail('2031-01-01', 'x');`)).materialize();
    expect(failureOf(outcome)?.category).toBe('UNKNOWN_PARTITION');
    expect(failureOf(outcome)?.message).toContain('"2031-01-01"');
  });

  test('leaves the rows alone that they had before', async () => {
    const project = sumsProject();
    await project.materialize();
    project.write('assets/reports/again.ts', failing());
    project.edit('pipeline.yaml', 'assets/reports/sums.ts', 'assets/reports/again.ts');
    await project.materialize();
    const rows = await project.query(
      `SELECT value FROM reports.computed WHERE day = '${dateOf(2)}'`,
    );
    expect(rows).toEqual([['6']]);
    expect(await project.status('computed')).toMatchObject({
      [dateOf(1)]: 'current',
      [dateOf(2)]: 'failed',
    });
  });
});

test('several assets may be made by one module with settings of their own', async () => {
  const project = sumsProject();
  const text = project.read('pipeline.yaml');
  const computed = text.slice(text.indexOf('  computed:\n'));
  const other = computed.replace('computed:', 'tenfold:').replace('factor: 2', 'factor: 10');
  project.write('pipeline.yaml', text + other);
  await project.materialize();
  expect(
    await project.query(
      'SELECT c.value, t.value FROM reports.computed AS c JOIN reports.tenfold AS t USING (day) ORDER BY day LIMIT 2',
    ),
  ).toEqual([
    ['2', '10'],
    ['6', '30'],
  ]);
  project.edit('pipeline.yaml', 'factor: 10', 'factor: 11');
  expect(await project.status('tenfold')).toMatchObject({ [dateOf(3)]: 'stale' });
  expect(await project.status('computed')).toMatchObject({ [dateOf(3)]: 'current' });
});

test('a module may say as often as it likes how far it is: about one report per second is passed on', async () => {
  const text = moduleText(
    `for (let tree = 1; tree <= 10_000; tree++) context.progress(tree, 10_000, 'trees');`,
  );
  const project = sumsProject(text, 2);
  const now = (): number => 0;
  const { err } = await runCommand(project, 'materialize --log-level debug', { now });
  const reports = err.split('\n').flatMap((line) => {
    const { msg, done } = JSON.parse(line || '{}') as { msg?: string; done?: number };
    return msg === 'step-progress' ? [done] : [];
  });
  // The clock stands still: the first report, and the first that says that all is done.
  expect(reports).toEqual([1, 10_000]);
});
