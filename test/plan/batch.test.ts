import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutBatches, LARGEST_GAP } from '../../engine/plan/batch.ts';
import { propertyRuns } from '../support/seeded.ts';

const ascending = fc
  .array(fc.integer({ min: 1, max: 2 * LARGEST_GAP }), { maxLength: 60 })
  .map((gaps) => {
    let at = -1;
    return gaps.map((gap) => (at += gap));
  });

test('batches hold every partition once, in order', () => {
  fc.assert(
    fc.property(ascending, fc.integer({ min: 1, max: 10 }), (indexes, most) => {
      expect(cutBatches(indexes, most).flat()).toEqual(indexes);
    }),
    propertyRuns(300),
  );
});

test('no batch is empty, larger than allowed, or has a wider gap than allowed', () => {
  fc.assert(
    fc.property(ascending, fc.integer({ min: 1, max: 10 }), (indexes, most) => {
      for (const batch of cutBatches(indexes, most)) {
        expect(batch.length).toBeGreaterThan(0);
        expect(batch.length).toBeLessThanOrEqual(most);
        for (let at = 1; at < batch.length; at++) {
          expect((batch[at] ?? 0) - (batch[at - 1] ?? 0)).toBeLessThanOrEqual(LARGEST_GAP);
        }
      }
    }),
    propertyRuns(300),
  );
});

test('a batch ends only where it must: it is full, or the next partition is too far away', () => {
  fc.assert(
    fc.property(ascending, fc.integer({ min: 1, max: 10 }), (indexes, most) => {
      const batches = cutBatches(indexes, most);
      for (const [at, batch] of batches.entries()) {
        const next = batches[at + 1]?.[0];
        if (next === undefined || batch.length === most) continue;
        expect(next - (batch.at(-1) ?? 0)).toBeGreaterThan(LARGEST_GAP);
      }
    }),
    propertyRuns(300),
  );
});
