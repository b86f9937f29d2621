import { expect, test } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { countsOf, newProject, type TestProject } from '../support/project.ts';
import { dateOf, good, readings, READINGS_YAML } from './readings-project.ts';

const MEMBER = `group: reports
    tags: [guess]
    description: A guess.
    module: assets/reports/guess.ts
    key: [day, name]
    columns: [day, { name: { type: STRING } }, { value: { type: INT64 } }]`;

const YAML = `unions:
  guesses: { tag: guess }
assets:
  readings:
    group: raw
    description: One row per reading.
    source: { path: data/readings.csv }
    columns: [day, { value: { type: INT64, description: What was read } }]
  doomed:
    group: reports
    description: What one of the guesses needs.
    module: assets/reports/doomed.ts
    upstream: { readings: same }
    columns: [day, { value: { type: INT64 } }]
  half:
    ${MEMBER}
    settings: { name: half, bad: '${dateOf(1)}' }
    upstream: { readings: same }
  whole:
    ${MEMBER}
    settings: { name: whole }
    upstream: { readings: same }
  blocked:
    ${MEMBER}
    settings: { name: blocked }
    upstream: { readings: same, doomed: same }
  best:
    group: reports
    description: How many guesses there are.
    upstream: { readings: same, guesses: { window: same, optional: true } }
    columns: [day, { names: { type: STRING, nullable: true } }]
`;

const GUESS = `export async function materialize({ settings, read, write, fail }) {
  const { day, value } = await read('readings');
  day.forEach((date, at) => {
    if (date === settings.bad) fail(date, 'no idea');
    else write([{ day: date, name: settings.name, value: value[at] * (settings.factor ?? 1) }]);
  });
}
`;

const BEST = `SELECT r.day AS day, STRING_AGG(g.name, ',' ORDER BY g.name) AS names
FROM readings AS r LEFT JOIN guesses AS g ON g.day = r.day GROUP BY r.day
`;

function unionProject(): TestProject {
  return newProject({
    'pipeline.yaml': READINGS_YAML.slice(0, READINGS_YAML.indexOf('assets:\n')) + YAML,
    'data/readings.csv': readings(good(3)),
    'assets/reports/guess.ts': GUESS,
    'assets/reports/doomed.ts': `export const materialize = () => { throw new Error('doomed'); };\n`,
    'assets/reports/best.sql': BEST,
  });
}

const namesRead = (project: TestProject) =>
  project.query('SELECT day, names FROM reports.best ORDER BY day');

test('a reader of an optional union runs with the members that are there, when others failed or are blocked', async () => {
  const project = unionProject();
  const outcome = await project.materialize();
  expect(outcome.code).toBe(1);
  expect(countsOf(outcome, 'half')).toEqual({ materialized: 2, failed: 1 });
  expect(countsOf(outcome, 'blocked')).toEqual({ blocked: 3 });
  expect(countsOf(outcome, 'best')).toEqual({ materialized: 3 });
  expect(await namesRead(project)).toEqual([
    [dateOf(0), 'half,whole'],
    [dateOf(1), 'whole'],
    [dateOf(2), 'half,whole'],
  ]);
  await expectAgreement(project);
});

test('it is made again where a member is there later', async () => {
  const project = unionProject();
  await project.materialize();
  project.edit('pipeline.yaml', `bad: '${dateOf(1)}'`, 'bad: none');
  const outcome = await project.materialize();
  expect(countsOf(outcome, 'best')).toEqual({ materialized: 1, skipped: 2 });
  expect((await namesRead(project))[1]).toEqual([dateOf(1), 'half,whole']);
});

test('a reader of a required union is blocked by any member', async () => {
  const project = unionProject();
  project.edit('pipeline.yaml', 'guesses: { window: same, optional: true }', 'guesses: same');
  const outcome = await project.materialize();
  expect(countsOf(outcome, 'best')).toEqual({ blocked: 3 });
});

test('a module reads a union in an order that does not depend on which member a row is of', async () => {
  const project = unionProject();
  // The same key in both, and the larger value in the member that comes first.
  project.edit('pipeline.yaml', '{ name: half,', '{ name: whole, factor: 10,');
  project.edit(
    'pipeline.yaml',
    '  best:\n',
    `  collected:
    group: reports
    description: The guesses in the order in which they are read.
    upstream: { guesses: { window: same, optional: true } }
    columns: [day, { seen: { type: STRING } }, { again: { type: STRING } }]
  best:\n`,
  );
  project.write(
    'assets/reports/collected.ts',
    `export async function materialize({ partitions, read, readColumns, write }) {
  if (partitions.length > 1) throw new Error('one at a time');
  const { value } = await read('guesses', ['value']);
  const columns = await readColumns('guesses', ['value']);
  write([{ day: partitions[0].date, seen: value.join(), again: columns.numbers('value').join() }]);
}
`,
  );
  await project.materialize();
  const rows = await project.query('SELECT day, seen, again FROM reports.collected ORDER BY day');
  expect(rows).toEqual([
    [dateOf(0), '1,10', '1,10'],
    [dateOf(1), '2', '2'],
    [dateOf(2), '3,30', '3,30'],
  ]);
});
