import { loadSqlParser, type SqlParser } from '../../engine/sql/parse.ts';
import { quoteName } from '../../engine/sql/quote.ts';
import { warehouseType } from '../../engine/sql/column-type.ts';
import { DuckdbRows } from './duckdb-rows.ts';
import { type CatalogTable, catalogOf, contentsOf } from './pipeline-catalog.ts';
import type { ProofOutcome } from './proofs/proof.ts';
import { type EvaluatedRows, ZetaSqlError, ZetaSqlService } from './zetasql-service.ts';
import type { Value } from './zetasql-values.ts';

/** What became of one text, with the rows or errors that show it. */
export interface Verdict {
  readonly outcome: ProofOutcome;
  readonly google: string;
  readonly duckdb: string;
}

/** How a text gets to DuckDB: as the transpiler alone would do it, or as the engine does. */
export type Translate = (parser: SqlParser, googleSql: string) => string;

/** The reference evaluator and DuckDB with the same tables. */
export class BothEngines implements AsyncDisposable {
  readonly #service: ZetaSqlService;
  readonly #catalog: string;
  readonly #duckdb: DuckdbRows;
  readonly #parser: SqlParser;

  private constructor(
    service: ZetaSqlService,
    catalog: string,
    duckdb: DuckdbRows,
    parser: SqlParser,
  ) {
    this.#service = service;
    this.#catalog = catalog;
    this.#duckdb = duckdb;
    this.#parser = parser;
  }

  static async of(tables: readonly CatalogTable[]): Promise<BothEngines> {
    const service = await ZetaSqlService.start();
    const catalog = await service.register(catalogOf(tables), contentsOf(tables));
    const duckdb = await DuckdbRows.open();
    for (const table of tables) await createTable(duckdb, table);
    return new BothEngines(service, catalog, duckdb, await loadSqlParser());
  }

  /** Runs a GoogleSQL text on both. */
  async judge(googleSql: string, translate: Translate): Promise<Verdict> {
    const google = await shown(() => this.#service.evaluate(this.#catalog, googleSql));
    const duckdb = await shown(() => this.#duckdb.query(translate(this.#parser, googleSql)));
    return { outcome: outcomeOf(google, duckdb), google: google.text, duckdb: duckdb.text };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#duckdb[Symbol.dispose]();
    await this.#service[Symbol.asyncDispose]();
  }
}

interface Shown {
  readonly isError: boolean;
  readonly text: string;
}

/** How the service says that it accepts a text but has no evaluation for it. */
const NOT_EVALUATED = /UNIMPLEMENTED|not implemented/;

function outcomeOf(google: Shown, duckdb: Shown): ProofOutcome {
  if (google.isError) return NOT_EVALUATED.test(google.text) ? 'not evaluated' : 'google refuses';
  if (duckdb.isError) return 'duckdb refuses';
  return google.text === duckdb.text ? 'agree' : 'rows';
}

async function shown(run: () => Promise<EvaluatedRows>): Promise<Shown> {
  try {
    const { rows } = await run();
    const lines = rows.map((row) => row.map(plain).join(' | '));
    return { isError: false, text: lines.toSorted().join('\n') };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const prefix = error instanceof ZetaSqlError ? '' : 'Error: ';
    return { isError: true, text: `${prefix}${error.message}` };
  }
}

/** A value without the difference between integers and floats, which the engine's casts even out. */
function plain(value: Value): string {
  if (value === null) return 'NULL';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return String(Number(value.toPrecision(12)));
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(plain).join(', ')}]`;
  return JSON.stringify(value);
}

async function createTable(duckdb: DuckdbRows, { name, columns, rows = [] }: CatalogTable) {
  const list = columns.map(
    (column) => `${quoteName(column.name, 'duckdb')} ${warehouseType(column.type, 'duckdb')}`,
  );
  await duckdb.run(`CREATE TABLE ${quoteName(name, 'duckdb')} (${list.join(', ')})`);
  for (const row of rows) {
    await duckdb.run(
      `INSERT INTO ${quoteName(name, 'duckdb')} VALUES (${row.map(literal).join(', ')})`,
    );
  }
}

function literal(value: Value): string {
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(literal).join(', ')}]`;
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  return String(value);
}
