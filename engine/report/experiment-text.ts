import type { PairedComparison, PairedMeasures, Verdict } from '../health/paired-comparison.ts';
import { formatCount, type Paint, plural, renderTable } from './text.ts';

/** An experiment and what came of it. */
export interface ExperimentReport {
  readonly target: string;
  /** What was compared, e.g. `points_model` or the comparison of systems. */
  readonly about: string;
  readonly kind: 'settings' | 'systems';
  readonly champion: ExperimentSideReport;
  readonly challenger: ExperimentSideReport;
  /** The partitions whose models predicted, as `YYYY-MM-DD`; empty for systems. */
  readonly cutOffs: readonly string[];
  readonly seed: number;
  readonly compared: PairedComparison;
}

export interface ExperimentSideReport {
  readonly name: string;
  /** Undefined for a system. */
  readonly settings: Readonly<Record<string, unknown>> | undefined;
}

/** The same words everywhere a verdict is told. */
export const VERDICT_TEXT: Readonly<Record<Verdict, string>> = {
  champion_stays: 'champion stays',
  challenger_wins: 'challenger wins (significant)',
  no_difference: 'no difference that the data can tell',
};

const MEANING: Readonly<Record<Verdict, string>> = {
  champion_stays: 'the challenger is worse on these rows, and not by chance',
  challenger_wins: 'its error is smaller on these rows, and not by chance',
  no_difference: 'the interval holds 0, so that the champion stays',
};

/** An experiment for people: the sides, the rows, a table of errors, and the verdict. */
export function renderExperiment(report: ExperimentReport, paint: Paint): string {
  const { about, target, champion, challenger, compared, cutOffs } = report;
  const { alone, all, first, last } = compared;
  const models = cutOffs.length === 0 ? '' : `, ${plural(cutOffs.length, 'cut-off')}`;
  return [
    `${paint('bold', `Experiment: ${about}`)} in ${target}, ${first}..${last}${models}\n`,
    `champion    ${champion.name}\nchallenger  ${challenger.name}\n`,
    `\n${plural(all.rows, 'row')} of ${plural(all.dates, 'date')} that both predicted; `,
    `${formatCount(alone.champion)} more of the champion, ${formatCount(alone.challenger)} of the challenger\n\n`,
    measuresTable(compared, paint),
    `\nA difference below 0: the challenger errs less. Interval of 95 %: dates drawn again, seed ${report.seed}.\n`,
    `\nVerdict: ${paint('bold', VERDICT_TEXT[all.verdict])}: ${MEANING[all.verdict]}.\n`,
  ].join('');
}

function measuresTable({ all, groups }: PairedComparison, paint: Paint): string {
  const headers = [
    'rows',
    'champion',
    'challenger',
    'baseline',
    'difference',
    '95 %',
    'challenger wins',
  ];
  const columns = headers.map((header) => ({ header, align: 'right' }) as const);
  return renderTable(
    [{ header: 'MAE' }, ...columns],
    [{ name: 'all', measures: all }, ...groups].map(({ name, measures }) => [
      name,
      ...cellsOf(measures),
    ]),
    paint,
  );
}

function cellsOf(measures: PairedMeasures): readonly string[] {
  const { interval, challengerWins, baselineMae } = measures;
  return [
    formatCount(measures.rows),
    measures.championMae.toFixed(4),
    measures.challengerMae.toFixed(4),
    baselineMae?.toFixed(4) ?? 'N/A',
    signed(measures.difference),
    interval === undefined ? 'N/A' : `${signed(interval.low)}..${signed(interval.high)}`,
    challengerWins === undefined ? 'N/A' : `${(100 * challengerWins).toFixed(1)}%`,
  ];
}

function signed(value: number): string {
  const text = value.toFixed(4);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text.replace(/^-(0\.0+)$/, '$1');
}

/** The shape that scripts rely on. */
export function experimentJson(report: ExperimentReport): object {
  const { compared } = report;
  const { all, groups, alone } = compared;
  return {
    target: report.target,
    kind: report.kind,
    about: report.about,
    champion: { name: report.champion.name, settings: report.champion.settings ?? null },
    challenger: { name: report.challenger.name, settings: report.challenger.settings ?? null },
    cut_offs: report.cutOffs,
    first: compared.first,
    last: compared.last,
    seed: report.seed,
    rows_alone: alone,
    ...measuresJson(all),
    groups: groups.map(({ name, measures }) => ({ group: name, ...measuresJson(measures) })),
  };
}

function measuresJson(measures: PairedMeasures): object {
  const { interval } = measures;
  return {
    rows: measures.rows,
    dates: measures.dates,
    champion_mae: measures.championMae,
    challenger_mae: measures.challengerMae,
    baseline_mae: measures.baselineMae ?? null,
    difference: measures.difference,
    interval: interval === undefined ? null : [interval.low, interval.high],
    challenger_wins: measures.challengerWins ?? null,
    verdict: measures.verdict,
  };
}
