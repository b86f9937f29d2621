import fc from 'fast-check';
import { afterAll, expect } from 'vitest';
import { isWarehouseError, WarehouseError } from '../../engine/errors.ts';
import { unsafeRunId } from '../../engine/ids.ts';
import { formatDay } from '../../engine/partitions/date.ts';
import { histories, worldsOf } from '../model/history.ts';
import { type ModelProject, sharedCache, withModel } from '../model/model-project.ts';
import { beforeEvery, transientFault } from '../run/warehouse-spy.ts';
import { expectAgreement } from '../support/agreement.ts';
import type { RunOutcome } from '../support/project.ts';
import { propertyTest } from '../support/property.ts';
import { seededRandom } from '../support/seeded.ts';

const cache = sharedCache();
afterAll(cache.remove);

const METHODS = ['stage', 'publish', 'query'] as const;

/** How a warehouse misbehaves: how often of a hundred calls, and in which of its ways. */
const faults = fc.record({
  seed: fc.nat(),
  percent: fc.constantFrom(5, 15, 40),
  methods: fc.subarray([...METHODS], { minLength: 1 }),
  isTransient: fc.boolean(),
});
type Faults = typeof faults extends fc.Arbitrary<infer T> ? T : never;

/** What calls of the warehouse are met with at present. */
let strike: (method: string) => void = () => undefined;
let spied: Promise<unknown> | undefined;

function striking({ seed, percent, methods, isTransient }: Faults): (method: string) => void {
  const random = seededRandom(seed);
  const allowed: readonly string[] = methods;
  return (method) => {
    if (!allowed.includes(method) || random() * 100 >= percent) return;
    if (isTransient) throw transientFault();
    const kind = random() < 0.5 ? 'data' : 'statement';
    throw new WarehouseError('the disk said no', { kind, category: 'RANDOM_FAULT' });
  };
}

/** Every partition that was asked for ended as one thing, and all counts add up. */
async function expectAccounted(both: ModelProject, { document, code }: RunOutcome): Promise<void> {
  const { evaluation } = await both.project.evaluate();
  const reader = await both.openReader();
  const { run_id: id, assets, failures } = document;
  const events = id === null ? [] : reader.eventsOfRun(unsafeRunId(id));
  const steps = id === null ? [] : reader.steps(unsafeRunId(id));
  reader.close();
  expect(steps.filter((step) => step.status === 'running')).toEqual([]);
  const outcomes = events.filter((event) => event.type !== 'removed');
  const keys = outcomes.map((event) => `${event.asset} ${formatDay(event.day)}`);
  expect(new Set(keys).size).toBe(keys.length);
  const whole = failures.filter((each) => !keys.includes(`${each.asset} ${each.partition}`));
  // A failure that is no partition's is that of an asset as a whole: a calendar that could not be read or kept. What
  // the run then took for the calendar is not what is recorded.
  for (const each of whole) expect([each.asset, each.partition]).toEqual(['games', 'all']);
  const isCalendarKnown = whole.length === 0;
  for (const asset of assets) {
    const {
      name,
      materialized,
      unchanged,
      skipped,
      expected_empty: empty,
      failed,
      blocked,
    } = asset;
    const of = [...evaluation.assets.values()].find((each) => each.asset.name === name);
    const sum = materialized + unchanged + skipped + empty + failed + blocked;
    if (isCalendarKnown) expect([name, sum]).toEqual([name, of?.expected.days.length]);
    const count = (type: string): number =>
      outcomes.filter((event) => event.asset === name && event.type === type).length;
    expect([name, materialized, unchanged, failed, blocked]).toEqual([
      name,
      ...['materialized', 'unchanged', 'failed', 'blocked'].map(count),
    ]);
  }
  const bad = assets.reduce((total, each) => total + each.failed + each.blocked, 0);
  expect(failures.length - whole.length).toBe(bad);
  for (const { category, message, status } of failures) {
    expect(category).toMatch(/^[A-Z_]+$/);
    expect(message).not.toBe('');
    if (status === 'blocked') expect(message).toMatch(/^needs \w+ of \S+.*, which /);
  }
  expect(code).toBe(failures.length > 0 ? 1 : 0);
}

async function runAmongFaults(both: ModelProject, of: Faults): Promise<void> {
  strike = striking(of);
  try {
    const outcome = await both.project.materialize();
    strike = () => undefined;
    await expectAccounted(both, outcome);
    await expectAgreement(both.project);
  } catch (error) {
    // Outside any step a fault ends the command, with the fault as its message.
    if (!isWarehouseError(error)) throw error;
  } finally {
    strike = () => undefined;
  }
}

propertyTest(
  'invariant 8',
  'whatever statements fail for now or for good, every partition ends as one thing that the counts and events agree on, and the next run makes up for it',
  {
    cases: fc.record({
      history: histories({ isPlain: true }, 2),
      faults: fc.array(faults, { minLength: 1, maxLength: 2 }),
    }),
    runs: 4,
    secondsPerCase: 5,
    holds: async ({ history, faults: list }) => {
      spied ??= Promise.all(METHODS.map((method) => beforeEvery(method, () => strike(method))));
      await spied;
      await withModel(history.first, cache.path, async (both) => {
        for (const world of worldsOf(history)) {
          both.edit(world);
          for (const each of list) await runAmongFaults(both, each);
        }
        both.naive.run(both.everything());
        const { code } = await both.project.materialize({ prune: true });
        expect(code).toBe(0);
        await both.expectContents();
        await both.expectStatuses(both.everything().assets);
      });
    },
  },
);
