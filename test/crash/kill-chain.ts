import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { expect } from 'vitest';
import type { CompiledAsset } from '../../engine/compile/compiled.ts';
import type { TestProject } from '../support/project.ts';
import { inProcess, killable } from './crash.ts';
import { askWitnesses, type Content, expectRepairable, expectSameStory } from './content.ts';

/**
 * How a command is cut short: killed after a time, at an event that it reports or between two database instructions;
 * told to stop; or left with files that cannot grow any further, as on a full disk.
 */
type Cut =
  | { readonly at: 'time'; readonly ms: number; readonly signal: 'SIGKILL' | 'SIGINT' | 'SIGTERM' }
  | { readonly at: 'full-disk'; readonly kilobytes: number }
  | { readonly at: 'event'; readonly name: string; readonly count: number }
  | { readonly at: 'instruction'; readonly after: string; readonly count: number };

/** What `--log-level debug` reports at the boundaries of a run, once, and of its steps, over and over. */
const ONCE = ['run-started', 'planned'];
const OVER_AND_OVER = ['step-started', 'step-finished', 'step-finished'];

/** The instructions right after which it may matter most: those that every step gives. */
const INSTRUCTIONS = [
  'duckdb COMMIT',
  'duckdb COMMIT',
  'duckdb BEGIN',
  '_staging__',
  '_fastbreak_materializations',
  'sqlite INSERT INTO steps',
  'sqlite UPDATE steps',
  'sqlite INSERT INTO events',
  'sqlite COMMIT',
];

/** Time for a start and some steps. */
const FIRST_WINDOW_MS = 2000;

/** Windows of time grow by this when a kill came before anything was done. */
const PATIENCE = 1.4;

/** One project whose commands are killed over and over; after every kill, and at the end, all must be in order. */
export class KillChain {
  kills = 0;
  fullDisks = 0;
  /** How long `status` took after each kill. */
  readonly statusMs: number[] = [];
  readonly #project: TestProject;
  readonly #random: () => number;
  #assets: readonly CompiledAsset[] = [];
  #windowMs = FIRST_WINDOW_MS;
  /** The size that the largest file will have. */
  readonly #diskKb: number;

  constructor(project: TestProject, random: () => number, diskKb = 0) {
    this.#project = project;
    this.#random = random;
    this.#diskKb = diskKb;
  }

