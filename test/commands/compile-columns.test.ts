import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

import { runCompile } from '../../engine/commands/compile.ts';
import { DiagnosticsError } from '../../engine/diagnostics.ts';
import { SHOP } from '../support/shop-project.ts';
import { GLOBALS, temporaryFolder, testEffects } from './shop.ts';

const DAILY = 'assets/reports/daily.sql';

interface Fault {
  readonly code: string;
  readonly message: string;
  readonly path?: string;
  readonly range?: { readonly file: string; readonly line: number; readonly column: number };
}

/** What `compile --json` says of the shop with one text replaced. */
async function compiled(
  file: string,
  from: string,
  to: string,
): Promise<{ readonly code: number; readonly errors: readonly Fault[] }> {
  const folder = shopIn(temporaryFolder(), { [file]: edited(file, from, to) });
  const effects = testEffects(folder);
  const code = await runCompile({ ...GLOBALS, json: true, selection: [], exclude: [] }, effects);
  // The command's documented shape.
  const { errors } = JSON.parse(effects.out()) as { readonly errors: readonly Fault[] };
  return { code, errors };
}

function edited(file: string, from: string, to: string): string {
  const text = String(SHOP[file]);
  if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
  return text.replace(from, to);
}

function shopIn(folder: string, changes: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries({ ...SHOP, ...changes })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

test('a pipeline whose statements name what is there is valid', async () => {
  expect(await compiled(DAILY, 'SUM(o.price)', 'SUM(o.price * 2)')).toEqual({
    code: 0,
    errors: [],
  });
});

test('a column that the relation does not have is found where it stands, with the one that was meant', async () => {
  const { code, errors } = await compiled(DAILY, 'SUM(o.price)', 'SUM(o.prise)');
  expect(code).toBe(2);
  expect(errors).toMatchObject([
    {
      code: 'UNKNOWN_COLUMN',
      message:
        'the statement of "daily" cannot run: there is no column "prise" in "o", did you mean "price"?',
      range: { file: DAILY, line: 4, column: 9 },
    },
  ]);
});

test('a column without its relation is found where it stands', async () => {
  const { code, errors } = await compiled(DAILY, 'SUM(o.price)', 'SUM(o.price) + MAX(discount)');
  expect(code).toBe(2);
  expect(errors).toMatchObject([
    { code: 'UNKNOWN_COLUMN', range: { file: DAILY, line: 4, column: 22 } },
  ]);
  expect(errors[0]?.message).toContain('there is no column "discount"');
});

test('a column of a common table expression that it does not return is found', async () => {
  const { errors } = await compiled(
    DAILY,
    'SELECT\n  p.partition_date AS day,\n  COUNT(*) AS orders,\n  SUM(o.price) AS revenue\nFROM partitions AS p\nJOIN orders',
    'WITH sold AS (SELECT s.day, s.price AS amount FROM orders AS s)\nSELECT\n  p.partition_date AS day,\n  COUNT(*) AS orders,\n  SUM(o.price) AS revenue\nFROM partitions AS p\nJOIN sold',
  );
  expect(errors).toMatchObject([{ code: 'UNKNOWN_COLUMN', range: { file: DAILY, line: 5 } }]);
});

test('a function of values that it does not take is found', async () => {
  const { code, errors } = await compiled(DAILY, 'SUM(o.price)', 'SUM(o.product)');
  expect(code).toBe(2);
  expect(errors).toMatchObject([{ code: 'SQL_NOT_VALID', range: { file: DAILY, line: 1 } }]);
  expect(errors[0]?.message).toContain('sum(VARCHAR)');
});

test.each([
  ['a column that is not there', 'daily.day > partitions.partition_dat', 'partition_dat'],
  ['an end that is missing', 'partitions.partition_date >', ''],
])('a condition of expected_empty with %s is found', async (_, condition, word) => {
  const { code, errors } = await compiled(
    'pipeline.yaml',
    '- { first_days_of_period: 1, reason: nothing came before }',
    `- { condition: 'EXISTS (SELECT 1 FROM daily WHERE ${condition})', reason: nothing came before }`,
  );
  expect(code).toBe(2);
  expect(errors).toHaveLength(1);
  expect(errors[0]?.message).toContain(word);
  expect(JSON.stringify(errors[0])).toContain('trend');
});

test('who is expected is read too', async () => {
  const { errors } = await compiled(
    'pipeline.yaml',
    '    key: [day]\n    upstream: { orders: same }\n',
    `    key: [day]
    upstream: { orders: same }
    universe:
      sql: SELECT o.day, o.day AS sold_on FROM orders AS o WHERE o.prise > 0
      entity: [day]
    failures:
      - { category: INSUFFICIENT_DATA, when: expected.day IS NULL, reason: no day }
`,
  );
  expect(errors.map(({ message }) => message).join('\n')).toContain('prise');
});

test('all faults are told at once, by file and line; text output shows each line', async () => {
  const folder = shopIn(temporaryFolder(), {
    [DAILY]: edited(DAILY, 'SUM(o.price)', 'SUM(o.prise)'),
    'assets/reports/trend.sql': edited('assets/reports/trend.sql', 'd.revenue', 'd.revenu'),
  });
  const run = runCompile({ ...GLOBALS, selection: [], exclude: [] }, testEffects(folder));
  const error: unknown = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DiagnosticsError)) throw new Error('expected diagnostics');
  expect(error.message).toContain('assets/reports/daily.sql:4:9 UNKNOWN_COLUMN');
  expect(error.message).toContain('  4 |   SUM(o.prise) AS revenue');
  expect(error.message).toContain('assets/reports/trend.sql:3:9 UNKNOWN_COLUMN');
  expect(error.message).toContain('2 errors');
  // One asset alone, and its SQL: the others' faults are not in the way.
  const other = testEffects(folder);
  expect(await runCompile({ ...GLOBALS, selection: ['orders'], exclude: [] }, other)).toBe(0);
  const show = { ...GLOBALS, selection: ['daily'], exclude: [], show: 'sql' } as const;
  const shown = testEffects(folder);
  expect(await runCompile(show, shown)).toBe(0);
  expect(shown.out()).toContain('o.prise');
});
