import type { EventListener, OutcomeCounts, RunEvent } from '../events.ts';
import { eventLine, formatSpan, moduleText } from './event-lines.ts';
import { formatRate } from './final-report.ts';
import { formatCount, formatSeconds, type Paint, truncate } from './text.ts';

const REDRAW_MS = 100;
const CLEAR_LINE = '\r\u001b[2K';
const BAR_WIDTH = 24;
const PROGRESS_LINE_MS = 10_000;

export interface ProgressOptions {
  readonly write: (text: string) => void;
  readonly now: () => number;
  readonly isTerminal: boolean;
  readonly width: number;
  readonly paint: Paint;
}

export interface Progress {
  readonly listener: EventListener;
  /** Takes the bar away; nothing is drawn afterwards. */
  readonly stop: () => void;
}

/** On a terminal one live bar with notable lines above it; elsewhere one line per finished step. */
export function createProgress(options: ProgressOptions): Progress {
  if (options.isTerminal) return createBar(options);
  const saidAt = new Map<number, number>();
  /** A line every now and then of what a step that takes long is at. */
  const isTooSoon = (stepId: number): boolean => {
    const now = options.now();
    const last = saidAt.get(stepId);
    if (last !== undefined && now - last < PROGRESS_LINE_MS) return true;
    saidAt.set(stepId, now);
    // What is over soon needs no lines.
    return last === undefined;
  };
  return {
    listener: (event) => {
      if (event.type === 'step-progress' && isTooSoon(event.stepId)) return;
      const line = eventLine(event, 'course', options.paint);
      if (line !== undefined) options.write(`${line}\n`);
    },
    stop: () => undefined,
  };
}

export interface BarState {
  readonly done: number;
  readonly total: number;
  /** Seconds since the plan was made. */
  readonly seconds: number;
  /** What is being made now. */
  readonly current: string;
}

/** `━━━━━━━━──── 420/1,400 30% 52 partitions/s ETA 18 s player_daily_cache 2021-10-19..2022-04-10` */
export function renderBar(state: BarState, width: number, paint: Paint): string {
  const total = Math.max(state.total, state.done);
  const share = total === 0 ? 0 : state.done / total;
  const filled = Math.floor(share * BAR_WIDTH);
  const rate = state.seconds > 0 ? state.done / state.seconds : 0;
  const texts = [`${formatCount(state.done)}/${formatCount(total)}`, `${Math.floor(share * 100)}%`];
  if (state.done > 0) {
    texts.push(`${formatRate(rate)} partitions/s`);
    texts.push(`ETA ${formatSeconds((total - state.done) / rate)}`);
  }
  if (state.current !== '') texts.push(state.current);
  const bar = paint('green', '━'.repeat(filled)) + paint('dim', '─'.repeat(BAR_WIDTH - filled));
  return `${bar} ${truncate(texts.join('  '), Math.max(10, width - BAR_WIDTH - 2))}`;
}

function createBar(options: ProgressOptions): Progress {
  const { write, now, paint, width } = options;
  const running = new Map<number, string>();
  const state = {
    done: 0,
    total: 0,
    begun: 0,
    startedAt: now(),
    drawnAt: -Infinity,
    isDrawn: false,
  };
  const clear = (): void => {
    if (state.isDrawn) write(CLEAR_LINE);
    state.isDrawn = false;
  };
  const draw = (): void => {
    if (state.total === 0 || now() - state.drawnAt < REDRAW_MS) return;
    state.drawnAt = now();
    state.isDrawn = true;
    const seconds = (now() - state.startedAt) / 1000;
    const current = [...running.values()].join(', ');
    write(CLEAR_LINE + renderBar({ ...state, seconds, current }, width, paint));
  };
  // Long steps send no events: the rate and the remaining time move on by themselves.
  const timer = setInterval(draw, REDRAW_MS).unref();
  const stop = (): void => {
    clearInterval(timer);
    clear();
    state.total = 0;
  };
  const listener = (event: RunEvent): void => {
    const line = eventLine(event, 'notable', paint);
    if (line !== undefined) {
      clear();
      write(`${line}\n`);
    }
    if (event.type === 'planned') {
      state.total = event.partitions;
      state.startedAt = now();
    } else if (event.type === 'step-started') {
      // A first run learns what there is to do only while it reads its calendars.
      state.begun += event.partitions;
      state.total = Math.max(state.total, state.begun);
      running.set(event.stepId, `${event.asset} ${formatSpan(event.firstDay, event.lastDay)}`);
    } else if (event.type === 'step-progress') {
      running.set(event.stepId, moduleText(event));
    } else if (event.type === 'step-finished') {
      running.delete(event.stepId);
      state.done += sumOf(event.counts);
    } else if (event.type === 'run-finished') return stop();
    draw();
  };
  return { listener, stop };
}

function sumOf(counts: OutcomeCounts): number {
  return (
    counts.materialized +
    counts.unchanged +
    counts.expectedEmpty +
    counts.skipped +
    counts.failed +
    counts.blocked
  );
}
