import Database from 'better-sqlite3';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectReadOnly, type Connection } from './connection.ts';

export interface ReadOnlyConnection {
  readonly db: Connection;
  readonly close: () => void;
}

/**
 * Opens a file for reading. Where the folder cannot be written and no writer has left its `-shm` file, SQLite cannot
 * read a database in WAL mode; then, and only then, a private copy is read.
 */
export function openForReading(path: string): ReadOnlyConnection {
  try {
    return tryToRead(path);
  } catch (error) {
    if (!isUnwritableFolder(error)) throw error;
    return readPrivateCopy(path);
  }
}

function tryToRead(path: string): ReadOnlyConnection {
  const db = connectReadOnly(path);
  try {
    // Opening reads nothing yet.
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return { db, close: () => void db.close() };
  } catch (error) {
    db.close();
    throw error;
  }
}

function readPrivateCopy(path: string): ReadOnlyConnection {
  const folder = mkdtempSync(join(tmpdir(), 'fastbreak-state-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const copy = join(folder, 'state.sqlite');
    copyFileSync(path, copy);
    if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`);
    const { db, close } = tryToRead(copy);
    return {
      db,
      close: () => {
        close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

function isUnwritableFolder(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(CANTOPEN|READONLY)/.test(error.code);
}
