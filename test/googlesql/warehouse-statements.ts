import { tableOf } from '../../engine/assets/batch.ts';
import { failuresWith } from '../../engine/assets/failures-select.ts';
import { readQuery, readSelect } from '../../engine/assets/module-reads.ts';
import { checksOf, stagedChecks } from '../../engine/checks/definition.ts';
import type { CompiledAsset } from '../../engine/compile/compiled.ts';
import { FAILURES, stageFailuresScript } from '../../engine/warehouse/bigquery-failures.ts';
import {
  acquireScript,
  readLeaseQuery,
  releaseStatement,
  renewStatement,
} from '../../engine/warehouse/bigquery-lease.ts';
import {
  markScript,
  OWN_TABLES,
  ownTables,
  readCalendarsQuery,
  readDefinitionsQuery,
  readMaterializationsQuery,
  removeScript,
  saveCalendarScript,
} from '../../engine/warehouse/bigquery-ledger.ts';
import {
  columnsSelect,
  failuresStage,
  offendingCountsQuery,
  offendingRowsQuery,
  partitionCondition,
  publishScript,
  stageScript,
  stagingTable,
  tableName,
  withFunctions,
} from '../../engine/warehouse/bigquery-sql.ts';
import { failureCountsQuery, failuresQuery } from '../../engine/warehouse/failures-sql.ts';
import type { FailuresRequest, RecordedDefinition } from '../../engine/warehouse/warehouse.ts';
import { rowsStatement } from './engine-statements.ts';
import type { MadePipeline } from './made-pipeline.ts';
import type { CatalogTable } from './pipeline-catalog.ts';

/** Which failures are asked for. */
const FILTERS = [
  { assets: [] },
  {
    assets: ["it's", 'other'],
    days: [
      { from: 1, to: 2 },
      { from: 4, to: 4 },
    ],
    categories: ['CLOSED'],
    entity: "o'b",
    isExpected: false,
    onlyOpen: true,
  },
] as const;
/** Where the engine's own tables are. */
const OWN_DATASET = 'fastbreak';
const STAGE = 'run_1_step_2';
const PLACE = { dialect: 'bigquery', table: ownTables(OWN_DATASET).failures } as const;
const DAYS = [19_700, 19_702];
const RUN = "run 'one'\\two";
const HASH = { hi: 1, lo: 2 };

/** The tables that the warehouse makes for itself. */
export function warehouseTables(made: MadePipeline): CatalogTable[] {
  const staging = made.pipeline.assets.map((asset) => {
    const table = tableOf(asset);
    return { ...stagingTable(table, STAGE), columns: table.columns };
  });
  const failures = made.pipeline.assets.map((asset) => ({
    ...failuresStage(tableOf(asset), STAGE),
    columns: FAILURES.columns,
  }));
  const own = [...OWN_TABLES, FAILURES].map(({ name, columns }) => ({
    dataset: OWN_DATASET,
    name,
    columns,
  }));
  return [...staging, ...failures, ...own];
}

/** What the BigQuery warehouse runs for an asset, from staging its rows to removing them. */
export function assetStatements(made: MadePipeline, asset: CompiledAsset): readonly string[] {
  const table = tableOf(asset);
  const own = ownTables(OWN_DATASET);
  const staging = tableName(stagingTable(table, STAGE));
  const checks = stagedChecks(checksOf(asset, 'bigquery'));
  const functions = Object.values(made.pipeline.googleFunctions);
  const days = asset.partitionSet === undefined ? [0] : DAYS;
  const select =
    asset.kind === 'sql'
      ? rowsStatement(made, made.batch(asset)).sql('bigquery')
      : `SELECT * FROM ${tableName(table)}`;
  const request = {
    table,
    stage: STAGE,
    asset: asset.name,
    runId: RUN,
    codeVersion: 'abc',
    at: 1e12,
    replace: days,
    materializations: days.map((day) => ({
      day,
      rows: 3,
      data: HASH,
      input: HASH,
      inputs: Uint8Array.of(1, 255),
      reason: "it's\nempty \\ for a reason",
    })),
    replacesAll: false,
    definition: definitionOf(asset.name),
    source: { quick: 'q', content: 'c' },
    failures: days,
  };
  const sample = { days, rowsPerDay: 3 };
  const rows = { table, condition: partitionCondition(table, days) };
  const statements = [
    stageScript({ functions, select, table, stage: STAGE, checks }),
    withFunctions(functions, offendingCountsQuery(table, staging, checks)),
    ...checks.map((_, at) => offendingRowsQuery({ table, checks }, staging, at, sample)),
    publishScript(request, own, { definition: true, drop: true, holder: RUN }),
    ...stageFailures(made, asset, { ...request, days }),
    ...moduleReads(made, asset),
    publishScript({ ...request, replace: [], failures: [] }, own, {
      definition: false,
      drop: false,
      holder: undefined,
    }),
    markScript(own, { ...request, partitions: request.materializations }, RUN),
    removeScript(own, { asset: asset.name, days, runId: RUN, rows }),
    removeScript(own, { asset: asset.name, days, runId: undefined, rows: undefined }),
  ];
  return statements.flatMap(splitScript);
}

/** What a module in the asset's place would read. */
function moduleReads(made: MadePipeline, asset: CompiledAsset): string[] {
  const scope = { batch: made.batch(asset), assets: made.assets, dialect: 'bigquery' } as const;
  return [...new Set(asset.upstream.map(({ relation }) => relation))].flatMap((relation) => [
    readSelect(scope, relation, undefined),
    columnsSelect(readQuery(scope, relation, undefined)),
  ]);
}

function stageFailures(
  made: MadePipeline,
  asset: CompiledAsset,
  request: Pick<
    FailuresRequest,
    'table' | 'stage' | 'asset' | 'runId' | 'codeVersion' | 'at' | 'days'
  >,
): string[] {
  if (asset.universe === undefined) return [];
  const rows = tableName(stagingTable(request.table, STAGE));
  const scope = {
    batch: made.batch(asset),
    assets: made.assets,
    dialect: 'bigquery',
    rows,
  } as const;
  const functions = Object.values(made.pipeline.googleFunctions);
  const kinds = asset.universe.failures;
  return [
    stageFailuresScript({ ...request, functions, leading: failuresWith(scope), kinds }, PLACE),
  ];
}

/** What it runs for no asset in particular. */
export function ledgerStatements(): readonly string[] {
  const own = ownTables(OWN_DATASET);
  const holder = { runId: RUN, host: 'host', pid: 7, command: "materialize 'all'" };
  const statements = [
    readMaterializationsQuery(own),
    readDefinitionsQuery(own),
    readCalendarsQuery(own),
    ...FILTERS.flatMap((filter) => [
      failuresQuery(filter, 10, PLACE),
      failureCountsQuery(filter, PLACE),
    ]),
    saveCalendarScript(own, { name: 'dates', document: '{"days":[1]}' }),
    acquireScript(own, holder),
    readLeaseQuery(own),
    renewStatement(own, RUN),
    releaseStatement(own, RUN),
  ];
  return statements.flatMap(splitScript);
}

function definitionOf(asset: string): RecordedDefinition {
  return { asset, codeVersion: 'abc', parts: '{"a":"\\n"}', upstream: ['one', 'two'] };
}

/** A script as its statements: the analyzer takes one at a time. */
function splitScript(sql: string): readonly string[] {
  const next = /;\n(?=(?:CREATE|SELECT|BEGIN|UPDATE|ASSERT|DELETE|INSERT|COMMIT|DROP)\b)/;
  return sql.split(next).map((statement) => statement.replace(/;\s*$/, ''));
}
