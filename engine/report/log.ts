import { createRequire } from 'node:module';
import type * as Pino from 'pino';
import type { EventListener, RunEvent } from '../events.ts';
import { formatDay } from '../partitions/date.ts';
import type { Paint } from './text.ts';

type Level = 'error' | 'warn' | 'info' | 'debug';

export interface LogOptions {
  readonly level: string;
  readonly write: (text: string) => void;
  readonly now: () => number;
  /** Lines for people instead of JSON. */
  readonly pretty: boolean;
  readonly paint: Paint;
}

/** Logs every event: JSON lines, or lines for people. Events carry no values of environment variables. */
export function createLog(options: LogOptions): EventListener {
  // Loaded only when something is logged: it costs as much as all else that a run without work loads.
  const { pino } = createRequire(import.meta.url)('pino') as typeof Pino;
  const destination: Pino.DestinationStream = {
    write: (line) => options.write(options.pretty ? prettyLine(line, options.paint) : line),
  };
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date(options.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return (event) => {
    const { type, ...fields } = loggable(event);
    logger[levelOf(event)](fields, type);
  };
}

function levelOf(event: RunEvent): Level {
  switch (event.type) {
    case 'partition-failed':
      return 'error';
    case 'check-failed':
      return event.severity;
    case 'warning':
    case 'attempt-failed':
    case 'batch-split':
    case 'partition-blocked':
    case 'reconciled':
    case 'stopping':
      return 'warn';
    case 'step-started':
    case 'step-progress':
      return 'debug';
    default:
      return 'info';
  }
}

/** Days as dates; of the result only the totals, since its parts were logged before. */
function loggable(event: RunEvent): Record<string, unknown> & { readonly type: string } {
  if (event.type === 'run-finished') {
    const { runId, target, status, seconds, failures } = event.result;
    return { type: event.type, runId, target, status, seconds, failures: failures.length };
  }
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries<unknown>({ ...event })) {
    fields[key] = DAY_FIELDS.has(key) && typeof value === 'number' ? formatDay(value) : value;
  }
  return { ...fields, type: event.type };
}

const DAY_FIELDS = new Set(['day', 'firstDay', 'lastDay', 'first', 'last']);
const STYLES = { error: 'red', warn: 'yellow', info: 'green', debug: 'dim' } as const;

/** `08:30:01 warn  attempt-failed asset=player_box attempt=1` */
function prettyLine(line: string, paint: Paint): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const name = String(level);
  const style = name in STYLES ? STYLES[name as Level] : 'dim';
  const texts = Object.entries(fields).map(([key, value]) => `${key}=${fieldText(value)}`);
  const clock = String(time).slice(11, 19);
  return `${paint('dim', clock)} ${paint(style, name.padEnd(5))} ${String(msg)} ${paint('dim', texts.join(' '))}\n`;
}

function fieldText(value: unknown): string {
  return typeof value === 'string' && /^[^\s"]+$/.test(value) ? value : JSON.stringify(value);
}
