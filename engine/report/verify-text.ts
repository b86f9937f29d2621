import type { CompiledAsset } from '../compile/compiled.ts';
import type { DifferenceExample } from '../health/row-differences.ts';
import type { LeftOut, LeftOutReason } from '../health/sample.ts';
import type { Difference, DifferenceCause, Verification } from '../health/verify.ts';
import { formatDay } from '../partitions/date.ts';
import { type CommandScope, commandText, partitionWords } from './command-text.ts';
import { formatCount, type Paint, plural, truncate } from './text.ts';

export interface VerifyTextOptions {
  readonly scope: CommandScope;
  readonly paint: Paint;
  /** Only differences and the last line. */
  readonly quiet: boolean;
  readonly assetOf: (name: string) => CompiledAsset | undefined;
}

const MOST_PARTITIONS = 5;
const WIDEST_VALUE = 60;

/** What people read after `verify`: per asset what differs and where to look, then the result in one line. */
export function renderVerification(result: Verification, options: VerifyTextOptions): string {
  const { paint, quiet } = options;
  const blocks = [...Map.groupBy(result.differences, (each) => each.asset)].map(([name, found]) =>
    assetText(name, found, { result, ...options }),
  );
  const leftOut = quiet ? '' : leftOutLine(result.leftOut, paint);
  return [...blocks, leftOut + resultLine(result, paint)].join('\n');
}

interface AssetTextOptions extends VerifyTextOptions {
  readonly result: Verification;
}

