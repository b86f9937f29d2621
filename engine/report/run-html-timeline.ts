import { formatDay, UNPARTITIONED } from '../partitions/date.ts';
import { legend } from './html/heat-map.ts';
import { type Markup, markup } from './html/markup.ts';
import type { Tone } from './html/tone.ts';
import type { RunStep } from './run-html.ts';
import { formatSeconds, plural, truncate } from './text.ts';

const WIDTH = 1100;
const LEFT = 230;
const TOP = 22;
const LANE = 16;
const BAR = 12;
const NAME_WIDTH = 34;

const TONES: Readonly<Record<string, Tone>> = {
  succeeded: 'best',
  failed: 'poor',
  running: 'fair',
  interrupted: 'fair',
  crashed: 'poor',
  skipped: 'idle',
};

interface Lane {
  readonly asset: string;
  /** Only of the first lane of an asset. */
  readonly label: string;
  readonly steps: RunStep[];
}

/** Steps over time, a lane per asset; steps of an asset that ran at once get lanes of their own. */
export function timelineOf(steps: readonly RunStep[], now: number): Markup {
  const start = steps.reduce((least, step) => Math.min(least, step.startedAt), Infinity);
  const endOf = (step: RunStep): number => Math.max(step.startedAt, step.endedAt ?? now);
  const end = steps.reduce((most, step) => Math.max(most, endOf(step)), start + 1);
  const lanes = lanesOf(steps, endOf);
  const height = TOP + lanes.length * LANE + 6;
  const x = (at: number): number => LEFT + ((at - start) / (end - start)) * (WIDTH - LEFT - 8);
  const used = new Set(steps.map(({ status }) => status));
  return markup`<div class="scroll"><svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="timeline of ${plural(steps.length, 'step')}">
${ticksOf((end - start) / 1000).map((seconds) => tickOf(seconds, x(start + seconds * 1000), height))}
${lanes.map((lane, at) => laneOf(lane, at, { x, endOf }))}
</svg></div>${legend([...used].map((status) => ({ label: status, tone: TONES[status] ?? 'unknown' })))}`;
}

function lanesOf(steps: readonly RunStep[], endOf: (step: RunStep) => number): readonly Lane[] {
  const byAsset = Map.groupBy(
    steps.toSorted((a, b) => a.startedAt - b.startedAt),
    ({ asset }) => asset,
  );
  return [...byAsset].flatMap(([asset, own]) => {
    const lanes: RunStep[][] = [];
    for (const step of own) {
      const free = lanes.find((lane) => lane.every((before) => endOf(before) <= step.startedAt));
      if (free) free.push(step);
      else lanes.push([step]);
    }
    return lanes.map((lane, at) => ({ asset, label: at === 0 ? asset : '', steps: lane }));
  });
}

function laneOf(
  { label, steps }: Lane,
  at: number,
  scale: { readonly x: (at: number) => number; readonly endOf: (step: RunStep) => number },
): Markup {
  const y = TOP + at * LANE;
  const bars = steps.map((step) => {
    const [from, to] = [scale.x(step.startedAt), scale.x(scale.endOf(step))];
    const seconds = (scale.endOf(step) - step.startedAt) / 1000;
    const title = `${step.asset} ${datesOf(step)}: ${step.status}, ${formatSeconds(seconds)}, ${plural(step.rows, 'row')}`;
    return markup`<g class="step"><title>${title}</title><rect class="${TONES[step.status] ?? 'unknown'}" x="${fixed(from)}" y="${y}" width="${fixed(Math.max(2, to - from))}" height="${BAR}" rx="2"/></g>\n`;
  });
  const name = markup`<text x="0" y="${y + 10}">${truncate(label, NAME_WIDTH)}<title>${label}</title></text>`;
  return markup`${label === '' ? undefined : name}${bars}`;
}

function datesOf({ firstDay, lastDay, partitions }: RunStep): string {
  if (firstDay === UNPARTITIONED) return '(unpartitioned)';
  if (firstDay === lastDay) return formatDay(firstDay);
  return `${formatDay(firstDay)}..${formatDay(lastDay)} (${plural(partitions, 'partition')})`;
}

/** At most six round numbers of seconds. */
function ticksOf(seconds: number): readonly number[] {
  const steps = [
    0.001, 0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200,
  ];
  const step = steps.find((each) => seconds / each <= 6) ?? Math.ceil(seconds / 6);
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, at) => at * step);
}

function tickOf(seconds: number, x: number, height: number): Markup {
  const label =
    seconds > 0 && seconds < 0.1 ? `${Math.round(seconds * 1000)} ms` : formatSeconds(seconds);
  return markup`<line class="grid" x1="${fixed(x)}" x2="${fixed(x)}" y1="${TOP - 4}" y2="${height}"/><text x="${fixed(Math.min(x, WIDTH - 50))}" y="12">${label}</text>\n`;
}

function fixed(value: number): string {
  return value.toFixed(1);
}
