import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { CONTENT } from '../../engine/partitions/records.ts';
import { expectAgreement } from '../support/agreement.ts';
import type { TestProject } from '../support/project.ts';
import { seededRandom } from '../support/seeded.ts';

const CLI = fileURLToPath(new URL('../../cli.ts', import.meta.url));
const KILL_AT = fileURLToPath(new URL('./kill-at.ts', import.meta.url));
const run = promisify(execFile);

/** All that a run may have to do after a crash. */
export const MATERIALIZE = 'materialize --prune';

/** How the process of a command ended. */
export interface Ended {
  readonly code: number;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The arguments of node for a command that may be killed on its way, and its environment. */
export function killable(
  project: TestProject,
  line: string,
  at: Readonly<Record<string, string>>,
): { readonly args: readonly string[]; readonly env: Record<string, string> } {
  const { PATH = '', HOME = '' } = process.env;
  return {
    args: ['--import', KILL_AT, CLI, ...line.split(' ')],
    env: { PATH, HOME, NO_COLOR: '1', ...project.env, ...at },
  };
}

/** Runs a command in a process of its own. */
export async function inProcess(
  project: TestProject,
  line: string,
  at: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const { args, env } = killable(project, line, at);
  const options = { cwd: project.root, env, maxBuffer: 1 << 26 };
  try {
    return { code: 0, signal: null, ...(await run(process.execPath, args, options)) };
  } catch (error) {
    return error as Ended;
  }
}

/** What a command tells its databases and the file system to do, one after the other. */
export async function instantsOf(
  project: TestProject,
  line: string = MATERIALIZE,
): Promise<readonly string[]> {
  const list = project.path('instants.json');
  const ended = await inProcess(project, line, { CRASH_LIST: list });
  expect(ended, `${line}: ${ended.stderr}`).toMatchObject({ code: 0 });
  return (JSON.parse(readFileSync(list, 'utf8')) as { instants: readonly string[] }).instants;
}

/** Runs a command in a process of its own that dies, as if by `kill -9`, right before the n-th instant. */
export async function crashBefore(
  project: TestProject,
  instant: number,
  line: string = MATERIALIZE,
): Promise<void> {
  const ended = await inProcess(project, line, { CRASH_BEFORE: String(instant) });
  expect(ended).toMatchObject({ signal: 'SIGKILL' });
}

/** The number of the instant that follows others: each text is looked for after the one before it. */
export function findInstant(instants: readonly string[], path: readonly string[]): number {
  let at = -1;
  for (const text of path) {
    at = instants.findIndex((each, index) => index > at && each.includes(text));
    if (at < 0) throw new Error(`no "${text}" in ${path.join(' > ')}`);
  }
  return at + 1;
}

/**
 * Tries instants by their numbers: some, drawn with a seed; with CRASH_EVERY_INSTANT all of them, or the most that
 * there is time for at night. What goes wrong is told with the instant.
 */
export async function atInstants(
  instants: readonly string[],
  draw: { readonly some: number; readonly seed: number; readonly most?: number },
  attempt: (instant: number) => Promise<void>,
): Promise<void> {
  const random = seededRandom(draw.seed);
  const all = Array.from(instants, (_, index) => index + 1);
  const { some, most = Infinity } = draw;
  const count = process.env['CRASH_EVERY_INSTANT'] ? most : some;
  const tried = all.toSorted(() => random() - 0.5).slice(0, count);
  for (const instant of tried) {
    try {
      await attempt(instant);
    } catch (error) {
      throw new Error(`killed before instant ${instant}: ${instants[instant - 1]}`, {
        cause: error,
      });
    }
  }
}

/** The next command after a crash repairs the record, carries on and comes to what would have been. */
export async function expectRecovery(
  project: TestProject,
  undisturbed: Record<string, Record<string, string>>,
): Promise<void> {
  const outcome = await project.materialize({ prune: true });
  expect(outcome.code).toBe(0);
  expect(await project.allVersions()).toEqual(undisturbed);
  await expectAgreement(project);
  await expectNothingOpen(project);
  expect((await project.materialize()).document.status).toBe('nothing-to-do');
}

/** No run or step is recorded as still going, and the target is free. */
export async function expectNothingOpen(project: TestProject): Promise<void> {
  const reader = await project.reader();
  const runs = reader.runs('local', 10_000);
  expect(runs.filter((each) => each.status === 'running')).toEqual([]);
  expect(reader.leaseHolder('local')).toBeUndefined();
  for (const each of runs) {
    const open = reader.steps(each.id).filter((step) => step.status === 'running');
    expect(open).toEqual([]);
  }
}

/** Nothing is recorded twice: a partition's content follows another content, never itself. */
export async function expectNoDoubleRecord(project: TestProject): Promise<void> {
  const { evaluation } = await project.evaluate();
  const reader = await project.reader();
  for (const { asset, records } of evaluation.assets.values()) {
    for (const [index, day] of records.days.entries()) {
      if (records.content[index] !== CONTENT.materialized) continue;
      const events = reader
        .eventsOfPartition('local', asset.name, day)
        .filter((event) => event.type === 'materialized')
        .map((event) => `${event.data?.hi}:${event.data?.lo}:${event.codeVersion}`);
      expect(new Set(events).size, `${asset.name} of ${day}`).toBe(events.length);
    }
  }
}
