/** A 64-bit hash as two unsigned 32-bit halves: plain numbers, since a million of them are handled at once. */
export interface Hash64 {
  readonly hi: number;
  readonly lo: number;
}

export const ZERO_HASH: Hash64 = { hi: 0, lo: 0 };

/** Hashes as parallel arrays, for a million of them. */
export interface HashArrays {
  readonly hi: Uint32Array;
  readonly lo: Uint32Array;
}

/** A sequence of 32-bit words mixed into 64 bits; order matters. */
export function mixWords(words: readonly number[]): Hash64 {
  const { hi, lo } = mixColumns(1, words, []);
  return { hi: hi[0] ?? 0, lo: lo[0] ?? 0 };
}

/** For each row of some columns of words what `mixWords` gives for the first words and those of the row. */
export function mixColumns(
  rows: number,
  first: readonly number[],
  columns: readonly (Int32Array | Uint32Array)[],
): HashArrays {
  const hi = new Uint32Array(rows);
  const lo = new Uint32Array(rows);
  const state = Int32Array.of(0x9e3779b9 ^ (first.length + columns.length), 0x85ebca6b);
  for (const word of first) absorb(state, word);
  const [startA = 0, startB = 0] = state;
  for (let row = 0; row < rows; row++) {
    state[0] = startA;
    state[1] = startB;
    for (let at = 0; at < columns.length; at++) absorb(state, columns[at]?.[row] ?? 0);
    const a = avalanche(state[0] ^ state[1]);
    hi[row] = a;
    lo[row] = avalanche(state[1] + Math.imul(a, 0x27d4eb2f));
  }
  return { hi, lo };
}

/** Mixes one word into the two halves of a hash under way. */
function absorb(state: Int32Array, word: number): void {
  let a = Math.imul((state[0] ?? 0) ^ word, 0x85ebca77);
  a = (a << 13) | (a >>> 19);
  let b = (Math.imul((state[1] ?? 0) ^ word, 0xc2b2ae3d) + a) | 0;
  b = (b << 17) | (b >>> 15);
  state[0] = a + b;
  state[1] = b;
}

/** What one partition adds to the hash of a window: 64 mixed bits of its day and its data version. */
export function partitionHash(day: number, data: Hash64): Hash64 {
  return mixWords([day, data.hi, data.lo]);
}

/** 16 hex digits. */
export function formatHash(hash: Hash64): string {
  return hash.hi.toString(16).padStart(8, '0') + hash.lo.toString(16).padStart(8, '0');
}

/** Takes 16 hex digits; returns the hash. */
export function parseHash(text: string): Hash64 {
  return { hi: Number.parseInt(text.slice(0, 8), 16), lo: Number.parseInt(text.slice(8, 16), 16) };
}

export function equalHash(a: Hash64, b: Hash64): boolean {
  return a.hi === b.hi && a.lo === b.lo;
}

/** A sum modulo 2^64: makes the hash of a set independent of order, and of a range a difference. */
export function addHash(a: Hash64, b: Hash64): Hash64 {
  const lo = a.lo + b.lo;
  return { hi: (a.hi + b.hi + (lo > 0xffffffff ? 1 : 0)) >>> 0, lo: lo >>> 0 };
}

function avalanche(value: number): number {
  let h = value;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
