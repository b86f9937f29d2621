import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { RunId } from '../engine/ids.ts';
import { adopt, markCurrent } from './adopt.ts';
import { configureForWriting, connect, record, type Connection } from './connection.ts';
import { explaining, explainingMethods, notAFile } from './errors.ts';
import { checkVersion, migrate } from './migrate.ts';
import { openForReading } from './read-only.ts';
import { readerOn } from './reader.ts';
import { recordStep } from './record-partitions.ts';
import type { StateReader, StateStore } from './store.ts';
import { openTables, type Tables } from './tables.ts';

const CRASHED = 'The process ended before the run did.';

/** Opens the state database for a command that writes: makes folder and file, migrates an older file. */
export function openStateStore(path: string): StateStore {
  return explaining(path, () => {
    mkdirSync(dirname(resolve(path)), { recursive: true });
    if (existsSync(path)) refuseFolder(path);
    const db = connect(resolve(path));
    try {
      // Before anything is written: a file of a newer or another program stays as it is.
      checkVersion(db, path);
      configureForWriting(db);
      migrate(db, path);
      proveWritable(db);
    } catch (error) {
      db.close();
      throw error;
    }
    return storeOn(db, path);
  });
}

/** Opens the state database for a command that only shows; undefined when nothing was recorded yet. */
export function openStateReader(path: string): StateReader | undefined {
  return explaining(path, () => {
    if (!existsSync(path)) return undefined;
    refuseFolder(path);
    const { db, close } = openForReading(resolve(path));
    try {
      const version = checkVersion(db, path);
      if (version === 'current') {
        return explainingMethods(path, { ...readerOn(db, openTables(db)), close });
      }
      close();
      if (version === 'empty') return undefined;
    } catch (error) {
      close();
      throw error;
    }
    // Only a writer can migrate.
    openStateStore(path).close();
    return openStateReader(path);
  });
}

/** The store on an open and migrated connection. */
export function storeOn(db: Connection, path: string): StateStore {
  const tables = openTables(db);
  return explainingMethods(path, {
    ...readerOn(db, tables),
    ...runMethods(db, tables),
    ...recordMethods(db, tables),
  });
}

type RunMethods = Pick<
  StateStore,
  | 'acquireLease'
  | 'heartbeat'
  | 'releaseLease'
  | 'startRun'
  | 'endRun'
  | 'closeCrashedRuns'
  | 'startStep'
  | 'recordAttempt'
>;

function runMethods(db: Connection, tables: Tables): RunMethods {
  const { targets, runs, runIds, steps, leases } = tables;
  return {
    acquireLease: (request) =>
      record(db, () => leases.acquire(targets.intern(request.target), request)),
    heartbeat: (target, runId, now) => record(db, () => leases.heartbeat(target, runId, now)),
    releaseLease: (target, runId) => record(db, () => leases.release(target, runId)),
    startRun: ({ id, target, command, startedAt }) =>
      record(db, () => runs.start(runIds.intern(id), targets.intern(target), command, startedAt)),
    endRun: (id, status, endedAt, message) =>
      record(db, () => {
        runs.end(id, status, endedAt, message);
        tables.partitionRecords.pack(runs.get(id).target);
      }),
    closeCrashedRuns: (target, except, now) =>
      record(db, () => closeCrashedRuns(tables, target, except, now)),
    startStep: (step) =>
      record(db, () => {
        const run = runs.get(step.runId);
        return steps.start({ ...step, ...run, asset: tables.assets.intern(step.asset) });
      }),
    recordAttempt: (attempt) => record(db, () => tables.attempts.add(attempt)),
  };
}

type RecordMethods = Omit<StateStore, keyof StateReader | keyof RunMethods>;

function recordMethods(db: Connection, tables: Tables): RecordMethods {
  const { targets, assets, codeVersions, runIds } = tables;
  return {
    endStep: (outcome) => record(db, () => recordStep(tables, outcome)),
    saveCalendar: (target, calendar) =>
      record(db, () => tables.calendars.save(targets.intern(target), calendar)),
    saveObservation: (target, observation) =>
      record(db, () => {
        const asset = assets.intern(observation.asset);
        tables.observations.save(targets.intern(target), asset, observation);
      }),
    saveDefinition: (definition) =>
      record(db, () => {
        const code = codeVersions.intern(definition.codeVersion);
        tables.definitions.save(assets.intern(definition.asset), code, definition);
      }),
    saveProfile: (profile) =>
      record(db, () => {
        const target = targets.intern(profile.target);
        const asset = assets.intern(profile.asset);
        tables.profiles.add({ target, asset, run: runIds.intern(profile.runId) }, profile);
      }),
    removePartitions: (request) =>
      record(db, () => {
        const { days, at, reason } = request;
        const target = targets.intern(request.target);
        const asset = assets.intern(request.asset);
        const run = runIds.intern(request.runId);
        tables.events.addRemoved({ target, asset, days, run, at, reason });
        tables.partitions.remove(target, asset, days);
      }),
    markCurrent: (request) => record(db, () => markCurrent(tables, request)),
    adoptMaterializations: (target, rows) =>
      record(db, () => adopt(tables, targets.intern(target), rows)),
    saveWarehouseFingerprint: (target, fingerprint) =>
      record(db, () => targets.saveFingerprint(targets.intern(target), fingerprint)),
  };
}

function closeCrashedRuns(
  { runs, steps }: Tables,
  target: string,
  except: RunId,
  now: number,
): readonly RunId[] {
  const crashed = runs.unfinished(target, except);
  for (const { run, id } of crashed) {
    steps.crash(run, now);
    runs.end(id, 'crashed', now, CRASHED);
  }
  return crashed.map(({ id }) => id);
}

/**
 * SQLite opens a file that cannot be written all the same, and would only fail at the first record. This statement
 * needs the right to write, and writes nothing.
 */
function proveWritable(db: Connection): void {
  db.exec('DELETE FROM targets WHERE 0');
}

function refuseFolder(path: string): void {
  if (statSync(path).isDirectory()) throw notAFile(path);
}
