import { readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectReadOnly, record, type Connection } from './connection.ts';
import { notAStateDatabase, tooNew } from './errors.ts';

const FOLDER = fileURLToPath(new URL('./migrations/', import.meta.url));
const FILE_NAME = /^(\d{4})-[a-z0-9-]+\.sql$/;
/** "FBST" in the file's header: tells our files from those of other programs. */
const APPLICATION_ID = 0x46425354;

export interface Migration {
  readonly number: number;
  readonly path: string;
}

/** The migrations of a folder in order; a gap, a duplicate or a stray file is a bug of this program. */
export function listMigrations(folder: string = FOLDER): readonly Migration[] {
  const names = readdirSync(folder).sort();
  return names.map((name, index) => {
    const digits = FILE_NAME.exec(name)?.[1];
    if (digits === undefined || Number(digits) !== index + 1) {
      const expected = String(index + 1).padStart(4, '0');
      throw new Error(`Internal error: expected migration ${expected}-<name>.sql, found ${name}`);
    }
    return { number: index + 1, path: join(folder, name) };
  });
}

let own: readonly Migration[] | undefined;

/** This program's own migrations, looked up once: every command opens the database more than once. */
function ownMigrations(): readonly Migration[] {
  own ??= listMigrations();
  return own;
}

/**
 * How the file's version compares with the newest migration; refuses files of newer or other programs.
 * `empty` is a file in which nothing was made yet.
 */
export function checkVersion(
  db: Connection,
  path: string,
  migrations: readonly Migration[] = ownMigrations(),
): 'empty' | 'older' | 'current' {
  const found = pragmaNumber(db, 'user_version');
  if (pragmaNumber(db, 'application_id') !== APPLICATION_ID) {
    const objects = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
    if (objects === 0 && found === 0) return 'empty';
    throw notAStateDatabase(path);
  }
  if (found > migrations.length) throw tooNew(path, found, migrations.length);
  return found === migrations.length ? 'current' : 'older';
}

/** Brings the file to the newest version in one transaction; of an older file a copy is kept. */
export function migrate(
  db: Connection,
  path: string,
  migrations: readonly Migration[] = ownMigrations(),
): void {
  if (checkVersion(db, path, migrations) === 'current') return;
  record(db, () => {
    // Asked again under the write lock: another process may have migrated meanwhile.
    const state = checkVersion(db, path, migrations);
    if (state === 'current') return;
    const version = pragmaNumber(db, 'user_version');
    if (state === 'older') keepCopy(path, version);
    for (const migration of migrations.slice(version)) {
      db.exec(readFileSync(migration.path, 'utf8'));
    }
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${migrations.length}`);
  });
}

/** Another connection still sees the file as it was before the transaction, its WAL included. */
function keepCopy(path: string, version: number): void {
  const copy = `${path}.v${version}.backup`;
  const unfinished = `${copy}.unfinished`;
  rmSync(unfinished, { force: true });
  const reader = connectReadOnly(path);
  try {
    reader.prepare('VACUUM INTO ?').run(unfinished);
  } finally {
    reader.close();
  }
  renameSync(unfinished, copy);
}

function pragmaNumber(db: Connection, name: string): number {
  // Both pragmas that are read here are 32-bit integers.
  return db.pragma(name, { simple: true }) as number;
}
