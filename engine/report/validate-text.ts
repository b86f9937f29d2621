import type { Finding, Severity } from '../health/finding.ts';
import type { AssetResult, Validation } from '../health/validation.ts';
import { formatDay } from '../partitions/date.ts';
import { alikeFindings, daysText, downstreamText } from './alike-findings.ts';
import { formatCount, listOf, type Paint, plural, renderTable, type Style } from './text.ts';
import { commandOf, type ReportAbout } from './validate-json.ts';

const STYLES: Readonly<Record<Severity, Style>> = { error: 'red', warn: 'yellow', info: 'dim' };
/** Of findings that only differ by their dates the first few are shown; JSON has all. */
const MOST_ALIKE = 3;

/** A validation for people: a line per asset, the findings with what mends them, the verdict. */
export function renderValidation(
  validation: Validation,
  about: ReportAbout,
  paint: Paint,
  quiet: boolean,
): string {
  const { findings, range } = validation;
  const shown = findings.filter(({ severity }) => !quiet || severity !== 'info');
  const head = `${about.pipeline.name} in ${about.target}, ${formatDay(range.lo)}..${formatDay(range.hi - 1)}\n\n`;
  return [
    quiet ? '' : head,
    quiet ? '' : `${assetTable(validation.assets, paint)}\n`,
    ...alikeFindings(shown).map((some) => findingsText(some, about, paint)),
    quiet ? '' : notes(validation),
    `${verdictText(validation, paint)}\n`,
  ].join('');
}

function assetTable(assets: readonly AssetResult[], paint: Paint): string {
  const columns = [
    { header: 'asset' },
    { header: 'dates', align: 'right' },
    { header: 'expected', align: 'right' },
    { header: 'coverage', align: 'right' },
    { header: 'empty by rule', align: 'right' },
    { header: 'rows', align: 'right' },
    { header: 'twice', align: 'right' },
    { header: 'stale', align: 'right' },
    { header: 'newest' },
    { header: 'against baseline' },
  ] as const;
  const rows = assets.map(({ asset, coverage, duplicates, freshness, regression }) => {
    const isShort = coverage.percent < coverage.target;
    const percent = `${coverage.percent.toFixed(1)}%`;
    return [
      asset,
      formatCount(coverage.withRows),
      formatCount(coverage.expected),
      isShort ? paint('red', percent) : percent,
      formatCount(coverage.expectedEmpty),
      formatCount(coverage.rows),
      duplicates === undefined ? '-' : formatCount(duplicates),
      formatCount(coverage.statuses['stale'] ?? 0),
      freshness.newest === undefined ? '-' : formatDay(freshness.newest),
      regressionText(regression),
    ];
  });
  return renderTable(columns, rows, paint);
}

function regressionText({ baseline, columns }: AssetResult['regression']): string {
  if (baseline === undefined) return 'no earlier rows';
  if (columns.length === 0) return 'no column may be NULL';
  const results = columns.map(({ result }) => result);
  const bad = ['REGRESSION', 'DEGRADATION', 'IMPROVEMENT'].flatMap((name) => {
    const count = results.filter((result) => result === name).length;
    return count === 0 ? [] : [`${count} ${name}`];
  });
  return bad.length === 0 ? `${results.length} OK` : bad.join(', ');
}

function findingsText(findings: readonly Finding[], about: ReportAbout, paint: Paint): string {
  const shown = findings.slice(0, MOST_ALIKE).map((finding) => findingText(finding, about, paint));
  const rest = findings.slice(MOST_ALIKE);
  if (rest.length === 0) return shown.join('');
  const dates = rest.reduce((sum, { days }) => sum + days.length, 0);
  const last = daysText(rest.at(-1)?.days ?? []);
  const count = `${plural(rest.length, 'more stretch', 'more stretches')} like it`;
  return `${shown.join('')}      and ${count}, ${plural(dates, 'date')}, the last ${last}; --json shows all\n`;
}

function findingText(finding: Finding, about: ReportAbout, paint: Paint): string {
  const { severity, asset, column, days, found, expected, cause, downstream = [] } = finding;
  const where = column === undefined ? asset : `${asset}.${column}`;
  const command = commandOf(finding, about.scope);
  const dates = days.length === 0 ? '' : `${daysText(days)}: `;
  const lines = [
    `${paint(STYLES[severity], severity.padEnd(5))} ${paint('bold', where)} ${dates}${found}`,
    `      expected ${expected}`,
    ...(cause === undefined ? [] : [`      because ${cause}`]),
    ...(downstream.length === 0 ? [] : [`      built on it: ${downstreamText(downstream)}`]),
    ...(command === undefined || severity === 'info' ? [] : [`      ${paint('cyan', command)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** What the verdict rests on that is not a finding: other baselines than asked for. */
function notes({ assets }: Validation): string {
  const byNote = new Map<string, string[]>();
  for (const { asset, regression } of assets) {
    const { note, range } = regression.baseline ?? {};
    if (note === undefined || range === undefined || regression.columns.length === 0) continue;
    const dates = `${formatDay(range.lo)}..${formatDay(range.hi - 1)}`;
    const text = `${note} (${dates})`;
    byNote.set(text, [...(byNote.get(text) ?? []), asset]);
  }
  return [...byNote]
    .map(([note, names]) => {
      const shown =
        names.length > 4
          ? `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`
          : names.join(', ');
      return `baseline of ${shown}: ${note}\n`;
    })
    .join('');
}

function verdictText({ verdict, findings }: Validation, paint: Paint): string {
  const count = (severity: Severity): number =>
    findings.filter((finding) => finding.severity === severity).length;
  const style = verdict === 'FAILED' ? 'red' : verdict === 'PASSED' ? 'green' : 'yellow';
  const counts = [
    plural(count('error'), 'error'),
    plural(count('warn'), 'warning'),
    plural(count('info'), 'note'),
  ];
  return `${paint(['bold', style], verdict)}: ${listOf(counts)}.`;
}
