import type { AssetResult, OutcomeCounts, RunResult } from '../events.ts';
import type { AssetName } from '../ids.ts';
import type { Day } from '../partitions/date.ts';
import { type CommandScope, commandText, partitionWords } from './command-text.ts';
import type { DaysOfAsset } from './failure-groups.ts';
import { resultLine, retryCommand } from './final-report.ts';
import { legend } from './html/heat-map.ts';
import { type Markup, markup } from './html/markup.ts';
import { htmlPage, type Section, type Tile } from './html/page.ts';
import { type Cell, htmlTable } from './html/table.ts';
import type { Tone } from './html/tone.ts';
import { type AbsentEntities, absentTables } from './run-html-absent.ts';
import { calendarOf } from './run-html-calendar.ts';
import { checkTable, failureList } from './run-html-failures.ts';
import { timelineOf } from './run-html-timeline.ts';
import { formatBytes, formatCount, formatSeconds, paintFor } from './text.ts';

/** A step as the record has it; times are milliseconds since 1970. */
export interface RunStep {
  readonly asset: AssetName;
  readonly firstDay: Day;
  readonly lastDay: Day;
  readonly partitions: number;
  readonly status: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly rows: number;
}

export type DayOutcome = 'materialized' | 'unchanged' | 'expected_empty' | 'failed' | 'blocked';

/** What became of one partition. */
export interface RunOutcome {
  readonly asset: AssetName;
  readonly day: Day;
  readonly type: DayOutcome;
}

/** What a page tells of a run. */
export interface RunReport {
  readonly result: RunResult;
  readonly command: string;
  readonly pipeline: string;
  readonly scope: CommandScope;
  readonly daysOf?: DaysOfAsset | undefined;
  /** In order of their start. */
  readonly steps: readonly RunStep[];
  readonly outcomes: readonly RunOutcome[];
  /** Who has no row in the partitions that were made. */
  readonly absent?: AbsentEntities | undefined;
  /** What ended the run before its time. */
  readonly error?: string | undefined;
  /** When it began and when the page was made, as people read it. */
  readonly began: string;
  readonly made: string;
  /** Milliseconds since 1970 at which the page was made: steps that are not over end there. */
  readonly at: number;
}

/** A run as one page that needs nothing else. */
export function runPage(report: RunReport): string {
  const { result, command, pipeline, began, made } = report;
  const id = result.runId === undefined ? '' : ` ${result.runId}`;
  return htmlPage({
    title: `${pipeline}: ${command}${id}`,
    lead: `Target ${result.target}, ${began}`,
    tiles: tilesOf(result),
    sections: sectionsOf(report),
    footer: `Made by fastbreak ${made}.${id === '' ? '' : ` More: ${commandText(report.scope, 'logs', id.trim())}`}`,
  });
}

const STATUS: Readonly<Record<RunResult['status'], readonly [string, Tone]>> = {
  succeeded: ['succeeded', 'best'],
  failed: ['failed', 'poor'],
  interrupted: ['interrupted', 'fair'],
  'nothing-to-do': ['nothing to do', 'idle'],
};

function tilesOf(result: RunResult): readonly Tile[] {
  const sum = (pick: (asset: AssetResult) => number): number =>
    result.assets.reduce((total, asset) => total + pick(asset), 0);
  const [status, tone] = STATUS[result.status];
  const failed = sum((asset) => asset.failed);
  const blocked = sum((asset) => asset.blocked);
  const billed = sum((asset) => asset.bytesBilled ?? 0);
  return [
    { label: 'run', value: status, tone },
    {
      label: 'partitions made',
      value: formatCount(sum((asset) => asset.materialized + asset.unchanged)),
    },
    { label: 'failed', value: formatCount(failed), tone: failed > 0 ? 'poor' : 'idle' },
    { label: 'blocked', value: formatCount(blocked), tone: blocked > 0 ? 'fair' : 'idle' },
    { label: 'rows', value: formatCount(sum((asset) => asset.rows)) },
    { label: 'took', value: formatSeconds(result.seconds) },
    ...(billed > 0 ? [{ label: 'billed for', value: formatBytes(billed) }] : []),
  ];
}

