import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { GAMES, Project } from './project.ts';

test('a sound pipeline compiles to plain data with assets in topological order', async () => {
  using project = new Project();
  const pipeline = await project.compile();
  expect(pipeline.assets.map((asset) => asset.name)).toEqual(['box', 'form']);
  expect(pipeline.root).toBe(project.root);
  expect(pipeline.variables).toEqual([{ name: 'DATA', hasDefault: true }]);
  expect(pipeline.compiledCalendars).toEqual({
    game_days: { duckdbWhere: 'points >= 0', duckdbPeriodStartWhere: 'points > 0' },
  });
  expect(JSON.parse(JSON.stringify(pipeline))).toEqual(pipeline);
});

test('a variable stays text, whatever the environment says', async () => {
  using project = new Project();
  process.env['DATA'] = '/secret';
  const box = await project.compiledAsset('box');
  delete process.env['DATA'];
  expect(box.source).toEqual({ path: '${DATA:-data}/box.parquet', format: 'parquet' });
});

test('an asset names the functions that it calls and those called by them, in declared order', async () => {
  using project = new Project();
  const form = await project.compiledAsset('form');
  expect(form.sql).toMatchObject({ functions: ['half_up', 'tenth'], readsPeriod: false });
});

test('the macros run on DuckDB and keep FLOAT64 whatever they are given', async () => {
  using project = new Project();
  const { duckdbFunctions } = await project.compile();
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  for (const statement of Object.values(duckdbFunctions)) await connection.run(statement);
  const reader = await connection.runAndReadAll(
    'SELECT half_up(2.675, 2), typeof(half_up(1, 2)), tenth(-0.45), HALF_UP(2.5::BIGINT, 0)',
  );
  expect(reader.getRowsJson()).toEqual([[2.68, 'DOUBLE', -0.5, 3]]);
});

test('BigQuery gets the functions as temporary ones with declared types, in declared order', async () => {
  using project = new Project();
  const { googleFunctions } = await project.compile();
  expect(Object.entries(googleFunctions)).toEqual([
    [
      'half_up',
      'CREATE TEMP FUNCTION half_up(x FLOAT64, n INT64) AS (SIGN(x) * FLOOR(ABS(x) * POW(10, n) + 0.5e0 + 1e-7) / POW(10, n))',
    ],
    ['tenth', 'CREATE TEMP FUNCTION tenth(x FLOAT64) AS (half_up(x, 1))'],
  ]);
});

test('a calendar cannot call functions, which are not there when it is read', async () => {
  using project = new Project();
  project.edit('pipeline.yaml', 'where: points >= 0', 'where: Half_Up(points, 0) >= 0');
  const errors = await project.errors();
  expect(errors).toContain('SQL_CALENDAR_FUNCTION');
  expect(errors).toContain('the condition of a calendar calls half_up');
  expect(errors).toMatch(/pipeline\.yaml:12:12\b/);
});

test('the transpiled statement runs on DuckDB inside the CTEs of the engine', async () => {
  using project = new Project();
  const { assets, duckdbFunctions } = await project.compile();
  const sql = assets.find((asset) => asset.name === 'form')?.sql?.duckdbSql ?? '';
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  for (const statement of Object.values(duckdbFunctions)) await connection.run(statement);
  const reader = await connection.runAndReadAll(
    `WITH partitions AS (SELECT DATE '2024-01-03' AS partition_date),
          box AS (SELECT DATE '2024-01-01' AS day, 'ann' AS player, 7::BIGINT AS points
                  UNION ALL SELECT DATE '2024-01-02', 'ann', 8::BIGINT)
     SELECT * FROM (${sql}) AS q`,
  );
  expect(reader.getRowsJson()).toEqual([['2024-01-03', 'ann', 7.5]]);
});

test('conditions are transpiled and kept by their GoogleSQL text, also for sources', async () => {
  using project = new Project();
  project.edit(
    'pipeline.yaml',
    '    columns: [day, season, player, points]',
    `    columns: [day, season, player, points]
    checks:
      - condition: points >= 0 AND player IS NOT NULL`,
  );
  const box = await project.compiledAsset('box');
  expect(box.checks).toMatchObject([{ type: 'condition', name: 'condition' }]);
  expect(box.sql).toEqual({
    googleSql: '',
    duckdbSql: '',
    functions: [],
    readsPeriod: false,
    duckdbConditions: {
      'points >= 0 AND player IS NOT NULL': 'points >= 0 AND player IS NOT NULL',
    },
  });
});

