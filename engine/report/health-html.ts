import type { DateHealth, HealthReport } from '../health/health-report.ts';
import type { HealthClass } from '../health/score.ts';
import type { Validation } from '../health/validation.ts';
import { formatDay } from '../partitions/date.ts';
import { changeText } from './health-text.ts';
import { heatMap, legend } from './html/heat-map.ts';
import { lineChart, type Point } from './html/line-chart.ts';
import { markup } from './html/markup.ts';
import { htmlPage, type Section, type Tile } from './html/page.ts';
import { htmlTable } from './html/table.ts';
import type { Tone } from './html/tone.ts';
import { findingsSection, findingTiles } from './findings-html.ts';
import { formatCount } from './text.ts';
import type { ReportAbout } from './validate-json.ts';

export interface HealthPageAbout extends ReportAbout {
  /** When the page was made, as people write it. */
  readonly made: string;
  /** Whether the scores come from counts that were given, not from the warehouse. */
  readonly isOfCounts: boolean;
}

const TONES: Readonly<Record<HealthClass, Tone>> = {
  excellent: 'best',
  good: 'good',
  fair: 'fair',
  poor: 'poor',
};
const LEGEND = [
  { tone: 'best', label: 'excellent, 90 and more' },
  { tone: 'good', label: 'good, 70 to 89' },
  { tone: 'fair', label: 'fair, 50 to 69' },
  { tone: 'poor', label: 'poor, below 50' },
  { tone: 'unknown', label: 'not measurable' },
] as const;

/** The whole report as one page: the worst dates first, since that is what it is opened for. */
export function healthPage(
  report: HealthReport,
  validation: Validation | undefined,
  about: HealthPageAbout,
): string {
  const { pipeline, target, made, isOfCounts } = about;
  const [first, last] = [report.dates[0], report.dates.at(-1)];
  const range = first && last ? `${formatDay(first.day)} to ${formatDay(last.day)}` : 'no dates';
  const formula = report.formula === 'legacy' ? ', scored by the legacy formula' : '';
  const what = isOfCounts ? 'from given counts' : `in ${target}`;
  return htmlPage({
    title: `Health of ${pipeline.name}`,
    lead: `${range}, ${what}${formula}`,
    tiles: [...tilesOf(report), ...(validation ? findingTiles(validation) : [])],
    sections: [
      worstSection(report),
      calendarSection(report, about),
      timeSection(report),
      componentSection(report),
      ...(validation ? [findingsSection(validation, about)] : []),
    ],
    footer: `Made ${made} (${pipeline.timezone}) by fastbreak health.`,
  });
}

function tilesOf({ average, classes, dates, trends }: HealthReport): readonly Tile[] {
  const scored = dates.filter(({ score }) => score !== undefined).length;
  const tile = (name: HealthClass): Tile => {
    const share = scored === 0 ? '0' : ((100 * classes[name]) / scored).toFixed(1);
    return { label: `${name} (${share}%)`, value: formatCount(classes[name]), tone: TONES[name] };
  };
  const overall: Tile = {
    label: `average of ${formatCount(scored)} dates`,
    value: average === undefined ? 'N/A' : average.toFixed(1),
    tone: toneOfScore(average),
  };
  return [
    overall,
    tile('excellent'),
    tile('good'),
    tile('fair'),
    tile('poor'),
    ...trends.map(({ dates: count, mean, change }) => {
      const label = `last ${count} dates${change === undefined ? '' : ` (${changeText(change)})`}`;
      return { label, value: mean.toFixed(1), tone: toneOfScore(mean) };
    }),
  ];
}

function worstSection({ worst }: HealthReport): Section {
  return {
    heading: worst.length === 10 ? 'The ten worst dates' : 'The worst dates',
    note: 'The lowest scores first, each with what takes most from it. They are framed in the calendar below.',
    body: htmlTable({
      columns: ['', 'Date', 'Score', 'Class', 'Why'],
      rows: worst.map((date, at) => [
        { type: 'number', text: String(at + 1) },
        { type: 'date', text: formatDay(date.day) },
        {
          type: 'bar',
          percent: date.score ?? 0,
          text: (date.score ?? 0).toFixed(1),
          tone: toneOfScore(date.score),
        },
        { type: 'badge', text: date.class ?? '', tone: toneOfScore(date.score) },
        date.reasons.join('; '),
      ]),
      whenEmpty: 'No date is below 100.',
    }),
  };
}

