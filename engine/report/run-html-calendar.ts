import { type Day, formatDay, UNPARTITIONED } from '../partitions/date.ts';
import { type HeatCell, heatMap, legend } from './html/heat-map.ts';
import { type Markup, markup } from './html/markup.ts';
import type { Tone } from './html/tone.ts';
import type { DayOutcome, RunOutcome, RunReport } from './run-html.ts';

/** From the worst to the best; a date shows the first that any of its partitions came to. */
const RANKED: readonly (readonly [DayOutcome, string, Tone])[] = [
  ['failed', 'failed', 'poor'],
  ['blocked', 'blocked', 'fair'],
  ['materialized', 'materialized', 'best'],
  ['unchanged', 'unchanged', 'good'],
  ['expected_empty', 'expected-empty', 'unknown'],
];

/** Dates with fewer partitions in between belong to another stretch of the calendar. */
const LONGEST_PAUSE = 45;
/** A heat map of more days would be too wide to read. */
const LONGEST_MAP = 371;

/** Heat maps of the dates that the run was about, one for each stretch of time. */
export function calendarOf(report: RunReport): Markup {
  const byDay = Map.groupBy(
    report.outcomes.filter(({ day }) => day !== UNPARTITIONED),
    ({ day }) => day,
  );
  const made = [...byDay.keys()];
  if (made.length === 0) return markup`<p class="note">None of the assets has dates.</p>`;
  const days = datesBetween(made, report);
  const cells = days.map((day) => cellOf(day, byDay.get(day) ?? []));
  const maps = stretchesOf(cells).map((some) => heatMap({ title: titleOf(some), cells: some }));
  const entries = RANKED.map(([, label, tone]) => ({ label, tone }));
  return markup`<div class="scroll">${maps}</div>${legend([...entries, { label: 'nothing to do', tone: 'idle' }])}`;
}

/** All expected dates from the first to the last that something was made of. */
function datesBetween(made: readonly Day[], { result, daysOf }: RunReport): readonly Day[] {
  const first = made.reduce((a, b) => Math.min(a, b));
  const last = made.reduce((a, b) => Math.max(a, b));
  const expected = result.assets.flatMap(({ name }) => [...(daysOf?.(name) ?? [])]);
  const within = expected.filter((day) => first <= day && day <= last);
  return [...new Set([...made, ...within])].sort((a, b) => a - b);
}

function cellOf(day: Day, outcomes: readonly RunOutcome[]): HeatCell {
  const worst = RANKED.find(([type]) => outcomes.some((outcome) => outcome.type === type));
  const counts = RANKED.flatMap(([type, label]) => {
    const some = outcomes.filter((outcome) => outcome.type === type);
    if (some.length === 0) return [];
    const isBad = type === 'failed' || type === 'blocked';
    const names = isBad ? ` (${some.map(({ asset }) => asset).join(', ')})` : '';
    return `${some.length} ${label}${names}`;
  });
  const what = counts.length === 0 ? 'nothing to do' : counts.join(', ');
  return { day, tone: worst?.[2] ?? 'idle', title: `${formatDay(day)}: ${what}` };
}

function stretchesOf(cells: readonly HeatCell[]): readonly (readonly HeatCell[])[] {
  const stretches: HeatCell[][] = [];
  for (const cell of cells) {
    const current = stretches.at(-1);
    const [first, last] = [current?.[0], current?.at(-1)];
    const goesOn =
      first && last && cell.day - last.day <= LONGEST_PAUSE && cell.day - first.day < LONGEST_MAP;
    if (goesOn) current?.push(cell);
    else stretches.push([cell]);
  }
  return stretches;
}

function titleOf(cells: readonly HeatCell[]): string {
  const [first, last] = [formatDay(cells[0]?.day ?? 0), formatDay(cells.at(-1)?.day ?? 0)];
  return first === last ? first : `${first} to ${last}`;
}
