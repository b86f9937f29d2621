import { formatHash, parseHash } from '../partitions/hash64.ts';
import {
  confirmLease,
  deleteMaterializations,
  type OwnTables,
  script,
  tableName,
  text,
} from './bigquery-sql.ts';
import { deleteFailures, FAILURES_TABLE } from './failures-sql.ts';
import type {
  MarkRequest,
  RecordedCalendar,
  RecordedDefinition,
  RecordedMaterialization,
  TableSpec,
} from './warehouse.ts';
import type { Day } from '../partitions/date.ts';

/** A column of one of the engine's own tables. */
interface OwnColumn {
  readonly name: string;
  readonly type: 'STRING' | 'INT64' | 'BOOL' | 'TIMESTAMP';
  readonly description: string;
}

/** One of the engine's own tables. */
export interface OwnTable {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly OwnColumn[];
  readonly clustering: readonly string[];
}

const column =
  (type: OwnColumn['type']) =>
  (name: string, description: string): OwnColumn => ({
    name,
    type,
    description,
  });
const textColumn = column('STRING');
const numberColumn = column('INT64');
const timeColumn = column('TIMESTAMP');

export const MATERIALIZATIONS: OwnTable = {
  name: '_fastbreak_materializations',
  description: 'Which partitions are materialized: written in the same transaction as their rows.',
  clustering: ['asset'],
  columns: [
    textColumn('asset', 'Name of the asset'),
    numberColumn('day', 'The partition as days since 1970-01-01'),
    numberColumn('row_count', 'Rows of the partition'),
    textColumn('data', 'Data version: order-independent hash of the rows, 16 hex digits'),
    textColumn('input', 'Input version: hash of code and upstream data versions'),
    textColumn('inputs', 'What the input version was made of, upstream by upstream'),
    textColumn('code_version', 'Code version that made the rows'),
    textColumn('run_id', 'Run that made them'),
    numberColumn('materialized_at', 'Milliseconds since 1970'),
    textColumn('reason', 'Why the partition is expected to be empty'),
    textColumn('source_quick', 'Sizes and versions of the files of a source'),
    textColumn('source_content', 'Content of the files of a source'),
    textColumn('marked_by', 'Run that declared the rows current without making them again'),
    numberColumn('marked_at', 'Milliseconds since 1970'),
  ],
};

export const DEFINITIONS: OwnTable = {
  name: '_fastbreak_definitions',
  description: 'The parts of every code version that ever published rows.',
  clustering: ['asset'],
  columns: [
    textColumn('asset', 'Name of the asset'),
    textColumn('code_version', 'Its code version'),
    textColumn('parts', 'What the version is made of, as JSON'),
    textColumn('upstream', 'What it reads, as JSON'),
  ],
};

export const CALENDARS: OwnTable = {
  name: '_fastbreak_calendars',
  description: 'The calendars as they were read last.',
  clustering: [],
  columns: [
    textColumn('name', 'Name of the calendar'),
    textColumn('document', 'Its dates and periods, as JSON'),
  ],
};

export const LEASE: OwnTable = {
  name: '_fastbreak_lease',
  description: 'One row: the run that may write now.',
  clustering: [],
  columns: [
    textColumn('run_id', 'The run that may write; NULL for none'),
    textColumn('host', 'Its machine'),
    numberColumn('pid', 'Its process'),
    textColumn('command', 'Its command'),
    timeColumn('acquired_at', 'When it took the lease, by the clock of BigQuery'),
    timeColumn('heartbeat_at', 'When it was heard of last, by the clock of BigQuery'),
  ],
};

export const OWN_TABLES = [MATERIALIZATIONS, DEFINITIONS, CALENDARS, LEASE] as const;

/** The engine's own tables as SQL names them. */
export function ownTables(dataset: string): OwnTables {
  const named = ({ name }: OwnTable): string => tableName({ dataset, name });
  return {
    materializations: named(MATERIALIZATIONS),
    definitions: named(DEFINITIONS),
    calendars: named(CALENDARS),
    failures: tableName({ dataset, name: FAILURES_TABLE }),
    lease: named(LEASE),
  };
}

export function readMaterializationsQuery(own: OwnTables): string {
  const names = MATERIALIZATIONS.columns.map((each) => each.name).join(', ');
  return `SELECT ${names} FROM ${own.materializations}`;
}

