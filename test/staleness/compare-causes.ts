import { expect } from 'vitest';
import { parseDay, UNPARTITIONED } from '../../engine/partitions/date.ts';
import type { Cause } from '../../engine/staleness/cause.ts';
import type { NaiveCause } from './naive-causes.ts';

/** A cause of the engine in the words of the model. */
function plain(cause: Cause): NaiveCause {
  const { kind, upstream, changes } = cause;
  if (kind === 'code') {
    const [, parts = ''] = cause.label.split('code changed: ');
    return { kind, parts: parts.split(', ').filter(Boolean) };
  }
  if (upstream === undefined) return { kind };
  if (kind === 'blocked') {
    return { kind, upstream, partitions: (cause.partitions ?? []).map(dayOf) };
  }
  if (!changes) return { kind, upstream };
  expect(cause.count).toBe(changes.length);
  expect(cause.partitions?.map(dayOf)).toEqual(changes.map(({ day }) => String(day)));
  const partitions = changes.map(
    ({ day, rowsBefore, rows }) => `${day} ${rowsBefore ?? 0} ${rows ?? 0}`,
  );
  return { kind, upstream, partitions };
}

function dayOf(partition: string): string {
  return String(partition === 'all' ? UNPARTITIONED : parseDay(partition));
}

/** Fails where the causes of a partition are not the model's; `where` names it. */
export function expectSameCauses(
  where: string,
  causes: readonly Cause[],
  naive: readonly NaiveCause[],
): void {
  const engine = causes.map(plain);
  const loose = naive.filter(({ kind }) => kind === 'moved' || kind === 'free');
  const isLoose = ({ kind, upstream }: NaiveCause): boolean =>
    loose.some((each) => each.upstream === upstream) &&
    (kind.startsWith('upstream_') || kind === 'config');
  const strictly = (list: readonly NaiveCause[]): NaiveCause[] =>
    list.filter((each) => !isLoose(each) && !loose.includes(each));
  expect([where, ...strictly(engine)]).toEqual([where, ...strictly(naive)]);
  const named = engine.filter(isLoose).map((each) => each.upstream);
  for (const { kind, upstream } of loose) {
    if (kind === 'moved') expect(named, `${where}: moved windows`).toContain(upstream);
  }
}