function assetText(
  name: string,
  found: readonly Difference[],
  { result, scope, paint, assetOf }: AssetTextOptions,
): string {
  const verified = [...result.verified].find(([each]) => each === name)?.[1] ?? found.length;
  const head = `${paint('bold', name)}: ${formatCount(found.length)} of ${plural(verified, 'partition')} ${found.length === 1 ? 'differs' : 'differ'}`;
  const lines = [head, ...found.slice(0, MOST_PARTITIONS).flatMap(differenceLines)];
  const hidden = found.length - MOST_PARTITIONS;
  if (hidden > 0) lines.push(`  and ${plural(hidden, 'more partition')}, all of them with --json`);
  for (const [cause, each] of Map.groupBy(found, (difference) => difference.cause)) {
    lines.push(`  ${advice(cause, result, assetOf(name))}`);
    for (const command of nextCommands(cause, each)) {
      lines.push(`  ${paint('dim', commandText(scope, ...command))}`);
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** The commands that mend what differs, or that show it again. */
function nextCommands(
  cause: DifferenceCause,
  found: readonly Difference[],
): readonly (readonly string[])[] {
  const name = found[0]?.asset ?? '';
  const words = partitionWords(found.map((difference) => difference.day));
  const materialize = ['materialize', name, ...words];
  switch (cause) {
    case 'table':
      // A run alone would see the recorded content come out again, and leave the rows as they are.
      return [['forget', name, ...words, '--yes'], materialize];
    case 'record':
      return [[...materialize, '--force']];
    case 'alone':
    case 'failed': {
      const first = partitionWords(found.slice(0, 1).map((difference) => difference.day));
      return [['verify', name, ...(first.length > 0 ? first : ['--all'])]];
    }
  }
}

function differenceLines(difference: Difference): string[] {
  const { differing } = difference;
  const lines = [`  ${formatDay(difference.day)}: ${sidesText(difference)}`];
  if (!differing) return lines;
  const place = difference.cause === 'table' ? 'in its table' : 'in the batch';
  for (const example of differing.examples) lines.push(`    ${exampleText(example, place)}`);
  const shown = new Set(differing.examples.map((each) => JSON.stringify(each.key))).size;
  const hidden = differing.keys - shown;
  if (hidden > 0) lines.push(`    and ${plural(hidden, 'more row')}`);
  return lines;
}

function sidesText({ cause, rows, rowsRecorded, rowsAlone, message }: Difference): string {
  if (cause === 'failed') return `it cannot be made alone: ${message}`;
  const place = cause === 'table' ? 'in its table' : 'in the batch';
  const counts = `${plural(rows ?? 0, 'row')} ${place}, ${formatCount(rowsAlone ?? 0)} alone`;
  if (cause === 'record') return `${counts}, the same ones; another data version is recorded`;
  return cause === 'alone' ? counts : `${counts}, ${formatCount(rowsRecorded)} written`;
}

function exampleText(example: DifferenceExample, place: string): string {
  const key = Object.entries(example.key)
    .map(([name, value]) => `${name} ${valueText(value)}`)
    .join(', ');
  if (example.type === 'row') return `${key}: only ${example.onlyIn === 'batch' ? place : 'alone'}`;
  const { column, batch, alone } = example;
  const at = firstDifference(batch, alone);
  if (at === undefined) return `${key}: ${column} ${sides(batch, alone, place)}`;
  return `${key}: ${column}[${at.index}] ${sides(at.batch, at.alone, place)}`;
}

function sides(batch: unknown, alone: unknown, place: string): string {
  return `${valueText(batch)} ${place}, ${valueText(alone)} alone`;
}

/** Where two lists begin to differ; a long one would be cut before that. */
function firstDifference(
  batch: unknown,
  alone: unknown,
): { readonly index: number; readonly batch: unknown; readonly alone: unknown } | undefined {
  if (!Array.isArray(batch) || !Array.isArray(alone)) return undefined;
  const [left, right]: [readonly unknown[], readonly unknown[]] = [batch, alone];
  const longest = left.length > right.length ? left : right;
  const index = longest.findIndex((_, at) => left[at] !== right[at]);
  return { index, batch: left[index], alone: right[index] };
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  return truncate(typeof value === 'string' ? value : JSON.stringify(value), WIDEST_VALUE);
}

function advice(
  cause: DifferenceCause,
  result: Verification,
  asset: CompiledAsset | undefined,
): string {
  const place = asset?.file === undefined ? '' : `: ${asset.file}`;
  switch (cause) {
    case 'failed':
      return `The batch could be made, this partition alone could not${place}`;
    case 'table':
      return 'Rows were changed in the warehouse after they were written. To write them again:';
    case 'record':
      return 'The record was made of other rows or by another version of the warehouse. To write both again:';
    case 'alone':
      return result.isAsLastRunLeftIt
        ? `It reads other partitions of the batch, or depends on an order that it does not fix${place}`
        : `It reads other partitions of the batch${place}; or rows upstream were changed in the warehouse since the last run`;
  }
}

const REASONS: Readonly<Record<LeftOutReason, string>> = {
  source: 'of sources, which have no upstream',
  frozen: 'frozen, which may be older than their upstream',
  stale: 'stale',
  missing: 'missing',
  failed: 'failed',
  blocked: 'blocked',
  'expected-empty': 'expected to be empty',
  running: 'running',
};

/** `2,387 of sources, which have no upstream; 56 expected to be empty` */
export function leftOutText(leftOut: readonly LeftOut[]): string {
  const parts = [...Map.groupBy(leftOut, (each) => each.reason)].map(([reason, each]) => {
    const count = each.reduce((sum, { partitions }) => sum + partitions, 0);
    return `${formatCount(count)} ${REASONS[reason]}`;
  });
  return parts.join('; ');
}

function leftOutLine(leftOut: readonly LeftOut[], paint: Paint): string {
  if (leftOut.length === 0) return '';
  return paint('dim', `left out: ${leftOutText(leftOut)}`) + '\n';
}

function resultLine(result: Verification, paint: Paint): string {
  const verified = [...result.verified.values()].reduce((sum, count) => sum + count, 0);
  const seed = result.seed === undefined ? '' : ` (seed ${result.seed})`;
  const count = result.differences.length;
  const differences = paint(count === 0 ? 'green' : 'red', plural(count, 'difference'));
  return `verified ${plural(verified, 'partition')} of ${plural(result.verified.size, 'asset')}${seed}: ${differences}\n`;
}
