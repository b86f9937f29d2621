const SIZE = /^(\d+(?:\.\d+)?)(KB|MB|GB|TB|KiB|MiB|GiB|TiB)?$/;
const BYTES_BY_UNIT: Readonly<Record<string, number>> = {
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** Takes a number of bytes, or `500MB`, `10GB` or `1TiB`; returns bytes, or undefined if it is no size. */
export function parseByteSize(size: string | number): number | undefined {
  if (typeof size === 'number') return size;
  const match = SIZE.exec(size);
  if (match === null) return undefined;
  const unit = match[2] === undefined ? 1 : BYTES_BY_UNIT[match[2]];
  return unit === undefined ? undefined : Math.round(Number(match[1]) * unit);
}

/** The setting `max_bytes_billed` as a part of what it is said of; nothing when it is not said. */
export function maxBytesBilled(size: string | number | undefined): {
  readonly maxBytesBilled?: number;
} {
  const bytes = size === undefined ? undefined : parseByteSize(size);
  return bytes === undefined ? {} : { maxBytesBilled: bytes };
}
