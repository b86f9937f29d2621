import { tableOf } from '../assets/batch.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import { EXIT, isWarehouseError, PipelineError, type WarehouseError } from '../errors.ts';
import { jsonText } from '../report/json.ts';
import { queryCsv } from '../report/query-csv.ts';
import { queryTable } from '../report/query-table.ts';
import { formatSeconds, paintFor, plural } from '../report/text.ts';
import { loadSqlParser, type SqlParser } from '../sql/parse.ts';
import { transpileToDuckdb } from '../sql/transpile.ts';
import type { QueryResult, Warehouse } from '../warehouse/warehouse.ts';
import { type Effects, type GlobalOptions, openProject, type Project } from './context.ts';
import { googleSqlType } from './google-sql-type.ts';
import { openReadable } from './open-readable.ts';
import { type PreparedQuery, prepareQuery } from './query-statement.ts';

export interface QueryOptions {
  /** One SELECT in GoogleSQL, with asset names as tables. */
  readonly sql: string;
  readonly csv: boolean;
  /** Largest number of rows; default: all as JSON and CSV, a screenful of pages as a table. */
  readonly limit?: number | undefined;
}

const MOST_TABLE_ROWS = 1000;

/** `fastbreak query SQL`: reads the target, never writes. */
export async function runQuery(
  options: QueryOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  if (options.csv && options.json) {
    throw new PipelineError('expected --json or --csv, found both', { code: 'INVALID_OPTIONS' });
  }
  const project = await openProject(options, effects);
  const parser = await loadSqlParser();
  const isTable = !options.csv && !options.json;
  const limit = options.limit ?? (isTable ? MOST_TABLE_ROWS : undefined);
  const { pipeline, target } = project;
  const prepared = prepareQuery({ sql: options.sql, pipeline, target, limit }, parser);
  const sql = target.warehouse === 'duckdb' ? toDuckdb(prepared, parser) : prepared.sql;
  if (!options.quiet) {
    for (const warning of prepared.warnings) effects.stderr(`warning: ${warning}\n`);
  }
  const start = effects.now();
  const warehouse = await openReadable(project, effects);
  try {
    const all = await readRows({ sql, prepared, project, warehouse }, effects);
    const rows = limit === undefined ? all.rows : all.rows.slice(0, limit);
    print({ columns: all.columns, rows }, options, effects);
    if (isTable && !options.quiet) {
      const took = formatSeconds((effects.now() - start) / 1000);
      effects.stderr(`${footer(rows.length, all.rows.length > rows.length)} in ${took}\n`);
    }
  } finally {
    await warehouse.close();
  }
  return EXIT.ok;
}

interface QueryRun {
  readonly sql: string;
  readonly prepared: PreparedQuery;
  readonly project: Project;
  readonly warehouse: Warehouse;
}

async function readRows(run: QueryRun, effects: Effects): Promise<QueryResult> {
  const { prepared, project, warehouse } = run;
  const { signal } = effects;
  try {
    const functions = functionStatements(prepared, project);
    if (warehouse.capabilities.dialect === 'bigquery') {
      return await warehouse.query(run.sql, { signal, functions });
    }
    for (const statement of functions) await warehouse.execute(statement, { signal });
    // What the rules of the parser let through by mistake still cannot touch a file.
    await warehouse.execute('SET enable_external_access = false', { signal });
    const result = await warehouse.query(run.sql, { signal });
    const columns = result.columns.map(({ name, type }) => ({ name, type: googleSqlType(type) }));
    return { columns, rows: result.rows };
  } catch (error) {
    if (isWarehouseError(error)) throw await explain(error, run);
    throw error;
  }
}

/** Every function of the project when one is called: they may call each other. */
function functionStatements(prepared: PreparedQuery, project: Project): readonly string[] {
  if (prepared.functions.length === 0) return [];
  const { pipeline, target } = project;
  return pipeline.functions.flatMap((definition) => {
    const functions =
      target.warehouse === 'duckdb' ? pipeline.duckdbFunctions : pipeline.googleFunctions;
    return functions[definition.name] ?? [];
  });
}

function toDuckdb(prepared: PreparedQuery, parser: SqlParser): string {
  const transpiled = transpileToDuckdb(parser, prepared.sql);
  if (transpiled.ok) return transpiled.sql;
  throw new PipelineError(`the query cannot be translated for DuckDB: ${transpiled.message}`, {
    code: 'INVALID_QUERY',
    hint: 'write it in simpler GoogleSQL',
  });
}

/** Looks for the likely cause: a table that was never made is better told than one that "does not exist". */
async function explain(error: WarehouseError, run: QueryRun): Promise<PipelineError> {
  if (error.kind === 'statement') {
    const missing = await neverMaterialized(run);
    if (missing !== undefined) {
      return new PipelineError(
        `${missing.name} was never materialized in target ${run.project.target.name}`,
        {
          code: 'NOT_MATERIALIZED',
          hint: `fastbreak materialize +${missing.name}`,
          exitCode: EXIT.failed,
          cause: error,
        },
      );
    }
  }
  const exitCode = { interrupted: EXIT.interrupted, statement: EXIT.usage }[error.kind as string];
  return new PipelineError(`the query failed: ${error.message}`, {
    code: error.category,
    exitCode: error.category === 'WAREHOUSE_LOCKED' ? EXIT.locked : (exitCode ?? EXIT.failed),
    cause: error,
  });
}

async function neverMaterialized(run: QueryRun): Promise<CompiledAsset | undefined> {
  const { assets } = run.prepared;
  const counts = await run.warehouse.countRows(assets.map(tableOf));
  return assets.find((asset) => !counts.has(asset.name));
}

function print(result: QueryResult, options: QueryOptions & GlobalOptions, effects: Effects): void {
  if (options.json) effects.stdout(jsonText(result));
  else if (options.csv) effects.stdout(queryCsv(result));
  else {
    const width = effects.isTerminal ? effects.width : Infinity;
    effects.stdout(queryTable(result, width, paintFor(options.color)));
  }
}

function footer(count: number, hasMore: boolean): string {
  if (!hasMore) return plural(count, 'row');
  return `the first ${plural(count, 'row')}, there are more (--limit N, --csv, or fastbreak export)`;
}
