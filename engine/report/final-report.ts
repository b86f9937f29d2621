import type { AssetResult, FailedCheck, OutcomeCounts, RunResult } from '../events.ts';
import type { AssetName } from '../ids.ts';
import { UNPARTITIONED } from '../partitions/date.ts';
import { checkLines } from './check-lines.ts';
import { type CommandScope, commandText, partitionWords } from './command-text.ts';
import { describeGroupDays, type DaysOfAsset, groupFailures } from './failure-groups.ts';
import { categoryHint, categoryTitle } from './messages.ts';
import {
  firstOf,
  formatBytes,
  formatCount,
  formatSeconds,
  listOf,
  type Paint,
  plural,
  renderTable,
  type TableColumn,
} from './text.ts';

export interface FinalReportOptions {
  readonly scope: CommandScope;
  readonly paint: Paint;
  /** Only failures and the result line. */
  readonly quiet: boolean;
  readonly daysOf?: DaysOfAsset | undefined;
}

/** What people read after a run: per asset, what failed and why, and the command that retries it. */
export function renderFinalReport(result: RunResult, options: FinalReportOptions): string {
  const blocks: string[] = [];
  if (!options.quiet && result.assets.length > 0) blocks.push(assetTable(result, options.paint));
  if (result.failures.length > 0) blocks.push(failureText(result, options));
  const checks = publishedAllTheSame(result, options.quiet);
  if (checks.length > 0) blocks.push(checkLines(checks, options));
  blocks.push(`${resultLine(result, options.paint)}\n${nextText(result, options)}`);
  return blocks.join('\n');
}

/** The command that tries again what failed or was blocked; undefined when nothing was. */
export function retryCommand(result: RunResult, scope: CommandScope): string | undefined {
  if (result.failures.length === 0) return undefined;
  const failed = result.failures.filter((failure) => failure.type === 'failed');
  const blocked = result.failures.filter((failure) => failure.type === 'blocked');
  // What failed with all that waits for it; when the cause lies outside this run, with all that it waits for.
  const selection =
    failed.length === 0
      ? namesOf(blocked).map((name) => `+${name}`)
      : namesOf(failed).map((name) => (blocked.length === 0 ? name : `${name}+`));
  const days = result.failures.map((failure) => failure.day);
  const words = failed.length === 0 ? [] : partitionWords(days);
  return commandText(scope, 'materialize', ...selection, ...words);
}

/** Failed checks that no failure tells of; warnings only where not just failures are wanted. */
function publishedAllTheSame(result: RunResult, quiet: boolean): readonly FailedCheck[] {
  return result.checks.filter((check) => !check.blocking && (check.severity === 'error' || !quiet));
}

/** A command with more names than these is not read. */
const MOST_NAMED = 5;

const COLUMNS: readonly TableColumn[] = [
  { header: 'asset' },
  ...['materialized', 'unchanged', 'skipped', 'expected-empty', 'failed', 'blocked', 'rows'].map(
    (header): TableColumn => ({ header, align: 'right' }),
  ),
  { header: 'seconds', align: 'right' },
];

function assetTable(result: RunResult, paint: Paint): string {
  const rows = result.assets.map((asset) => assetRow(asset, paint));
  if (rows.length > 1) {
    rows.push(assetRow({ ...totalOf(result), name: 'total' }, paint));
  }
  return renderTable(COLUMNS, rows, paint);
}

type Row = Omit<AssetResult, 'name'> & { readonly name: string };

function assetRow(asset: Row, paint: Paint): string[] {
  return [
    asset.name,
    formatCount(asset.materialized),
    formatCount(asset.unchanged),
    formatCount(asset.skipped),
    formatCount(asset.expectedEmpty),
    asset.failed > 0 ? paint('red', formatCount(asset.failed)) : '0',
    asset.blocked > 0 ? paint('magenta', formatCount(asset.blocked)) : '0',
    formatCount(asset.rows),
    asset.seconds.toFixed(1),
  ];
}

function failureText(result: RunResult, options: FinalReportOptions): string {
  const { paint } = options;
  const lines: string[] = [];
  const hinted = new Set<string>();
  for (const group of groupFailures(result.failures)) {
    const style = group.type === 'failed' ? 'red' : 'magenta';
    const days = describeGroupDays(group, options.daysOf);
    lines.push(`${paint(style, group.type)} ${paint('bold', group.asset)} ${days}`);
    const alike = group.isVaried ? paint('dim', ' (and others like it)') : '';
    lines.push(`  ${group.category}: ${group.message || categoryTitle(group.category)}${alike}`);
    const hint = categoryHint(group.category);
    if (hint === undefined || hinted.has(group.category) || group.type === 'blocked') continue;
    hinted.add(group.category);
    lines.push(paint('dim', `  ${hint}`));
  }
  return lines.map((line) => `${line}\n`).join('');
}

const STATUS_TEXT = {
  succeeded: ['succeeded', 'green'],
  failed: ['failed', 'red'],
  interrupted: ['was interrupted', 'yellow'],
  'nothing-to-do': ['', 'green'],
} as const;

/** One line: what the run came to, in total and per second. */
export function resultLine(result: RunResult, paint: Paint): string {
  if (result.status === 'nothing-to-do') {
    const nothing = result.only
      ? `nothing asked for is ${result.only.join(' or ')}`
      : 'everything asked for is current';
    return paint('green', `Nothing to do: ${nothing} in ${result.target}.`);
  }
  const total = totalOf(result);
  const [status, style] = STATUS_TEXT[result.status];
  const done = total.materialized + total.unchanged;
  const rate = result.seconds > 0 ? done / result.seconds : 0;
  const counts = [...countTexts(total), ...wholeText(result)];
  const what = counts.length > 0 ? listOf(counts) : 'nothing done';
  const speed = done > 0 ? `, ${formatRate(rate)} partitions/s` : '';
  return (
    `${paint(['bold', style], `Run ${result.runId ?? ''} ${status}`)}: ${what} ` +
    `in ${formatSeconds(result.seconds)}${speed}, ${plural(total.rows, 'row')}${billedText(total)}.`
  );
}

