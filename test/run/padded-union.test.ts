import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { countsOf, newProject, type TestProject } from '../support/project.ts';
import { dateOf, good, readings, READINGS_YAML } from './readings-project.ts';

/** A rule and a model: both have a name and a value, each has something that the other one does not have. */
const YAML = `unions:
  guesses: { tags: [rule, model], columns: all }
assets:
  readings:
    group: raw
    description: One row per reading.
    source: { path: data/readings.csv }
    columns: [day, { value: { type: INT64, description: What was read } }]
  rule:
    group: reports
    tags: [rule]
    description: A guess by a rule.
    upstream: { readings: same }
    columns: [day, name: { type: STRING }, value: { type: INT64 }, reasons: { type: ARRAY<STRING> }]
  model:
    group: reports
    tags: [model]
    description: A guess by a model.
    module: assets/reports/model.ts
    settings: { bad: none }
    upstream: { readings: same }
    columns: [day, odds: { type: FLOAT64, round: 2 }, value: { type: INT64 }, name: { type: STRING }]
  best:
    group: reports
    description: The guesses of a day.
    upstream: { readings: same, guesses: { window: same, optional: [model] } }
    columns:
      - day
      - names: { type: STRING }
      - odds: { type: FLOAT64, round: 2, nullable: true }
      - without_odds: { type: INT64 }
      - reasons: { type: INT64, nullable: true }
    checks:
      - { coverage: { of: guesses, on: { day: day }, where: odds IS NULL OR name = 'model' }, severity: warn }
`;

const SQL = {
  'assets/reports/rule.sql': `SELECT r.day AS day, 'rule' AS name, r.value AS value,
  ['a', 'b'] AS reasons FROM readings AS r\n`,
  'assets/reports/best.sql': `SELECT r.day AS day, STRING_AGG(g.name, ',' ORDER BY g.name) AS names,
  MAX(g.odds) AS odds, COUNT(IF(g.odds IS NULL, 1, NULL)) AS without_odds, MAX(ARRAY_LENGTH(g.reasons)) AS reasons
FROM readings AS r LEFT JOIN guesses AS g ON g.day = r.day GROUP BY r.day\n`,
  'assets/reports/model.ts': `export async function materialize({ settings, read, write, fail }) {
  const { day, value } = await read('readings');
  day.forEach((date, at) => {
    if (date === settings.bad) fail(date, 'no idea');
    else write([{ day: date, name: 'model', value: value[at] * 10, odds: 0.25 }]);
  });
}\n`,
};

function paddedProject(more: { readonly yaml?: string; readonly module?: string } = {}) {
  return newProject({
    'pipeline.yaml':
      READINGS_YAML.slice(0, READINGS_YAML.indexOf('assets:\n')) + YAML + (more.yaml ?? ''),
    'data/readings.csv': readings(good(2)),
    ...SQL,
    ...(more.module === undefined ? {} : { 'assets/reports/collected.ts': more.module }),
  });
}

const bestOf = (project: TestProject) =>
  project.query(
    `SELECT day, names, odds, CAST(without_odds AS INTEGER), CAST(reasons AS INTEGER) FROM reports.best ORDER BY 1`,
  );

