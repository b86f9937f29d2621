import type { AssetName } from '../../engine/ids.ts';
import type { Day } from '../../engine/partitions/date.ts';
import { prepared, type Connection } from '../connection.ts';
import { CONTENT, type PartitionRecords } from '../store.ts';

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

/**
 * Per asset one text of five 64-bit words in hex per partition: day and flags, rows, data, input, sequence. SQLite
 * then crosses into JavaScript once per asset, not once per partition: half the time of reading row by row.
 */
const RECORDS = `SELECT a.name AS asset, count(*) AS partitions, group_concat(printf(
      '%016x%016x%016x%016x%016x',
      ((p.day & 0xffffffff) << 32) | (p.code << 4) | (p.content << 2) | p.attempt,
      p.rows, (p.data_hi << 32) | p.data_lo, (p.input_hi << 32) | p.input_lo, p.sequence), '') AS words
  FROM partitions p JOIN assets a ON a.id = p.asset
  WHERE p.target = ? GROUP BY p.asset`;

const WORDS_PER_PARTITION = 10;
const TWO_POW_32 = 2 ** 32;

interface RecordsRow {
  readonly asset: AssetName;
  readonly partitions: number;
  readonly words: string;
}

/** One row per partition that anything was ever recorded of. */
export function partitionsTable(db: Connection) {
  const records = prepared<[number], RecordsRow>(db, RECORDS);
  const contents = prepared<[number, number, Day, Day], PartitionContent & { readonly day: Day }>(
    db,
    `SELECT day, content, rows, data_hi AS dataHi, data_lo AS dataLo, input_hi AS inputHi,
       input_lo AS inputLo, code
     FROM partitions WHERE target = ? AND asset = ? AND day BETWEEN ? AND ?`,
  );
  const saveContent = prepared<number[]>(
    db,
    `INSERT OR REPLACE INTO partitions (target, asset, day, content, attempt, rows, data_hi, data_lo,
       input_hi, input_lo, code, sequence, attempt_sequence)
     VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const saveAttempt = prepared<number[]>(
    db,
    `INSERT INTO partitions (target, asset, day, content, attempt, rows, data_hi, data_lo,
       input_hi, input_lo, code, sequence, attempt_sequence)
     VALUES (?, ?, ?, 0, ?, 0, 0, 0, 0, 0, 0, 0, ?)
     ON CONFLICT DO UPDATE
     SET attempt = excluded.attempt, attempt_sequence = excluded.attempt_sequence`,
  );
  const remove = prepared<[number, number, string]>(
    db,
    `DELETE FROM partitions
     WHERE target = ? AND asset = ? AND day IN (SELECT value FROM json_each(?))`,
  );
  return {
    /** Everything recorded of a target; `codeIndex` translates the numbers of code versions. */
    records(target: number, codeIndex: Int32Array): ReadonlyMap<AssetName, PartitionRecords> {
      const result = new Map<AssetName, PartitionRecords>();
      for (const row of records().iterate(target)) result.set(row.asset, decode(row, codeIndex));
      return result;
    },

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

function decode(row: RecordsRow, codeIndex: Int32Array): PartitionRecords {
  const words = wordsOf(row);
  const records = emptyRecords(row.partitions);
  // Every index is inside: there are WORDS_PER_PARTITION words for each partition.
  for (let i = 0, at = 0; i < row.partitions; i++, at += WORDS_PER_PARTITION) {
    const flags = words[at + 1]!;
    records.days[i] = words[at]!;
    // The scan of the primary key gives this order; ORDER BY inside group_concat would sort it all once more.
    if (i > 0 && records.days[i]! <= records.days[i - 1]!) throw outOfOrder(row.asset);
    records.content[i] = (flags >>> 2) & 3;
    records.attempt[i] = flags & 3;
    records.code[i] = codeIndex[flags >>> 4]!;
    records.rows[i] = words[at + 2]! * TWO_POW_32 + words[at + 3]!;
    records.dataHi[i] = words[at + 4]!;
    records.dataLo[i] = words[at + 5]!;
    records.inputHi[i] = words[at + 6]!;
    records.inputLo[i] = words[at + 7]!;
    records.sequence[i] = words[at + 8]! * TWO_POW_32 + words[at + 9]!;
  }
  return records;
}

function outOfOrder(asset: AssetName): Error {
  return new Error(
    `Internal error: the partitions of ${asset} were not read in order of their days`,
  );
}

/** Hex is big-endian, the arrays of every platform that this runs on are little-endian. */
function wordsOf(row: RecordsRow): Uint32Array {
  const words = new Uint32Array(row.partitions * WORDS_PER_PARTITION);
  const bytes = Buffer.from(words.buffer);
  bytes.write(row.words, 'hex');
  bytes.swap32();
  return words;
}

function emptyRecords(length: number) {
  return {
    days: new Int32Array(length),
    content: new Uint8Array(length),
    attempt: new Uint8Array(length),
    rows: new Float64Array(length),
    dataHi: new Uint32Array(length),
    dataLo: new Uint32Array(length),
    inputHi: new Uint32Array(length),
    inputLo: new Uint32Array(length),
    code: new Int32Array(length),
    sequence: new Float64Array(length),
  };
}
