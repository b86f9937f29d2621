import type { AssetName, CodeVersion, RunId } from '../../engine/ids.ts';
import type { Day } from '../../engine/partitions/date.ts';
import { prepared, type Connection } from '../connection.ts';
import { CONTENT, type EventRecord, type PartitionDetail } from '../store.ts';
import type { PartitionKey } from './partitions.ts';

export interface NewEvent extends PartitionKey {
  readonly run: number;
  readonly at: number;
  readonly type: EventRecord['type'];
  /** Whether the content differs from what it was before. */
  readonly changed: boolean;
  readonly rowsBefore: number | null;
  readonly rows: number | null;
  readonly dataHi: number | null;
  readonly dataLo: number | null;
  readonly code: number | null;
  readonly category: string | null;
  readonly message: string | null;
  readonly upstream: number | null;
  readonly upstreamDay: Day | null;
  readonly inputs: Uint8Array | null;
}

interface EventRow {
  readonly sequence: number;
  readonly asset: AssetName;
  readonly day: Day;
  readonly type: EventRecord['type'];
  readonly runId: RunId;
  readonly at: number;
  readonly rowsBefore: number | null;
  readonly rows: number | null;
  readonly hi: number | null;
  readonly lo: number | null;
  readonly codeVersion: CodeVersion | null;
  readonly message: string | null;
  readonly category: string | null;
}

const COLUMNS = `SELECT e.sequence, a.name AS asset, e.day, e.type, i.name AS runId, e.at,
    e.rows_before AS rowsBefore, e.rows, e.data_hi AS hi, e.data_lo AS lo,
    c.name AS codeVersion, e.message, e.category
  FROM events e JOIN assets a ON a.id = e.asset JOIN run_ids i ON i.id = e.run
  LEFT JOIN code_versions c ON c.id = e.code`;

const TARGET_ID = '(SELECT id FROM targets WHERE name = ?)';
const ASSET_ID = '(SELECT id FROM assets WHERE name = ?)';

const CHANGES = `${COLUMNS} WHERE e.sequence IN (
    SELECT max(sequence) FROM events
    WHERE target = ${TARGET_ID} AND asset = ${ASSET_ID} AND day >= ? AND day < ? AND changed = 1 AND sequence > ?
    GROUP BY day)
  ORDER BY e.day`;

/** The newest attempt's event says why, that of the newest good content when and from what. */
const DETAILS = `SELECT p.day, attempt.category, attempt.message, i.name AS runId,
    coalesce(good.at, attempt.at) AS at, good.inputs
  FROM partitions p
  JOIN events attempt ON attempt.sequence = p.attempt_sequence
  JOIN run_ids i ON i.id = attempt.run
  LEFT JOIN events good ON good.sequence = p.sequence
  WHERE p.target = ${TARGET_ID} AND p.asset = ${ASSET_ID} AND p.day IN (SELECT value FROM json_each(?))`;

const INSERT = `INSERT INTO events (target, asset, day, run, at, type, changed, rows_before, rows,
    data_hi, data_lo, code, category, message, upstream, upstream_day, inputs)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const INSERT_REMOVED = `INSERT INTO events (target, asset, day, run, at, type, changed, rows_before,
    message)
  SELECT target, asset, day, @run, @at, 'removed', content <> ${CONTENT.none},
    iif(content = ${CONTENT.none}, NULL, rows), @reason
  FROM partitions
  WHERE target = @target AND asset = @asset AND day IN (SELECT value FROM json_each(@days))
  ORDER BY day`;

export interface Removal {
  readonly target: number;
  readonly asset: number;
  readonly days: readonly Day[];
  readonly run: number;
  readonly at: number;
  readonly reason: string;
}

/** The append-only history of every partition. */
export function eventsTable(db: Connection) {
  const ofRun = prepared<[string], EventRow>(
    db,
    `${COLUMNS} WHERE i.name = ? ORDER BY e.sequence DESC`,
  );
  const ofPartition = prepared<[string, string, Day], EventRow>(
    db,
    `${COLUMNS} WHERE e.target = ${TARGET_ID} AND e.asset = ${ASSET_ID} AND e.day = ?
     ORDER BY e.sequence DESC`,
  );
  const changes = prepared<[string, string, Day, Day, number], EventRow>(db, CHANGES);
  const details = prepared<[string, string, string], PartitionDetail>(db, DETAILS);
  const insert = prepared<unknown[]>(db, INSERT);
  const insertRemoved = prepared<[Omit<Removal, 'days'> & { readonly days: string }]>(
    db,
    INSERT_REMOVED,
  );
  return {
    ofRun: (runId: RunId) => ofRun().all(runId).map(fromRow),
    ofPartition: (target: string, asset: AssetName, day: Day) =>
      ofPartition().all(target, asset, day).map(fromRow),
    changes: (target: string, asset: AssetName, range: { lo: Day; hi: Day; after: number }) =>
      changes().all(target, asset, range.lo, range.hi, range.after).map(fromRow),

    details(target: string, asset: AssetName, days: readonly Day[]): Map<Day, PartitionDetail> {
      const rows = details().all(target, asset, JSON.stringify(days));
      return new Map(rows.map((row) => [row.day, row]));
    },

    /** Returns the sequence number. */
    add(event: NewEvent): number {
      const { lastInsertRowid } = insert().run(
        event.target,
        event.asset,
        event.day,
        event.run,
        event.at,
        event.type,
        event.changed ? 1 : 0,
        event.rowsBefore,
        event.rows,
        event.dataHi,
        event.dataLo,
        event.code,
        event.category,
        event.message,
        event.upstream,
        event.upstreamDay,
        event.inputs,
      );
      return Number(lastInsertRowid);
    },

    /** One event per recorded partition among the days. */
    addRemoved: (removal: Removal): void =>
      void insertRemoved().run({ ...removal, days: JSON.stringify(removal.days) }),
  };
}

function fromRow({ hi, lo, ...row }: EventRow): EventRecord {
  return { ...row, data: hi === null || lo === null ? null : { hi, lo } };
}
