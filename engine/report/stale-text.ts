import { type Day, formatDay, parseDay, UNPARTITIONED } from '../partitions/date.ts';
import { describeDays } from '../partitions/subset.ts';
import type { Cause } from '../staleness/cause.ts';
import type { StatusName } from '../staleness/status.ts';
import { formatCount, listOf, type Paint, type Style } from './text.ts';

export interface StalePartition {
  readonly day: Day;
  readonly status: StatusName;
  readonly causes: readonly Cause[];
}

export interface StaleTextOptions {
  /** The expected days of an asset, to merge neighbours. */
  readonly calendarOf: (asset: string) => Int32Array;
  readonly paint: Paint;
}

export const STATUS_STYLES: Readonly<Record<StatusName, Style>> = {
  current: 'green',
  stale: 'yellow',
  missing: 'cyan',
  failed: 'red',
  blocked: 'magenta',
  'expected-empty': 'dim',
  running: 'blue',
};

/** One asset: partitions of the same status for the same reasons together, the ranges merged. */
export function renderStaleAsset(
  asset: string,
  partitions: readonly StalePartition[],
  options: StaleTextOptions,
): string {
  const { paint } = options;
  const groups = Map.groupBy(partitions, groupKey);
  const lines = [`${paint('bold', asset)}  ${countsByStatus(partitions, paint)}`];
  for (const group of groups.values()) {
    const [first] = group;
    if (!first) continue;
    const days = describeDays(
      group.map((partition) => partition.day),
      options.calendarOf(asset),
    );
    const status = paint(STATUS_STYLES[first.status], first.status.padEnd(8));
    lines.push(`  ${status} ${days}`);
    for (const [at, cause] of first.causes.entries()) {
      lines.push(`           ${causeText(cause, at, group, options)}`);
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}

function groupKey({ status, causes }: StalePartition): string {
  return [status, ...causes.map((cause) => cause.label)].join('\n');
}

function countsByStatus(partitions: readonly StalePartition[], paint: Paint): string {
  const byStatus = Map.groupBy(partitions, (partition) => partition.status);
  return listOf(
    [...byStatus].map(([status, of]) =>
      paint(STATUS_STYLES[status], `${formatCount(of.length)} ${status}`),
    ),
  );
}

/** The cause of a whole group: its label with the upstream partitions of all its members. */
function causeText(
  cause: Cause,
  at: number,
  group: readonly StalePartition[],
  options: StaleTextOptions,
): string {
  if (group.length === 1) return cause.detail;
  if (cause.kind === 'failed' || cause.kind === 'code') return cause.detail;
  const names = new Set(group.flatMap((partition) => partition.causes[at]?.partitions ?? []));
  const days = [...names]
    .map((name) => parseDay(name) ?? UNPARTITIONED)
    .filter((day) => day !== UNPARTITIONED)
    .sort((a, b) => a - b);
  if (cause.upstream === undefined || days.length === 0) return cause.label;
  const isCut = group.some(({ causes }) => isCutShort(causes[at]));
  const shown = isCut
    ? `from ${formatDay(days[0] ?? 0)} on`
    : describeDays(days, options.calendarOf(cause.upstream));
  return `${cause.label}: ${shown}`;
}

function isCutShort(cause: Cause | undefined): boolean {
  return (cause?.count ?? 0) > (cause?.partitions?.length ?? 0);
}
