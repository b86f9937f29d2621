import { PipelineError } from '../errors.ts';
import { type Day, formatDay, UNPARTITIONED } from '../partitions/date.ts';
import { contains, describeDays } from '../partitions/subset.ts';
import { type CommandScope, commandText } from '../report/command-text.ts';
import { plural } from '../report/text.ts';
import type { AssetEvaluation } from '../staleness/status.ts';
import { parseDays } from './dates.ts';

/** One asset and some of its partitions, as repairing commands take them. */
export interface AssetPartitions {
  readonly asset: string;
  /** Absent for an asset without partitions. */
  readonly partitions?: string;
  /** Asked for twice: without it the command only says what it would do. */
  readonly yes: boolean;
}

/** Tells which days are asked for. */
export function askedDays(
  of: AssetEvaluation,
  { partitions }: AssetPartitions,
  today: Day,
): (day: Day) => boolean {
  const { name, partitionSet } = of.asset;
  if (partitionSet === undefined) {
    if (partitions === undefined) return () => true;
    throw new PipelineError(`${name} has no partitions, found --partitions ${partitions}`, {
      code: 'NOT_PARTITIONED',
      hint: 'leave --partitions out',
    });
  }
  if (partitions === undefined) {
    const last = formatDay(of.expected.days.at(-1) ?? today);
    throw new PipelineError(`expected --partitions RANGE: ${name} has partitions`, {
      code: 'MISSING_OPTION',
      hint: `e.g. --partitions ${last}, or --partitions ..${last} for all of them`,
    });
  }
  const wanted = parseDays(partitions, today);
  return (day) => contains(wanted, day);
}

/** The same command, meant. */
export function commandWithYes(
  scope: CommandScope,
  command: string,
  { asset, partitions }: AssetPartitions,
): string {
  const range = partitions === undefined ? [] : ['--partitions', partitions];
  return commandText(scope, command, asset, ...range, '--yes');
}

/** `3 partitions (2024-01-15..2024-01-17 (3))` */
export function daysWithCount(days: readonly Day[], calendar: Int32Array): string {
  if (days[0] === UNPARTITIONED) return 'its one partition';
  return `${plural(days.length, 'partition')} (${describeDays(days, calendar)})`;
}
