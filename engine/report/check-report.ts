import type { FailedCheck } from '../events.ts';
import { checkLines } from './check-lines.ts';
import { formatCount, listOf, type Paint, plural, renderTable } from './text.ts';

/** One check of one asset, held against some partitions; it failed where it has days. */
export interface CheckedCheck extends FailedCheck {
  /** Partitions that it was held against. */
  readonly partitions: number;
}

/** An asset whose checks could not be run, why, and what to do. */
export interface UncheckedAsset {
  readonly message: string;
  readonly hint: string;
}

/** What `fastbreak check` says: every check, what failed where, and a verdict. */
export function renderCheckReport(
  checks: readonly CheckedCheck[],
  options: {
    readonly paint: Paint;
    readonly quiet: boolean;
    readonly unchecked: readonly UncheckedAsset[];
  },
): string {
  const failed = checks.filter((check) => check.days.length > 0);
  const blocks = options.quiet ? [] : [checkTable(checks, options.paint)];
  if (failed.length > 0) blocks.push(checkLines(failed, options));
  const { unchecked, paint } = options;
  for (const { message, hint } of unchecked) blocks.push(`${paint('red', message)}\n  ${hint}\n`);
  blocks.push(`${verdict(checks, failed, options)}\n`);
  return blocks.join('\n');
}

function checkTable(checks: readonly CheckedCheck[], paint: Paint): string {
  const cells = checks.map((check) => {
    const style = check.severity === 'error' ? 'red' : 'yellow';
    const count = (value: number): string => (value === 0 ? '0' : paint(style, formatCount(value)));
    return [
      check.asset,
      check.check,
      check.severity,
      formatCount(check.partitions),
      count(check.days.length),
      count(check.rows),
    ];
  });
  return renderTable(
    [
      { header: 'asset' },
      { header: 'check' },
      { header: 'severity' },
      { header: 'partitions', align: 'right' },
      { header: 'failed', align: 'right' },
      { header: 'rows', align: 'right' },
    ],
    cells,
    paint,
  );
}

function verdict(
  checks: readonly CheckedCheck[],
  failed: readonly CheckedCheck[],
  { paint, unchecked }: { readonly paint: Paint; readonly unchecked: readonly UncheckedAsset[] },
): string {
  const assets = new Set(checks.map((check) => check.asset)).size;
  const of = `${plural(checks.length, 'check')} of ${plural(assets, 'asset')}`;
  const rest = unchecked.length === 0 ? '' : ` ${plural(unchecked.length, 'asset')} not checked.`;
  if (failed.length === 0) {
    return rest === ''
      ? paint('green', `All well: ${of} hold.`)
      : paint('red', `${of} hold;${rest}`);
  }
  const errors = failed.filter((check) => check.severity === 'error').length;
  const kinds = [
    ...(errors > 0 ? [plural(errors, 'error')] : []),
    ...(failed.length > errors ? [plural(failed.length - errors, 'warning')] : []),
  ];
  const text = `${formatCount(failed.length)} of ${of} failed: ${listOf(kinds)}.${rest}`;
  return paint(errors > 0 ? 'red' : 'yellow', text);
}
