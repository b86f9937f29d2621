import type { DateHealth, HealthReport } from '../health/health-report.ts';
import { formatDay } from '../partitions/date.ts';
import type { ReportAbout } from './validate-json.ts';

/** A health report as scripts read it; scores with one decimal. */
export function healthJson(report: HealthReport, { pipeline, target }: ReportAbout): object {
  const { dates } = report;
  return {
    pipeline: pipeline.name,
    target,
    formula: report.formula,
    from: dates[0] === undefined ? null : formatDay(dates[0].day),
    to: dates.length === 0 ? null : formatDay(dates.at(-1)?.day ?? 0),
    dates_scored: dates.filter(({ score }) => score !== undefined).length,
    average: report.average ?? null,
    classes: report.classes,
    trend: report.trends.map(({ dates: count, mean, before, change }) => ({
      dates: count,
      mean,
      before: before ?? null,
      change: change ?? null,
    })),
    components: report.components.map(({ leftOut, mean, ...rest }) => ({
      ...rest,
      mean: mean ?? null,
      left_out: leftOut,
    })),
    worst: report.worst.map(dateJson),
    dates: dates.map(dateJson),
  };
}

function dateJson({ day, period, score, class: name, components, reasons }: DateHealth): object {
  const values = components.map((each) => [each.name, each.value ?? null] as const);
  return {
    date: formatDay(day),
    period: period ?? null,
    score: score ?? null,
    class: name ?? null,
    components: Object.fromEntries(values),
    reasons,
  };
}
