import { expect, test } from 'vitest';
import { newProject } from '../support/project.ts';
import { SHOP } from '../support/shop-project.ts';

const DAILY = 'assets/reports/daily.sql';

/** The shop, whose revenue is divided by what is 0 on some dates. */
function dividing(by: string) {
  const project = newProject(SHOP as Readonly<Record<string, string>>);
  project.edit(DAILY, 'SUM(o.price)', `SUM(o.price) / ${by}`);
  return project;
}

test.each([
  ['an infinity', '(COUNT(*) - 1)'],
  ['NaN', '(COUNT(*) - 1) * (COUNT(*) - 1) / (COUNT(*) - 1)'],
])('%s is not published: a division by zero fails its dates and no others', async (_, by) => {
  const project = dividing(by);
  const { code, document } = await project.materialize();
  expect(code).toBe(1);
  const failed = document.failures.filter(({ status }) => status === 'failed');
  // One order each.
  expect(failed.map(({ asset, partition }) => `${asset} ${partition}`)).toEqual([
    'daily 2024-01-03',
    'daily 2024-01-05',
    'daily 2024-01-06',
    'daily 2024-01-08',
  ]);
  for (const { category, message } of failed) {
    expect(category).toBe('CHECK_FAILED');
    expect(message).toContain('check "numbers are finite" failed');
    expect(message).toContain('"revenue":');
  }
  const rows = await project.query(
    'SELECT CAST(day AS VARCHAR) FROM shop_reports.daily ORDER BY 1',
  );
  expect(rows).toEqual([['2024-01-02'], ['2024-01-04']]);
});

test('NULL is no number, and finite ones pass', async () => {
  const project = dividing('NULLIF(COUNT(*) - 1, 0)');
  const { code } = await project.materialize();
  expect(code).toBe(0);
  const rows = await project.query('SELECT COUNT(*), COUNT(revenue) FROM shop_reports.daily');
  expect(rows.map((row) => row.map(Number))).toEqual([[6, 2]]);
});
