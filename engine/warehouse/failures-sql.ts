import { quoteText, type SqlDialect } from '../sql/quote.ts';
import type { CountedEntities, FailureCount, FailureFilter, RecordedFailure } from './failures.ts';
import type { FailuresRequest } from './warehouse.ts';

/** The warehouse's own table of who was expected in a partition and has no row, and why. */
export const FAILURES_TABLE = '_fastbreak_failures';

/** Its columns in order, with their GoogleSQL types and what they hold. */
export const FAILURE_COLUMNS = [
  ['asset', 'STRING', 'Name of the asset'],
  ['day', 'INT64', 'The partition as days since 1970-01-01'],
  ['entity', 'STRING', 'Who has no row: the value, or a JSON list of them'],
  ['category', 'STRING', 'Why'],
  ['reason', 'STRING', 'Why, for people'],
  ['is_expected', 'BOOL', 'True if this is as it should be'],
  ['is_correctable', 'BOOL', 'True if better data could mend it'],
  ['can_retry', 'BOOL', 'True if making the partition again may help by itself'],
  ['expected_count', 'INT64', 'How many there should be, where it is counted'],
  ['actual_count', 'INT64', 'How many there are'],
  ['missing_dates', 'STRING', 'Which are missing, dates separated by commas'],
  ['run_id', 'STRING', 'Run that found it so'],
  ['code_version', 'STRING', 'Code version that it ran'],
  ['recorded_at', 'INT64', 'Milliseconds since 1970'],
  ['resolution_status', 'STRING', 'UNRESOLVED, INVESTIGATING, PERMANENT or RESOLVED'],
  ['resolved_at', 'INT64', 'When it had a row again, in milliseconds since 1970'],
] as const;

const NAMES = FAILURE_COLUMNS.map(([name]) => name);
const COLUMN_LIST = NAMES.join(', ');

/** Marks rows of a stage that are no failures, but entities that nobody expected. */
const UNEXPECTED = 'UNEXPECTED';

interface Place {
  readonly dialect: SqlDialect;
  /** The warehouse's table as SQL names it. */
  readonly table: string;
}

/**
 * The failures of some partitions as they should be recorded, and, marked, the entities that nobody expected. What was
 * recorded alike keeps its run and its time.
 */
export function stagedFailuresSelect(request: FailuresRequest, { dialect, table }: Place): string {
  const { asset, days, runId, codeVersion, at, leading } = request;
  const text = (value: string): string => quoteText(value, dialect);
  const none = (type: 'STRING' | 'INT64'): string => `CAST(NULL AS ${typeName(type, dialect)})`;
  const int = (value: number): string => `CAST(${value} AS ${typeName('INT64', dialect)})`;
  const isAlike = ['category', 'reason', 'is_expected', 'is_correctable', 'can_retry']
    .map((name) => `_o.${name} = _k.${name}`)
    .concat(
      ['expected_count', 'actual_count'].map(
        (name) => `COALESCE(_o.${name}, -1) = COALESCE(_m.${name}, -1)`,
      ),
      "COALESCE(_o.missing_dates, '') = COALESCE(_m.missing_dates, '')",
      '_o.resolution_status = _k.resolution_status',
    );
  return `${leading},
_kinds AS (${kindsSelect(request, dialect)}),
_known AS (${knownSelect(asset, days, { dialect, table })})
SELECT ${text(asset)} AS asset, _m.day, _m.entity, _k.category, _k.reason, _k.is_expected, _k.is_correctable, _k.can_retry,
  _m.expected_count, _m.actual_count, _m.missing_dates, COALESCE(_o.run_id, ${text(runId)}) AS run_id,
  COALESCE(_o.code_version, ${text(codeVersion)}) AS code_version, COALESCE(_o.recorded_at, ${int(at)}) AS recorded_at,
  _k.resolution_status, ${none('INT64')} AS resolved_at
FROM _found AS _m JOIN _kinds AS _k ON _k.kind = _m.kind
LEFT JOIN _known AS _o ON _o.day = _m.day AND _o.entity = _m.entity AND ${isAlike.join(' AND ')}
UNION ALL
SELECT _o.asset, _o.day, _o.entity, _o.category, _o.reason, _o.is_expected, _o.is_correctable, _o.can_retry,
  _o.expected_count, _o.actual_count, _o.missing_dates, _o.run_id, _o.code_version, _o.recorded_at,
  'RESOLVED', COALESCE(_o.resolved_at, ${int(at)})
FROM _known AS _o JOIN _present AS _p ON _p.day = _o.day AND _p.entity = _o.entity`;
}

