import type { AccuracyComparison, Measures } from '../health/accuracy.ts';
import { dotPlot } from './html/dot-plot.ts';
import { type Markup, markup } from './html/markup.ts';
import type { Section } from './html/page.ts';
import { SERIES_COLORS } from './html/series.ts';
import { htmlTable } from './html/table.ts';
import { axisAround, type Axis, xyChart } from './html/xy-chart.ts';
import { formatCount } from './text.ts';

type Values = ReadonlyMap<string, ReadonlyMap<string, Measures>>;

/** Rows of a month below which its share says little and would stretch the axis. */
const LEAST_ROWS = 100;
const SHOWN_MONTHS = 12;

/** Each system's share of the baseline's error by month, and the figures by month and period below. */
export function timeSection(of: AccuracyComparison): Section {
  const months: Values = of.parts.get('month') ?? new Map<string, never>();
  const periods = of.parts.get('period');
  const { title, name, baseline } = of.comparison;
  return {
    heading: `${title}: over time`,
    id: `${name}-time`,
    note: `Share of the ${baseline.name}'s MAE by month; months of fewer than ${LEAST_ROWS} rows are in the table only. The axis says where 1 is: as good as the ${baseline.name}.`,
    body: markup`${monthChart(of, months)}
${periods === undefined ? undefined : markup`<h3>By period</h3>${partTable(of, periods)}`}
<h3>By month</h3>${partTable(of, months, SHOWN_MONTHS)}`,
  };
}

/** A plot and a table for every declared way to break the figures down. */
export function breakdownSections(of: AccuracyComparison): readonly Section[] {
  const { title, name, by, baseline } = of.comparison;
  return by.flatMap(({ name: label }) => {
    const values = of.parts.get(`by ${label}`);
    if (values === undefined) return [];
    return {
      heading: `${title}: by ${label.replaceAll('_', ' ')}`,
      id: `${name}-by-${label}`,
      note: `Share of the ${baseline.name}'s MAE; the dashed line is the ${baseline.name} itself.`,
      body: markup`${partPlot(of, values)}${partTable(of, values)}`,
    };
  });
}

function monthChart({ comparison, compared }: AccuracyComparison, months: Values): Markup {
  const names = [...months.keys()].toSorted();
  const places = new Map(names.map((month, at) => [month, at]));
  const systems = shownSystems(compared);
  const series = systems.map((system, at) => ({
    label: system,
    at,
    points: names.flatMap((month) => {
      const found = months.get(month)?.get(system);
      if (found?.share === undefined || found.rows < LEAST_ROWS) return [];
      const x = places.get(month) ?? 0;
      return { x, y: found.share, title: `${month}, ${system}: ${found.share.toFixed(3)}` };
    }),
  }));
  return xyChart({
    title: `Share of the ${comparison.baseline.name}'s error by month and system`,
    x: monthAxis(names),
    y: axisAround([1, ...series.flatMap(({ points }) => points.map(({ y }) => y))]),
    series,
  });
}

function monthAxis(names: readonly string[]): Axis {
  const every = Math.max(1, Math.ceil(names.length / 12));
  const ticks = names.map((label, at) => ({ at, label })).filter(({ at }) => at % every === 0);
  return { min: -0.5, max: names.length - 0.5, ticks };
}

function partPlot({ comparison, compared }: AccuracyComparison, values: Values): Markup {
  const systems = shownSystems(compared);
  const rows = [...values].map(([value, measures]) => ({
    label: value,
    dots: systems.flatMap((system, series) => {
      const share = measures.get(system)?.share;
      if (share === undefined) return [];
      return { value: share, series, title: `${value}, ${system}: ${share.toFixed(4)}` };
    }),
  }));
  const shares = rows.flatMap(({ dots }) => dots.map(({ value }) => value));
  return dotPlot({
    title: `Share of the ${comparison.baseline.name}'s error`,
    axis: axisAround([1, ...shares], { ticks: 6 }),
    mark: 1,
    rows,
    legend: systems,
  });
}

/** The best ones, as many as have a colour of their own; tables have all. */
function shownSystems(compared: AccuracyComparison['compared']): readonly string[] {
  return compared.slice(0, SERIES_COLORS).map(({ system }) => system);
}

function partTable(
  { compared, comparison }: AccuracyComparison,
  values: Values,
  show?: number,
): Markup {
  const systems = compared.map(({ system }) => system);
  const rows = [...values].map(([value, measures]) => {
    const [first] = measures.values();
    return [
      value,
      { type: 'number', text: formatCount(first?.rows ?? 0) },
      { type: 'number', text: first?.baselineMae.toFixed(3) ?? 'N/A' },
      ...systems.map((system) => ({
        type: 'number' as const,
        text: shareText(measures.get(system)),
      })),
    ] as const;
  });
  return htmlTable({
    columns: ['', 'Rows', `MAE of ${comparison.baseline.name}`, ...systems],
    rows,
    whenEmpty: 'No rows.',
    ...(show === undefined ? {} : { show }),
  });
}

/** The error and its share: `4.612 (0.981)`. */
function shareText(measures: Measures | undefined): string {
  if (measures === undefined) return '';
  return `${measures.mae.toFixed(3)} (${measures.share?.toFixed(3) ?? 'N/A'})`;
}
