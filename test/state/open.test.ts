import Database from 'better-sqlite3';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../engine/errors.ts';
import { unsafeRunId } from '../../engine/ids.ts';
import { connect } from '../../state/connection.ts';
import { openStateReader, openStateStore, storeOn } from '../../state/sqlite.ts';
import { afterwards, asOrdinaryUser, BOX, good, LOCAL, pipelineErrorOf } from './support.ts';
import { recordsOf, recordStep, storeWithRun, temporaryFolder, temporaryPath } from './support.ts';

/** A closed file with one partition recorded. */
function closedFile(): string {
  const path = temporaryPath();
  const store = storeWithRun(path);
  recordStep(store, [good(1, 5)]);
  store.close();
  return path;
}

function contentsOf(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder).sort();
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'base64')]));
}

describe('opening', () => {
  test('the store makes its folder and its file', () => {
    const path = join(temporaryFolder(), 'a', 'b', 'state.sqlite');
    openStateStore(path).close();
    expect(existsSync(path)).toBe(true);
  });

  test('what was recorded is there when it is opened again', () => {
    const path = closedFile();
    const store = openStateStore(path);
    expect(recordsOf(store)).toHaveLength(1);
    store.close();
  });

  test('a reader of nothing is undefined and makes nothing', () => {
    const path = join(temporaryFolder(), 'none', 'state.sqlite');
    expect(openStateReader(path)).toBeUndefined();
    expect(existsSync(dirname(path))).toBe(false);
  });

  test('a file in which nothing was made yet has no reader', () => {
    const path = temporaryPath();
    writeFileSync(path, '');
    expect(openStateReader(path)).toBeUndefined();
  });

  test('an older file is migrated for a reader too', () => {
    const path = temporaryPath();
    const db = connect(path);
    db.pragma(`application_id = ${0x46425354}`);
    db.close();
    const reader = openStateReader(path);
    expect(reader?.runs(LOCAL, 1)).toEqual([]);
    reader?.close();
    expect(existsSync(`${path}.v0.backup`)).toBe(true);
  });

  test('a reader cannot write', () => {
    const path = closedFile();
    const before = readFileSync(path);
    const reader = openStateReader(path);
    expect(reader && recordsOf(reader)).toHaveLength(1);
    expect(reader && 'startRun' in reader).toBe(false);
    reader?.close();
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

describe('a file', () => {
  test.each([
    ['the store', openStateStore],
    ['a reader', openStateReader],
  ])('of a newer version is refused by %s and left as it is', (_title, open) => {
    const path = closedFile();
    const db = connect(path);
    db.pragma('user_version = 99');
    db.close();
    const before = readFileSync(path);
    const error = pipelineErrorOf(() => open(path));
    expect(error).toMatchObject({ code: 'STATE_TOO_NEW', exitCode: EXIT.usage });
    expect(error.message).toContain('found version 99, this program supports up to version 3');
    expect(error.hint).toContain('Upgrade fastbreak');
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('of a newer version leaves the folder as it was', () => {
    const path = closedFile();
    const db = connect(path);
    db.pragma('user_version = 99');
    db.close();
    const before = contentsOf(dirname(path));
    pipelineErrorOf(() => openStateStore(path));
    expect(contentsOf(dirname(path))).toEqual(before);
  });

  test.each([
    ['the store', openStateStore],
    ['a reader', openStateReader],
  ])('that is no database is named by %s', (_title, open) => {
    const path = temporaryPath();
    writeFileSync(path, 'This is not a database, whatever its name says. '.repeat(100));
    const error = pipelineErrorOf(() => open(path));
    expect(error).toMatchObject({ code: 'STATE_CORRUPT', exitCode: EXIT.usage });
    expect(error.message).toContain(path);
    expect(error.hint).toContain('fastbreak state rebuild');
  });
});

describe('a path that holds something else', () => {
  test('a file that was cut short is named when it is read', () => {
    const path = temporaryPath();
    const store = storeWithRun(path);
    for (let day = 0; day < 3000; day += 100) {
      recordStep(
        store,
        Array.from({ length: 100 }, (_, i) => good(day + i, i)),
      );
    }
    store.close();
    truncateSync(path, 4096 * 40);
    const error = pipelineErrorOf(() => {
      const reader = openStateReader(path);
      afterwards(() => reader?.close());
      reader?.snapshot(LOCAL);
      reader?.eventsOfPartition(LOCAL, BOX, 2900);
    });
    expect(error.code).toBe('STATE_CORRUPT');
  });

  test('the database of another program is not touched', () => {
    const path = temporaryPath();
    const db = new Database(path);
    db.exec('CREATE TABLE theirs (a)');
    db.pragma('user_version = 1');
    db.close();
    const before = readFileSync(path);
    const error = pipelineErrorOf(() => openStateStore(path));
    expect(error.message).toContain('found the database of another program');
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test.each([
    ['the store', openStateStore],
    ['a reader', openStateReader],
  ])('a folder is named by %s', (_title, open) => {
    const path = temporaryPath();
    mkdirSync(path);
    const error = pipelineErrorOf(() => open(path));
    expect(error.message).toContain('expected a file, found a folder');
  });

  test('a path through a file is named', () => {
    const path = join(closedFile(), 'below', 'state.sqlite');
    expect(pipelineErrorOf(() => openStateStore(path)).code).toBe('STATE_UNWRITABLE');
  });
});

describe('without the right to write', () => {
  test('a file that cannot be written is refused before anything is recorded', () => {
    const path = closedFile();
    asOrdinaryUser(dirname(path), () => {
      if (process.getuid?.() !== 0) chmodSync(path, 0o444);
      const error = pipelineErrorOf(() => openStateStore(path));
      expect(error).toMatchObject({ code: 'STATE_UNWRITABLE', exitCode: EXIT.usage });
      expect(error.hint).toContain('FASTBREAK_HOME');
    });
  });

  test('a folder that cannot be written is refused', () => {
    const folder = temporaryFolder();
    asOrdinaryUser(folder, () => {
      chmodSync(folder, 0o555);
      const error = pipelineErrorOf(() => openStateStore(join(folder, 'state.sqlite')));
      expect(error.code).toBe('STATE_UNWRITABLE');
      chmodSync(folder, 0o755);
    });
  });

  test('a reader still shows what a read-only folder holds', () => {
    const path = closedFile();
    const folder = dirname(path);
    asOrdinaryUser(folder, () => {
      chmodSync(folder, 0o555);
      const reader = openStateReader(path);
      expect(reader && recordsOf(reader)).toHaveLength(1);
      reader?.close();
      expect(readdirSync(folder)).toEqual(['state.sqlite']);
      chmodSync(folder, 0o755);
    });
  });

  test('a reader of a read-only folder also shows what is only in the WAL', () => {
    const path = temporaryPath();
    const store = storeWithRun(path);
    recordStep(store, [good(1, 5)]);
    const folder = temporaryFolder();
    for (const end of ['', '-wal']) cpSync(`${path}${end}`, join(folder, `state.sqlite${end}`));
    asOrdinaryUser(folder, () => {
      chmodSync(folder, 0o555);
      const reader = openStateReader(join(folder, 'state.sqlite'));
      expect(reader && recordsOf(reader)).toHaveLength(1);
      reader?.close();
      chmodSync(folder, 0o755);
    });
  });
});

describe('while recording', () => {
  test('a full disk is named, and the record stays whole', () => {
    const path = temporaryPath();
    openStateStore(path).close();
    const db = connect(path);
    const store = storeOn(db, path);
    afterwards(() => store.close());
    store.startRun({ id: unsafeRunId('run-1'), target: LOCAL, command: 'backfill', startedAt: 1 });
    recordStep(store, [good(1, 5)]);
    db.pragma(`max_page_count = ${Number(db.pragma('page_count', { simple: true })) + 2}`);
    const many = Array.from({ length: 5000 }, (_, i) => good(i, 6));
    const error = pipelineErrorOf(() => recordStep(store, many));
    expect(error).toMatchObject({ code: 'STATE_DISK_FULL', exitCode: EXIT.usage });
    expect(error.hint).toContain('Free some disk space');
    expect(recordsOf(store)).toMatchObject([{ day: 1, rows: 105 }]);
    expect(store.eventsOfPartition(LOCAL, BOX, 1)).toHaveLength(1);
  });

  test('a lock that another process keeps is named', () => {
    const path = closedFile();
    const other = connect(path);
    afterwards(() => other.close());
    const db = connect(path);
    const store = storeOn(db, path);
    afterwards(() => store.close());
    db.pragma('busy_timeout = 50');
    other.exec('BEGIN IMMEDIATE');
    const error = pipelineErrorOf(() => store.saveWarehouseFingerprint(LOCAL, 'w'));
    expect(error).toMatchObject({ code: 'STATE_BUSY', exitCode: EXIT.locked });
  });

  test('a bug is not dressed up as a problem of the file', () => {
    const store = storeWithRun();
    const run = { id: unsafeRunId('r'), target: LOCAL, command: 'x', startedAt: 1.5 };
    expect(() => store.startRun(run)).toThrow(Database.SqliteError);
  });
});