test('a union is one upstream per member, under the name of the union', async () => {
  using project = new Project();
  project.write(
    'pipeline.yaml',
    `${GAMES['pipeline.yaml']}    tags: [base]
  flow:
    group: stats
    upstream: { box: same }
    columns: [day, player, average]
    tags: [base]
  all_form:
    group: stats
    upstream: { base: { window: same, optional: true } }
    columns: [day, player, average]
unions:
  base: { tag: base }
`,
  );
  project.write(
    'assets/stats/flow.sql',
    'SELECT b.day, b.player, b.points * 1e0 AS average FROM box AS b',
  );
  project.write('assets/stats/all_form.sql', 'SELECT b.day, b.player, b.average FROM base AS b');
  const upstream = (await project.compiledAsset('all_form')).upstream;
  expect(upstream).toEqual([
    { asset: 'flow', relation: 'base', window: { type: 'same' }, optional: true },
    { asset: 'form', relation: 'base', window: { type: 'same' }, optional: true },
  ]);
});

test('the order in which upstreams are declared decides nothing', async () => {
  const late = async (upstream: string) => {
    using project = new Project();
    const asset = `  late:\n    group: stats\n    upstream: ${upstream}\n    columns: [day, player, average]\n`;
    project.write('pipeline.yaml', `${GAMES['pipeline.yaml']}${asset}`);
    project.write(
      'assets/stats/late.sql',
      'SELECT f.day, f.player, f.average FROM form AS f JOIN box AS b ON b.day = f.day AND b.player = f.player',
    );
    const { upstream: edges, codeVersion } = await project.compiledAsset('late');
    return { edges: edges.map((edge) => edge.asset), codeVersion };
  };
  const one = await late('{ form: same, box: same }');
  expect(one.edges).toEqual(['box', 'form']);
  expect(await late('{ box: same, form: same }')).toEqual(one);
});

describe('the SQL and the declaration must agree', () => {
  test.each([
    [
      'a relation that is not declared',
      'FROM partitions AS q',
      'FROM partitions AS q JOIN form AS f ON TRUE',
      'UNDECLARED_UPSTREAM "form" reads the asset "form", which is not among its upstreams',
    ],
    [
      'a relation that nobody declared',
      'FROM box AS b',
      'FROM bx AS b',
      'UNKNOWN_ASSET unknown asset "bx", did you mean "box"?',
    ],
    [
      'an upstream that is not read',
      '(SELECT b.day, b.player, b.points FROM box AS b)',
      "(SELECT DATE '2024-01-01' AS day, 'a' AS player, 1 AS points)",
      'UNUSED_UPSTREAM "form" declares the upstream "box", but its SQL does not read it',
    ],
    [
      'a column that is not declared',
      'AS average',
      'AS averages',
      'UNDECLARED_COLUMN the SELECT returns "averages", which is not among the columns of "form", did you mean "average"?',
    ],
    [
      'the partition column',
      'q.partition_date AS day, ',
      '',
      'MISSING_PARTITION_COLUMN "form" declares the partition column "day", but its SELECT does not return it',
    ],
    [
      'a CTE that hides an upstream',
      'WITH hist AS',
      'WITH form AS (SELECT 1 AS a), hist AS',
      'SQL_CTE_NAMED_LIKE_ASSET the common table expression "form" has the name of a relation of the pipeline',
    ],
    [
      'a relation with a dataset',
      'FROM box AS b',
      'FROM raw.box AS b',
      'SQL_QUALIFIED_RELATION "raw.box" names a dataset or an array; relations are bare asset names',
    ],
  ])('%s', async (_title, from, to, expected) => {
    using project = new Project();
    project.edit('assets/stats/form.sql', from, to);
    expect(await project.errors()).toContain(expected);
  });
});

