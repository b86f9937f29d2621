import { expect, test } from 'vitest';
import { inProcess, instantsOf, MATERIALIZE } from '../crash/crash.ts';
import { expectAgreement } from '../support/agreement.ts';
import { copyOf } from '../support/project.ts';
import { failureLines, rosterProject, setShifts, type Shift } from './roster-project.ts';

const FIRST: readonly Shift[] = [
  { day: '2024-01-01', worker: 'anna', hours: 8 },
  { day: '2024-01-01', worker: 'ben', hours: 1 },
];
const SECOND: readonly Shift[] = [
  { day: '2024-01-01', worker: 'anna', hours: 7 },
  { day: '2024-01-01', worker: 'ben', hours: 6 },
  { day: '2024-01-01', worker: 'cleo' },
];

test(
  'a crash between finding failures and publishing them leaves those that belong to the rows',
  { timeout: 120_000 },
  async () => {
    const project = rosterProject(FIRST);
    await project.materialize();
    const before = await failureLines(project);
    setShifts(project, SECOND);
    const whole = copyOf(project);
    const instants = await instantsOf(whole);
    const after = await failureLines(whole);
    expect(after).not.toEqual(before);
    const about = [...instants.keys()].filter((at) => /_failures/.test(instants[at] ?? ''));
    // Finding them, taking the old ones out, recording the new ones, and whatever comes after each.
    expect(about.length).toBeGreaterThanOrEqual(3);
    const moments = new Set(about.flatMap((at) => [at, at + 1]));
    for (const at of moments) {
      const crashed = copyOf(project);
      const ended = await inProcess(crashed, MATERIALIZE, { CRASH_BEFORE: String(at + 1) });
      expect(ended.signal, instants[at]).toBe('SIGKILL');
      const [[pay] = []] = await crashed.query(
        `SELECT pay FROM reports.paid WHERE worker = 'anna'`,
      );
      expect(await failureLines(crashed), instants[at]).toEqual(
        Number(pay) === 80 ? before : after,
      );
      await crashed.materialize({ prune: true });
      expect(await failureLines(crashed), instants[at]).toEqual(after);
      await expectAgreement(crashed);
    }
  },
);
