import { type Day, formatDay, UNPARTITIONED } from '../partitions/date.ts';

/** The options that a suggested command must repeat to mean the same pipeline and target. */
export interface CommandScope {
  readonly file: string | undefined;
  readonly target: string | undefined;
}

/** A command that can be pasted into a shell as it is. */
export function commandText(scope: CommandScope, ...words: readonly string[]): string {
  const all = ['fastbreak', ...words];
  if (scope.file !== undefined) all.push('--file', scope.file);
  if (scope.target !== undefined) all.push('--target', scope.target);
  return all.map(quoteWord).join(' ');
}

/** The `--partitions` that cover some days; nothing for an asset without partitions. */
export function partitionWords(days: readonly Day[]): readonly string[] {
  const dated = days.filter((day) => day !== UNPARTITIONED);
  if (dated.length === 0 || dated.length < days.length) return [];
  const first = dated.reduce((a, b) => Math.min(a, b));
  const last = dated.reduce((a, b) => Math.max(a, b));
  return [
    '--partitions',
    first === last ? formatDay(first) : `${formatDay(first)}..${formatDay(last)}`,
  ];
}

function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