test('all errors come at once, sorted by file and line, each with its line and a caret', async () => {
  using project = new Project();
  project.edit('assets/stats/form.sql', 'AVG(h.points)', 'COUNTIF(h.points > 0.5)');
  project.edit('pipeline.yaml', 'box: { before: season }', 'bx: { before: season }');
  expect(await project.errors())
    .toBe(`assets/stats/form.sql:2:49 SQL_COUNTIF over an empty group or frame it is NULL on DuckDB, not 0
  2 | SELECT q.partition_date AS day, h.player, tenth(COUNTIF(h.points > 0.5)) AS average
    |                                                 ^^^^^^^
  hint: write COUNT(IF(condition, 1, NULL))

assets/stats/form.sql:2:68 SQL_DECIMAL_LITERAL this literal is FLOAT64 on BigQuery but DECIMAL on DuckDB
  2 | SELECT q.partition_date AS day, h.player, tenth(COUNTIF(h.points > 0.5)) AS average
    |                                                                    ^^^
  hint: give it an exponent, e.g. 0.44e0

pipeline.yaml:42:17 UNKNOWN_ASSET unknown asset "bx", did you mean "box"?
  42 |     upstream: { bx: { before: season } }
     |                 ^^
  hint: there are: box

3 errors`);
});

test('a cycle is reported as the path that leads around it', async () => {
  using project = new Project();
  project.write(
    'pipeline.yaml',
    `${GAMES['pipeline.yaml']}  a: { group: stats, upstream: { c: same }, columns: [day] }
  b: { group: stats, upstream: { a: same }, columns: [day] }
  c: { group: stats, upstream: { b: same }, columns: [day] }
`,
  );
  for (const [name, upstream] of [
    ['a', 'c'],
    ['b', 'a'],
    ['c', 'b'],
  ] as const) {
    project.write(`assets/stats/${name}.sql`, `SELECT u.day FROM ${upstream} AS u`);
  }
  expect(await project.errors()).toContain(
    'pipeline.yaml:45:34 CYCLE assets depend on each other in a circle: a -> b -> c -> a',
  );
});

test('a condition with several faults points at each inside the YAML', async () => {
  using project = new Project();
  project.edit(
    'pipeline.yaml',
    'where: points >= 0',
    'where: "pionts >= 0 AND MOD(points + 1, 2) = 0"',
  );
  expect(await project.errors()).toContain('pipeline.yaml:12:13 UNKNOWN_COLUMN');
  expect(await project.errors()).toContain(
    'pipeline.yaml:12:29 SQL_DIV_MOD_ARGUMENT the transpiler drops the parentheses',
  );
  project.edit(
    'pipeline.yaml',
    'where: points >= 0',
    'where: |\n      points >= 0\n      AND pionts < 9',
  );
  expect(await project.errors()).toContain(
    'pipeline.yaml:14:11 UNKNOWN_COLUMN "box" has no column "pionts", did you mean "points"?',
  );
});

test.each([
  ['several expressions', 'points > 0, points < 3', 'SQL_NOT_AN_EXPRESSION'],
  ['a statement', 'SELECT 1', 'SQL_SYNTAX'],
  ['an open parenthesis', '(points > 0', 'SQL_SYNTAX the expression ends too early'],
  ['another relation', 'EXISTS (SELECT 1 FROM form)', 'SQL_CONDITION_READS_RELATION'],
])('a condition of a calendar cannot be %s', async (_title, condition, expected) => {
  using project = new Project();
  project.edit('pipeline.yaml', 'where: points >= 0', `where: ${condition}`);
  if (condition.includes(',')) {
    project.edit('pipeline.yaml', 'where: points >= 0', `where: '${condition}'`);
  }
  expect(await project.errors()).toContain(expected);
});

test.each([
  [
    'an argument that does not exist',
    'sql: half_up(x, 1)',
    'sql: half_up(y, 1)',
    'UNKNOWN_ARGUMENT "y" is not an argument of tenth',
  ],
  [
    'a function below it',
    'SIGN(x) *',
    'tenth(x) *',
    'FUNCTION_ORDER the function half_up calls tenth, which is declared below it',
  ],
  [
    'itself',
    'sql: half_up(x, 1)',
    'sql: tenth(x)',
    'FUNCTION_ORDER the function tenth calls itself',
  ],
  [
    'a relation',
    'sql: half_up(x, 1)',
    'sql: (SELECT MAX(points) FROM box) + x',
    'SQL_FUNCTION_READS_RELATION the function tenth reads "box"',
  ],
])('a function cannot use %s', async (_title, from, to, expected) => {
  using project = new Project();
  project.edit('pipeline.yaml', from, to);
  expect(await project.errors()).toContain(expected);
});

test('a pipeline that is not there says how to name or make one', async () => {
  using project = new Project({});
  expect(await project.errors()).toContain('MISSING_PIPELINE there is no file');
});
