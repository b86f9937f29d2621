/** A column of a result. */
export interface Field {
  readonly name: string;
  /** GoogleSQL type, e.g. `INT64` or `ARRAY<STRING>`. */
  readonly type: string;
  readonly isRepeated: boolean;
  readonly scalar: string;
}

interface SchemaField {
  readonly name?: string | null;
  readonly type?: string | null;
  readonly mode?: string | null;
}

/** The API's older names of types. */
const TYPES: Readonly<Record<string, string>> = {
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  BOOLEAN: 'BOOL',
  RECORD: 'STRUCT',
};

/** The columns of an answer's schema. */
export function fieldsOf(
  schema: { readonly fields?: readonly SchemaField[] | null } | null | undefined,
): readonly Field[] {
  return (schema?.fields ?? []).map(({ name, type, mode }) => {
    const scalar = googleSqlType(type ?? 'STRING');
    const isRepeated = mode === 'REPEATED';
    return { name: name ?? '', scalar, isRepeated, type: isRepeated ? `ARRAY<${scalar}>` : scalar };
  });
}

/** GoogleSQL's name of a type as the API has it. */
export function googleSqlType(type: string): string {
  return TYPES[type] ?? type;
}

/** One row as the API sends it, `{f: [{v: …}]}`, as JSON values: see `QueryResult`. */
export function plainRow(row: unknown, fields: readonly Field[]): readonly unknown[] {
  const cells = isRecord(row) && Array.isArray(row['f']) ? (row['f'] as readonly unknown[]) : [];
  return fields.map((field, index) => plainCell(cells[index], field));
}

function plainCell(cell: unknown, field: Field): unknown {
  const value = isRecord(cell) ? cell['v'] : undefined;
  if (!field.isRepeated) return plainScalar(value, field.scalar);
  if (!Array.isArray(value)) return [];
  return value.map((each: unknown) =>
    plainScalar(isRecord(each) ? each['v'] : undefined, field.scalar),
  );
}

function plainScalar(value: unknown, type: string): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'string') return value;
  switch (type) {
    case 'INT64': {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : value;
    }
    case 'FLOAT64':
      return Number(value);
    case 'BOOL':
      return value === 'true';
    case 'TIMESTAMP':
      return timestampText(value);
    default:
      return value;
  }
}

/** Microseconds since 1970 as text, in the form in which the embedded warehouse shows them. */
function timestampText(micros: string): string {
  const whole = BigInt(micros);
  const millis = whole / 1000n - (whole % 1000n < 0n ? 1n : 0n);
  const rest = whole - millis * 1000n;
  const text = new Date(Number(millis)).toISOString().replace('T', ' ').slice(0, 23);
  const fraction = `${text.slice(20)}${String(rest).padStart(3, '0')}`.replace(/0+$/, '');
  return fraction === '' ? text.slice(0, 19) : `${text.slice(0, 19)}.${fraction}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
