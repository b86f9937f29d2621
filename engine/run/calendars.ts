import type { CompiledAsset, CompiledPipeline } from '../compile/compiled.ts';
import type { Calendar } from '../config/pipeline.ts';
import { WarehouseError } from '../errors.ts';
import type { Period } from '../partitions/calendar.ts';
import { formatDay } from '../partitions/date.ts';
import { NO_RECORDS } from '../partitions/records.ts';
import { type CalendarColumns, calendarQuery } from '../sql/calendar-query.ts';
import { quoteTable, type SqlDialect } from '../sql/quote.ts';
import { calendarFingerprint, calendarsOf } from '../staleness/calendar-state.ts';
import type { QueryResult, WarehouseCapabilities } from '../warehouse/warehouse.ts';
import type { CalendarRecord } from '../../state/store.ts';
import type { RunContext } from './context.ts';

/** The part of a warehouse that reading a calendar needs. */
interface CalendarWarehouse {
  readonly capabilities: Pick<WarehouseCapabilities, 'dialect'>;
  query(sql: string, options: { readonly signal?: AbortSignal | undefined }): Promise<QueryResult>;
}

/** Reads the days of a calendar from a relation that holds its asset's rows, named in the warehouse's dialect. */
export async function readCalendar(
  warehouse: CalendarWarehouse,
  pipeline: CompiledPipeline,
  options: { readonly calendar: Calendar; readonly relation: string; readonly signal: AbortSignal },
): Promise<Omit<CalendarRecord, 'fingerprint'>> {
  const { calendar } = options;
  const { dialect } = warehouse.capabilities;
  const { dateColumn, periodColumn } = calendar;
  const conditions = calendarConditions(pipeline, calendar, dialect);
  const sql = calendarQuery(options.relation, { dateColumn, periodColumn, ...conditions }, dialect);
  const { rows } = await warehouse.query(sql, { signal: options.signal });
  return toCalendar(calendar, rows);
}

/** The conditions of a calendar in the dialect of a warehouse. */
function calendarConditions(
  pipeline: CompiledPipeline,
  calendar: Calendar,
  dialect: SqlDialect,
): Pick<CalendarColumns, 'where' | 'periodStartWhere'> {
  if (dialect === 'bigquery') {
    return { where: calendar.where, periodStartWhere: calendar.periodStartWhere };
  }
  const compiled = pipeline.compiledCalendars[calendar.name];
  return { where: compiled?.duckdbWhere, periodStartWhere: compiled?.duckdbPeriodStartWhere };
}

/** The part of a run that keeping a calendar needs. */
export type CalendarContext = Pick<
  RunContext,
  'warehouse' | 'pipeline' | 'signal' | 'live' | 'store' | 'target' | 'emit'
>;

/** Reads again the calendars of an asset whose rows were just published, and records them. */
export async function refreshCalendars(
  context: CalendarContext,
  asset: CompiledAsset,
): Promise<void> {
  for (const calendar of calendarsOf(context.pipeline, asset.name)) {
    const days = await readCalendar(context.warehouse, context.pipeline, {
      calendar,
      relation: quoteTable(asset.dataset, asset.name, context.warehouse.capabilities.dialect),
      signal: context.signal,
    });
    await recordCalendar(context, calendar, days);
  }
}

/** Keeps a calendar that was read from an asset's present rows. */
export async function recordCalendar(
  context: CalendarContext,
  calendar: Calendar,
  days: Omit<CalendarRecord, 'fingerprint'>,
): Promise<void> {
  const records = context.live.records.get(calendar.asset) ?? NO_RECORDS;
  const fingerprint = calendarFingerprint(context.pipeline, calendar, records);
  const record: CalendarRecord = { ...days, fingerprint };
  await context.warehouse.saveCalendar({ name: record.name, document: calendarText(record) });
  context.store.saveCalendar(context.target, record);
  context.live.calendars.set(calendar.name, record);
  context.emit({
    type: 'calendar-read',
    calendar: calendar.name,
    days: record.days.length,
    first: record.days[0],
    last: record.days.at(-1),
    periods: record.periods.length,
  });
}

/** A calendar as the warehouse keeps it. */
function calendarText({ days, periodIndex, ...rest }: CalendarRecord): string {
  return JSON.stringify({ ...rest, days: [...days], periodIndex: [...periodIndex] });
}

/** A calendar that the warehouse kept. */
export function calendarFromText(text: string): CalendarRecord {
  // Written by `calendarText` above.
  const kept = JSON.parse(text) as Omit<CalendarRecord, 'days' | 'periodIndex'> & {
    readonly days: readonly number[];
    readonly periodIndex: readonly number[];
  };
  return {
    ...kept,
    days: Int32Array.from(kept.days),
    periodIndex: Int32Array.from(kept.periodIndex),
  };
}

function toCalendar(
  calendar: Calendar,
  rows: readonly (readonly unknown[])[],
): Omit<CalendarRecord, 'fingerprint'> {
  const periods: Period[] = [];
  const indexByPeriod = new Map<string, number>();
  const days = new Int32Array(rows.length);
  const periodIndex = new Int32Array(rows.length).fill(-1);
  for (const [at, [day, period, start, claims]] of rows.entries()) {
    days[at] = Number(day);
    if (Number(claims) > 1) throw twoPeriods(calendar, Number(day));
    if (period === null || period === undefined) continue;
    const name = String(period);
    let index = indexByPeriod.get(name);
    if (index === undefined) {
      index = periods.push({ name, start: Number(start), first: Number(day) }) - 1;
      indexByPeriod.set(name, index);
    }
    periodIndex[at] = index;
  }
  return { name: calendar.name, days, periodIndex, periods };
}

function twoPeriods(calendar: Calendar, day: number): WarehouseError {
  return new WarehouseError(
    `calendar ${calendar.name}: rows of ${formatDay(day)} belong to more than one ${calendar.periodName}`,
    { kind: 'statement', category: 'CALENDAR_AMBIGUOUS' },
  );
}
