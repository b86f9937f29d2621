import type { HealthReport, Trend } from '../health/health-report.ts';
import type { HealthClass } from '../health/score.ts';
import { formatDay } from '../partitions/date.ts';
import { type Paint, plural, renderTable, type Style } from './text.ts';
import type { ReportAbout } from './validate-json.ts';

const STYLES: Readonly<Record<HealthClass, Style>> = {
  excellent: 'green',
  good: 'cyan',
  fair: 'yellow',
  poor: 'red',
};

/** A health report for people: the average, the classes, the components, the worst dates and why. */
export function renderHealth(report: HealthReport, about: ReportAbout, paint: Paint): string {
  const { dates, average, components, worst } = report;
  if (dates.length === 0) return 'no date to score\n';
  const range = `${formatDay(dates[0]?.day ?? 0)}..${formatDay(dates.at(-1)?.day ?? 0)}`;
  const formula = report.formula === 'legacy' ? ', by the legacy formula' : '';
  return [
    `${about.pipeline.name} in ${about.target}, ${range}: ${plural(dates.length, 'date')}${formula}\n`,
    `average ${paint('bold', average === undefined ? 'N/A' : average.toFixed(1))}, ${classesText(report, paint)}\n`,
    ...report.trends.map((trend) => `${trendText(trend)}\n`),
    '\n',
    renderTable(
      [
        { header: 'component' },
        { header: 'weight', align: 'right' },
        { header: 'mean', align: 'right' },
        { header: 'below 100', align: 'right' },
        { header: 'left out', align: 'right' },
      ],
      components.map(({ name, weight, mean, below, leftOut }) => [
        name,
        String(weight),
        mean === undefined ? 'N/A' : mean.toFixed(1),
        String(below),
        String(leftOut),
      ]),
      paint,
    ),
    '\n',
    worst.length === 0
      ? 'no date is below 100\n'
      : renderTable(
          [
            { header: 'worst' },
            { header: 'score', align: 'right' },
            { header: 'class' },
            { header: 'why' },
          ],
          worst.map(({ day, score = 0, class: name = 'poor', reasons }) => [
            formatDay(day),
            score.toFixed(1),
            paint(STYLES[name], name),
            reasons.join('; '),
          ]),
          paint,
        ),
  ].join('');
}

/** `12 excellent (80.0%), 3 poor (20.0%)` */
function classesText({ classes }: HealthReport, paint: Paint): string {
  const all = Object.values(classes).reduce((sum, count) => sum + count, 0);
  const names = ['excellent', 'good', 'fair', 'poor'] as const;
  return names
    .filter((name) => classes[name] > 0)
    .map((name) => {
      const share = ((100 * classes[name]) / all).toFixed(1);
      return `${classes[name]} ${paint(STYLES[name], name)} (${share}%)`;
    })
    .join(', ');
}

function trendText({ dates, mean, before, change }: Trend): string {
  const text = `the last ${dates} dates ${mean.toFixed(1)}`;
  if (before === undefined || change === undefined) return text;
  return `${text}, ${changeText(change)} against the ${dates} before`;
}

/** `+1.2`, `-3.0`, `±0.0` */
export function changeText(change: number): string {
  if (change === 0) return '±0.0';
  return `${change > 0 ? '+' : ''}${change.toFixed(1)}`;
}
