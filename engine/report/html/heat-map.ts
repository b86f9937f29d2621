import { type Day, formatDay } from '../../partitions/date.ts';
import { type Markup, markup } from './markup.ts';
import type { Tone } from './tone.ts';

export interface HeatCell {
  readonly day: Day;
  readonly tone: Tone;
  /** Shown when the reader points at the cell. */
  readonly title: string;
  /** Drawn with a frame. */
  readonly isMarked?: boolean;
}

export interface HeatMap {
  /** What stretch of time it is, e.g. a period of the calendar. */
  readonly title: string;
  /** Ascending. Days between them stay blank. */
  readonly cells: readonly HeatCell[];
}

const CELL = 17;
const STEP = 20;
const LEFT = 34;
const TOP = 38;
/** Weeks that the name of a month takes. */
const LABEL_WEEKS = 2;
const WEEKDAYS = ['Mon', '', 'Wed', '', 'Fri', '', 'Sun'];
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** A calendar as inline SVG: a column per week, Monday first, with the months above. */
export function heatMap({ title, cells }: HeatMap): Markup {
  const first = mondayOf(cells[0]?.day ?? 0);
  const last = cells.at(-1)?.day ?? first;
  const weeks = Math.floor((last - first) / 7) + 1;
  // A few weeks are narrower than their title.
  const width = Math.max(LEFT + weeks * STEP + 4, title.length * 8);
  const height = TOP + 7 * STEP;
  return markup`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}">
<text class="title" x="0" y="13">${title}</text>
${monthLabels(first, weeks)}
${WEEKDAYS.map((name, row) => markup`<text x="0" y="${TOP + row * STEP + 13}">${name}</text>`)}
${cells.map((cell) => cellOf(cell, first))}
</svg>`;
}

/** What the tones mean, below one or several heat maps. */
export function legend(
  entries: readonly { readonly tone: Tone; readonly label: string }[],
): Markup {
  const item = ({ tone, label }: (typeof entries)[number]): Markup =>
    markup`<li><i class="${tone}"></i>${label}</li>`;
  return markup`<ul class="legend">${entries.map(item)}</ul>`;
}

function cellOf({ day, tone, title, isMarked }: HeatCell, first: Day): Markup {
  const x = LEFT + Math.floor((day - first) / 7) * STEP;
  const y = TOP + ((day - first) % 7) * STEP;
  const frame = `x="${x}" y="${y}" width="${CELL}" height="${CELL}" rx="3"`;
  const mark = isMarked ? markup`<rect class="mark" ${{ markup: frame }}/>` : undefined;
  return markup`<g data-day="${formatDay(day)}"><title>${title}</title><rect class="${tone}" ${{ markup: frame }}/>${mark}</g>\n`;
}

/** A month is named above the week that holds its first day; the first one too, where there is room. */
function monthLabels(first: Day, weeks: number): Markup[] {
  const starts: number[] = [];
  for (let week = 0; week < weeks; week++) {
    const dayOfSunday = Number(formatDay(first + week * 7 + 6).slice(8));
    if (dayOfSunday <= 7) starts.push(week);
  }
  const hasRoom = (starts[0] ?? weeks) >= LABEL_WEEKS;
  return (hasRoom ? [0, ...starts] : starts).map((week) => {
    const sunday = formatDay(first + week * 7 + 6);
    const name = MONTHS[Number(sunday.slice(5, 7)) - 1] ?? '';
    return markup`<text x="${LEFT + week * STEP}" y="${TOP - 7}">${name}</text>`;
  });
}

/** The Monday on or before a day; day 0, 1970-01-01, was a Thursday. */
function mondayOf(day: Day): Day {
  return day - ((((day + 3) % 7) + 7) % 7);
}