/** A row of `readMaterializationsQuery`. */
export function toMaterialization(row: readonly unknown[]): RecordedMaterialization {
  const [asset, day, rows, data, input, inputs, codeVersion, runId, at, ...rest] = row;
  const [reason, quick, content, markedBy, markedAt] = rest;
  const files =
    typeof quick === 'string' && typeof content === 'string' ? { quick, content } : undefined;
  return {
    asset: String(asset),
    day: Number(day),
    rows: Number(rows),
    data: parseHash(String(data)),
    input: parseHash(String(input)),
    inputs: Uint8Array.from(Buffer.from(String(inputs), 'hex')),
    codeVersion: String(codeVersion),
    runId: String(runId),
    at: Number(at),
    reason: typeof reason === 'string' ? reason : undefined,
    source: files,
    marked: typeof markedBy === 'string' ? { runId: markedBy, at: Number(markedAt) } : undefined,
  };
}

export function readDefinitionsQuery(own: OwnTables): string {
  return `SELECT asset, code_version, parts, upstream FROM ${own.definitions}`;
}

export function toDefinition([
  asset,
  codeVersion,
  parts,
  upstream,
]: readonly unknown[]): RecordedDefinition {
  return {
    asset: String(asset),
    codeVersion: String(codeVersion),
    parts: String(parts),
    // Written by `keepDefinition` as a list of names.
    upstream: JSON.parse(String(upstream)) as readonly string[],
  };
}

export function readCalendarsQuery(own: OwnTables): string {
  return `SELECT name, document FROM ${own.calendars}`;
}

/** Replaces a calendar. */
export function saveCalendarScript(
  own: OwnTables,
  { name, document }: RecordedCalendar,
  holder?: string,
): string {
  return script([
    'BEGIN TRANSACTION',
    ...confirmLease(own, holder),
    `DELETE FROM ${own.calendars} WHERE name = ${text(name)}`,
    `INSERT INTO ${own.calendars} (name, document) VALUES (${text(name)}, ${text(document)})`,
    'COMMIT TRANSACTION',
  ]);
}

/** Gives materialization rows new inputs. */
export function markScript(
  own: OwnTables,
  request: MarkRequest,
  holder: string | undefined,
): string {
  const { asset, runId, at, source, definition } = request;
  const rows = request.partitions.map(
    ({ day, input, inputs }) =>
      `(${day}, ${text(formatHash(input))}, ${text(Buffer.from(inputs).toString('hex'))})`,
  );
  const files = source
    ? `source_quick = ${text(source.quick)}, source_content = ${text(source.content)}, `
    : '';
  return script([
    'BEGIN TRANSACTION',
    ...confirmLease(own, holder),
    `UPDATE ${own.materializations} AS _m
SET input = _v.input, inputs = _v.inputs, code_version = ${text(request.codeVersion)}, ${files}marked_by = ${text(runId)}, marked_at = ${at}
FROM UNNEST(ARRAY<STRUCT<day INT64, input STRING, inputs STRING>>[${rows.join(', ')}]) AS _v
WHERE _m.asset = ${text(asset)} AND _m.day = _v.day`,
    `DELETE FROM ${own.definitions} WHERE asset = ${text(asset)} AND code_version = ${text(definition.codeVersion)}`,
    `INSERT INTO ${own.definitions} (asset, code_version, parts, upstream)
VALUES (${text(asset)}, ${text(definition.codeVersion)}, ${text(definition.parts)}, ${text(JSON.stringify(definition.upstream))})`,
    'COMMIT TRANSACTION',
  ]);
}

/** Removes partitions: rows, where the table exists, failures and materialization rows. */
export function removeScript(
  own: OwnTables,
  request: {
    readonly asset: string;
    readonly days: readonly Day[];
    readonly runId: string | undefined;
    /** The asset's table with the condition on its rows; absent when it does not exist. */
    readonly rows: { readonly table: TableSpec; readonly condition: string } | undefined;
  },
): string {
  const { asset, days, rows, runId } = request;
  return script([
    'BEGIN TRANSACTION',
    ...confirmLease(own, runId),
    ...(rows ? [`DELETE FROM ${tableName(rows.table)} WHERE ${rows.condition}`] : []),
    deleteFailures({ dialect: 'bigquery', table: own.failures }, asset, days),
    deleteMaterializations(own, asset, days),
    'COMMIT TRANSACTION',
  ]);
}
