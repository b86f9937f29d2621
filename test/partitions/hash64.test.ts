import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addHash,
  equalHash,
  formatHash,
  type Hash64,
  mixColumns,
  mixWords,
  parseHash,
  partitionHash,
} from '../../engine/partitions/hash64.ts';
import { propertyRuns } from '../support/seeded.ts';

const word = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff),
);
const hashes: fc.Arbitrary<Hash64> = fc.record({ hi: word, lo: word });

function big({ hi, lo }: Hash64): bigint {
  return (BigInt(hi) << 32n) | BigInt(lo);
}

test('adding hashes is adding 64-bit numbers, the carry included', () => {
  fc.assert(
    fc.property(hashes, hashes, (a, b) => {
      expect(big(addHash(a, b))).toBe(BigInt.asUintN(64, big(a) + big(b)));
    }),
    propertyRuns(1000),
  );
});

test('a hash is 16 hex digits and back', () => {
  fc.assert(
    fc.property(hashes, (hash) => {
      expect(formatHash(hash)).toBe(big(hash).toString(16).padStart(16, '0'));
      expect(equalHash(parseHash(formatHash(hash)), hash)).toBe(true);
    }),
    propertyRuns(500),
  );
});

test('the halves of a mixed hash are unsigned 32-bit numbers', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: 12 }), (words) => {
      const { hi, lo } = mixWords(words);
      for (const half of [hi, lo]) {
        expect(Number.isInteger(half) && half >= 0 && half <= 0xffffffff).toBe(true);
      }
    }),
    propertyRuns(300),
  );
});

// What is recorded was made by these: another value makes every partition of every pipeline stale.
test.each([
  [[], 'db6e264e53c82e13'],
  [[1, 2, 3], 'ab3de3fb1ee7602f'],
  [[19_000, 0xffffffff, 0x80000000], '0b8ed9046434890d'],
])('the hash of %j stays what it is', (words, hash) => {
  expect(formatHash(mixWords(words))).toBe(hash);
});

test('the hashes of columns are those of their rows', () => {
  const first = fc.array(word, { maxLength: 3 });
  const rows = fc.array(fc.tuple(fc.integer(), word, word), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(first, rows, (words, list) => {
      const { hi, lo } = mixColumns(list.length, words, [
        Int32Array.from(list, ([a]) => a),
        Uint32Array.from(list, ([, b]) => b),
        Uint32Array.from(list, ([, , c]) => c),
      ]);
      for (const [index, row] of list.entries()) {
        expect({ hi: hi[index], lo: lo[index] }).toEqual(mixWords([...words, ...row]));
      }
    }),
    propertyRuns(200),
  );
});

test('the order and the number of words matter', () => {
  expect(mixWords([1, 2])).not.toEqual(mixWords([2, 1]));
  expect(mixWords([1])).not.toEqual(mixWords([1, 0]));
  expect(mixWords([])).not.toEqual(mixWords([0]));
});

test('the same content on two dates adds two different numbers', () => {
  const data = { hi: 7, lo: 9 };
  expect(partitionHash(19_000, data)).not.toEqual(partitionHash(19_001, data));
  // Two partitions that swap their contents must not look like nothing happened.
  const other = { hi: 8, lo: 1 };
  expect(addHash(partitionHash(1, data), partitionHash(2, other))).not.toEqual(
    addHash(partitionHash(1, other), partitionHash(2, data)),
  );
});

test('a hundred thousand partitions with near days and contents have different hashes', () => {
  const seen = new Set<string>();
  for (let day = 0; day < 1000; day++) {
    for (let data = 0; data < 100; data++) {
      seen.add(formatHash(partitionHash(19_000 + day, { hi: 0, lo: data })));
    }
  }
  expect(seen.size).toBe(100_000);
});