function calendarSection({ dates, worst }: HealthReport, { pipeline }: HealthPageAbout): Section {
  const isWorst = new Set(worst.map(({ day }) => day));
  const name = pipeline.calendars[0]?.periodName ?? 'period';
  const groups = groupedDates(dates);
  const maps = [...groups].map(([period, some]) =>
    heatMap({
      title: period.startsWith('year ') ? period.slice(5) : `${name} ${period}`,
      cells: some.map((date) => ({
        day: date.day,
        tone: toneOfScore(date.score),
        title: cellTitle(date),
        isMarked: isWorst.has(date.day),
      })),
    }),
  );
  return {
    heading: `Every date, by ${name}`,
    note: 'A column is a week. Point at a date for its score; blank days have no partition.',
    body: markup`<div class="scroll">${maps}</div>${legend(LEGEND)}`,
  };
}

/** Dates of one period together; where the calendar has none, those of one year. */
function groupedDates(dates: readonly DateHealth[]): ReadonlyMap<string, readonly DateHealth[]> {
  const groups = new Map<string, DateHealth[]>();
  for (const date of dates) {
    const group = date.period ?? `year ${formatDay(date.day).slice(0, 4)}`;
    groups.set(group, [...(groups.get(group) ?? []), date]);
  }
  return groups;
}

function cellTitle({ day, score, reasons }: DateHealth): string {
  const head = `${formatDay(day)}: ${score === undefined ? 'not measurable' : score.toFixed(1)}`;
  return [head, ...reasons].join('\n');
}

function timeSection({ dates }: HealthReport): Section {
  const points = dates.flatMap(({ day, score }) =>
    score === undefined ? [] : [{ day, value: score }],
  );
  const lowest = points.reduce((least, { value }) => Math.min(least, value), 100);
  const min = Math.min(90, Math.max(0, Math.floor(lowest / 10 - 1) * 10));
  return {
    heading: 'Score over time',
    note: 'Dots are dates, lines the means of the last 7 and 30 dates.',
    body: lineChart({
      title: 'Score of every date, with moving means',
      min,
      max: 100,
      ticks: [...new Set([min, 50, 70, 90, 100])].filter((tick) => tick >= min),
      series: [
        { label: 'mean of 30 dates', points: movingMean(points, 30), shape: 'line' },
        { label: 'mean of 7 dates', points: movingMean(points, 7), shape: 'line' },
        { label: 'a date', points, shape: 'dots' },
      ],
    }),
  };
}

function movingMean(points: readonly Point[], count: number): readonly Point[] {
  let sum = 0;
  return points.map(({ day, value }, at) => {
    sum += value - (points[at - count]?.value ?? 0);
    return { day, value: sum / Math.min(count, at + 1) };
  });
}

function componentSection({ components }: HealthReport): Section {
  return {
    heading: 'Parts of the score',
    note: 'What is expected to be empty on a date is left out of its score there, unless the legacy formula is used.',
    body: htmlTable({
      columns: ['Part', 'Mean', 'Weight', 'Dates', 'Below 100', 'Left out'],
      rows: components.map(({ name, mean, weight, dates, below, leftOut }) => [
        name,
        {
          type: 'bar',
          percent: mean ?? 0,
          text: mean?.toFixed(1) ?? 'N/A',
          tone: toneOfScore(mean),
        },
        { type: 'number', text: String(weight) },
        { type: 'number', text: formatCount(dates) },
        { type: 'number', text: formatCount(below) },
        { type: 'number', text: formatCount(leftOut) },
      ]),
      whenEmpty: 'No part is declared.',
    }),
  };
}

function toneOfScore(score: number | undefined): Tone {
  if (score === undefined) return 'unknown';
  if (score >= 90) return 'best';
  if (score >= 70) return 'good';
  return score >= 50 ? 'fair' : 'poor';
}
