import { PipelineError } from '../errors.ts';
import { quoteText } from '../sql/quote.ts';
import type { DuckdbSession } from './duckdb-session.ts';
import { columnDefinitions, duckdbType, q, tableName } from './duckdb-sql.ts';
import type { TableSpec } from './warehouse.ts';

/** Makes schemas and tables as the pipeline declares them; each is looked at once, since the file is ours while it is open. */
export class DuckdbTables {
  readonly #session: DuckdbSession;
  readonly #ensured = new Set<string>();
  readonly #datasets = new Set<string>();

  constructor(session: DuckdbSession) {
    this.#session = session;
  }

  /** Creates schema and table where missing, adds declared columns; refuses other differences of a table with rows. */
  async ensure(table: TableSpec): Promise<void> {
    const name = tableName(table);
    if (this.#ensured.has(name)) return;
    await this.#compare(table);
    this.#ensured.add(name);
  }

  async ensureDataset(dataset: string): Promise<void> {
    if (this.#datasets.has(dataset)) return;
    await this.#session.run(`CREATE SCHEMA IF NOT EXISTS ${q(dataset)}`);
    this.#datasets.add(dataset);
  }

  /** Types by column; empty for a table that does not exist. */
  async columnsOf(table: TableSpec): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#session.rows(
      `SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = ${quoteText(table.dataset, 'duckdb')} AND table_name = ${quoteText(table.name, 'duckdb')} ORDER BY column_index`,
    );
    return new Map(rows.map((row) => [String(row['column_name']), String(row['data_type'])]));
  }

  async #compare(table: TableSpec): Promise<void> {
    await this.ensureDataset(table.dataset);
    const existing = await this.columnsOf(table);
    const drift = findDrift(table, existing);
    const isReplaced = drift !== undefined && (await this.#isEmpty(table));
    if (drift !== undefined && !isReplaced) throw drift;
    // Nothing is lost with an empty table: how a table gets another form.
    if (isReplaced) await this.#session.run(`DROP TABLE ${tableName(table)}`);
    if (existing.size === 0 || isReplaced) {
      await this.#session.run(
        `CREATE TABLE IF NOT EXISTS ${tableName(table)} (${columnDefinitions(table.columns)})`,
      );
      return;
    }
    for (const column of table.columns.filter((each) => !existing.has(each.name))) {
      await this.#session.run(
        `ALTER TABLE ${tableName(table)} ADD COLUMN IF NOT EXISTS ${q(column.name)} ${duckdbType(column.type)}`,
      );
    }
  }

  async #isEmpty(table: TableSpec): Promise<boolean> {
    const rows = await this.#session.rows(`SELECT 1 AS one FROM ${tableName(table)} LIMIT 1`);
    return rows.length === 0;
  }
}

function findDrift(
  table: TableSpec,
  existing: ReadonlyMap<string, string>,
): PipelineError | undefined {
  const declared = new Map(table.columns.map((column) => [column.name, duckdbType(column.type)]));
  for (const [name, type] of existing) {
    const wanted = declared.get(name);
    if (wanted === undefined) return driftError(table, name, 'which is not declared');
    if (wanted !== type) return driftError(table, name, `with type ${type}, not as declared`);
  }
  return undefined;
}

function driftError(table: TableSpec, column: string, found: string): PipelineError {
  const { dataset, name } = table;
  return new PipelineError(`${dataset}.${name} in the warehouse has a column ${column} ${found}`, {
    code: 'SCHEMA_DRIFT',
    exitCode: 1,
    hint: `make all of its partitions in one statement, which replaces the table: fastbreak materialize ${name} --force (its \`batch\` must not be less than they are); or remove them first, since an empty table is made anew: fastbreak forget ${name}`,
  });
}
