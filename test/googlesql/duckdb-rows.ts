import {
  type DuckDBConnection,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { EvaluatedRows } from './zetasql-service.ts';
import type { Value } from './zetasql-values.ts';

/** A DuckDB whose rows come as the values that the reference evaluator's are decoded to. */
export class DuckdbRows implements Disposable {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  /** Opens a file for reading, or an empty database in memory. */
  static async open(path?: string): Promise<DuckdbRows> {
    const options = path === undefined ? {} : { access_mode: 'READ_ONLY' };
    const instance = await DuckDBInstance.create(path ?? ':memory:', options);
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    return new DuckdbRows(instance, connection);
  }

  async run(sql: string): Promise<void> {
    await this.#connection.run(sql);
  }

  async query(sql: string): Promise<EvaluatedRows> {
    const reader = await this.#connection.runAndReadAll(sql);
    const types = reader.columnTypes();
    return {
      columns: reader.columnNames().map((name, at) => ({ name, type: String(types[at]) })),
      rows: reader
        .getRows()
        .map((row) => row.map((value, at) => toValue(value, String(types[at])))),
    };
  }

  [Symbol.dispose](): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}

const SMALL_INTEGERS = /^U?(TINYINT|SMALLINT|INTEGER)$/;

function toValue(value: DuckDBValue, type = ''): Value {
  if (typeof value === 'number' && SMALL_INTEGERS.test(type)) return BigInt(value);
  if (value === null || typeof value !== 'object') return value ?? null;
  if (value instanceof DuckDBDateValue) return value.toString();
  if (value instanceof DuckDBTimestampValue) return timestampText(value.toString());
  if (value instanceof DuckDBDecimalValue) return value.toDouble();
  if (value instanceof DuckDBListValue) return value.items.map((item) => toValue(item));
  if (value instanceof DuckDBStructValue)
    return Object.values(value.entries).map((entry) => toValue(entry));
  return String(value);
}

/** From `2024-01-31 12:00:00.5`. */
function timestampText(text: string): string {
  const [whole = '', fraction = ''] = text.replace(' ', 'T').split('.');
  return `${whole}.${fraction.padEnd(6, '0')}Z`;
}
