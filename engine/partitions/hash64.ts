/** A 64-bit hash as two unsigned 32-bit halves: plain numbers, since a million of them are handled at once. */
export interface Hash64 {
  readonly hi: number;
  readonly lo: number;
}

export const ZERO_HASH: Hash64 = { hi: 0, lo: 0 };

/** A sequence of 32-bit words mixed into 64 bits; order matters. */
export function mixWords(words: readonly number[]): Hash64 {
  let a = 0x9e3779b9 ^ words.length;
  let b = 0x85ebca6b;
  for (const word of words) {
    a = Math.imul(a ^ word, 0x85ebca77);
    a = (a << 13) | (a >>> 19);
    b = Math.imul(b ^ word, 0xc2b2ae3d) + a;
    b = (b << 17) | (b >>> 15);
    a = (a + b) | 0;
  }
  a = avalanche(a ^ b);
  b = avalanche(b + Math.imul(a, 0x27d4eb2f));
  return { hi: a >>> 0, lo: b >>> 0 };
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
