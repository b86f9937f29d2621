import type { Downstream, Finding } from '../health/finding.ts';
import { formatDay } from '../partitions/date.ts';

/** Findings of one kind about one column, in the order of the first of them. */
export function alikeFindings(findings: readonly Finding[]): readonly (readonly Finding[])[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const { severity, kind, asset, column = '' } = finding;
    const key = [severity, kind, asset, column].join(' ');
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()];
}

/** `2024-01-15`, or `2024-01-15..2024-01-20`; nothing for what is about the whole range. */
export function daysText(days: Finding['days']): string {
  if (days.length === 0) return '';
  const [first, last] = [formatDay(days[0] ?? 0), formatDay(days.at(-1) ?? 0)];
  return first === last ? first : `${first}..${last}`;
}

/** `a (3), b (12) and 4 more assets` */
export function downstreamText(downstream: readonly Downstream[], most = 6): string {
  const shown = downstream.slice(0, most).map((each) => `${each.asset} (${each.partitions})`);
  const rest = downstream.length - shown.length;
  const more = rest === 0 ? '' : ` and ${rest} more ${rest === 1 ? 'asset' : 'assets'}`;
  return `${shown.join(', ')}${more}`;
}
