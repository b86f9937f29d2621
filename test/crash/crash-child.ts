/**
 * Run by the crash tests: materializes a pipeline, and kills itself, as `kill -9` does, right before the n-th time
 * that it would tell one of its databases to do something. Prints what these times are when n is 0.
 */
import { writeSync } from 'node:fs';
import { DuckDBConnection } from '@duckdb/node-api';
import Database from 'better-sqlite3';
import { runMaterialize } from '../../engine/commands/materialize.ts';

const [root = '', n = '0'] = process.argv.slice(2);
const killAt = Number(n);
const instants: string[] = [];

function reach(text: string): void {
  instants.push(text.replaceAll(/\s+/g, ' ').slice(0, 60));
  if (instants.length === killAt) process.kill(process.pid, 'SIGKILL');
}

/** Makes a method say what it is about to do. */
function watch(
  prototype: object,
  method: string,
  textOf: (self: unknown, first: unknown) => string,
) {
  const methods = prototype as Record<string, (...args: unknown[]) => unknown>;
  const original = methods[method];
  if (!original) throw new Error(`no method ${method}`);
  methods[method] = function (this: unknown, ...args: unknown[]) {
    reach(textOf(this, args[0]));
    return original.apply(this, args);
  };
}

// Heartbeats come with the clock: how many there are would depend on how fast the machine is.
const { setInterval: interval } = globalThis;
globalThis.setInterval = ((work: () => void, ms: number) =>
  interval(work, ms * 1000)) as typeof setInterval;

const sqlOf = (_: unknown, sql: unknown): string => `duckdb ${String(sql)}`;
watch(DuckDBConnection.prototype, 'run', sqlOf);

const memory = new Database(':memory:');
const statement = memory.prepare('SELECT 1');
watch(
  Object.getPrototypeOf(statement) as object,
  'run',
  (self) => `sqlite ${String((self as { readonly source: string }).source)}`,
);

const code = await runMaterialize(
  {
    file: undefined,
    target: undefined,
    json: true,
    quiet: true,
    logLevel: 'silent',
    color: false,
    selection: [],
    exclude: [],
    dryRun: false,
    force: false,
    failFast: false,
    prune: true,
    command: 'materialize',
  },
  {
    env: {},
    cwd: root,
    now: Date.now,
    signal: new AbortController().signal,
    stdout: () => undefined,
    stderr: () => undefined,
    isTerminal: false,
    width: 100,
  },
);
if (killAt === 0) writeSync(1, JSON.stringify({ code, instants }));
