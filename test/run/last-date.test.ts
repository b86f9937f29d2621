import { expect, test } from 'vitest';
import { newProject } from '../support/project.ts';
import { SHOP } from '../support/shop-project.ts';

test('a date at the end of all calendars is one like any other', async () => {
  const project = newProject(SHOP as Readonly<Record<string, string>>);
  project.write('data/days.csv', `${project.read('data/days.csv')}9999-12-31,2024\n`);
  project.write('data/orders.csv', `${project.read('data/orders.csv')}9,9999-12-31,cup,4.95\n`);
  const { code, document } = await project.materialize({ selection: ['+daily'] });
  expect(document.failures).toEqual([]);
  expect(code).toBe(0);
  const rows = await project.query(
    `SELECT CAST(day AS VARCHAR), revenue FROM shop_reports.daily WHERE day > DATE '2024-12-31'`,
  );
  expect(rows).toEqual([['9999-12-31', 4.95]]);
});
