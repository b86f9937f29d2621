import { type Markup, markup } from './markup.ts';
import { seriesClass, seriesLegend } from './series.ts';
import type { Axis } from './xy-chart.ts';

export interface Dot {
  readonly value: number;
  /** Place of its series, which decides the colour. */
  readonly series: number;
  /** Drawn as a line through the dot. */
  readonly interval?: { readonly low: number; readonly high: number } | undefined;
  /** Shown when the reader points at it. */
  readonly title: string;
}

export interface DotPlot {
  /** Said to those who cannot see it. */
  readonly title: string;
  readonly axis: Axis;
  readonly rows: readonly { readonly label: string; readonly dots: readonly Dot[] }[];
  /** A dashed line down the plot, e.g. where a system is as good as the baseline. */
  readonly mark?: number;
  /** Names of the series; absent where the rows say it. */
  readonly legend?: readonly string[];
}

const WIDTH = 1100;
const LEFT = 230;
const RIGHT = WIDTH - 20;
const TOP = 8;
const STEP = 24;

/** Values side by side in rows, as inline SVG: what is better is seen by place, not by length. */
export function dotPlot({ title, axis, rows, mark, legend }: DotPlot): Markup {
  if (rows.length === 0) return markup`<p class="note">Nothing to draw.</p>`;
  const bottom = TOP + rows.length * STEP;
  const height = bottom + 20;
  const place = (value: number): number => {
    const share = (value - axis.min) / Math.max(1e-9, axis.max - axis.min);
    return Math.round((LEFT + Math.max(0, Math.min(1, share)) * (RIGHT - LEFT)) * 10) / 10;
  };
  const line =
    mark === undefined
      ? undefined
      : markup`<line class="diagonal" x1="${place(mark)}" x2="${place(mark)}" y1="${TOP}" y2="${bottom}"/>`;
  return markup`<div class="scroll"><svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${title}">
${axis.ticks.map(({ at, label }) => markup`<line class="grid" x1="${place(at)}" x2="${place(at)}" y1="${TOP}" y2="${bottom}"/><text text-anchor="middle" x="${place(at)}" y="${height - 4}">${label}</text>\n`)}
${line}
${rows.map(({ label, dots }, at) => rowOf(label, dots, { y: TOP + at * STEP + STEP / 2, place }))}
</svg></div>${legend === undefined ? undefined : seriesLegend(legend.map((label, at) => ({ label, at })))}`;
}

function rowOf(
  label: string,
  dots: readonly Dot[],
  { y, place }: { readonly y: number; readonly place: (value: number) => number },
): Markup {
  const drawn = dots.map(({ value, series, interval, title }) => {
    const name = seriesClass(series);
    const range =
      interval === undefined
        ? undefined
        : markup`<line class="stroke ${name}" x1="${place(interval.low)}" x2="${place(interval.high)}" y1="${y}" y2="${y}"/>`;
    return markup`${range}<circle class="${name}" cx="${place(value)}" cy="${y}" r="5"><title>${title}</title></circle>`;
  });
  return markup`<text class="row" x="0" y="${y + 4}">${label}</text>${drawn}\n`;
}
