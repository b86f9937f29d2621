import { warehouseType } from '../../engine/sql/column-type.ts';
import { quoteName, quoteText } from '../../engine/sql/quote.ts';
import type {
  Dialect,
  PublishRequest,
  StagedPartition,
  StageRequest,
  TableColumn,
  TableSpec,
  Warehouse,
} from '../../engine/warehouse/warehouse.ts';
import { day } from '../partitions/shapes.ts';

export const column = (name: string, type: string): TableColumn => ({
  name,
  type,
  nullable: true,
  description: `The ${name}`,
});

/** The table that most tests of warehouses write to. */
export const TABLE: TableSpec = {
  dataset: 'shop',
  name: 'orders',
  columns: [column('day', 'DATE'), column('id', 'INT64'), column('price', 'FLOAT64')],
  partitionColumn: 'day',
  key: ['id'],
};

export const FIRST = day('2024-01-01');
export const SECOND = day('2024-01-02');

export type Value = string | number | boolean | null | readonly (string | number)[];
export type Rows = readonly (readonly Value[])[];

/** Three orders on two days. */
export const TWO_DAYS: Rows = [
  ['2024-01-01', 1, 1.5],
  ['2024-01-01', 2, 2.5],
  ['2024-01-02', 3, null],
];

/** A SELECT of some rows of a table, in the warehouse's dialect. */
export function selectOf(dialect: Dialect, columns: readonly TableColumn[], rows: Rows): string {
  return rows
    .map((row) => {
      const values = columns.map(
        ({ name, type }, index) =>
          `CAST(${literal(dialect, row[index] ?? null)} AS ${warehouseType(type, dialect)}) AS ${quoteName(name, dialect)}`,
      );
      return `SELECT ${values.join(', ')}`;
    })
    .join('\nUNION ALL ');
}

function literal(dialect: Dialect, value: Value): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return quoteText(value, dialect);
  if (typeof value === 'object')
    return `[${value.map((each) => literal(dialect, each)).join(', ')}]`;
  return String(value);
}

/** A stage of some rows. */
export function staging(
  warehouse: Warehouse,
  rows: Rows,
  changes: Partial<StageRequest> = {},
): StageRequest {
  const { table = TABLE } = changes;
  const select = selectOf(warehouse.capabilities.dialect, table.columns, rows);
  const request = { table, stage: 'step', select, functions: [], checks: [] };
  return { ...request, replacesAll: false, ...changes };
}

/** The publish of all partitions of a stage. */
export function publishing(
  request: StageRequest,
  staged: readonly StagedPartition[],
  changes: Partial<PublishRequest> = {},
): PublishRequest {
  return {
    table: request.table,
    stage: request.stage,
    asset: request.table.name,
    runId: 'run-1',
    codeVersion: 'c0de',
    at: 1000,
    replace: staged.map((partition) => partition.day),
    materializations: staged.map(({ day: at, rows, data }) => ({
      day: at,
      rows,
      data,
      input: { hi: 7, lo: rows },
      inputs: Uint8Array.of(1, 255, 0),
    })),
    replacesAll: request.replacesAll,
    ...changes,
  };
}

export async function stageAndPublish(
  warehouse: Warehouse,
  request: StageRequest,
  changes: Partial<PublishRequest> = {},
): Promise<void> {
  const staged = await warehouse.stage(request, {});
  await warehouse.publish(publishing(request, staged, changes), {});
}

/** The rows of the orders' table in the order of their numbers. */
export async function rowsOf(warehouse: Warehouse): Promise<Rows> {
  const { rows } = await warehouse.query('SELECT day, id, price FROM shop.orders ORDER BY id', {});
  return rows as Rows;
}
