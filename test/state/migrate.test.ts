import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configureForWriting, connect, connectReadOnly } from '../../state/connection.ts';
import { checkVersion, listMigrations, migrate } from '../../state/migrate.ts';
import { afterwards, pipelineErrorOf, temporaryFolder, temporaryPath } from './support.ts';

const ONE = 'CREATE TABLE notes (text TEXT) STRICT;';
const TWO = `ALTER TABLE notes ADD COLUMN author TEXT; UPDATE notes SET author = 'unknown';`;

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, sql] of Object.entries(files)) writeFileSync(join(folder, name), sql);
  return folder;
}

function open(path: string) {
  const db = connect(path);
  afterwards(() => db.close());
  configureForWriting(db);
  return db;
}

/** A file at version 1 with one row, still in the WAL. */
function fileOfVersionOne(path: string) {
  const db = open(path);
  migrate(db, path, listMigrations(folderOf({ '0001-notes.sql': ONE })));
  db.exec(`INSERT INTO notes VALUES ('hello')`);
  return db;
}

const BOTH = { '0001-notes.sql': ONE, '0002-author.sql': TWO };

describe('the numbers of migrations', () => {
  test('those of this program have no gap and no duplicate', () => {
    expect(listMigrations().map((migration) => migration.number)).toEqual([1, 2, 3]);
  });

  test.each([
    ['a gap', ['0001-a.sql', '0003-b.sql'], 'expected migration 0002-<name>.sql, found 0003-b.sql'],
    ['a duplicate', ['0001-a.sql', '0001-b.sql'], 'found 0001-b.sql'],
    ['a first number other than one', ['0002-a.sql'], 'found 0002-a.sql'],
    ['a stray file', ['0001-a.sql', 'notes.txt'], 'found notes.txt'],
  ])('%s is an error', (_title, names, message) => {
    const folder = folderOf(Object.fromEntries(names.map((name) => [name, ''])));
    expect(() => listMigrations(folder)).toThrow(message);
  });
});

describe('migrating', () => {
  test('a new file goes through all of them and keeps no copy', () => {
    const path = temporaryPath();
    const db = open(path);
    const migrations = listMigrations(folderOf(BOTH));
    expect(checkVersion(db, path, migrations)).toBe('empty');
    migrate(db, path, migrations);
    expect(checkVersion(db, path, migrations)).toBe('current');
    expect(readdirSync(dirname(path)).filter((name) => name.includes('backup'))).toEqual([]);
  });

  test('an older file keeps its rows, and a copy of it as it was is kept', () => {
    const path = temporaryPath();
    const db = fileOfVersionOne(path);
    migrate(db, path, listMigrations(folderOf(BOTH)));
    expect(db.prepare('SELECT * FROM notes').all()).toEqual([{ text: 'hello', author: 'unknown' }]);
    const copy = connectReadOnly(`${path}.v1.backup`);
    afterwards(() => copy.close());
    expect(copy.prepare('SELECT * FROM notes').all()).toEqual([{ text: 'hello' }]);
    expect(copy.pragma('user_version', { simple: true })).toBe(1);
  });

  test('migrating again does nothing', () => {
    const path = temporaryPath();
    const db = fileOfVersionOne(path);
    const migrations = listMigrations(folderOf(BOTH));
    migrate(db, path, migrations);
    migrate(db, path, migrations);
    expect(existsSync(`${path}.v2.backup`)).toBe(false);
  });

  test('a migration that fails leaves the file at the version before, with its rows', () => {
    const path = temporaryPath();
    const db = fileOfVersionOne(path);
    const broken = { ...BOTH, '0002-author.sql': `${TWO} SELECT no_such_column FROM notes;` };
    expect(() => migrate(db, path, listMigrations(folderOf(broken)))).toThrow('no_such_column');
    expect(db.prepare('SELECT * FROM notes').all()).toEqual([{ text: 'hello' }]);
    expect(db.pragma('user_version', { simple: true })).toBe(1);
  });

  test('what an interrupted copy left behind is replaced', () => {
    const path = temporaryPath();
    const db = fileOfVersionOne(path);
    writeFileSync(`${path}.v1.backup.unfinished`, 'half');
    migrate(db, path, listMigrations(folderOf(BOTH)));
    expect(existsSync(`${path}.v1.backup`)).toBe(true);
    expect(existsSync(`${path}.v1.backup.unfinished`)).toBe(false);
  });

  test('a newer file is refused', () => {
    const path = temporaryPath();
    const db = fileOfVersionOne(path);
    db.pragma('user_version = 7');
    const migrations = listMigrations(folderOf(BOTH));
    const error = pipelineErrorOf(() => migrate(db, path, migrations));
    expect(error.code).toBe('STATE_TOO_NEW');
  });
});
