import { unsafeCodeVersion } from '../engine/ids.ts';
import { readAtOnce, type Connection } from './connection.ts';
import type { StateReader, StateSnapshot } from './store.ts';
import type { Tables } from './tables.ts';

/** The reading half of the facade over the tables of one connection. */
export function readerOn(db: Connection, tables: Tables): StateReader {
  return {
    snapshot: (target) => readAtOnce(db, () => snapshot(tables, target)),
    runs: (target, limit) => tables.runs.newest(target, limit),
    run: (id) => tables.runs.byId(id),
    steps: (runId) => tables.steps.ofRun(runId),
    attempts: (runId) => tables.attempts.ofRun(runId),
    checks: (runId) => tables.checks.ofRun(runId),
    eventsOfRun: (runId) => tables.events.ofRun(runId),
    eventsOfPartition: (target, asset, day) => tables.events.ofPartition(target, asset, day),
    changesSince: (target, asset, range) => tables.events.changes(target, asset, range),
    details: (target, asset, days) => tables.events.details(target, asset, days),
    definition: (asset, codeVersion) => tables.definitions.get(asset, codeVersion),
    profiles: (target, asset) => tables.profiles.ofAsset(target, asset),
    secondsPerPartition: (target) => tables.steps.secondsPerPartition(target),
    lastRuns: (target) => tables.runs.lastByAsset(target),
    leaseHolder: (target) => tables.leases.holder(target),
    warehouseFingerprint: (target) => tables.targets.fingerprint(target),
    close: () => void db.close(),
  };
}

function snapshot(tables: Tables, name: string): StateSnapshot {
  const target = tables.targets.find(name);
  if (target === undefined) {
    return {
      codeVersions: [],
      records: new Map(),
      calendars: new Map(),
      observations: new Map(),
    };
  }
  const codeVersions = tables.codeVersions.all();
  const codeIndex = new Int32Array((codeVersions.at(-1)?.id ?? 0) + 1).fill(-1);
  codeVersions.forEach(({ id }, index) => (codeIndex[id] = index));
  return {
    codeVersions: codeVersions.map((version) => unsafeCodeVersion(version.name)),
    records: tables.partitionRecords.read(target, codeIndex),
    calendars: tables.calendars.ofTarget(target),
    observations: tables.observations.ofTarget(target),
  };
}