/** What failed as a whole failed in no partition that could be counted. */
function wholeText({ assets, failures }: RunResult): readonly string[] {
  const counted = new Set(assets.filter(({ failed }) => failed > 0).map(({ name }) => name));
  const whole = failures.filter(
    ({ asset, day, type }) => type === 'failed' && day === UNPARTITIONED && !counted.has(asset),
  );
  return whole.length > 0 ? [`${plural(whole.length, 'asset')} failed as a whole`] : [];
}

function billedText({ bytesBilled = 0 }: Row): string {
  return bytesBilled === 0 ? '' : `, billed for ${formatBytes(bytesBilled)}`;
}

function countTexts(total: OutcomeCounts & Pick<AssetResult, 'pruned'>): string[] {
  const counts: readonly (readonly [number, string])[] = [
    [total.materialized, 'materialized'],
    [total.unchanged, 'unchanged'],
    [total.skipped, 'skipped'],
    [total.expectedEmpty, 'expected-empty'],
    [total.failed, 'failed'],
    [total.blocked, 'blocked'],
    [total.pruned ?? 0, 'removed'],
  ];
  return counts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${formatCount(count)} ${what}`);
}

export function formatRate(rate: number): string {
  return rate < 10 ? rate.toFixed(1) : formatCount(rate);
}

function nextText(result: RunResult, options: FinalReportOptions): string {
  return besides(result, options) + wayOn(result, options);
}

/** What the run left as it is, and how to ask for it. */
function besides(result: RunResult, { scope }: FinalReportOptions): string {
  const frozen = result.assets.filter((asset) => (asset.frozen ?? 0) > 0);
  const left = result.assets.filter((asset) => (asset.noLongerExpected ?? 0) > 0);
  const lines = absentLines(result, scope);
  if (frozen.length > 0) {
    const count = frozen.reduce((sum, asset) => sum + (asset.frozen ?? 0), 0);
    const thaw = commandText(scope, 'materialize', ...namesOfAssets(frozen), '--force', '--thaw');
    lines.push(`${plural(count, 'frozen partition')} left alone; to make them again: ${thaw}`);
  }
  if (left.length > 0) {
    lines.push(leftText(left, scope));
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** Partitions whose dates left the calendar: a command for few assets, of many the first. */
function leftText(left: readonly AssetResult[], scope: CommandScope): string {
  const count = left.reduce((sum, asset) => sum + (asset.noLongerExpected ?? 0), 0);
  const names = namesOfAssets(left);
  const what = `${plural(count, 'partition')} of ${plural(left.length, 'asset')} no longer expected`;
  return names.length > MOST_NAMED
    ? `${what} (${firstOf(names)}); to remove them: the same command with --prune`
    : `${what}; to remove them: ${commandText(scope, 'materialize', ...names, '--prune')}`;
}

/** Who was expected and has no row, by category, and how to see who it is. */
function absentLines({ assets }: RunResult, scope: CommandScope): string[] {
  const byCategory = new Map<string, number>();
  for (const { absent = {} } of assets) {
    for (const [category, entities] of Object.entries(absent)) {
      byCategory.set(category, (byCategory.get(category) ?? 0) + entities);
    }
  }
  if (byCategory.size === 0) return [];
  const counts = [...byCategory].sort(([, a], [, b]) => b - a);
  const texts = counts.map(([category, entities]) => `${formatCount(entities)} ${category}`);
  return [
    `Expected entities without a row: ${listOf(texts)}; who: ${commandText(scope, 'failures')}`,
  ];
}

function namesOfAssets(assets: readonly AssetResult[]): string[] {
  return assets.map((asset) => asset.name);
}

function wayOn(result: RunResult, options: FinalReportOptions): string {
  const retry = retryCommand(result, options.scope);
  const failed = publishedAllTheSame(result, true);
  if (retry === undefined && failed.length > 0) {
    const words = partitionWords(failed.flatMap((check) => check.days));
    const command = commandText(options.scope, 'check', ...namesOf(failed), ...words);
    return `The rows were published; to see what fails: ${options.paint('bold', command)}\n`;
  }
  if (retry !== undefined) return `Retry what failed: ${options.paint('bold', retry)}\n`;
  if (result.status === 'interrupted') return 'Run the same command again to carry on.\n';
  return '';
}

function totalOf(result: RunResult): Row {
  const sum = (pick: (asset: AssetResult) => number): number =>
    result.assets.reduce((total, asset) => total + pick(asset), 0);
  return {
    name: 'total',
    materialized: sum((asset) => asset.materialized),
    unchanged: sum((asset) => asset.unchanged),
    skipped: sum((asset) => asset.skipped),
    expectedEmpty: sum((asset) => asset.expectedEmpty),
    failed: sum((asset) => asset.failed),
    blocked: sum((asset) => asset.blocked),
    pruned: sum((asset) => asset.pruned ?? 0),
    rows: sum((asset) => asset.rows),
    bytesBilled: sum((asset) => asset.bytesBilled ?? 0),
    seconds: result.seconds,
  };
}

function namesOf(failures: readonly { readonly asset: AssetName }[]): string[] {
  return [...new Set(failures.map((failure) => failure.asset))];
}
