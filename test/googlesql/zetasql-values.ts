/** A value as the service sends and takes it; NULL has no member. */
export interface ProtoValue {
  readonly int64_value?: string;
  readonly int32_value?: number;
  readonly bool_value?: boolean;
  readonly double_value?: number;
  readonly string_value?: string;
  readonly bytes_value?: Uint8Array;
  /** Little-endian two's complement of the value times 1e9. */
  readonly numeric_value?: Uint8Array;
  /** Days since 1970. */
  readonly date_value?: number;
  readonly timestamp_value?: Timestamp;
  readonly array_value?: { readonly element?: readonly ProtoValue[] };
  readonly struct_value?: { readonly field?: readonly ProtoValue[] };
}

interface Timestamp {
  readonly seconds?: string;
  readonly nanos?: number;
}

export interface ProtoType {
  readonly type_kind: string;
  readonly array_type?: { readonly element_type: ProtoType };
  readonly struct_type?: {
    readonly field?: readonly { readonly field_name: string; readonly field_type: ProtoType }[];
  };
}

export interface ProtoTable {
  readonly table_data: { readonly row: readonly { readonly cell: readonly ProtoValue[] }[] };
}

/**
 * A value as both engines' rows are compared: integers as bigint, floats as number, dates as `YYYY-MM-DD`,
 * timestamps as ISO text to the microsecond.
 */
export type Value = null | boolean | bigint | number | string | readonly Value[];

const ARRAY = /^ARRAY<(.*)>$/;
const DAY_MS = 86_400_000;

/** The service's name of a type, from the one that pipelines declare. */
export function protoType(type: string): ProtoType {
  const element = ARRAY.exec(type)?.[1];
  if (element !== undefined) {
    return { type_kind: 'TYPE_ARRAY', array_type: { element_type: protoType(element) } };
  }
  return { type_kind: type === 'FLOAT64' ? 'TYPE_DOUBLE' : `TYPE_${type}` };
}

/** The GoogleSQL name of a type of the service. */
export function typeName({ type_kind, array_type, struct_type }: ProtoType): string {
  if (array_type) return `ARRAY<${typeName(array_type.element_type)}>`;
  if (struct_type) {
    const fields = struct_type.field ?? [];
    return `STRUCT<${fields.map((each) => `${each.field_name} ${typeName(each.field_type)}`).join(', ')}>`;
  }
  const name = type_kind.replace(/^TYPE_/, '');
  return name === 'DOUBLE' ? 'FLOAT64' : name;
}

/** A value of a declared column for the service. */
export function encode(value: Value, type: string): ProtoValue {
  if (value === null) return {};
  const element = ARRAY.exec(type)?.[1];
  if (element !== undefined) {
    if (!Array.isArray(value)) throw new TypeError(`expected ${type}, found ${String(value)}`);
    const items = value as readonly Value[];
    return { array_value: { element: items.map((item) => encode(item, element)) } };
  }
  switch (type) {
    case 'INT64':
      return { int64_value: String(value) };
    case 'FLOAT64':
      return { double_value: Number(value) };
    case 'BOOL':
      return { bool_value: value === true };
    case 'DATE':
      return { date_value: Date.parse(`${String(value)}T00:00:00Z`) / DAY_MS };
    case 'TIMESTAMP':
      return { timestamp_value: toTimestamp(String(value)) };
    case 'STRING':
      return { string_value: String(value) };
    default:
      throw new TypeError(`no column may be declared as ${type}`);
  }
}

/** A value of the service's, by its type. */
export function decode(value: ProtoValue, type: ProtoType): Value {
  if (type.array_type) {
    const { element_type: element } = type.array_type;
    return value.array_value?.element?.map((item) => decode(item, element)) ?? emptyOrNull(value);
  }
  if (type.struct_type) {
    const fields = type.struct_type.field ?? [];
    const values = value.struct_value?.field;
    return values?.map((item, at) => decode(item, fields[at]?.field_type ?? UNKNOWN)) ?? null;
  }
  return decodeScalar(value, type.type_kind);
}

const UNKNOWN: ProtoType = { type_kind: 'TYPE_UNKNOWN' };

function emptyOrNull(value: ProtoValue): Value {
  return value.array_value === undefined ? null : [];
}

function decodeScalar(value: ProtoValue, kind: string): Value {
  if (value.int64_value !== undefined) return BigInt(value.int64_value);
  if (value.int32_value !== undefined) return BigInt(value.int32_value);
  if (value.double_value !== undefined) return value.double_value;
  if (value.bool_value !== undefined) return value.bool_value;
  if (value.string_value !== undefined) return value.string_value;
  if (value.bytes_value !== undefined)
    return `bytes ${Buffer.from(value.bytes_value).toString('hex')}`;
  if (value.numeric_value !== undefined) return toNumber(value.numeric_value);
  if (value.date_value !== undefined) return dateText(value.date_value);
  if (value.timestamp_value !== undefined) return timestampText(value.timestamp_value);
  if (Object.keys(value).length > 0) throw new TypeError(`cannot read a value of ${kind}`);
  return null;
}

function toNumber(bytes: Uint8Array): number {
  const value = [...bytes].reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return Number(BigInt.asIntN(bytes.length * 8, value)) / 1e9;
}

function dateText(days: number): string {
  return new Date(days * DAY_MS).toISOString().slice(0, 10);
}

function timestampText({ seconds = '0', nanos = 0 }: Timestamp): string {
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${whole}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`;
}

/** From `2024-01-31T12:00:00.000001Z`. */
function toTimestamp(text: string): Timestamp {
  const seconds = Math.floor(Date.parse(`${text.slice(0, 19)}Z`) / 1000);
  const micros = /\.(\d+)/.exec(text)?.[1]?.padEnd(6, '0').slice(0, 6) ?? '0';
  return { seconds: String(seconds), nanos: Number(micros) * 1000 };
}