describe('a union with all columns of its members', () => {
  test('has NULL of the type of the others where a member has no such column', async () => {
    const project = paddedProject();
    const { code } = await project.materialize();
    expect(code).toBe(0);
    expect(await bestOf(project)).toEqual([
      [dateOf(0), 'model,rule', 0.25, 1, 2],
      [dateOf(1), 'model,rule', 0.25, 1, 2],
    ]);
    await expectAgreement(project);
  });

  test('is read without the members that may be absent by their tags, and blocked by the others', async () => {
    const project = paddedProject();
    project.edit('pipeline.yaml', 'bad: none', `bad: '${dateOf(1)}'`);
    const outcome = await project.materialize();
    expect(countsOf(outcome, 'model')).toEqual({ materialized: 1, failed: 1 });
    expect(await bestOf(project)).toEqual([
      [dateOf(0), 'model,rule', 0.25, 1, 2],
      [dateOf(1), 'rule', null, 1, 2],
    ]);
    project.edit('pipeline.yaml', 'optional: [model]', 'optional: [rule]');
    const blocked = await project.materialize();
    expect(countsOf(blocked, 'best')).toEqual({ unchanged: 1, blocked: 1 });
    await expectAgreement(project);
  });

  test('takes a column that a member gains, and makes its reader again only where it reads other values', async () => {
    const project = paddedProject();
    await project.materialize();
    project.edit(
      'pipeline.yaml',
      '[day, name: {',
      '[day, odds: { type: FLOAT64, round: 2 }, name: {',
    );
    project.edit('assets/reports/rule.sql', 'AS value,', 'AS value, 0.5e0 AS odds,');
    const outcome = await project.materialize();
    expect(countsOf(outcome, 'rule')).toEqual({ materialized: 2 });
    expect(countsOf(outcome, 'best')).toEqual({ materialized: 2 });
    expect(await bestOf(project)).toEqual([
      [dateOf(0), 'model,rule', 0.5, 0, 2],
      [dateOf(1), 'model,rule', 0.5, 0, 2],
    ]);
  });

  test('changes no version of a reader by being declared: members of the same columns stay what they are', async () => {
    const project = paddedProject();
    project.edit('pipeline.yaml', 'tags: [rule, model], columns: all', 'tags: [rule]');
    project.edit('pipeline.yaml', 'optional: [model]', 'optional: false');
    project.edit('pipeline.yaml', "where: odds IS NULL OR name = 'model'", 'where: value > 0');
    project.edit('assets/reports/best.sql', 'MAX(g.odds)', 'CAST(NULL AS FLOAT64)');
    project.edit('assets/reports/best.sql', 'IF(g.odds IS NULL, 1, NULL)', '*');
    await project.materialize();
    project.edit(
      'pipeline.yaml',
      'guesses: { tags: [rule] }',
      'guesses: { tag: rule, columns: all }',
    );
    expect(countsOf(await project.materialize(), 'best')).toEqual({ skipped: 2 });
  });

  test('compares its columns with a value of whichever members have it', async () => {
    const project = paddedProject();
    project.edit(
      'pipeline.yaml',
      '    checks:\n',
      `    checks:
      - { relationship: { column: odds, to: guesses.odds }, severity: warn }
      - { relationship: { column: names, to: guesses.name }, severity: warn }\n`,
    );
    const { document } = await project.materialize();
    const failed = document.checks.map(({ check, partitions }) => ({ check, partitions }));
    expect(failed).toEqual([{ check: 'relationship_names', partitions: [dateOf(0), dateOf(1)] }]);
  });

  test('says who is expected by columns that only some members have', async () => {
    const project = paddedProject({
      yaml: `  priced:
    group: reports
    description: The guesses with odds.
    upstream: { guesses: same }
    key: [day, name]
    universe: { relation: guesses, entity: [name], where: expected.odds IS NOT NULL OR expected.name = 'rule' }
    failures: [{ category: INCOMPLETE_DATA, when: expected.odds IS NULL AND ARRAY_LENGTH(expected.reasons) = 2, reason: no odds }]
    columns: [day, name: { type: STRING }, odds: { type: FLOAT64, round: 2 }]
`,
    });
    project.write(
      'assets/reports/priced.sql',
      'SELECT g.day AS day, g.name AS name, g.odds AS odds FROM guesses AS g WHERE g.odds > 0\n',
    );
    expect((await project.materialize()).code).toBe(0);
    const failures = await project.query(
      "SELECT entity, category FROM _fastbreak_failures WHERE asset = 'priced' ORDER BY day",
    );
    expect(failures).toEqual([
      ['rule', 'INCOMPLETE_DATA'],
      ['rule', 'INCOMPLETE_DATA'],
    ]);
  });

  test('gives a module all columns, with NULL for what a member does not have', async () => {
    const project = paddedProject({
      yaml: `  collected:
    group: reports
    description: What a module reads.
    module: assets/reports/collected.ts
    upstream: { guesses: same }
    columns: [day, known: { type: STRING }, rows: { type: STRING }, again: { type: STRING }]
`,
      module: `export async function materialize({ partitions, columnsOf, read, readColumns, write }) {
  const all = await read('guesses');
  const known = columnsOf('guesses').map(({ name, type }) => name + ' ' + type).join();
  const { odds, name } = await read('guesses', ['odds', 'name']);
  const columns = await readColumns('guesses', ['odds', 'reasons']);
  const texts = columns.texts('reasons');
  for (const { date } of partitions) {
    const at = all.day.flatMap((day, index) => (day === date ? [index] : []));
    write([{
      day: date,
      known,
      rows: JSON.stringify(at.map((index) => [name[index], odds[index], all.reasons[index]])),
      again: JSON.stringify(at.map((index) => [columns.numbers('odds')[index], texts[index]])),
    }]);
  }
}\n`,
    });
    await project.materialize();
    const [row] = await project.query(
      'SELECT known, rows, again FROM reports.collected ORDER BY day',
    );
    expect(row).toEqual([
      'day DATE,odds FLOAT64,value INT64,name STRING,reasons ARRAY<STRING>',
      '[["rule",null,["a","b"]],["model",0.25,null]]',
      '[[null,"[\\"a\\",\\"b\\"]"],[0.25,null]]',
    ]);
  });
});