function sectionsOf(report: RunReport): readonly Section[] {
  const { result, steps, outcomes, absent } = report;
  const sections: Section[] = [{ heading: 'Outcome', body: outcomeOf(report) }];
  if (result.failures.length > 0) {
    sections.push({ heading: 'What failed, and what was blocked', body: failureList(report) });
  }
  if (result.checks.length > 0) {
    sections.push({ heading: 'Checks that failed', body: checkTable(report) });
  }
  if (absent !== undefined && absent.counts.length > 0) {
    const note = 'Entities of the partitions that this run made, and why they have no row.';
    const body = absentTables(absent, report);
    sections.push({ heading: 'Expected, but without a row', note, body });
  }
  sections.push({
    heading: 'Assets',
    note: 'Outcomes of all partitions that were asked for; seconds are those of the steps, which may run at once.',
    body: assetTable(result.assets),
  });
  if (outcomes.length > 0) {
    const note = 'The worst outcome of each date over all assets.';
    sections.push({ heading: 'Dates', note, body: calendarOf(report) });
  }
  if (steps.length > 0) {
    const note = 'One bar per step, from its start to its end; point at a bar for its dates.';
    sections.push({ heading: 'Timeline', note, body: timelineOf(steps, report.at) });
  }
  return sections;
}

/** One line, and the command that goes on from here. */
function outcomeOf(report: RunReport): Markup {
  const { result, error } = report;
  const line = resultLine(result, paintFor(false));
  const retry = wayOn(report);
  return markup`<p><strong>${line}</strong></p>
${error === undefined ? undefined : markup`<p>It ended early: ${error}</p>`}
${result.stopped === undefined ? undefined : markup`<p>It stopped early: ${result.stopped}.</p>`}
${retry === undefined ? undefined : markup`<p>${retry.what} <code>${retry.command}</code></p>`}
${isCutShort(report) ? markup`<p>What was published is complete; run the same command again to carry on.</p>` : undefined}`;
}

function isCutShort({ result, error }: RunReport): boolean {
  return result.status === 'interrupted' || error !== undefined;
}

function wayOn({
  result,
  scope,
}: RunReport): { readonly what: string; readonly command: string } | undefined {
  const retry = retryCommand(result, scope);
  if (retry !== undefined) return { what: 'Retry what failed:', command: retry };
  const failed = result.checks.filter((check) => !check.blocking && check.severity === 'error');
  if (failed.length === 0) return undefined;
  const names = [...new Set(failed.map(({ asset }) => asset))];
  const words = partitionWords(failed.flatMap(({ days }) => days));
  const command = commandText(scope, 'check', ...names, ...words);
  return { what: 'The rows were published; to see what fails:', command };
}

const OUTCOMES: readonly (readonly [keyof OutcomeCounts, string, Tone])[] = [
  ['materialized', 'materialized', 'best'],
  ['unchanged', 'unchanged', 'good'],
  ['expectedEmpty', 'expected-empty', 'unknown'],
  ['skipped', 'skipped', 'idle'],
  ['failed', 'failed', 'poor'],
  ['blocked', 'blocked', 'fair'],
];

function assetTable(assets: readonly AssetResult[]): Markup {
  const hasBytes = assets.some(({ bytesBilled = 0 }) => bytesBilled > 0);
  const table = htmlTable({
    columns: ['asset', 'outcomes', 'rows', 'seconds', ...(hasBytes ? ['billed for'] : [])],
    whenEmpty: 'The run got to no asset.',
    rows: assets.map((asset) => [
      asset.name,
      { type: 'markup', body: outcomeBar(asset) },
      number(formatCount(asset.rows)),
      number(asset.seconds.toFixed(1)),
      ...(hasBytes ? [number(formatBytes(asset.bytesBilled ?? 0))] : []),
    ]),
  });
  return markup`${table}${legend(OUTCOMES.map(([, label, tone]) => ({ label, tone })))}`;
}

function number(text: string): Cell {
  return { type: 'number', text };
}

/** A bar cut by outcome with the counts below it; a dash where no partition was asked for. */
function outcomeBar(asset: AssetResult): Markup {
  const parts = OUTCOMES.map(([key, name, tone]) => ({ name, tone, count: asset[key] })).filter(
    ({ count }) => count > 0,
  );
  if (parts.length === 0) return markup`-`;
  const label = parts.map(({ name, count }) => `${formatCount(count)} ${name}`).join(', ');
  const bars = parts.map(
    ({ tone, count }) => markup`<i class="${tone}" style="flex:${count} 1 3px"></i>`,
  );
  return markup`<span class="track" style="display:flex;width:100%;min-width:200px" role="img" aria-label="${label}">${bars}</span><small>${label}</small>`;
}
