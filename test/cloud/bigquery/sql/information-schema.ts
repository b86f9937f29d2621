import type { Catalog, Table } from '../catalog.ts';
import { googleType } from '../field-types.ts';
import type { NamePath } from './table-paths.ts';

/** A relation of metadata, made as a temporary table when a statement reads it. */
export interface SystemView {
  readonly name: string;
  readonly create: string;
}

interface Shape {
  readonly columns: string;
  readonly rows: (catalog: Catalog, table: Table) => readonly (readonly Value[])[];
}

type Value = string | number | boolean | null;

const SHAPES: Readonly<Record<string, Shape>> = {
  TABLES: {
    columns:
      'table_catalog VARCHAR, table_schema VARCHAR, table_name VARCHAR, table_type VARCHAR, creation_time TIMESTAMPTZ',
    rows: (catalog, table) => [
      [catalog.project, table.dataset, table.name, 'BASE TABLE', iso(table.createdAt)],
    ],
  },
  COLUMNS: {
    columns:
      'table_catalog VARCHAR, table_schema VARCHAR, table_name VARCHAR, column_name VARCHAR, ordinal_position BIGINT, is_nullable VARCHAR, data_type VARCHAR, is_partitioning_column VARCHAR, clustering_ordinal_position BIGINT',
    rows: (catalog, table) =>
      table.fields.map((field, index) => [
        catalog.project,
        table.dataset,
        table.name,
        field.name,
        index + 1,
        field.mode === 'REQUIRED' ? 'NO' : 'YES',
        googleType(field),
        field.name === table.timePartitioning?.field ? 'YES' : 'NO',
        clusterPosition(table, field.name),
      ]),
  },
  __TABLES__: {
    columns:
      'project_id VARCHAR, dataset_id VARCHAR, table_id VARCHAR, creation_time BIGINT, last_modified_time BIGINT, type BIGINT',
    rows: (catalog, table) => [
      [catalog.project, table.dataset, table.name, table.createdAt, table.modifiedAt, 1],
    ],
  },
};

/** The relation that `dataset.INFORMATION_SCHEMA.TABLES`, `.COLUMNS` or `dataset.__TABLES__` means. */
export function systemView(path: NamePath, catalog: Catalog): SystemView | undefined {
  const parts = path.parts.filter(
    (part, index) =>
      !(index === 0 && part === catalog.project) && part.toUpperCase() !== 'INFORMATION_SCHEMA',
  );
  const isSystem = parts.length < path.parts.length || parts[1] === '__TABLES__';
  const [dataset = '', view = ''] = parts;
  const shape = SHAPES[view.toUpperCase()];
  if (!isSystem || shape === undefined || !catalog.datasets.has(dataset)) return undefined;
  if (!path.parts.some((part) => /^(INFORMATION_SCHEMA|__TABLES__)$/i.test(part))) return undefined;
  const tables = [...catalog.dataset(dataset).tables.values()];
  const rows = tables
    .filter((table) => !catalog.isExpired(table))
    .flatMap((table) => shape.rows(catalog, table));
  const name = `_system_${dataset}_${view.toLowerCase()}`;
  return { name, create: createStatement(name, shape.columns, rows) };
}

function createStatement(
  name: string,
  columns: string,
  rows: readonly (readonly Value[])[],
): string {
  const create = `CREATE OR REPLACE TEMP TABLE "${name}" (${columns})`;
  const values = rows.map((row) => `(${row.map(literal).join(', ')})`).join(', ');
  return rows.length === 0 ? create : `${create}; INSERT INTO "${name}" VALUES ${values}`;
}

function literal(value: Value): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
}

function clusterPosition(table: Table, column: string): number | null {
  const index = table.clustering.indexOf(column);
  return index < 0 ? null : index + 1;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
