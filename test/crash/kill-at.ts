/**
 * Loaded before `cli.ts` by the crash tests (`node --import`): kills the process, as `kill -9` does, or stops it, as
 * a machine that goes to sleep does, right before the n-th time that it would tell one of its databases or the file
 * system to change something. Settings come by environment: CRASH_BEFORE is n, or CRASH_AFTER the text of such an
 * instant and CRASH_COUNT how often it is to be seen before the next one is the last; CRASH_SIGNAL is the signal.
 * CRASH_LIST names a file for all instants of a run that goes to its end.
 */
import fs, { writeFileSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type * as Sqlite from 'better-sqlite3';

const { CRASH_BEFORE, CRASH_AFTER, CRASH_COUNT = '1', CRASH_LIST, CRASH_SIGNAL } = process.env;
const signal = CRASH_SIGNAL === 'SIGSTOP' ? 'SIGSTOP' : 'SIGKILL';
const instants: string[] = [];
let toSee = CRASH_AFTER === undefined ? Infinity : Number(CRASH_COUNT);

function reach(text: string): void {
  // Whether anything has to be compiled anew is another matter.
  if (text.startsWith('file ') && !/state|warehouse/.test(text)) return;
  instants.push(text.replaceAll(/\s+/g, ' ').slice(0, 60));
  if (instants.length === Number(CRASH_BEFORE) || toSee === 0) {
    toSee = Infinity;
    process.kill(process.pid, signal);
    // The signal may reach another thread first: this one must not get any further meanwhile.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
  if (CRASH_AFTER !== undefined && text.includes(CRASH_AFTER)) toSee--;
}

/** Makes a method say what it is about to do. */
function watch(
  methods: object,
  method: string,
  textOf: (self: unknown, first: unknown) => string,
): void {
  const named = methods as Record<string, (...args: unknown[]) => unknown>;
  const original = named[method];
  if (!original) throw new Error(`no method ${method}`);
  named[method] = function (this: unknown, ...args: unknown[]) {
    reach(textOf(this, args[0]));
    return original.apply(this, args);
  };
}

// Heartbeats come with the clock: how many there are would depend on how fast the machine is.
const { setInterval: interval } = globalThis;
if (CRASH_AFTER === undefined) {
  globalThis.setInterval = ((work: () => void, ms: number) =>
    interval(work, ms * 1000)) as typeof setInterval;
}

watch(DuckDBInstance, 'create', () => 'duckdb open');
watch(DuckDBConnection.prototype, 'run', (_, sql) => `duckdb ${String(sql)}`);

const Database = createRequire(import.meta.url)('better-sqlite3') as typeof Sqlite.default;
const statement = new Database(':memory:').prepare('SELECT 1');
watch(
  Object.getPrototypeOf(statement) as object,
  'run',
  (self) => `sqlite ${(self as { readonly source: string }).source}`,
);

for (const method of ['renameSync', 'rmSync']) {
  watch(fs, method, (_, path) => `file ${method} ${String(path).split('/').at(-1)}`);
}
syncBuiltinESMExports();

if (CRASH_LIST !== undefined) {
  process.on('exit', (code) => writeFileSync(CRASH_LIST, JSON.stringify({ code, instants })));
}
