import { type Markup, markup } from './markup.ts';

/** How many series have a colour of their own; the style sheet names them `s1`, `s2`... */
export const SERIES_COLORS = 8;

/** The class of a series by its place, from 0. */
export function seriesClass(at: number): string {
  return `s${(at % SERIES_COLORS) + 1}`;
}

/** Which colour is which, as text that wraps, below a chart; `at` is the place that decides the colour. */
export function seriesLegend(
  entries: readonly { readonly label: string; readonly at: number }[],
): Markup {
  return markup`<ul class="legend">${entries.map(
    ({ label, at }) => markup`<li><i class="${seriesClass(at)}"></i>${label}</li>`,
  )}</ul>`;
}
