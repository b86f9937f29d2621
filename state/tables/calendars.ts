import { prepared, type Connection } from '../connection.ts';
import type { CalendarRecord, PeriodRecord } from '../store.ts';

interface CalendarRow {
  readonly name: string;
  readonly fingerprint: string;
  readonly days: Uint8Array;
  readonly periodIndex: Uint8Array;
  readonly periods: string;
}

/** The calendars as they were last read, one row each. */
export function calendarsTable(db: Connection) {
  const ofTarget = prepared<[number], CalendarRow>(
    db,
    `SELECT name, fingerprint, days, period_index AS periodIndex, periods
     FROM calendars WHERE target = ?`,
  );
  const save = prepared<[number, string, string, Uint8Array, Uint8Array, string]>(
    db,
    `INSERT OR REPLACE INTO calendars (target, name, fingerprint, days, period_index, periods)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  return {
    ofTarget: (target: number): ReadonlyMap<string, CalendarRecord> =>
      new Map(
        ofTarget()
          .all(target)
          .map((row) => [row.name, fromRow(row)]),
      ),
    save(target: number, calendar: CalendarRecord): void {
      const { name, fingerprint, days, periodIndex, periods } = calendar;
      const json = JSON.stringify(periods);
      save().run(target, name, fingerprint, bytesOf(days), bytesOf(periodIndex), json);
    },
  };
}

function fromRow(row: CalendarRow): CalendarRecord {
  return {
    name: row.name,
    fingerprint: row.fingerprint,
    days: integersOf(row.days),
    periodIndex: integersOf(row.periodIndex),
    // Written by `save` above from PeriodRecords.
    periods: JSON.parse(row.periods) as readonly PeriodRecord[],
  };
}

function bytesOf(numbers: Int32Array): Uint8Array {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/** A copy, since the bytes need not start where 32-bit numbers may. */
function integersOf(bytes: Uint8Array): Int32Array {
  return new Int32Array(Uint8Array.from(bytes).buffer);
}
