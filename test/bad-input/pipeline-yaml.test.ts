import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Rig } from '../support/rig.ts';
import { SHOP } from '../support/shop-project.ts';

const YAML = 'pipeline.yaml';
const DAILY = 'assets/reports/daily.sql';
let shop: Rig;

beforeAll(async () => {
  shop = await Rig.create(SHOP);
  // Fills the cache of SQL analyses, which the tests share.
  expect(await shop.run('compile')).toMatchObject({ code: 0 });
});
afterAll(() => shop[Symbol.asyncDispose]());

/** What `compile` says about an edited pipeline; nothing but the message may come of it. */
async function refusal(edit: (rig: Rig) => Promise<void>): Promise<string> {
  await using rig = await shop.copy();
  await edit(rig);
  const { code, stdout, stderr } = await rig.run('compile');
  expect(stdout).toBe('');
  expect(stderr).not.toMatch(/^\s+at |Internal error/m);
  expect(code).toBe(2);
  expect(existsSync(rig.path('home/state.sqlite'))).toBe(false);
  return stderr;
}

function changed(from: string, to: string, file = YAML) {
  return (rig: Rig) => rig.edit(file, from, to);
}

type Case = readonly [title: string, edit: (rig: Rig) => Promise<void>, says: readonly string[]];

describe('pipeline.yaml', () => {
  const cases: readonly Case[] = [
    [
      'a misspelt upstream is shown in its line with the nearest name',
      changed('{ orders: same }', '{ ordres: same }'),
      [
        'pipeline.yaml:55:17 UNKNOWN_ASSET',
        'did you mean "orders"?',
        '     |                 ^^^^^^',
      ],
    ],
    [
      'a misspelt window is shown with those that there are and the nearest',
      changed('{ orders: same }', '{ orders: sane }'),
      ['pipeline.yaml:55:25 INVALID_VALUE', 'latest_before', 'did you mean "same"?'],
    ],
    [
      'a misspelt key is shown with those that are allowed',
      changed('description: Revenue per day.', 'descripton: Revenue per day.'),
      ['pipeline.yaml:53:5 UNKNOWN_KEY', 'did you mean "description"?', 'allowed here: batch'],
    ],
    [
      'assets in a circle are named in the order of the circle',
      async (rig) => {
        await rig.edit(YAML, '{ orders: same }', '{ orders: same, trend: { before: all } }');
        await rig.edit(DAILY, 'GROUP BY', 'LEFT JOIN trend ON FALSE\nGROUP BY');
      },
      ['CYCLE assets depend on each other in a circle: daily -> trend -> daily'],
    ],
    [
      'two mistakes are both shown, and counted',
      async (rig) => {
        await rig.edit(YAML, '{ orders: same }', '{ orders: sane }');
        await rig.edit(YAML, 'price: { type: FLOAT64, round: 2', 'price: { type: FLOAT, round: 2');
      },
      ['pipeline.yaml:49:24', 'did you mean "FLOAT64"?', 'pipeline.yaml:55:25', '2 errors'],
    ],
    [
      'a key that is there twice is shown where it comes again',
      changed('    group: raw', '    group: raw\n    group: raw'),
      ['pipeline.yaml:33:5 DUPLICATE_KEY "group" is declared twice', 'rename or remove'],
    ],
    [
      'a variable without quotes is a map that begins to YAML: the hint is about the quotes',
      changed("path: '${ORDERS:-data/orders.csv}'", 'path: ${ORDERS:-data/orders.csv}'),
      ['YAML_SYNTAX', "put what begins with a variable into quotes: '${NAME}/file'"],
    ],
    [
      'a bracket that is not closed is one error, not one per line after it',
      changed('{ orders: same }', '{ orders: same'),
      ['pipeline.yaml:56:5 YAML_SYNTAX', 'a bracket that is not closed above', '\n1 error\n'],
    ],
    [
      'a tab at the start of a line is called a tab',
      changed('    group: raw', '\tgroup: raw'),
      [
        'pipeline.yaml:32:1 YAML_SYNTAX expected spaces at the start of the line, found a tab',
        '\n1 error\n',
      ],
    ],
    [
      'a second document is shown where it begins',
      async (rig) => rig.write(YAML, `${await rig.read(YAML)}---\nname: other\n`),
      ['pipeline.yaml:72:1 YAML_SYNTAX expected one YAML document, found a second one'],
    ],
    [
      'an empty file is told what a pipeline has',
      (rig) => rig.write(YAML, ''),
      ['expected a map with name, targets, groups and assets, found nothing', 'fastbreak init'],
    ],
    [
      'aliases that multiply without end are refused',
      (rig) => rig.write(YAML, billionLaughs()),
      ['pipeline.yaml:2:8 YAML_ALIASES', 'write the values themselves'],
    ],
  ];
  test.each(cases)('%s', async (_, edit, says) => {
    const text = await refusal(edit);
    for (const part of says) expect(text).toContain(part);
  });

  test('a megabyte of bytes that are no text is one short error', async () => {
    const bytes = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 7919 + (i >> 8) * 31) % 256);
    const text = await refusal((rig) => rig.write(YAML, bytes));
    expect(text).toContain('expected pipeline.yaml to be UTF-8 text, found other bytes');
    expect(text.length).toBeLessThan(400);
  });

  test('a megabyte of text that is no pipeline is answered in a screen or two', async () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => `line ${i}: [${i}, { not a pipeline`);
    const text = await refusal((rig) => rig.write(YAML, lines.join('\n')));
    expect(text).toContain('YAML_SYNTAX');
    expect(text.length).toBeLessThan(2_000);
  });

  test('of hundreds of mistakes the first are shown', async () => {
    const lines = Array.from({ length: 300 }, (_, i) => `key${i}: ${i}`);
    const text = await refusal((rig) => rig.write(YAML, lines.join('\n')));
    expect(text).toContain('unknown key "key0"');
    expect(text).toMatch(/errors, the first 50 are shown/);
  });

  test('no pipeline.yaml says where it was looked for and how to start one', async () => {
    await using rig = await Rig.create();
    for (const command of ['materialize', 'status', 'compile']) {
      const { code, stderr } = await rig.run(command);
      expect(code).toBe(2);
      expect(stderr).toContain(`no pipeline.yaml in ${rig.folder}`);
      expect(stderr).toContain('fastbreak init DIR');
    }
  });

  test('a variable that is not set is named with how to set it, before anything is written', async () => {
    await using rig = await shop.copy();
    await rig.edit(YAML, '${ORDERS:-data/orders.csv}', '${ORDERS}/orders.csv');
    const { code, stderr } = await rig.run('materialize');
    expect(code).toBe(2);
    expect(stderr).toContain('environment variable ORDERS is not set');
    expect(stderr).toContain('assets.orders.source.path');
    expect(stderr).toContain('export ORDERS=');
    expect(existsSync(rig.path('home/state.sqlite'))).toBe(false);
  });
});

