import type { Finding, Severity } from '../health/finding.ts';
import type { Validation } from '../health/validation.ts';
import { alikeFindings, daysText, downstreamText } from './alike-findings.ts';
import { type Markup, markup } from './html/markup.ts';
import type { Section, Tile } from './html/page.ts';
import { type Cell, htmlTable } from './html/table.ts';
import type { Tone } from './html/tone.ts';
import { formatCount } from './text.ts';
import { commandOf, type ReportAbout } from './validate-json.ts';

const TONES: Readonly<Record<Severity, Tone>> = { error: 'poor', warn: 'fair', info: 'idle' };
const WORDS: Readonly<Record<Severity, string>> = { error: 'error', warn: 'warning', info: 'note' };
const SHOWN = 10;

/** The verdict of a validation at the top of a page. */
export function findingTiles({ verdict, findings }: Validation): readonly Tile[] {
  const count = (severity: Severity): number =>
    findings.filter((finding) => finding.severity === severity).length;
  const tone: Tone = verdict === 'FAILED' ? 'poor' : verdict === 'PASSED' ? 'best' : 'fair';
  const label = `validation: ${formatCount(count('error'))} errors, ${formatCount(count('warn'))} warnings`;
  const value = verdict === 'PASSED with warnings' ? 'PASSED' : verdict;
  return [{ label, value, tone }];
}

/** What a validation of the same dates found, the worst first; findings that differ by their dates in one row. */
export function findingsSection({ findings }: Validation, about: ReportAbout): Section {
  return {
    heading: 'Findings',
    note: 'What fastbreak validate finds in these dates, the worst first, with the command that mends or explains it.',
    body: htmlTable({
      columns: ['', 'Where', 'Dates', 'What'],
      rows: alikeFindings(findings).map((some) => rowOf(some, about)),
      whenEmpty: 'Nothing was found.',
      show: SHOWN,
    }),
  };
}

function rowOf(findings: readonly Finding[], about: ReportAbout): readonly Cell[] {
  const [first] = findings;
  if (first === undefined) return [];
  const { severity, asset, column } = first;
  return [
    { type: 'badge', text: WORDS[severity], tone: TONES[severity] },
    column === undefined ? asset : markupCell(markup`${asset}<br>.${column}`),
    { type: 'date', text: daysText(first.days).replace('..', ' to ') || 'all' },
    markupCell(foundOf(first, findings.slice(1), about)),
  ];
}

function markupCell(body: Markup): Cell {
  return { type: 'markup', body };
}

function foundOf(finding: Finding, others: readonly Finding[], { scope }: ReportAbout): Markup {
  const { found, expected, cause, downstream = [], severity } = finding;
  const command = severity === 'info' ? undefined : commandOf(finding, scope);
  const lines = [
    markup`${found}; expected ${expected}.`,
    ...(cause === undefined ? [] : [markup`Because ${cause}.`]),
    ...(downstream.length === 0 ? [] : [markup`Built on it: ${downstreamText(downstream, 4)}.`]),
    ...(command === undefined ? [] : [markup`<code>${command}</code>`]),
    ...(others.length === 0 ? [] : [othersOf(others)]),
  ];
  return markup`${lines.map((line) => markup`<div>${line}</div>`)}`;
}

function othersOf(others: readonly Finding[]): Markup {
  const dates = others.map(({ days }) => daysText(days)).join(', ');
  return markup`<details><summary>${others.length} more like it</summary>${dates}</details>`;
}
