import Database from 'better-sqlite3';
import { EXIT, PipelineError, hasErrorCode, isPipelineError, messageOf } from '../engine/errors.ts';

interface Explanation {
  readonly code: string;
  readonly what: string;
  readonly hint: string;
  readonly exitCode?: number;
}

const DISK_FULL: Explanation = {
  code: 'STATE_DISK_FULL',
  what: 'there is no space left to record in',
  hint: 'Free some disk space and run the command again: what was recorded before is intact.',
};
const UNWRITABLE: Explanation = {
  code: 'STATE_UNWRITABLE',
  what: 'it cannot be read and written',
  hint: 'Give this user write access to the file and its folder, or set FASTBREAK_HOME to a folder that can be written.',
};
const CORRUPT: Explanation = {
  code: 'STATE_CORRUPT',
  what: 'it is not a readable database',
  hint: 'fastbreak state rebuild makes it anew from the warehouse, without its history, and keeps the file. Or put back a copy (state.sqlite.v*.backup) yourself.',
};
const BUSY: Explanation = {
  code: 'STATE_BUSY',
  what: 'another process kept it locked',
  hint: 'Wait for the other command to finish, then run this one again.',
  exitCode: EXIT.locked,
};

const SQLITE_CODES: readonly (readonly [prefix: string, explanation: Explanation])[] = [
  ['SQLITE_FULL', DISK_FULL],
  ['SQLITE_IOERR_SHMSIZE', DISK_FULL],
  ['SQLITE_CORRUPT', CORRUPT],
  ['SQLITE_NOTADB', CORRUPT],
  ['SQLITE_BUSY', BUSY],
  ['SQLITE_READONLY', UNWRITABLE],
  ['SQLITE_CANTOPEN', UNWRITABLE],
  ['SQLITE_PERM', UNWRITABLE],
  ['SQLITE_IOERR', UNWRITABLE],
];

const FILE_CODES: readonly (readonly [code: string, explanation: Explanation])[] = [
  ['ENOSPC', DISK_FULL],
  ['EDQUOT', DISK_FULL],
  ...['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT', 'EISDIR'].map(
    (code) => [code, UNWRITABLE] as const,
  ),
];

/** What SQLite or the file system refused, as an error that says what to do; anything else as it is. */
export function explainStateError(error: unknown, path: string): unknown {
  if (isPipelineError(error)) return error;
  const explanation = explanationOf(error);
  if (!explanation) return error;
  const { code, what, hint, exitCode } = explanation;
  return new PipelineError(`state database ${path}: ${what} (${messageOf(error)})`, {
    code,
    hint,
    cause: error,
    ...(exitCode === undefined ? {} : { exitCode }),
  });
}

/** Runs what touches the state file; its failures leave explained. */
export function explaining<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explainStateError(error, path);
  }
}

/** The same methods; the failures of each leave explained. */
export function explainingMethods<Methods extends object>(path: string, methods: Methods): Methods {
  // Object.entries types the values as any; they are the functions of the interface.
  const entries = Object.entries(methods) as [string, (...values: unknown[]) => unknown][];
  const wrapped = entries.map(([name, method]) => [
    name,
    (...values: unknown[]) => explaining(path, () => method(...values)),
  ]);
  // The same names with the same signatures.
  return Object.fromEntries(wrapped) as Methods;
}

/** For a file that opens but that this program did not write. */
export function notAStateDatabase(path: string): PipelineError {
  return new PipelineError(
    `state database ${path}: expected a Fastbreak state database, found the database of another program`,
    {
      code: 'STATE_CORRUPT',
      hint: 'Move the file away, or set FASTBREAK_HOME to another folder.',
    },
  );
}

/** For a path that holds a folder. */
export function notAFile(path: string): PipelineError {
  return new PipelineError(`state database ${path}: expected a file, found a folder`, {
    code: 'STATE_UNWRITABLE',
    hint: 'Move the folder away, or set FASTBREAK_HOME to another folder.',
  });
}

/** For a file that a newer program wrote. */
export function tooNew(path: string, found: number, supported: number): PipelineError {
  return new PipelineError(
    `state database ${path}: found version ${found}, this program supports up to version ${supported}`,
    {
      code: 'STATE_TOO_NEW',
      hint: `Upgrade fastbreak, or put back the copy that the upgrade kept (${path}.v${supported}.backup). The file was left as it is.`,
    },
  );
}

function explanationOf(error: unknown): Explanation | undefined {
  if (error instanceof Database.SqliteError) {
    return SQLITE_CODES.find(([prefix]) => error.code.startsWith(prefix))?.[1];
  }
  return FILE_CODES.find(([code]) => hasErrorCode(error, code))?.[1];
}
