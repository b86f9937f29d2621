import { expect, test } from 'vitest';
import { equalOn } from '../bigquery/both-targets.ts';
import { cloudFor, Machine } from '../bigquery/cloud.ts';
import { type FailuresDocument, rosterProject, setShifts, type Shift } from './roster-project.ts';

const PROD = `  prod: { warehouse: bigquery, project: PROJECT, location: US }
groups:`;

const FIRST_WEEK: readonly Shift[] = [
  { day: '2024-01-01', worker: 'anna', hours: 8 },
  { day: '2024-01-01', worker: 'ben' },
  { day: '2024-01-01', worker: "d'ora", hours: 1 },
  { day: '2024-01-01', worker: 'eric', hours: 5, note: 'lost' },
  { day: '2024-01-02', worker: 'ben', hours: 0 },
  { day: '2024-01-03', worker: 'fred', hours: 5, note: 'ghost' },
];

test('a pipeline has the same failures on both warehouses, made and made again', async () => {
  const server = await cloudFor();
  const project = rosterProject(FIRST_WEEK);
  project.edit('pipeline.yaml', 'groups:', PROD.replace('PROJECT', server.project));
  project.edit('pipeline.yaml', 'entity: [worker]', 'entity: [worker, day]');
  const machine = new Machine(project);
  await equalOn(machine, 'materialize', 1);
  const first = (await equalOn(machine, 'failures')) as FailuresDocument;
  expect(first.failures.map(({ category }) => category)).toEqual([
    'OFF_DUTY',
    'INCOMPLETE_DATA',
    'UNTRACKED',
    'INSUFFICIENT_DATA',
    'UNTRACKED',
  ]);
  await equalOn(machine, 'check paid', 1);
  setShifts(
    project,
    FIRST_WEEK.map((shift) => (shift.worker === "d'ora" ? { ...shift, hours: 3 } : shift)),
  );
  await equalOn(machine, 'materialize', 1);
  const second = (await equalOn(machine, "failures --entity d'ora")) as FailuresDocument;
  expect(second.failures.map((each) => each.resolution_status)).toEqual(['RESOLVED']);
});
