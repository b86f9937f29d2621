import { join } from 'node:path';

import { PipelineError } from '../errors.ts';
import { indexOfDay } from '../partitions/calendar.ts';
import { type Day, formatDay, parseDay, UNPARTITIONED } from '../partitions/date.ts';
import { columnsOfRelation, partitionRows } from './batch.ts';
import type { ModuleRun } from './module-asset.ts';
import type {
  ModuleColumnInfo,
  ModuleContext,
  ModuleFailure,
  ModulePartition,
  SettingValue,
} from './module-context.ts';
import { moduleColumns } from './module-columns.ts';
import { readQuery, readSelect } from './module-reads.ts';
import type { ModuleRows } from './module-rows.ts';

/** Why a module says that a partition failed. */
export interface ModuleFault {
  readonly category: string;
  readonly message: string;
}

/** How far a module is. */
export interface ModuleProgress {
  readonly done: number;
  readonly total: number;
  readonly what: string;
}

/** Between two reports of a module's progress: they are shown, logged and nothing else. */
const PROGRESS_MS = 1000;

/** What a module gets for a batch; what it writes and says of its partitions is put into `rows` and `failed`. */
export function moduleContext(
  run: ModuleRun,
  rows: ModuleRows,
  failed: Map<Day, ModuleFault>,
): ModuleContext {
  const { batch, root, signal } = run;
  const { asset } = batch.evaluation;
  const all = run.inputs;
  return {
    partitions: modulePartitions(run),
    settings: frozen(structuredClone(asset.settings ?? {})),
    files: Object.freeze(
      Object.fromEntries((asset.files ?? []).map((path) => [path, join(root, path)])),
    ),
    codeVersion: asset.codeVersion,
    columnsOf: (relation) => columnsOf(run, relation),
    read: async (relation, columns) => {
      const result = await run.warehouse.query(readSelect(run, relation, columns), { signal });
      return Object.fromEntries(
        result.columns.map(({ name }, at) => [name, result.rows.map((row) => row[at])]),
      );
    },
    readColumns: async (relation, columns) => {
      const query = readQuery(run, relation, columns);
      return moduleColumns(relation, await run.warehouse.readColumns(query, { signal }));
    },
    write: (added) => rows.write(added),
    writeColumns: (columns) => rows.writeColumns(columns),
    // Few modules ask, and it takes a look at all that is recorded of the upstream.
    get inputs() {
      return all(batch.indexes);
    },
    inputsOf: (date) => all([indexOf(run, date)]),
    fail: (date, message, failure) => {
      const day = batch.evaluation.expected.days[indexOf(run, date)] ?? 0;
      failed.set(day, faultOf(message, failure));
    },
    progress: sparingly(run),
    log: run.log,
    signal,
  };
}

function modulePartitions({ batch }: ModuleRun): ModulePartition[] {
  const rows = partitionRows(batch);
  if (!rows) return [{ date: 'all', period: undefined, periodStart: undefined }];
  return rows.map((row) => ({
    date: formatDay(row.day),
    period: row.period,
    periodStart: row.periodStart === undefined ? undefined : formatDay(row.periodStart),
  }));
}

function columnsOf({ batch, assets }: ModuleRun, relation: string): ModuleColumnInfo[] {
  const edges = batch.evaluation.edges.filter((each) => each.upstream.relation === relation);
  if (edges.length === 0) {
    throw new PipelineError(
      `${batch.evaluation.asset.name} asks for the columns of "${relation}", which is not among its upstream`,
      { code: 'UNDECLARED_UPSTREAM', hint: 'declare it under upstream:' },
    );
  }
  return columnsOfRelation(edges, assets).map(({ name, type, unit, description }) => ({
    name,
    type,
    unit,
    description,
  }));
}

/** The position of a partition that the module was asked for. */
function indexOf({ batch }: ModuleRun, date: string): number {
  const { asset, expected } = batch.evaluation;
  const day = date === 'all' ? UNPARTITIONED : parseDay(date);
  const index = day === undefined ? -1 : indexOfDay(expected.days, day);
  if (batch.indexes.includes(index)) return index;
  throw new PipelineError(
    `${asset.file ?? asset.name} names the partition "${date}", which it was not asked for`,
    { code: 'UNKNOWN_PARTITION', hint: 'take the dates from context.partitions' },
  );
}

function faultOf(message: string, { category, hint }: ModuleFailure = {}): ModuleFault {
  return {
    category: category ?? 'MODULE_ERROR',
    message: hint === undefined ? message : `${message} (${hint})`,
  };
}

/** Passes on the first report, the last one and one every now and then. */
function sparingly({ now, progress }: ModuleRun): ModuleContext['progress'] {
  let last = Number.NEGATIVE_INFINITY;
  let isOver = false;
  return (done, total, what = '') => {
    const at = now();
    const isEnd = done >= total && !isOver;
    if (!isEnd && at - last < PROGRESS_MS) return;
    last = at;
    isOver = done >= total;
    progress({ done, total, what });
  };
}

function frozen<T extends SettingValue>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values<SettingValue>(value)) frozen(inner);
    Object.freeze(value);
  }
  return value;
}
