import { type FaultKind, WarehouseError } from '../errors.ts';
import { UNDATED_ROW } from '../sql/undated-row.ts';
import { csvFault } from './duckdb-csv-fault.ts';

interface Fault {
  readonly pattern: RegExp;
  readonly kind: FaultKind;
  readonly category: string;
}

/** DuckDB names the class of an error at the start of its message; the first that matches counts. */
const FAULTS: readonly Fault[] = [
  { pattern: /^INTERRUPT Error/i, kind: 'interrupted', category: 'INTERRUPTED' },
  // Which partition such a row belongs to is not known: all of them would be tried in vain.
  {
    pattern: new RegExp(`^Invalid Input Error: ${UNDATED_ROW}`),
    kind: 'statement',
    category: 'UNDATED_ROW',
  },
  // Before what looks for words: these messages quote values.
  {
    pattern: /^(Conversion|Out of Range|Constraint|Mismatch Type|Decimal|Divide by Zero) Error/i,
    kind: 'data',
    category: 'DATA_ERROR',
  },
  {
    pattern: /Corrupt database file|database has been invalidated/i,
    kind: 'unavailable',
    category: 'WAREHOUSE_DAMAGED',
  },
  {
    pattern:
      /No space left on device|could not write.*disk|failed to offload data block|ENOSPC|File too large/i,
    kind: 'resources',
    category: 'DISK_FULL',
  },
  {
    pattern: /^Out of Memory Error/i,
    kind: 'resources',
    category: 'OUT_OF_MEMORY',
  },
  {
    pattern: /Conflicting lock is held/i,
    kind: 'transient',
    category: 'WAREHOUSE_LOCKED',
  },
  {
    pattern: /Permission denied|Read-only file system|read-only mode/i,
    kind: 'unavailable',
    category: 'WAREHOUSE_UNWRITABLE',
  },
  {
    pattern: /No files found that match|cannot open file .*no such file/i,
    kind: 'unavailable',
    category: 'SOURCE_MISSING',
  },
  {
    pattern:
      /magic bytes|Invalid Parquet|not a valid Parquet|too small to be a Parquet|CSV Error on Line|CSV Parser state machine|corrupt|zstd|snappy|Snappy|Malformed|sniff/i,
    kind: 'unavailable',
    category: 'SOURCE_UNREADABLE',
  },
  { pattern: /^IO Error/i, kind: 'transient', category: 'IO_ERROR' },
  { pattern: /^(Connection|HTTP) Error/i, kind: 'transient', category: 'CONNECTION_ERROR' },
  { pattern: /^TransactionContext Error/i, kind: 'transient', category: 'TRANSACTION_CONFLICT' },
  {
    pattern: /^(Invalid Input Error|Invalid type|Invalid unicode)/i,
    kind: 'data',
    category: 'DATA_ERROR',
  },
  { pattern: /^Catalog Error/i, kind: 'statement', category: 'RELATION_NOT_FOUND' },
  {
    pattern: /^(Binder|Parser|Not implemented|Syntax) Error/i,
    kind: 'statement',
    category: 'STATEMENT_ERROR',
  },
];

/** Turns whatever the driver threw into a WarehouseError that says whether trying again can help. */
export function duckdbFault(error: unknown): WarehouseError {
  if (error instanceof WarehouseError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const fault = FAULTS.find((each) => each.pattern.test(text));
  const message = csvFault(text) ?? firstLines(text);
  if (!fault) {
    return new WarehouseError(message, {
      kind: 'statement',
      category: 'WAREHOUSE_ERROR',
      cause: error,
    });
  }
  return new WarehouseError(message, {
    kind: fault.kind,
    category: fault.category,
    cause: error,
  });
}

/** DuckDB appends the statement and a caret; the reader wants the sentence. */
function firstLines(text: string): string {
  const end = text.search(/\n\s*\n|\nLINE \d+:/);
  const sentence = (end < 0 ? text : text.slice(0, end)).replace(/^Invalid Input Error: /, '');
  // What DuckDB calls a values list is, to the reader, the relation of that name.
  return sentence
    .replace(UNDATED_ROW, '')
    .replace(/\bValues list "/, 'relation "')
    .trim();
}
