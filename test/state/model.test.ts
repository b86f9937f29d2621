import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unsafeCodeVersion } from '../../engine/ids.ts';
import { ATTEMPT, CONTENT, type PartitionOutcome, type StateStore } from '../../state/store.ts';
import { blocked, BOX, empty, failed, good, LOCAL, recordsOf, recordStep } from './support.ts';
import { RUN, storeWithRun } from './support.ts';

/** The naive model of one partition: what the contract says, in plain objects. */
interface Model {
  readonly content: number;
  readonly attempt: number;
  readonly rows: number;
  readonly data: unknown;
  readonly input: unknown;
  readonly code: string | undefined;
  readonly sequence: number;
}

const ZERO = { hi: 0, lo: 0 };
const NOTHING: Model = {
  content: CONTENT.none,
  attempt: ATTEMPT.ok,
  rows: 0,
  data: ZERO,
  input: ZERO,
  code: undefined,
  sequence: 0,
};

const day = fc.integer({ min: -3, max: 8 });
const content = fc.integer({ min: 0, max: 2 });
const outcome: fc.Arbitrary<PartitionOutcome> = fc.oneof(
  fc
    .tuple(day, content, content)
    .map(([onDay, rows, input]) => good(onDay, rows, { type: 'materialized', input })),
  fc
    .tuple(day, content, content)
    .map(([onDay, rows, input]) => good(onDay, rows, { type: 'unchanged', input })),
  day.map((onDay) => empty(onDay)),
  day.map((onDay) => failed(onDay)),
  day.map((onDay) => blocked(onDay)),
);
const action = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ outcomes: fc.array(outcome, { maxLength: 8 }), code: content }),
  },
  { weight: 1, arbitrary: fc.record({ removed: fc.uniqueArray(day, { maxLength: 4 }) }) },
);
type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never;

class Naive {
  readonly partitions = new Map<number, Model>();
  /** Per day the number of the last change of its content, counted in outcomes. */
  readonly changedAt = new Map<number, number>();

  apply(item: PartitionOutcome, code: string, sequence: number): void {
    const before = this.partitions.get(item.day) ?? NOTHING;
    const after = next(before, item, code, sequence);
    this.partitions.set(item.day, after);
    if (contentOf(before) !== contentOf(after)) this.changedAt.set(item.day, sequence);
  }

  sorted(): readonly (Model & { readonly day: number })[] {
    const entries = [...this.partitions].sort(([a], [b]) => a - b);
    return entries.map(([onDay, model]) => ({ day: onDay, ...model }));
  }
}

function next(before: Model, item: PartitionOutcome, code: string, sequence: number): Model {
  if (item.type === 'failed') return { ...before, attempt: ATTEMPT.failed };
  if (item.type === 'blocked') return { ...before, attempt: ATTEMPT.blocked };
  const common = { attempt: ATTEMPT.ok, input: item.input, code, sequence };
  if (item.type === 'expected_empty') {
    return { ...common, content: CONTENT.expectedEmpty, rows: 0, data: ZERO };
  }
  return { ...common, content: CONTENT.materialized, rows: item.rows, data: item.data };
}

function contentOf(model: Model): string {
  return JSON.stringify([model.content, model.rows, model.data]);
}

function applyToBoth(store: StateStore, naive: Naive, item: Action): void {
  if ('removed' in item) {
    const request = { target: LOCAL, asset: BOX, days: item.removed, runId: RUN, at: 1 };
    store.removePartitions({ ...request, reason: 'left the calendar' });
    for (const onDay of item.removed) {
      const removed = store.eventsOfPartition(LOCAL, BOX, onDay)[0]?.sequence ?? 0;
      const hadContent = (naive.partitions.get(onDay)?.content ?? CONTENT.none) !== CONTENT.none;
      if (hadContent) naive.changedAt.set(onDay, removed);
      naive.partitions.delete(onDay);
    }
    return;
  }
  const code = `code-${item.code}`;
  const sequences = recordStep(store, item.outcomes, { codeVersion: unsafeCodeVersion(code) });
  item.outcomes.forEach((one, i) => naive.apply(one, code, sequences[i] ?? -1));
}

test('after any sequence of outcomes and removals the record is what a naive map would hold', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 15 }), fc.nat(60), (actions, after) => {
      const store = storeWithRun();
      const naive = new Naive();
      for (const item of actions) {
        applyToBoth(store, naive, item);
        // What the end of a run packs must not outlive the next change.
        if (naive.partitions.size % 2 === 0) store.endRun(RUN, 'succeeded', 1, null);
      }
      expect(recordsOf(store)).toEqual(naive.sorted());
      const range = { lo: -2, hi: 7, after };
      const changes = store.changesSince(LOCAL, BOX, range);
      const expected = [...naive.changedAt]
        .filter(([onDay, at]) => onDay >= range.lo && onDay < range.hi && at > after)
        .sort(([a], [b]) => a - b);
      expect(changes.map((event) => [event.day, event.sequence])).toEqual(expected);
      store.close();
    }),
    { numRuns: 80 },
  );
});
