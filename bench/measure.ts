import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '..');

/** A finished process: what it printed, how long it took and how much memory it had at most. */
export interface Measured {
  readonly stdout: string;
  readonly seconds: number;
  /** Seconds of processor time, user and system, of all its threads. */
  readonly cpu: number;
  /** Largest resident set in megabytes. */
  readonly peakMb: number;
}

/** Runs the command line as a process of its own, measured from outside. */
export function measureCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Measured> {
  return measureNode([resolve(ROOT, 'cli.ts'), ...args], env);
}

/** What a process says of itself as the last thing that it does: its largest resident set in kB, on Linux. */
const REPORT = `data:text/javascript,import { readFileSync, writeSync } from 'node:fs';
process.on('exit', () => {
  const kb = process.platform === 'linux'
    ? /VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]
    : process.resourceUsage().maxRSS;
  writeSync(3, kb + ' ');
});`;

/** The shell's `time` counts what Node does before its first and after its last JavaScript too. */
const TIMED = 'TIMEFORMAT="%U %S"; { time "$0" "$@" 2>&4; } 4>&2 2>&3';

/** Runs Node as a process of its own, measured from outside. */
export async function measureNode(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Measured> {
  const start = performance.now();
  const child = spawn('bash', ['-c', TIMED, process.execPath, '--import', REPORT, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  const [, out, , extra] = child.stdio;
  let stdout = '';
  let report = '';
  out?.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
  extra?.on('data', (bytes: Buffer) => (report += bytes.toString()));
  const code = await new Promise<number | null>((done) => child.on('close', done));
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}`);
  const seconds = (performance.now() - start) / 1000;
  const [kb = 0, user = 0, system = 0] = report.trim().split(/\s+/).map(Number);
  return { stdout, seconds, cpu: user + system, peakMb: kb / 1024 };
}

/** Several processes, one after the other: the medians of what they took. */
export async function medianOf(
  rounds: number,
  run: () => Promise<Measured>,
): Promise<Omit<Measured, 'stdout'>> {
  const all: Measured[] = [];
  for (let round = 0; round < rounds; round++) all.push(await run());
  return {
    seconds: median(all.map((each) => each.seconds)),
    cpu: median(all.map((each) => each.cpu)),
    peakMb: Math.max(...all.map((each) => each.peakMb)),
  };
}

/** The middle of some figures. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** Prints one line of a bench's report. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
