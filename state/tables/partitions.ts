import type { Day } from '../../engine/partitions/date.ts';
import { prepared, type Connection } from '../connection.ts';
import { ATTEMPT, CONTENT } from '../store.ts';

/** The newest good content of a partition; `code` and `sequence` are 0 without any. */
export interface PartitionContent {
  readonly content: number;
  readonly rows: number;
  readonly dataHi: number;
  readonly dataLo: number;
  readonly inputHi: number;
  readonly inputLo: number;
  readonly code: number;
}

/** What a partition without a row has. */
export const NO_CONTENT: PartitionContent = {
  content: CONTENT.none,
  rows: 0,
  dataHi: 0,
  dataLo: 0,
  inputHi: 0,
  inputLo: 0,
  code: 0,
};

const COLUMNS = `(target, asset, day, content, attempt, rows, data_hi, data_lo, input_hi, input_lo,
    code, sequence, attempt_sequence)`;

const SAVE_CONTENT = `INSERT OR REPLACE INTO partitions ${COLUMNS}
  VALUES (?, ?, ?, ?, ${ATTEMPT.ok}, ?, ?, ?, ?, ?, ?, ?, ?)`;

const SAVE_ATTEMPT = `INSERT INTO partitions ${COLUMNS}
  VALUES (?, ?, ?, ${CONTENT.none}, ?, 0, 0, 0, 0, 0, 0, 0, ?)
  ON CONFLICT DO UPDATE
  SET attempt = excluded.attempt, attempt_sequence = excluded.attempt_sequence`;

/** One row per partition that anything was ever recorded of. */
export function partitionsTable(db: Connection) {
  const contents = prepared<[number, number, Day, Day], PartitionContent & { readonly day: Day }>(
    db,
    `SELECT day, content, rows, data_hi AS dataHi, data_lo AS dataLo, input_hi AS inputHi,
       input_lo AS inputLo, code
     FROM partitions WHERE target = ? AND asset = ? AND day BETWEEN ? AND ?`,
  );
  const saveContent = prepared<number[]>(db, SAVE_CONTENT);
  const saveAttempt = prepared<number[]>(db, SAVE_ATTEMPT);
  const remove = prepared<[number, number, string]>(
    db,
    `DELETE FROM partitions
     WHERE target = ? AND asset = ? AND day IN (SELECT value FROM json_each(?))`,
  );
  return {
    /** The contents of an asset's partitions between the first and the last of some days. */
    contents(target: number, asset: number, days: readonly Day[]): Map<Day, PartitionContent> {
      const [lo, hi] = days.reduce(
        ([min, max], day) => [Math.min(min, day), Math.max(max, day)],
        [Infinity, -Infinity],
      );
      if (lo > hi) return new Map();
      const rows = contents().all(target, asset, lo, hi);
      return new Map(rows.map((row) => [row.day, row]));
    },

    saveContent(key: PartitionKey, content: PartitionContent, sequence: number): void {
      const { target, asset, day } = key;
      saveContent().run(
        target,
        asset,
        day,
        content.content,
        content.rows,
        content.dataHi,
        content.dataLo,
        content.inputHi,
        content.inputLo,
        content.code,
        sequence,
        sequence,
      );
    },

    /** A newest attempt that did not succeed; what was there before stays. */
    saveAttempt({ target, asset, day }: PartitionKey, attempt: number, sequence: number): void {
      saveAttempt().run(target, asset, day, attempt, sequence);
    },

    remove: (target: number, asset: number, days: readonly Day[]): void =>
      void remove().run(target, asset, JSON.stringify(days)),
  };
}

export interface PartitionKey {
  readonly target: number;
  readonly asset: number;
  readonly day: Day;
}