function kindsSelect({ kinds }: FailuresRequest, dialect: SqlDialect): string {
  const text = (value: string): string => quoteText(value, dialect);
  const flag = (value: boolean): string => String(value).toUpperCase();
  const unexpected = `SELECT -1 AS kind, CAST(NULL AS ${typeName('STRING', dialect)}) AS category, CAST(NULL AS ${typeName('STRING', dialect)}) AS reason, FALSE AS is_expected, FALSE AS is_correctable, FALSE AS can_retry, '${UNEXPECTED}' AS resolution_status`;
  return kinds
    .map(
      (kind, at) =>
        `SELECT ${at} AS kind, ${text(kind.category)} AS category, ${text(kind.reason)} AS reason, ${flag(kind.isExpected)} AS is_expected, ${flag(kind.isCorrectable)} AS is_correctable, ${flag(kind.canRetry)} AS can_retry, ${text(kind.resolution)} AS resolution_status`,
    )
    .concat(unexpected)
    .join(' UNION ALL ');
}

/** What is recorded of the days of a batch, and of others between them: these match nothing. */
function knownSelect(asset: string, days: readonly number[], { dialect, table }: Place): string {
  const range = `day BETWEEN ${Math.min(...days)} AND ${Math.max(...days)}`;
  return `SELECT * FROM ${table} WHERE asset = ${quoteText(asset, dialect)} AND ${range}`;
}

/**
 * What there is to say about staged failures, in one query: entities by day and category (`what` is `count`), and the
 * days whose recorded failures differ (`changed`), other days between those of the batch among them.
 */
export function stagedFailuresQuery(
  { asset, days }: Pick<FailuresRequest, 'asset' | 'days'>,
  staged: string,
  { dialect, table }: Place,
): string {
  const none = (type: 'STRING' | 'INT64'): string => `CAST(NULL AS ${typeName(type, dialect)})`;
  const decided = ['recorded_at', 'resolution_status', 'resolved_at', 'category', 'reason'];
  const other = decided.map((name) => `_s.${name} IS DISTINCT FROM _o.${name}`).join(' OR ');
  const known = knownSelect(asset, days, { dialect, table });
  const zero = `CAST(0 AS ${typeName('INT64', dialect)})`;
  return `SELECT 'count' AS what, day, category, MAX(${numbered('is_expected', dialect)}) AS is_expected, COUNT(*) AS entities, MIN(entity) AS first_entity, MAX(entity) AS last_entity
FROM ${staged} WHERE resolution_status <> 'RESOLVED' GROUP BY day, category
UNION ALL
SELECT DISTINCT 'changed', COALESCE(_s.day, _o.day), ${none('STRING')}, ${zero}, ${zero}, ${none('STRING')}, ${none('STRING')}
FROM (SELECT * FROM ${staged} WHERE resolution_status <> '${UNEXPECTED}') AS _s
FULL JOIN (${known}) AS _o ON _o.day = _s.day AND _o.entity = _s.entity
WHERE _s.day IS NULL OR _o.day IS NULL OR ${other}`;
}

/** Takes the recorded failures of some days out. */
export function deleteFailures(
  { dialect, table }: Place,
  asset: string,
  days: readonly number[],
): string {
  return `DELETE FROM ${table} WHERE asset = ${quoteText(asset, dialect)} AND day IN (${days.join(', ')})`;
}

/** Records the staged failures of some days. */
export function insertFailures(
  { table }: Pick<Place, 'table'>,
  staged: string,
  days: readonly number[],
): string {
  return `INSERT INTO ${table} (${COLUMN_LIST})
SELECT ${COLUMN_LIST} FROM ${staged} WHERE day IN (${days.join(', ')}) AND resolution_status <> '${UNEXPECTED}'`;
}

/** Recorded failures in order. */
export function failuresQuery(filter: FailureFilter, most: number, place: Place): string {
  const columns = FAILURE_COLUMNS.map(([name, type]) =>
    type === 'BOOL' ? numbered(name, place.dialect) : name,
  );
  return `SELECT ${columns.join(', ')} FROM ${place.table} WHERE ${condition(filter, place)} ORDER BY asset, day, entity LIMIT ${most}`;
}