describe('a SQL asset', () => {
  const cases: readonly Case[] = [
    [
      'a declared column that the SELECT does not return is shown where it is declared',
      changed('  COUNT(*) AS orders,\n', '', DAILY),
      ['pipeline.yaml:58:9 MISSING_OUTPUT_COLUMN', 'return it from assets/reports/daily.sql'],
    ],
    [
      'a column that is not declared is shown in the SQL file',
      changed('COUNT(*) AS orders,', 'COUNT(*) AS orders, MAX(o.price) AS top,', DAILY),
      ['assets/reports/daily.sql:3:39 UNDECLARED_COLUMN', 'add it to the columns of "daily"'],
    ],
    [
      'SQL that does not parse is shown with line and column of its file',
      changed('COUNT(*) AS orders,', 'COUNT(* AS orders,', DAILY),
      ['assets/reports/daily.sql:3:11 SQL_SYNTAX expected ")", got "AS"', '   COUNT(* AS orders,'],
    ],
    [
      'a construct that means something else on DuckDB is refused with the form to write',
      changed('SUM(o.price)', 'SUM(EXTRACT(DAYOFWEEK FROM o.day))', DAILY),
      ['assets/reports/daily.sql:4:7 SQL_EXTRACT_WEEK', "FORMAT_DATE('%u', d)"],
    ],
    [
      'an upstream that is read but not declared is shown in the SQL file',
      changed('JOIN orders', 'JOIN days AS x ON x.day = p.partition_date\nJOIN orders', DAILY),
      ['assets/reports/daily.sql:6:6 UNDECLARED_UPSTREAM', 'days: same'],
    ],
    [
      'an upstream that is declared but not read is shown where it is declared',
      changed('{ orders: same }', '{ orders: same, days: same }'),
      ['pipeline.yaml:55:31 UNUSED_UPSTREAM', 'remove it, or read it'],
    ],
    [
      'an asset without a file is told which file to make',
      (rig) => rig.remove(DAILY),
      ['pipeline.yaml:51:3 MISSING_FILE', 'neither assets/reports/daily.sql nor'],
    ],
  ];
  test.each(cases)('%s', async (_, edit, says) => {
    const text = await refusal(edit);
    for (const part of says) expect(text).toContain(part);
  });
});

function billionLaughs(): string {
  const names = Array.from('abcdefghij');
  const lists = names.slice(1).map((name, index) => {
    const items = Array.from({ length: 9 }, () => `*${names[index]}`);
    return `${name}: &${name} [${items.join(',')}]`;
  });
  return ['a: &a [x,x,x,x,x,x,x,x,x]', ...lists].join('\n');
}
