import { expect, test } from 'vitest';
import {
  briefly,
  callOffAndChange,
  measuredProject,
  tamper,
  validate,
} from './measured-project.ts';

test('a stale partition that was found to be empty as expected is stale, and lacks nothing', async () => {
  const project = measuredProject();
  await callOffAndChange(project);
  const week = { selection: ['totals'], from: '2023-11-06', to: '2023-11-08' };
  const { code, document } = await validate(project, week);
  expect(document.assets[0]?.coverage).toMatchObject({
    percent: 100,
    expected: 2,
    with_rows: 2,
    expected_empty: 1,
    expected_empty_reasons: { 'called off': 1 },
  });
  expect(briefly(document)).toEqual(['warn stale totals 2023-11-06..2023-11-08']);
  expect(code).toBe(0);
  // Nothing newer is expected of it either.
  const range = { ...week, to: '2023-11-07' };
  const { document: last } = await validate(project, range, Date.UTC(2023, 10, 7, 12));
  expect(last.assets[0]?.freshness).toMatchObject({ newest: '2023-11-06', behind: 0 });
});

test('the newest rows are those of the asset, however far after the range', async () => {
  const project = measuredProject();
  await project.materialize();
  const early = { selection: ['plays'], from: '2022-10-03', to: '2022-10-31' };
  const { document } = await validate(project, early);
  expect(document.assets[0]?.freshness).toMatchObject({ newest: '2024-01-14', behind: 0 });
  // Where rows were counted, what is there counts, and not what was written.
  await tamper(project, `DELETE FROM raw.plays WHERE day > DATE '2024-01-10'`);
  const late = await validate(project, { ...early, from: '2023-12-01', to: '2023-12-31' });
  expect(late.document.assets[0]?.freshness).toMatchObject({ newest: '2024-01-10', behind: 3 });
});
