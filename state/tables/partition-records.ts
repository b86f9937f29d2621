import type { AssetName } from '../../engine/ids.ts';
import { prepared, type Connection } from '../connection.ts';
import { emptyRecords, type PartitionRecords } from '../../engine/partitions/records.ts';

/**
 * Five 64-bit words per partition: day and flags, rows, data, input, sequence. SQLite then crosses into JavaScript
 * once per asset, not once per partition: half the time of reading row by row.
 */
const WORDS = `unhex(group_concat(printf(
      '%016x%016x%016x%016x%016x',
      ((p.day & 0xffffffff) << 32) | (p.code << 4) | (p.content << 2) | p.attempt,
      p.rows, (p.data_hi << 32) | p.data_lo, (p.input_hi << 32) | p.input_lo, p.sequence), ''))`;

/** The assets that have no packed value, each from its rows. */
const UNPACKED = `FROM assets a CROSS JOIN partitions p ON p.target = @target AND p.asset = a.id
  WHERE a.id NOT IN (SELECT asset FROM packed_partitions WHERE target = @target) GROUP BY a.id`;

const BYTES_PER_WORD = 4;
const WORDS_PER_PARTITION = 10;
const TWO_POW_32 = 2 ** 32;

interface RecordsRow {
  readonly asset: AssetName;
  readonly words: Uint8Array;
}

/** The whole of `partitions` for a target as typed arrays, and the values that make reading it fast. */
export function partitionRecordsTable(db: Connection) {
  const packed = prepared<[number], RecordsRow>(
    db,
    `SELECT a.name AS asset, k.words FROM packed_partitions k JOIN assets a ON a.id = k.asset
     WHERE k.target = ?`,
  );
  const unpacked = prepared<[{ readonly target: number }], RecordsRow>(
    db,
    `SELECT a.name AS asset, ${WORDS} AS words ${UNPACKED}`,
  );
  const pack = prepared<[{ readonly target: number }]>(
    db,
    `INSERT INTO packed_partitions (target, asset, words) SELECT @target, a.id, ${WORDS} ${UNPACKED}`,
  );
  return {
    /** `codeIndex` translates the numbers of code versions. */
    read(target: number, codeIndex: Int32Array): ReadonlyMap<AssetName, PartitionRecords> {
      const result = new Map<AssetName, PartitionRecords>();
      const add = (row: RecordsRow): void => void result.set(row.asset, decode(row, codeIndex));
      for (const row of packed().iterate(target)) add(row);
      for (const row of unpacked().iterate({ target })) add(row);
      return result;
    },

    /** Packs the partitions of every asset of which any were written since. */
    pack: (target: number): void => void pack().run({ target }),
  };
}

function decode(row: RecordsRow, codeIndex: Int32Array): PartitionRecords {
  const words = wordsOf(row.words);
  const partitions = words.length / WORDS_PER_PARTITION;
  const records = emptyRecords(partitions);
  // Every index is inside: there are WORDS_PER_PARTITION words for each partition.
  for (let i = 0, at = 0; i < partitions; i++, at += WORDS_PER_PARTITION) {
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

/** SQLite writes big-endian, the arrays of every platform that this runs on are little-endian. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  // Swapped where they are unless 32-bit numbers may not start there: nobody else has the value that was read.
  const own = bytes.byteOffset % BYTES_PER_WORD === 0 ? bytes : Uint8Array.from(bytes);
  const { buffer, byteOffset, byteLength } = own;
  Buffer.from(buffer, byteOffset, byteLength).swap32();
  return new Uint32Array(buffer, byteOffset, byteLength / BYTES_PER_WORD);
}
