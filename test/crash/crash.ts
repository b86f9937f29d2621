import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { CONTENT } from '../../engine/partitions/records.ts';
import { expectAgreement } from '../support/agreement.ts';
import type { TestProject } from '../support/project.ts';

const CHILD = fileURLToPath(new URL('./crash-child.ts', import.meta.url));
const run = promisify(execFile);

/** What a materialization tells its databases to do, one after the other. */
export async function instantsOf(project: TestProject): Promise<readonly string[]> {
  const { stdout } = await run(process.execPath, [CHILD, project.root, '0']);
  const { code, instants } = JSON.parse(stdout) as { code: number; instants: readonly string[] };
  expect(code).toBe(0);
  return instants;
}

/** Materializes in a process of its own that dies, as if by `kill -9`, right before the n-th instant. */
export async function crashBefore(project: TestProject, instant: number): Promise<void> {
  const ended: unknown = await run(process.execPath, [CHILD, project.root, String(instant)]).catch(
    (error: unknown) => error,
  );
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

/** The next command after a crash repairs the record, carries on and comes to what would have been. */
export async function expectRecovery(
  project: TestProject,
  undisturbed: Record<string, Record<string, string>>,
): Promise<void> {
  const outcome = await project.materialize({ prune: true });
  expect(outcome.code).toBe(0);
  expect(await project.allVersions()).toEqual(undisturbed);
  await expectAgreement(project);
  const reader = await project.reader();
  const runs = reader.runs('local', 10);
  expect(runs.filter((each) => each.status === 'running')).toEqual([]);
  expect(reader.leaseHolder('local')).toBeUndefined();
  for (const each of runs) {
    const open = reader.steps(each.id).filter((step) => step.status === 'running');
    expect(open).toEqual([]);
  }
  expect((await project.materialize()).document.status).toBe('nothing-to-do');
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
