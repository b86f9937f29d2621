import { type Markup, markup } from './markup.ts';
import { seriesClass, seriesLegend } from './series.ts';

export interface XyPoint {
  readonly x: number;
  readonly y: number;
  /** Shown when the reader points at it. */
  readonly title: string;
}

export interface XySeries {
  readonly label: string;
  /** Its place among all that are shown on the page, which decides the colour. */
  readonly at: number;
  /** Ascending by x. */
  readonly points: readonly XyPoint[];
}

export interface Axis {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
}

export interface XyChart {
  /** Said to those who cannot see it. */
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly XySeries[];
  /** A dashed line from corner to corner: where both are alike. */
  readonly hasDiagonal?: boolean;
  readonly width?: number;
  readonly height?: number;
}

const MARGIN = { left: 44, right: 12, top: 10, bottom: 24 };

/** Points joined by lines, a colour per series, as inline SVG with a legend below. */
export function xyChart(chart: XyChart): Markup {
  const { x, y, series, width = 1100, height = 260 } = chart;
  if (series.every(({ points }) => points.length === 0)) {
    return markup`<p class="note">Nothing to draw.</p>`;
  }
  const [right, bottom] = [width - MARGIN.right, height - MARGIN.bottom];
  const placeX = (value: number): number => scaled(value, x, [MARGIN.left, right]);
  const placeY = (value: number): number => scaled(value, y, [bottom, MARGIN.top]);
  const diagonal = chart.hasDiagonal
    ? markup`<line class="diagonal" x1="${placeX(x.min)}" y1="${placeY(y.min)}" x2="${placeX(x.max)}" y2="${placeY(y.max)}"/>`
    : undefined;
  return markup`<div class="scroll"><svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${chart.title}">
${y.ticks.map(({ at, label }) => markup`<line class="grid" x1="${MARGIN.left}" x2="${right}" y1="${placeY(at)}" y2="${placeY(at)}"/><text x="0" y="${placeY(at) + 4}">${label}</text>\n`)}
${x.ticks.map(({ at, label }) => markup`<text text-anchor="middle" x="${placeX(at)}" y="${height - 6}">${label}</text>\n`)}
${diagonal}
${series.map(({ points, at }) => seriesOf(points, seriesClass(at), { placeX, placeY }))}
</svg></div>${seriesLegend(series)}`;
}

function seriesOf(
  points: readonly XyPoint[],
  name: string,
  {
    placeX,
    placeY,
  }: { readonly placeX: (x: number) => number; readonly placeY: (y: number) => number },
): Markup {
  const path = points.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${placeX(x)} ${placeY(y)}`);
  const dots = points.map(
    ({ x, y, title }) =>
      markup`<circle class="${name}" cx="${placeX(x)}" cy="${placeY(y)}" r="3"><title>${title}</title></circle>`,
  );
  return markup`<path class="stroke ${name}" d="${path.join('')}"/>${dots}\n`;
}

function scaled(value: number, { min, max }: Axis, [from, to]: readonly [number, number]): number {
  const share = (Math.max(min, Math.min(max, value)) - min) / Math.max(1e-9, max - min);
  return Math.round((from + share * (to - from)) * 10) / 10;
}

/** An axis around some values with about so many round ticks. */
export function axisAround(
  values: readonly number[],
  { ticks = 5, digits = 2 }: { readonly ticks?: number; readonly digits?: number } = {},
): Axis {
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  if (low > high) return { min: 0, max: 1, ticks: [] };
  const raw = Math.max(high - low, 1e-6) / ticks;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((times) => times * power).find((each) => each >= raw) ?? raw;
  const [first, last] = [Math.floor(low / step), Math.ceil(high / step)];
  const marks = Array.from({ length: last - first + 1 }, (_, at) => (first + at) * step);
  return {
    min: first * step,
    max: last * step,
    ticks: marks.map((at) => ({ at, label: at.toFixed(digits) })),
  };
}
