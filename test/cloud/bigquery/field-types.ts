import {
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBListType,
  type DuckDBStructType,
} from '@duckdb/node-api';
import type { Field } from './resources.ts';

/** Names of types in SQL and in the REST API, as the API answers them. */
const API_NAMES: Readonly<Record<string, string>> = {
  INT64: 'INTEGER',
  INT: 'INTEGER',
  BIGINT: 'INTEGER',
  FLOAT64: 'FLOAT',
  BOOL: 'BOOLEAN',
  STRUCT: 'RECORD',
  DECIMAL: 'NUMERIC',
};

const SQL_NAMES: Readonly<Record<string, string>> = {
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  BOOLEAN: 'BOOL',
};

const DUCKDB_NAMES: Readonly<Record<string, string>> = {
  STRING: 'VARCHAR',
  BYTES: 'BLOB',
  INTEGER: 'BIGINT',
  FLOAT: 'DOUBLE',
  BOOLEAN: 'BOOLEAN',
  NUMERIC: 'DECIMAL(38, 9)',
  BIGNUMERIC: 'DECIMAL(38, 18)',
  TIMESTAMP: 'TIMESTAMPTZ',
  DATETIME: 'TIMESTAMP',
  DATE: 'DATE',
  TIME: 'TIME',
  JSON: 'JSON',
  GEOGRAPHY: 'VARCHAR',
};

/** `INT64` or `integer` as `INTEGER`, and so on. */
export function apiTypeName(name: string): string {
  const upper = name.toUpperCase();
  return API_NAMES[upper] ?? upper;
}

/** A field as the API answers it: long type names, and a mode. */
export function normalField(field: Field): Field {
  const { fields, ...rest } = field;
  return {
    ...rest,
    type: apiTypeName(field.type),
    mode: field.mode ?? 'NULLABLE',
    ...(fields === undefined ? {} : { fields: fields.map(normalField) }),
  };
}

/** The DuckDB type that holds a field. */
export function duckdbType(field: Field): string {
  const base = duckdbElementType(field);
  return field.mode === 'REPEATED' ? `${base}[]` : base;
}

function duckdbElementType(field: Field): string {
  const name = apiTypeName(field.type);
  if (name === 'RECORD') {
    const inner = (field.fields ?? []).map((each) => `${quoted(each.name)} ${duckdbType(each)}`);
    return `STRUCT(${inner.join(', ')})`;
  }
  const type = DUCKDB_NAMES[name];
  if (type === undefined)
    throw new Error(`Invalid value for type: ${field.type} is not a valid value`);
  return type;
}

/** A name as DuckDB quotes it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The type of a field as GoogleSQL writes it. */
export function googleType(field: Field): string {
  const name = apiTypeName(field.type);
  const inner = (field.fields ?? []).map((each) => `${each.name} ${googleType(each)}`).join(', ');
  const base = name === 'RECORD' ? `STRUCT<${inner}>` : (SQL_NAMES[name] ?? name);
  return field.mode === 'REPEATED' ? `ARRAY<${base}>` : base;
}

/** A field from GoogleSQL: `ARRAY<STRUCT<a INT64, b STRING>>`. */
export function parseGoogleType(name: string, text: string): Field {
  const type = text.trim();
  const array = /^ARRAY\s*<(.*)>$/is.exec(type);
  if (array?.[1] !== undefined) return { ...parseGoogleType(name, array[1]), mode: 'REPEATED' };
  const struct = /^STRUCT\s*<(.*)>$/is.exec(type);
  if (struct?.[1] !== undefined) {
    const fields = splitOutside(struct[1]).map((each) => {
      const match = /^\s*`?(\w+)`?\s+(.*)$/s.exec(each);
      return parseGoogleType(match?.[1] ?? '', match?.[2] ?? each);
    });
    return { name, type: 'RECORD', mode: 'NULLABLE', fields };
  }
  return { name, type: apiTypeName(type.replace(/\(.*\)$/s, '')), mode: 'NULLABLE' };
}

function splitOutside(text: string): readonly string[] {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '<' || character === '(') depth++;
    if (character === '>' || character === ')') depth--;
    if (character === ',' && depth === 0) parts.push('');
    else parts.push(`${parts.pop() ?? ''}${character}`);
  }
  return parts;
}

const SCALARS = new Map<DuckDBTypeId, string>([
  [DuckDBTypeId.BOOLEAN, 'BOOLEAN'],
  [DuckDBTypeId.TINYINT, 'INTEGER'],
  [DuckDBTypeId.SMALLINT, 'INTEGER'],
  [DuckDBTypeId.INTEGER, 'INTEGER'],
  [DuckDBTypeId.BIGINT, 'INTEGER'],
  [DuckDBTypeId.UTINYINT, 'INTEGER'],
  [DuckDBTypeId.USMALLINT, 'INTEGER'],
  [DuckDBTypeId.UINTEGER, 'INTEGER'],
  [DuckDBTypeId.UBIGINT, 'INTEGER'],
  [DuckDBTypeId.HUGEINT, 'INTEGER'],
  [DuckDBTypeId.SQLNULL, 'INTEGER'],
  [DuckDBTypeId.FLOAT, 'FLOAT'],
  [DuckDBTypeId.DOUBLE, 'FLOAT'],
  [DuckDBTypeId.DECIMAL, 'NUMERIC'],
  [DuckDBTypeId.VARCHAR, 'STRING'],
  [DuckDBTypeId.UUID, 'STRING'],
  [DuckDBTypeId.INTERVAL, 'STRING'],
  [DuckDBTypeId.BLOB, 'BYTES'],
  [DuckDBTypeId.DATE, 'DATE'],
  [DuckDBTypeId.TIME, 'TIME'],
  [DuckDBTypeId.TIMESTAMP, 'DATETIME'],
  [DuckDBTypeId.TIMESTAMP_S, 'DATETIME'],
  [DuckDBTypeId.TIMESTAMP_MS, 'DATETIME'],
  [DuckDBTypeId.TIMESTAMP_NS, 'DATETIME'],
  [DuckDBTypeId.TIMESTAMP_TZ, 'TIMESTAMP'],
]);

/** The field that a column of a DuckDB result becomes. */
export function fieldOfDuckdb(name: string, type: DuckDBType): Field {
  if (isList(type)) return { ...fieldOfDuckdb(name, type.valueType), mode: 'REPEATED' };
  if (isStruct(type)) {
    const fields = type.entryNames.map((entry, index) => {
      const inner = type.entryTypes[index];
      if (inner === undefined)
        throw new Error('Internal error: a STRUCT with fewer types than names');
      return fieldOfDuckdb(entry === '' ? `_field_${index + 1}` : entry, inner);
    });
    return { name, type: 'RECORD', mode: 'NULLABLE', fields };
  }
  if (type.alias === 'JSON') return { name, type: 'JSON', mode: 'NULLABLE' };
  const api = SCALARS.get(type.typeId);
  if (api === undefined)
    throw new Error(`Column ${name} has a type that BigQuery does not know: ${String(type)}`);
  return { name, type: api, mode: 'NULLABLE' };
}

function isList(type: DuckDBType): type is DuckDBListType {
  return type.typeId === DuckDBTypeId.LIST;
}

function isStruct(type: DuckDBType): type is DuckDBStructType {
  return type.typeId === DuckDBTypeId.STRUCT;
}
