import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addHash, partitionHash, ZERO_HASH } from '../../engine/partitions/hash64.ts';
import { CONTENT, type PartitionRecords } from '../../engine/partitions/records.ts';
import {
  inputVersions,
  type InputVersionParts,
  packInputs,
  positionsOf,
  prefixSums,
  unpackInput,
  windowSums,
} from '../../engine/staleness/input-version.ts';
import { propertyTest } from '../support/property.ts';

const word = fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.constant(0xffffffff));

const records: fc.Arbitrary<PartitionRecords> = fc
  .array(
    fc.record({
      gap: fc.integer({ min: 1, max: 5 }),
      content: fc.constantFrom(CONTENT.none, CONTENT.materialized, CONTENT.expectedEmpty),
      hi: word,
      lo: word,
    }),
    { maxLength: 40 },
  )
  .map((list) => {
    let day = 100;
    const count = list.length;
    return {
      days: Int32Array.from(list, ({ gap }) => (day += gap)),
      content: Uint8Array.from(list, ({ content }) => content),
      attempt: new Uint8Array(count),
      rows: Float64Array.from(list, ({ content }) => (content === CONTENT.materialized ? 3 : 0)),
      dataHi: Uint32Array.from(list, ({ hi }) => hi),
      dataLo: Uint32Array.from(list, ({ lo }) => lo),
      inputHi: new Uint32Array(count),
      inputLo: new Uint32Array(count),
      code: new Int32Array(count),
      sequence: new Float64Array(count),
    };
  });

/** Windows whose ends go anywhere, also turned round. */
const ranges = fc
  .array(fc.tuple(fc.integer({ min: 90, max: 320 }), fc.integer({ min: 90, max: 320 })), {
    minLength: 1,
    maxLength: 20,
  })
  .map((list) => ({
    lo: Int32Array.from(list, ([lo]) => lo),
    hi: Int32Array.from(list, ([, hi]) => hi),
  }));

function naiveSum(of: PartitionRecords, lo: number, hi: number): bigint {
  let sum = 0n;
  for (const [index, day] of of.days.entries()) {
    if (day < lo || day >= hi || of.content[index] !== CONTENT.materialized) continue;
    const hash = partitionHash(day, { hi: of.dataHi[index] ?? 0, lo: of.dataLo[index] ?? 0 });
    sum += (BigInt(hash.hi) << 32n) | BigInt(hash.lo);
  }
  return BigInt.asUintN(64, sum);
}

propertyTest(
  'window hashes',
  'the hash of a window is the sum of its partitions as 64-bit numbers',
  {
    cases: fc.tuple(records, ranges),
    runs: 500,
    holds: ([of, windows]) => {
      const { hi, lo } = windowSums(prefixSums(of), windows);
      for (const index of windows.lo.keys()) {
        const found = (BigInt(hi[index] ?? 0) << 32n) | BigInt(lo[index] ?? 0);
        expect(found).toBe(naiveSum(of, windows.lo[index] ?? 0, windows.hi[index] ?? 0));
      }
    },
  },
);

propertyTest(
  'positions',
  'positions among days are counts of the days below, whatever the order of the values',
  {
    cases: fc.tuple(
      fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 20 }),
      fc.array(fc.integer({ min: -5, max: 70 }), { maxLength: 30 }),
    ),
    runs: 300,
    holds: ([list, wanted]) => {
      const sorted = list.toSorted((a, b) => a - b);
      expect([...positionsOf(Int32Array.from(sorted), Int32Array.from(wanted))]).toEqual(
        wanted.map((value) => sorted.filter((each) => each < value).length),
      );
    },
  },
);

const windowsOf = (hi: number, lo: number) => ({ hi: Uint32Array.of(hi), lo: Uint32Array.of(lo) });
const PARTS: InputVersionParts = {
  code: { hi: 1, lo: 2 },
  windows: [windowsOf(3, 4), windowsOf(5, 6)],
  periodStart: Int32Array.of(7),
  files: undefined,
};

test('every part of an input version changes it', () => {
  const versions = [
    PARTS,
    { ...PARTS, code: { hi: 1, lo: 3 } },
    { ...PARTS, windows: [windowsOf(3, 5), windowsOf(5, 6)] },
    { ...PARTS, windows: [windowsOf(5, 6), windowsOf(3, 4)] },
    { ...PARTS, windows: [windowsOf(3, 4)] },
    { ...PARTS, periodStart: Int32Array.of(8) },
    { ...PARTS, periodStart: undefined },
    { ...PARTS, files: { hi: 0, lo: 0 } },
    { ...PARTS, files: { hi: 0, lo: 1 } },
  ].map((parts) => inputVersions(parts, 1));
  expect(new Set(versions.map((version) => JSON.stringify(version))).size).toBe(versions.length);
});

propertyTest('recorded window hashes', 'recorded window hashes are read back as they were', {
  cases: fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 6 }),
  runs: 100,
  holds: (list) => {
    const bytes = packInputs(
      list.map(([hi, lo]) => windowsOf(hi, lo)),
      0,
    );
    // As a database gives them back: somewhere inside a larger buffer.
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    for (const [edge, [hi, lo]] of list.entries()) {
      expect(unpackInput(shifted, edge)).toEqual({ hi, lo });
    }
    expect(unpackInput(shifted, list.length)).toBeUndefined();
  },
});

test('a partition without rows adds nothing to a window, wherever it stands', () => {
  const of: PartitionRecords = {
    days: Int32Array.of(1, 2),
    content: Uint8Array.of(CONTENT.expectedEmpty, CONTENT.none),
    attempt: new Uint8Array(2),
    rows: new Float64Array(2),
    dataHi: Uint32Array.of(9, 9),
    dataLo: Uint32Array.of(9, 9),
    inputHi: new Uint32Array(2),
    inputLo: new Uint32Array(2),
    code: new Int32Array(2),
    sequence: new Float64Array(2),
  };
  const sums = windowSums(prefixSums(of), { lo: Int32Array.of(0), hi: Int32Array.of(9) });
  expect({ hi: sums.hi[0], lo: sums.lo[0] }).toEqual(ZERO_HASH);
  expect(addHash(ZERO_HASH, ZERO_HASH)).toEqual(ZERO_HASH);
});
