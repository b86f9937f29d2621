import type { CompiledPipeline } from '../../engine/compile/compiled.ts';
import type { SqlFunction } from '../../engine/config/pipeline.ts';
import type { Catalog, TableContents } from './zetasql-service.ts';
import { encode, protoType, type Value } from './zetasql-values.ts';

/** A table as the analyzer needs to know it. */
export interface CatalogTable {
  /** Empty for a table that is named alone. */
  readonly dataset: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Its rows, for evaluation; absent for analysis alone. */
  readonly rows?: readonly (readonly Value[])[];
}

/** The tables that a pipeline's assets declare. */
export function declaredTables(pipeline: CompiledPipeline): CatalogTable[] {
  return pipeline.assets.map(({ dataset, name, columns }) => ({ dataset, name, columns }));
}

/**
 * Tables by dataset, so that statements analyze as they are sent to BigQuery. The evaluator finds the rows of
 * tables without a dataset only: those with rows are there once more under their dotted name (see `evaluable`).
 */
export function catalogOf(
  tables: readonly CatalogTable[],
  functions: readonly SqlFunction[] = [],
): Catalog {
  const inDataset = tables.filter((table) => table.dataset !== '');
  const byDataset = Map.groupBy(inDataset, (table) => table.dataset);
  return {
    name: 'project',
    catalog: Array.from(byDataset, ([name, members]) => ({
      name,
      table: members.map((table) => tableProto(table.name, table)),
    })),
    table: tables
      .filter((table) => table.rows !== undefined)
      .map((table) => tableProto(dotted(table), table)),
    custom_function: functions.map(functionProto),
  };
}

/** The rows of the tables that have some. */
export function contentsOf(tables: readonly CatalogTable[]): TableContents {
  return Object.fromEntries(
    tables.flatMap((table) => {
      if (table.rows === undefined) return [];
      const row = table.rows.map((values) => ({
        cell: table.columns.map((column, at) => encode(values[at] ?? null, column.type)),
      }));
      return [[dotted(table), { table_data: { row } }]];
    }),
  );
}

/** The statement with every table named as the evaluator finds it: `dataset.table` in one pair of backticks. */
export function evaluable(googleSql: string, tables: readonly CatalogTable[]): string {
  return tables.reduce(
    (sql, table) =>
      sql.replaceAll(`\`${table.dataset}\`.\`${table.name}\``, `\`${dotted(table)}\``),
    googleSql,
  );
}

function dotted({ dataset, name }: CatalogTable): string {
  return dataset === '' ? name : `${dataset}.${name}`;
}

function tableProto(name: string, { columns }: CatalogTable): object {
  const column = columns.map((each) => ({ name: each.name, type: protoType(each.type) }));
  return { name, name_in_catalog: name, column };
}

/** Arguments have their declared type whatever a caller passes, as with CREATE TEMP FUNCTION. */
function functionProto({ name, arguments: parameters, sql }: SqlFunction): object {
  return {
    name_path: [name],
    group: 'Templated_SQL_Function',
    mode: 'SCALAR',
    signature: [
      {
        argument: parameters.map(({ type }) => ({
          kind: 'ARG_TYPE_FIXED',
          type: protoType(type),
          num_occurrences: 1,
        })),
        return_type: { kind: 'ARG_TYPE_ARBITRARY' },
      },
    ],
    parse_resume_location: { input: sql },
    templated_sql_function_argument_name: parameters.map((parameter) => parameter.name),
  };
}
