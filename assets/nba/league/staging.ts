import {
  DOUBLE,
  DuckDBDataChunk,
  INTEGER,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBType,
} from '@duckdb/node-api';

type StageValue = number | string | null;
export type StageType = 'int' | 'double' | 'text';

const DUCKDB_TYPE: Readonly<Record<StageType, DuckDBType>> = {
  int: INTEGER,
  double: DOUBLE,
  text: VARCHAR,
};

/** DuckDB's vector size: an appended chunk may not be longer. */
const CHUNK_ROWS = 2048;

/**
 * Rows kept by column until they are loaded. Only three plain types, because millions of values pass through;
 * dates, times, booleans and texts that repeat are integers here and get their real type in SQL.
 */
export class Stage {
  readonly name: string;
  readonly #types: readonly StageType[];
  readonly #columnNames: readonly string[];
  readonly #columns: StageValue[][];

  constructor(name: string, columns: Readonly<Record<string, StageType>>) {
    this.name = name;
    this.#columnNames = Object.keys(columns);
    this.#types = Object.values(columns);
    this.#columns = this.#types.map(() => []);
  }

  get rowCount(): number {
    return this.#columns[0]?.length ?? 0;
  }

  add(...row: readonly StageValue[]): void {
    if (row.length !== this.#columns.length) {
      throw new Error(
        `stage ${this.name} has ${this.#columns.length} columns, got ${row.length} values`,
      );
    }
    for (let i = 0; i < row.length; i++) this.#columns[i]?.push(row[i] as StageValue);
  }

  async load(connection: DuckDBConnection): Promise<void> {
    const types = this.#types.map((type) => DUCKDB_TYPE[type]);
    const list = this.#columnNames.map((name, i) => `${name} ${String(types[i])}`).join(', ');
    await connection.run(`CREATE TABLE ${this.name} (${list})`);
    const appender = await connection.createAppender(this.name);
    for (let start = 0; start < this.rowCount; start += CHUNK_ROWS) {
      const slices = this.#columns.map((column) => column.slice(start, start + CHUNK_ROWS));
      const chunk = DuckDBDataChunk.create(types, slices[0]?.length ?? 0);
      chunk.setColumns(slices);
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  }
}
