import { expect, test } from 'vitest';
import { type GridAsset, renderGrid } from '../../engine/report/grid.ts';
import { parseDay, UNPARTITIONED } from '../../engine/partitions/date.ts';
import type { StatusName } from '../../engine/staleness/status.ts';

function asset(
  name: string,
  first: string,
  statuses: readonly (StatusName | undefined)[],
): GridAsset {
  const start = parseDay(first) ?? 0;
  const at = [...statuses.keys()].filter((index) => statuses[index] !== undefined);
  return {
    name,
    days: Int32Array.from(at, (index) => start + index),
    statuses: at.map((index) => statuses[index] ?? 'current'),
  };
}

const PLAIN = { width: 80, color: false };

test('assets over time: one letter per day, blank where nothing is expected', () => {
  const grid = renderGrid(
    [
      asset('box', '2024-01-30', ['current', undefined, 'failed', 'stale']),
      asset('summary', '2024-01-30', ['expected-empty', undefined, 'blocked', 'missing']),
    ],
    PLAIN,
  );
  expect(grid.split('\n')).toEqual([
    '           2024-02',
    'box      . FS',
    'summary  e BM',
    'one character per day',
    '',
    'F failed   B blocked   M missing   S stale   . current   e expected-empty',
    '',
  ]);
});

test.each([
  [400, 'day'],
  [80, 'week'],
  [30, 'month'],
  [15, 'quarter'],
])('at width %d a year of days is shown by %s', (width, bucket) => {
  const year = Array.from({ length: 366 }, (): StatusName => 'current');
  const grid = renderGrid([asset('box', '2024-01-01', year), asset('b', '2024-01-01', year)], {
    width,
    color: false,
  });
  expect(grid).toContain(`one character per ${bucket}`);
  for (const line of grid.split('\n').slice(0, 3)) expect(line.length).toBeLessThanOrEqual(width);
});

test('a cell shows the worst of its partitions', () => {
  const days = Array.from({ length: 300 }, (_, index): StatusName =>
    index === 40 ? 'failed' : 'current',
  );
  const grid = renderGrid([asset('a', '2024-01-01', days), asset('b', '2024-01-01', days)], {
    width: 16,
    color: false,
  });
  expect(grid.split('\n')[1]).toBe('a  .F........');
});

test('one asset is shown as a calendar with a line per month', () => {
  const statuses = Array.from({ length: 33 }, (_, index): StatusName | undefined =>
    index === 2 ? undefined : index > 30 ? 'missing' : 'current',
  );
  expect(renderGrid([asset('box', '2024-01-01', statuses)], PLAIN).split('\n')).toEqual([
    'box',
    '         1   5    10   15   20   25   30',
    `2024-01  .. ${'.'.repeat(28)}  30/30`,
    `2024-02  MM${' '.repeat(29)}  0/2`,
    '',
    'M missing   . current',
    '',
  ]);
});

test('an asset without partitions is one cell', () => {
  const players = {
    name: 'players',
    days: Int32Array.of(UNPARTITIONED),
    statuses: ['stale'] as const,
  };
  expect(renderGrid([players], PLAIN)).toMatch(/^players {2}S \(one partition\)\n/);
  const grid = renderGrid([players, asset('box', '2024-01-01', ['current'])], PLAIN);
  expect(grid).toContain('players  S (one partition)\nbox      .\n');
});

test('with colours cells are blocks', () => {
  const grid = renderGrid([asset('box', '2024-01-01', ['failed', 'missing'])], {
    width: 80,
    color: true,
  });
  expect(grid).toContain('\u001b[31m█\u001b[39m');
  expect(grid).toContain('░');
});
