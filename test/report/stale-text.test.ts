import { expect, test } from 'vitest';
import { unsafeAssetName } from '../../engine/ids.ts';
import { formatDay } from '../../engine/partitions/date.ts';
import { renderStaleAsset, type StalePartition } from '../../engine/report/stale-text.ts';
import { paintFor } from '../../engine/report/text.ts';
import type { Cause } from '../../engine/staleness/cause.ts';

// 2024-01-01 and the four days after it; no games on the 4th and the 5th.
const CALENDAR = Int32Array.of(19723, 19724, 19725, 19728, 19729);
const OPTIONS = { calendarOf: () => CALENDAR, paint: paintFor(false) };

function changed(upstream: string, days: readonly number[], count = days.length): Cause {
  const label = `${upstream} changed`;
  return {
    kind: 'upstream_changed',
    upstream: unsafeAssetName(upstream),
    partitions: days.map(formatDay),
    count,
    label,
    detail: `${label}: in detail`,
  };
}

function stale(day: number, causes: readonly Cause[]): StalePartition {
  return { day, status: 'stale', causes };
}

const CODE: Cause = {
  kind: 'code',
  label: 'code changed: SQL',
  detail: 'code changed: SQL (was a)',
};

test('partitions with the same reasons are merged across days off', () => {
  const partitions = CALENDAR.slice(1, 4).values();
  const text = renderStaleAsset(
    'cache',
    Array.from(partitions, (day) => stale(day, [CODE])),
    OPTIONS,
  );
  expect(text).toBe(
    'cache  3 stale\n' +
      '  stale    2024-01-02..2024-01-06 (3)\n' +
      '           code changed: SQL (was a)\n',
  );
});

test('different reasons make different groups, and all causes of a group are listed', () => {
  const text = renderStaleAsset(
    'cache',
    [stale(19723, [CODE]), stale(19724, [CODE, changed('box', [19724])])],
    OPTIONS,
  );
  expect(text.split('\n').slice(1, -1)).toEqual([
    '  stale    2024-01-01',
    '           code changed: SQL (was a)',
    '  stale    2024-01-02',
    '           code changed: SQL (was a)',
    '           box changed: in detail',
  ]);
});

test('the upstream partitions of a group are those of all its members', () => {
  const text = renderStaleAsset(
    'cache',
    [stale(19723, [changed('box', [19723])]), stale(19724, [changed('box', [19723, 19724])])],
    OPTIONS,
  );
  expect(text).toContain('box changed: 2024-01-01..2024-01-02 (2)\n');
});

test('where not all upstream partitions are named, only the first one is', () => {
  const text = renderStaleAsset(
    'cache',
    [stale(19728, [changed('box', [19723], 40)]), stale(19729, [changed('box', [19723], 41)])],
    OPTIONS,
  );
  expect(text).toContain('box changed: from 2024-01-01 on\n');
});

test('counts by status stand beside the name', () => {
  const failed: Cause = { kind: 'failed', label: 'TIMEOUT', detail: 'TIMEOUT: 10 minutes' };
  const partitions: StalePartition[] = [
    stale(19723, [CODE]),
    { day: 19724, status: 'failed', causes: [failed] },
    { day: 19725, status: 'failed', causes: [failed] },
  ];
  const text = renderStaleAsset('cache', partitions, OPTIONS);
  expect(text).toMatch(/^cache {2}1 stale and 2 failed\n/);
  expect(text).toContain('  failed   2024-01-02..2024-01-03 (2)\n           TIMEOUT: 10 minutes\n');
});
