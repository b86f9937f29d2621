import { type Day, formatDay } from '../../partitions/date.ts';
import { type Markup, markup } from './markup.ts';

export interface Point {
  readonly day: Day;
  readonly value: number;
}

export interface Series {
  readonly label: string;
  /** Ascending by day. */
  readonly points: readonly Point[];
  readonly shape: 'line' | 'dots';
}

export interface LineChart {
  /** Said to those who cannot see it. */
  readonly title: string;
  readonly series: readonly Series[];
  readonly min: number;
  readonly max: number;
  /** Values at which a line crosses the chart. */
  readonly ticks: readonly number[];
  /** Days between two points beyond which the line breaks; default 30. */
  readonly gap?: number;
}

const WIDTH = 1100;
const HEIGHT = 230;
const PLOT = { left: 34, right: WIDTH - 8, top: 26, bottom: HEIGHT - 24 };

interface Scale {
  readonly x: (day: Day) => number;
  readonly y: (value: number) => number;
}

/** Values over time as inline SVG, with a legend; dots beneath, lines above them. */
export function lineChart(chart: LineChart): Markup {
  const days = chart.series.flatMap(({ points }) => points.map(({ day }) => day));
  if (days.length === 0) return markup`<p class="note">Nothing to draw.</p>`;
  const from = days.reduce((least, day) => Math.min(least, day), Infinity);
  const to = days.reduce((most, day) => Math.max(most, day), -Infinity);
  const scale = scaleOf(chart, from, to);
  const dots = chart.series.filter(({ shape }) => shape === 'dots');
  const lines = chart.series.filter(({ shape }) => shape === 'line');
  return markup`<div class="scroll"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${chart.title}">
${chart.ticks.map((value) => tickOf(value, scale))}
${dateLabels(from, to, scale)}
${dots.map(({ points }) => points.map((point) => dotOf(point, scale)))}
${lines.map(({ points }, at) => markup`<path class="line-${at + 1}" d="${pathOf(points, scale, chart.gap ?? 30)}"/>\n`)}
${legendOf(lines, dots)}
</svg></div>`;
}

function scaleOf({ min, max }: LineChart, from: Day, to: Day): Scale {
  const days = Math.max(1, to - from);
  const span = Math.max(1e-9, max - min);
  return {
    x: (day) => round(PLOT.left + ((day - from) / days) * (PLOT.right - PLOT.left)),
    y: (value) => round(PLOT.bottom - ((value - min) / span) * (PLOT.bottom - PLOT.top)),
  };
}

function tickOf(value: number, { y }: Scale): Markup {
  return markup`<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${y(value)}" y2="${y(value)}"/><text x="0" y="${y(value) + 4}">${value}</text>\n`;
}

function dotOf({ day, value }: Point, { x, y }: Scale): Markup {
  return markup`<circle class="dot" cx="${x(day)}" cy="${y(value)}" r="2"><title>${formatDay(day)}: ${String(value)}</title></circle>`;
}

/** A line that breaks where days are missing for long, so that a pause does not look like a trend. */
function pathOf(points: readonly Point[], { x, y }: Scale, gap: number): string {
  let path = '';
  let before = -Infinity;
  for (const { day, value } of points) {
    path += `${day - before > gap ? 'M' : 'L'}${x(day)} ${y(value)}`;
    before = day;
  }
  return path;
}

/** At most about ten dates below the chart, on the first days of months. */
function dateLabels(from: Day, to: Day, { x }: Scale): Markup[] {
  const firsts: Day[] = [];
  for (let day = from; day <= to; day++) if (formatDay(day).endsWith('-01')) firsts.push(day);
  const every = Math.max(1, Math.ceil(firsts.length / 10));
  const shown = firsts.length === 0 ? [from] : firsts.filter((_, at) => at % every === 0);
  return shown.map(
    (day) =>
      markup`<text x="${Math.min(x(day), PLOT.right - 46)}" y="${HEIGHT - 6}">${formatDay(day).slice(0, firsts.length === 0 ? 10 : 7)}</text>`,
  );
}

function legendOf(lines: readonly Series[], dots: readonly Series[]): Markup[] {
  const entries = [
    ...lines.map(({ label }, at) => ({ label, swatch: `swatch-${at + 1}` })),
    ...dots.map(({ label }) => ({ label, swatch: 'swatch-dot' })),
  ];
  let x = PLOT.left;
  return entries.map(({ label, swatch }) => {
    const at = x;
    x += 34 + label.length * 6.4;
    return markup`<rect class="${swatch}" x="${at}" y="5" width="10" height="10" rx="2"/><text x="${at + 15}" y="14">${label}</text>`;
  });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
