import { createHash } from 'node:crypto';

/** The first 16 hex digits of the SHA-256 of a text. */
export function shortHash(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** The SHA-256 of a text or bytes, in hex. */
export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}
