import { describe, expect, test } from 'vitest';
import type { CodeParts } from '../../engine/compile/compiled.ts';
import { GAMES, Project } from './project.ts';

const SQL = 'assets/stats/form.sql';
const YAML = 'pipeline.yaml';

async function partsOf(change?: (project: Project) => void, asset = 'form') {
  using project = new Project();
  change?.(project);
  const { codeParts, codeVersion } = await project.compiledAsset(asset);
  return { codeParts, codeVersion };
}

function changedParts(before: CodeParts, after: CodeParts): readonly string[] {
  return (['source', 'functions', 'windows', 'columns'] as const).filter(
    (part) => before[part] !== after[part],
  );
}

describe('what decides the rows changes the code version, and the part that it belongs to', () => {
  test.each([
    ['the statement', SQL, 'AVG', 'MAX', ['source']],
    ['a function that it calls', YAML, 'half_up(x, 1)', 'half_up(x, 2)', ['functions']],
    ['a function called by that', YAML, '0.5e0 + 1e-7', '0.5e0', ['functions']],
    ['a window', YAML, '{ before: season }', '{ before: all }', ['windows']],
    [
      'optional',
      YAML,
      '{ before: season }',
      '{ window: { before: season }, optional: true }',
      ['windows'],
    ],
    ['rounding', YAML, 'FLOAT64, round: 1', 'FLOAT64, round: 2', ['columns']],
    ['a type', YAML, 'player: { type: STRING', 'player: { type: INT64', ['columns']],
    [
      'the key',
      YAML,
      'key: [day, player]\n    upstream',
      'key: [player]\n    upstream',
      ['columns'],
    ],
    [
      'a rule for empty partitions',
      YAML,
      'columns: [day, player, average]',
      'columns: [day, player, average]\n    expected_empty: [{ first_days_of_period: 3, reason: start }]',
      ['source'],
    ],
  ])('%s', async (_title, file, from, to, expected) => {
    const before = await partsOf();
    const after = await partsOf((project) => project.edit(file, from, to));
    expect(changedParts(before.codeParts, after.codeParts)).toEqual(expected);
    expect(after.codeVersion).not.toBe(before.codeVersion);
  });
});

describe('what does not decide the rows leaves the code version alone', () => {
  test.each([
    ['formatting', SQL, 'GROUP BY 1, 2', '\n  GROUP   BY 1,2'],
    ['comments', SQL, 'FROM partitions', '-- all dates\nFROM partitions'],
    ['a final semicolon', SQL, 'GROUP BY 1, 2\n', 'GROUP BY 1, 2;\n'],
    ['descriptions', YAML, 'Mean of the points', 'Mean of all points'],
    ['units', YAML, 'unit: points', 'unit: pts'],
    ['the path of a source', YAML, '/box.parquet', '/boxes.parquet'],
    [
      'functions of others',
      YAML,
      '  tenth:',
      '  other:\n    arguments: {}\n    sql: 1 + 1\n  tenth:',
    ],
    [
      'checks, retries and tags',
      YAML,
      'columns: [day, player, average]',
      `columns: [day, player, average]
    checks: [{ range: { column: average, min: 0 } }, { condition: average >= 0e0 }]
    retry: { attempts: 2 }
    timeout: 1h
    tags: [daily]`,
    ],
  ])('%s', async (_title, file, from, to) => {
    const before = await partsOf();
    const after = await partsOf((project) => project.edit(file, from, to));
    expect(after).toEqual(before);
  });

  test('pools and how many steps run at once', async () => {
    const before = await partsOf();
    const text = (GAMES[YAML] ?? '')
      .replace('warehouse: duckdb', 'warehouse: duckdb, max_parallel: 4')
      .replace('assets:\n', 'pools: { single: 1 }\nassets:\n')
      .replace('[day, player, average]', '[day, player, average]\n    pool: single');
    expect(text).toContain('max_parallel: 4');
    expect(text).toContain('pool: single');
    const after = await partsOf((project) => project.write(YAML, text));
    expect(after).toEqual(before);
  });

  test('renamed CTEs', async () => {
    const before = await partsOf();
    const text = GAMES[SQL] ?? '';
    const after = await partsOf((project) =>
      project.write(SQL, text.replaceAll('hist', 'history')),
    );
    expect(after).toEqual(before);
  });
});

test('the columns of a source are part of it by their names in the files, its path is not', async () => {
  const before = await partsOf(undefined, 'box');
  const path = await partsOf((project) => project.edit(YAML, 'box.parquet', 'b.parquet'), 'box');
  const format = await partsOf((project) => project.edit(YAML, 'box.parquet', 'box.csv'), 'box');
  const from = 'columns: [day, season, player, points]';
  const to = 'columns: [day, season, player, { points: { from: pts } }]';
  const mapping = await partsOf((project) => project.edit(YAML, from, to), 'box');
  expect(path).toEqual(before);
  expect(changedParts(before.codeParts, format.codeParts)).toEqual(['source']);
  expect(changedParts(before.codeParts, mapping.codeParts)).toEqual(['source']);
});

test('the start of the season matters only to a statement that reads it', async () => {
  const start = (project: Project) => project.edit(YAML, 'start: points > 0', 'start: points > 1');
  const read = (project: Project) =>
    project.edit(
      SQL,
      'h.day < q.partition_date',
      'h.day BETWEEN q.period_start AND q.partition_date',
    );
  expect(await partsOf(start)).toEqual(await partsOf());
  const before = await partsOf(read);
  const after = await partsOf((project) => {
    read(project);
    start(project);
  });
  expect(changedParts(before.codeParts, after.codeParts)).toEqual(['windows']);
});

test('a module counts with what it imports, however deep, but not with types, packages or the engine', async () => {
  const files = {
    'assets/stats/form.ts': `import { a } from './lib/a.ts';
import type { T } from './lib/types.ts';
import { readFileSync } from 'node:fs';
export const materialize = (): T => a(readFileSync);
`,
    'assets/stats/lib/a.ts': `export { b as a } from './b.ts';\n`,
    'assets/stats/lib/b.ts': `export const b = (x: unknown) => x as never;\n`,
    'assets/stats/lib/types.ts': `export type T = never;\n`,
  };
  const withFiles = (own: Readonly<Record<string, string>>) =>
    partsOf((project) => {
      project.remove(SQL);
      for (const [path, text] of Object.entries({ ...files, ...own })) project.write(path, text);
    });
  const before = await withFiles({});
  const deep = await withFiles({ 'assets/stats/lib/b.ts': 'export const b = () => 1 as never;\n' });
  const types = await withFiles({ 'assets/stats/lib/types.ts': 'export type T = unknown;\n' });
  expect(changedParts(before.codeParts, deep.codeParts)).toEqual(['source']);
  expect(types).toEqual(before);
});
