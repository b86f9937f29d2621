import type { FailedCheck } from '../events.ts';
import { checkLines } from './check-lines.ts';
import { formatCount, listOf, type Paint, plural, renderTable } from './text.ts';

/** One check of one asset, held against some partitions; it failed where it has days. */
export interface CheckedCheck extends FailedCheck {
  /** Partitions that it was held against. */
  readonly partitions: number;
}

/** What `fastbreak check` says: every check, what failed where, and a verdict. */
export function renderCheckReport(
  checks: readonly CheckedCheck[],
  options: { readonly paint: Paint; readonly quiet: boolean },
): string {
  const failed = checks.filter((check) => check.days.length > 0);
  const blocks = options.quiet ? [] : [checkTable(checks, options.paint)];
  if (failed.length > 0) blocks.push(checkLines(failed, options));
  blocks.push(`${verdict(checks, failed, options.paint)}\n`);
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
  paint: Paint,
): string {
  const assets = new Set(checks.map((check) => check.asset)).size;
  const of = `${plural(checks.length, 'check')} of ${plural(assets, 'asset')}`;
  if (failed.length === 0) return paint('green', `All well: ${of} hold.`);
  const errors = failed.filter((check) => check.severity === 'error').length;
  const kinds = [
    ...(errors > 0 ? [plural(errors, 'error')] : []),
    ...(failed.length > errors ? [plural(failed.length - errors, 'warning')] : []),
  ];
  const text = `${formatCount(failed.length)} of ${of} failed: ${listOf(kinds)}.`;
  return paint(errors > 0 ? 'red' : 'yellow', text);
}
