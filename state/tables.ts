import type { Connection } from './connection.ts';
import { leasesTable } from './lease.ts';
import { attemptsTable } from './tables/attempts.ts';
import { calendarsTable } from './tables/calendars.ts';
import { checksTable } from './tables/checks.ts';
import { definitionsTable } from './tables/definitions.ts';
import { eventsTable } from './tables/events.ts';
import { namesTable } from './tables/names.ts';
import { observationsTable } from './tables/observations.ts';
import { partitionRecordsTable } from './tables/partition-records.ts';
import { partitionsTable } from './tables/partitions.ts';
import { profilesTable } from './tables/profiles.ts';
import { runsTable } from './tables/runs.ts';
import { stepsTable } from './tables/steps.ts';
import { targetsTable } from './tables/targets.ts';

export type Tables = ReturnType<typeof openTables>;

/** Every table of one connection. */
export function openTables(db: Connection) {
  return {
    targets: targetsTable(db),
    assets: namesTable(db, 'assets'),
    codeVersions: namesTable(db, 'code_versions'),
    runIds: namesTable(db, 'run_ids'),
    runs: runsTable(db),
    steps: stepsTable(db),
    attempts: attemptsTable(db),
    partitionRecords: partitionRecordsTable(db),
    partitions: partitionsTable(db),
    events: eventsTable(db),
    checks: checksTable(db),
    definitions: definitionsTable(db),
    calendars: calendarsTable(db),
    observations: observationsTable(db),
    leases: leasesTable(db),
    profiles: profilesTable(db),
  };
}
