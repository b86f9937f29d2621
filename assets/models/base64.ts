/** Numbers as text that gives exactly the same numbers again. */
export function encodeNumbers(values: Float64Array | Uint8Array | Uint16Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}

/** @throws {RangeError} where the text does not hold a whole number of 8-byte numbers */
export function decodeFloats(text: string): Float64Array {
  return new Float64Array(bytesOf(text));
}

export function decodeShorts(text: string): Uint16Array {
  return new Uint16Array(bytesOf(text));
}

export function decodeBytes(text: string): Uint8Array {
  return new Uint8Array(bytesOf(text));
}

function bytesOf(text: string): ArrayBuffer {
  const bytes = Buffer.from(text, 'base64');
  const copy = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(bytes);
  return copy;
}
