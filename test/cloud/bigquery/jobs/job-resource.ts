import type { Table } from '../catalog.ts';
import type { Field } from '../resources.ts';
import {
  billedBytes,
  type ScriptOutcome,
  type StatementOutcome,
  statementType,
} from '../script/outcome.ts';
import type { Job } from './job.ts';

/** A job as the API answers it. */
export function jobResource(job: Job, project: string): Readonly<Record<string, unknown>> {
  return {
    kind: 'bigquery#job',
    etag: `${job.id}.${job.state}`,
    id: `${project}:${job.location}.${job.id}`,
    selfLink: `/bigquery/v2/projects/${project}/jobs/${job.id}?location=${job.location}`,
    user_email: 'tests@loopback.iam.gserviceaccount.com',
    configuration: { ...job.configuration, jobType: job.type },
    jobReference: { projectId: project, jobId: job.id, location: job.location },
    statistics: statistics(job, project),
    status: status(job),
  };
}

function status(job: Job): Readonly<Record<string, unknown>> {
  if (job.error === undefined) return { state: job.state };
  return { state: job.state, errorResult: job.error, errors: [job.error] };
}

function statistics(job: Job, project: string): Readonly<Record<string, unknown>> {
  const { startedAt, endedAt } = job;
  const bytes = totalBytes(job);
  return {
    creationTime: String(job.createdAt),
    ...(startedAt === undefined ? {} : { startTime: String(startedAt) }),
    ...(endedAt === undefined ? {} : { endTime: String(endedAt) }),
    ...(endedAt === undefined
      ? {}
      : { totalSlotMs: String(Math.max(1, endedAt - (startedAt ?? endedAt))) }),
    ...(endedAt === undefined ? {} : { totalBytesProcessed: String(bytes) }),
    ...(job.childCount === 0 ? {} : { numChildJobs: String(job.childCount) }),
    ...(job.parentId === undefined ? {} : { parentJobId: job.parentId }),
    ...(job.statement === undefined ? {} : { query: childStatistics(job.statement) }),
    ...(job.outcome === undefined ? {} : { query: queryStatistics(job.outcome, bytes, project) }),
    ...(job.written === undefined ? {} : { load: loadStatistics(job) }),
  };
}

function totalBytes(job: Job): number {
  const statements = job.outcome?.statements ?? job.statementsBeforeFault;
  const all = job.statement === undefined ? statements : [job.statement];
  return all.reduce((sum, each) => sum + each.bytes, 0);
}

function loadStatistics({ written }: Job): Readonly<Record<string, string>> {
  return {
    inputFiles: String(written?.inputFiles ?? 0),
    inputFileBytes: String(written?.inputBytes ?? 0),
    outputRows: String(written?.rows ?? 0),
    outputBytes: String(written?.inputBytes ?? 0),
    badRecords: '0',
  };
}

function queryStatistics(
  outcome: ScriptOutcome,
  bytes: number,
  project: string,
): Readonly<Record<string, unknown>> {
  const billed = outcome.statements.reduce((sum, each) => sum + billedBytes(each.bytes), 0);
  const last = outcome.statements.at(-1);
  return {
    totalBytesProcessed: String(bytes),
    totalBytesBilled: String(billed),
    cacheHit: false,
    statementType: statementType(outcome),
    ...(outcome.isScript || last === undefined ? {} : dmlStatistics(last)),
    ...(outcome.result === undefined ? {} : { schema: { fields: outcome.result.fields } }),
    referencedTables: references(
      outcome.statements.flatMap((each) => each.tables),
      project,
    ),
  };
}

function childStatistics(statement: StatementOutcome): Readonly<Record<string, unknown>> {
  return {
    totalBytesProcessed: String(statement.bytes),
    totalBytesBilled: String(billedBytes(statement.bytes)),
    statementType: statement.kind,
    ...dmlStatistics(statement),
  };
}

const DML_COUNTS: Readonly<Record<string, string>> = {
  INSERT: 'insertedRowCount',
  UPDATE: 'updatedRowCount',
  DELETE: 'deletedRowCount',
};

function dmlStatistics({ affected, kind }: StatementOutcome): Readonly<Record<string, unknown>> {
  if (affected === undefined) return {};
  const count = DML_COUNTS[kind];
  return {
    numDmlAffectedRows: String(affected),
    ...(count === undefined ? {} : { dmlStats: { [count]: String(affected) } }),
  };
}

function references(tables: readonly Table[], project: string): readonly unknown[] {
  return [...new Set(tables)].map(({ dataset, name }) => ({
    projectId: project,
    datasetId: dataset,
    tableId: name,
  }));
}

/** The fields of a job's rows, for a query without any the empty list. */
export function resultFields(job: Job): readonly Field[] {
  return job.outcome?.result?.fields ?? [];
}
