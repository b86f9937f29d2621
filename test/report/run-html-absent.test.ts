import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rosterProject, setShifts, type Shift } from '../failures/roster-project.ts';
import type { RunRequest, TestProject } from '../support/project.ts';
import { tableUnder, textOf } from './page-tables.ts';

const HEADING = 'Expected, but without a row';
const MONDAY = '2024-01-01';
const TUESDAY = '2024-01-02';

async function pageOf(project: TestProject, request: RunRequest = {}): Promise<string> {
  await project.materialize({ html: 'run.html', ...request });
  return readFileSync(project.path('run.html'), 'utf8');
}

/** Both tables: why and how many, then who. */
function tablesOf(page: string) {
  const rows = tableUnder(page, HEADING);
  const isDate = (text = ''): boolean => /^\d{4}-\d\d-\d\d$/.test(text);
  // Numbers of entities are in the column in which entities stand by name.
  const names = rows.filter(([, , date, entity]) => isDate(date) && !/^[\d,]+$/.test(entity ?? ''));
  return { groups: rows.filter((row) => !names.includes(row)), names };
}

test('says who has no row and why, those first that nobody can explain', async () => {
  const shifts: readonly Shift[] = [
    { day: MONDAY, worker: 'anna', hours: 8 },
    { day: MONDAY, worker: 'ben' },
    { day: MONDAY, worker: 'cleo' },
    { day: MONDAY, worker: 'dora', hours: 1 },
    { day: TUESDAY, worker: 'anna', hours: 8 },
    { day: TUESDAY, worker: 'ben' },
    { day: TUESDAY, worker: 'emil', hours: 8, note: 'lost' },
  ];
  const { groups, names } = tablesOf(await pageOf(rosterProject(shifts)));
  expect(groups).toEqual([
    ['to investigate', 'paid', TUESDAY, '1', 'UNTRACKED', expect.any(String)],
    ['correctable', 'paid', MONDAY, '1', 'INCOMPLETE_DATA', 'went home early'],
    ['expected', 'paid', '2024-01-01..2024-01-02 (2)', '3', 'OFF_DUTY', 'has the day off'],
  ]);
  expect(names.map((row) => row.slice(0, 5))).toEqual([
    ['to investigate', 'paid', TUESDAY, 'emil', 'UNTRACKED'],
    ['correctable', 'paid', MONDAY, 'dora', 'INCOMPLETE_DATA'],
    ['expected', 'paid', TUESDAY, 'ben', 'OFF_DUTY'],
    ['expected', 'paid', MONDAY, 'ben', 'OFF_DUTY'],
    ['expected', 'paid', MONDAY, 'cleo', 'OFF_DUTY'],
  ]);
});

test('is about the partitions that this run made, and about nobody who has a row by now', async () => {
  const shifts: readonly Shift[] = [
    { day: MONDAY, worker: 'ben' },
    { day: MONDAY, worker: 'anna', hours: 8 },
    { day: TUESDAY, worker: 'anna', hours: 8 },
    { day: TUESDAY, worker: 'ben' },
    { day: TUESDAY, worker: 'cleo' },
  ];
  const project = rosterProject(shifts);
  await project.materialize();
  setShifts(project, [...shifts.slice(0, 4), { day: TUESDAY, worker: 'cleo', hours: 8 }]);
  const page = await pageOf(project);
  const { groups, names } = tablesOf(page);
  expect(groups.map((row) => row.slice(2, 5))).toEqual([[TUESDAY, '1', 'OFF_DUTY']]);
  expect(names.map((row) => row.slice(2, 4))).toEqual([[TUESDAY, 'ben']]);
  expect(page).not.toContain('cleo');
  // When everybody has a row there is nothing to tell.
  setShifts(project, [
    ...shifts.slice(0, 3),
    { day: TUESDAY, worker: 'ben', hours: 8 },
    { day: TUESDAY, worker: 'cleo', hours: 8 },
  ]);
  expect(await pageOf(project)).not.toContain(HEADING);
});

test('names the newest, and says how many more there are and how to see them', async () => {
  const workers = Array.from({ length: 70 }, (_, at) => `w${String(at).padStart(2, '0')}`);
  const off = [MONDAY, TUESDAY, '2024-01-03'].flatMap((day): Shift[] => [
    { day, worker: 'anna', hours: 8 },
    ...workers.map((worker) => ({ day, worker })),
  ]);
  const page = await pageOf(rosterProject(off));
  const { groups, names } = tablesOf(page);
  expect(groups.map((row) => row[3])).toEqual(['210']);
  expect(names).toHaveLength(100);
  expect(names.map((row) => row[2]).filter((date) => date === '2024-01-03')).toHaveLength(70);
  expect(names.map((row) => row[2]).filter((date) => date === TUESDAY)).toHaveLength(30);
  expect(textOf(page)).toContain(
    'And 110 more entities: fastbreak failures paid --partitions 2024-01-01..2024-01-03 --limit 210 --json',
  );
});