  async content(): Promise<Content> {
    const found = await askWitnesses(this.#project.home, await this.assets());
    expectSameStory(found);
    return found.present;
  }

  async assets(): Promise<readonly CompiledAsset[]> {
    if (this.#assets.length === 0) this.#assets = (await this.#project.open()).pipeline.assets;
    return this.#assets;
  }

  /** Gives a command again and again, cut short each time, until it ends before that; at most `most` times. */
  async killing(line: string, most = Infinity): Promise<void> {
    this.#windowMs = FIRST_WINDOW_MS;
    for (let killed = 0; killed < most; killed++) {
      const cut = this.#draw();
      try {
        if (!(await this.#runAndCut(line, cut))) return;
        await this.#lookAround(line.includes('--prune'));
      } catch (error) {
        throw new Error(`"${line}" cut short: ${JSON.stringify(cut)}`, { cause: error });
      }
    }
  }

  /** The next command, undisturbed, ends well, leaves nothing open and has nothing to do when given again. */
  async finish(line: string): Promise<Content> {
    expect(await inProcess(this.#project, line)).toMatchObject({ code: 0 });
    expect(await inProcess(this.#project, `${line} --json`)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"nothing-to-do"') as unknown,
    });
    return this.content();
  }

  #draw(): Cut {
    const choice = this.#random();
    const among = <T>(values: readonly T[]): T =>
      values[Math.floor(this.#random() * values.length)] as T;
    const count = 1 + Math.floor(this.#random() ** 2 * 5);
    const ms = Math.round(this.#random() * this.#windowMs);
    if (choice < 0.35) return { at: 'time', ms, signal: 'SIGKILL' };
    if (choice < 0.4) return { at: 'time', ms, signal: among(['SIGINT', 'SIGTERM']) };
    if (choice < 0.45) {
      return { at: 'full-disk', kilobytes: Math.round(this.#random() ** 2 * this.#diskKb) };
    }
    if (choice < 0.5) return { at: 'event', name: among(ONCE), count: 1 };
    if (choice < 0.7) return { at: 'event', name: among(OVER_AND_OVER), count };
    return { at: 'instruction', after: among(INSTRUCTIONS), count };
  }

  /** False when the command ended, and well, before its time came. */
  async #runAndCut(line: string, cut: Cut): Promise<boolean> {
    const { child, ended } = this.#start(line, cut);
    const signal = cut.at === 'time' ? cut.signal : 'SIGKILL';
    const strike = (): void => void child.kill(signal);
    const timer = cut.at === 'time' ? setTimeout(strike, cut.ms) : undefined;
    let toSee = cut.at === 'event' ? cut.count : Infinity;
    let steps = 0;
    const said: string[] = [];
    createInterface({ input: child.stderr }).on('line', (text) => {
      said.push(text);
      if (text.includes('"msg":"step-finished"')) steps++;
      if (cut.at === 'event' && text.includes(`"msg":"${cut.name}"`) && --toSee === 0) strike();
    });
    const [code, by] = await ended;
    clearTimeout(timer);
    if (code === 0) return false;
    if (steps === 0) this.#windowMs *= PATIENCE;
    if (by === 'SIGKILL') this.kills++;
    else if (signal === 'SIGKILL') this.#expectFullDisk(cut, code, said);
    // Node itself ends by a signal that comes before it was told what to do then.
    else expect(by ?? code, said.slice(-5).join('\n')).toBeOneOf([130, signal]);
    return true;
  }

  #expectFullDisk(cut: Cut, code: number | null, said: readonly string[]): void {
    const last = said.slice(-5).join('\n');
    expect(cut.at, last).toBe('full-disk');
    expect(code, last).toBeOneOf([1, 2]);
    expect(said.join('\n')).not.toMatch(/report it|Internal error/);
    this.fullDisks++;
  }

  #start(
    line: string,
    cut: Cut,
  ): {
    readonly child: ChildProcessByStdio<null, null, Readable>;
    readonly ended: Promise<[number | null, string | null]>;
  } {
    const at: Record<string, string> =
      cut.at === 'instruction' ? { CRASH_AFTER: cut.after, CRASH_COUNT: String(cut.count) } : {};
    const { args, env } = killable(this.#project, `${line} --log-level debug`, at);
    // In blocks of 512 bytes.
    const limit = cut.at === 'full-disk' ? `ulimit -f ${cut.kilobytes * 2}` : ':';
    const words = ['-c', `${limit}; exec "$@"`, 'sh', process.execPath, ...args];
    const child = spawn('sh', words, {
      cwd: this.#project.root,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return { child, ended: once(child, 'close') as Promise<[number | null, string | null]> };
  }

  /**
   * What the crash left is of one piece, status tells the truth of it, and a next command, tried on a copy so that
   * this chain goes on from the crash itself, brings record and warehouse together; sometimes without the record.
   */
  async #lookAround(mayRemove: boolean): Promise<void> {
    const assets = await this.assets();
    const { home } = this.#project;
    if (!existsSync(join(home, 'state.sqlite'))) return;
    const asked = performance.now();
    const status = await inProcess(this.#project, 'status --json');
    this.statusMs.push(Math.round(performance.now() - asked));
    expect(status).toMatchObject({ code: 0 });
    const told = JSON.parse(status.stdout) as {
      readonly running: string | null;
      readonly assets: readonly { readonly running: number }[];
    };
    expect(told.running).toBeNull();
    expect(told.assets.filter(({ running }) => running > 0)).toEqual([]);
    expectRepairable(await askWitnesses(home, assets), mayRemove);
    const copy = this.#project.path('copy-of-home');
    copyHome(home, copy);
    const isLost = existsSync(join(copy, 'warehouse.duckdb')) && this.#random() < 0.2;
    if (isLost) loseRecord(copy);
    const repair = isLost ? 'state rebuild' : `materialize ${SMALL}`;
    const repaired = await inProcess(this.#project, `${repair} --quiet`, { FASTBREAK_HOME: copy });
    expect(repaired, repaired.stderr).toMatchObject({ code: 0 });
    expectSameStory(await askWitnesses(copy, assets));
    rmSync(copy, { recursive: true });
  }
}

/** Takes the record out of a FASTBREAK_HOME. */
export function loseRecord(home: string): void {
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(join(home, `state.sqlite${suffix}`), { force: true });
  }
}

/** A source that is made at once: giving it is enough to bring record and warehouse together. */
const SMALL = 'teams';

function copyHome(home: string, copy: string): void {
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy);
  for (const name of ['state.sqlite', 'warehouse.duckdb', 'cache']) {
    for (const suffix of ['', '-wal', '.wal']) {
      const file = join(home, name + suffix);
      if (existsSync(file)) cpSync(file, join(copy, name + suffix), { recursive: true });
    }
  }
}
