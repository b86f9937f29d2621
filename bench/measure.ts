import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '..');

/** A finished process: what it printed, how long it took and how much memory it had at most. */
export interface Measured {
  readonly stdout: string;
  readonly seconds: number;
  /** Largest resident set in megabytes, read from /proc while it ran; 0 where there is no /proc. */
  readonly peakMb: number;
}

/** Runs the command line as a process of its own, measured from outside. */
export async function measureCli(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Measured> {
  const start = performance.now();
  const child = spawn(process.execPath, [resolve(ROOT, 'cli.ts'), ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  let peakMb = 0;
  const timer = setInterval(() => (peakMb = Math.max(peakMb, highWater(child.pid))), 10);
  const code = await new Promise<number | null>((done) => child.on('close', done));
  clearInterval(timer);
  if (code !== 0) throw new Error(`fastbreak ${args.join(' ')} ended with ${code}`);
  return { stdout, seconds: (performance.now() - start) / 1000, peakMb };
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

function highWater(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