/** The same counted by asset, day and fate. */
export function failureCountsQuery(filter: FailureFilter, place: Place): string {
  const fate = 'category, reason, is_expected, is_correctable, resolution_status';
  const flags = ['is_expected', 'is_correctable'].map((name) => numbered(name, place.dialect));
  return `SELECT asset, day, category, reason, ${flags.join(', ')}, resolution_status, COUNT(*) AS entities, MIN(entity) AS first_entity
FROM ${place.table} WHERE ${condition(filter, place)} GROUP BY asset, day, ${fate} ORDER BY asset, day, ${fate}`;
}

function condition(filter: FailureFilter, { dialect }: Place): string {
  const text = (value: string): string => quoteText(value, dialect);
  const oneOf = (values: readonly string[]): string =>
    values.length === 0 ? 'FALSE' : `IN (${values.map(text).join(', ')})`;
  const { assets, days, categories, entity, isExpected, onlyOpen } = filter;
  const parts = [assets.length === 0 ? 'FALSE' : `asset ${oneOf(assets)}`];
  if (days) {
    const ranges = days.map(({ from, to }) => `day BETWEEN ${from} AND ${to}`);
    parts.push(`(${ranges.join(' OR ') || 'FALSE'})`);
  }
  if (categories) parts.push(`category ${oneOf(categories)}`);
  if (entity !== undefined) {
    // As one of several values it stands in quotes.
    const quoted = text(JSON.stringify(entity));
    const within =
      dialect === 'duckdb' ? `contains(entity, ${quoted})` : `STRPOS(entity, ${quoted}) > 0`;
    parts.push(`(entity = ${text(entity)} OR (entity LIKE '[%' AND ${within}))`);
  }
  if (isExpected !== undefined) parts.push(isExpected ? 'is_expected' : 'NOT is_expected');
  if (onlyOpen) parts.push("resolution_status NOT IN ('RESOLVED', 'PERMANENT')");
  return parts.join(' AND ');
}

/** A row of `stagedFailuresQuery`, its values in order. */
export function toCounted(row: readonly unknown[]): CountedEntities {
  const [, day, category, isExpected, entities, first, last] = row;
  return {
    day: Number(day),
    category: typeof category === 'string' ? category : undefined,
    isExpected: Number(isExpected) === 1,
    entities: Number(entities),
    sample: [...new Set([String(first), String(last)])],
  };
}

/** A row of `failuresQuery`, its values in order. */
export function toFailure(row: readonly unknown[]): RecordedFailure {
  const value = (name: (typeof NAMES)[number]): unknown => row[NAMES.indexOf(name)];
  const number = (name: (typeof NAMES)[number]): number | undefined => {
    const found = value(name);
    return found === null || found === undefined ? undefined : Number(found);
  };
  const dates = value('missing_dates');
  return {
    asset: String(value('asset')),
    day: Number(value('day')),
    entity: String(value('entity')),
    category: String(value('category')),
    reason: String(value('reason')),
    isExpected: Number(value('is_expected')) === 1,
    isCorrectable: Number(value('is_correctable')) === 1,
    canRetry: Number(value('can_retry')) === 1,
    expectedCount: number('expected_count'),
    actualCount: number('actual_count'),
    missingDates: typeof dates === 'string' && dates !== '' ? dates.split(',') : [],
    runId: String(value('run_id')),
    codeVersion: String(value('code_version')),
    recordedAt: Number(value('recorded_at')),
    resolution: resolutionOf(value('resolution_status')),
    resolvedAt: number('resolved_at'),
  };
}

/** A row of `failureCountsQuery`, its values in order. */
export function toFailureCount(row: readonly unknown[]): FailureCount {
  const [asset, day, category, reason, isExpected, isCorrectable, resolution, entities, first] =
    row;
  return {
    asset: String(asset),
    day: Number(day),
    category: String(category),
    reason: String(reason),
    isExpected: Number(isExpected) === 1,
    isCorrectable: Number(isCorrectable) === 1,
    resolution: resolutionOf(resolution),
    entities: Number(entities),
    first: String(first),
  };
}

function resolutionOf(value: unknown): RecordedFailure['resolution'] {
  switch (value) {
    case 'RESOLVED':
    case 'PERMANENT':
    case 'INVESTIGATING':
      return value;
    default:
      return 'UNRESOLVED';
  }
}

/** A truth value as 1 or 0, which every client reads alike. */
function numbered(name: string, dialect: SqlDialect): string {
  return `CAST(${name} AS ${typeName('INT64', dialect)})`;
}

function typeName(type: 'STRING' | 'INT64', dialect: SqlDialect): string {
  if (dialect === 'bigquery') return type;
  return type === 'STRING' ? 'VARCHAR' : 'BIGINT';
}
