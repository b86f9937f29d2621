import { tableOf } from '../assets/batch.ts';
import { type CheckPlan, checksOf, stagedChecks } from '../checks/definition.ts';
import { type CheckFinding, findFailures } from '../checks/evaluate.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import { CONTENT } from '../partitions/records.ts';
import { contains, type DaySet } from '../partitions/subset.ts';
import type { AssetEvaluation } from '../staleness/status.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { checkScope, historyRelation } from './check-scope.ts';
import type { RunContext } from './context.ts';
import { findPublishedOutsiders, UNIVERSE_CHECK } from './find-failures.ts';
import { functionsOf } from './stage.ts';

/** What the checks of one asset say about its published rows. */
export interface PublishedChecks {
  readonly plans: readonly Pick<CheckPlan, 'name' | 'severity' | 'blocking'>[];
  /** Partitions that have rows and were held against the checks. */
  readonly partitions: number;
  readonly findings: readonly CheckFinding[];
}

/** Runs the checks of an asset on what is published of some partitions; reads only. */
export async function checkPublished(
  context: Pick<RunContext, 'pipeline' | 'assets' | 'signal'> & { readonly warehouse: Warehouse },
  evaluation: AssetEvaluation,
  wanted: DaySet | undefined,
): Promise<PublishedChecks> {
  const { warehouse, signal } = context;
  const { asset } = evaluation;
  const { dialect } = warehouse.capabilities;
  const declared = checksOf(asset, dialect);
  const plans = [...declared, ...universePlan(asset)];
  const indexes = materializedIndexes(evaluation, wanted);
  if (plans.length === 0 || indexes.length === 0) return { plans, partitions: 0, findings: [] };
  const options = { signal, timeoutMs: asset.timeoutSeconds * 1000 };
  const table = tableOf(asset);
  const days = indexes.map((index) => evaluation.expected.days[index] ?? 0);
  const relation = warehouse.publishedRelation(table, days);
  const functions = functionsOf(context, asset);
  const rows = { table, relation, checks: stagedChecks(declared), functions };
  const partitions = await warehouse.countOffending(rows, options);
  const batch = { evaluation, indexes };
  const history = historyRelation(batch, declared, { records: evaluation.records, warehouse });
  const scope = checkScope(batch, context.assets, { dialect, rows: relation, history });
  const checked = { plans: declared, rows, partitions, scope, warehouse, options };
  const findings = [
    ...(await findFailures(checked)),
    ...(await findPublishedOutsiders(context, { batch, rows: relation, options })),
  ];
  return { plans, partitions: partitions.length, findings };
}

/** The check that an asset's universe implies. */
function universePlan({ universe }: CompiledAsset): PublishedChecks['plans'] {
  if (universe === undefined) return [];
  return [{ name: UNIVERSE_CHECK, severity: universe.severity, blocking: universe.blocking }];
}

/** The partitions whose rows are published, whatever their status is by now. */
function materializedIndexes(
  { expected, records, recordIndex }: AssetEvaluation,
  wanted: DaySet | undefined,
): readonly number[] {
  return [...expected.days.keys()].filter((index) => {
    const day = expected.days[index] ?? 0;
    const content = records.content[recordIndex[index] ?? -1];
    return content === CONTENT.materialized && (wanted === undefined || contains(wanted, day));
  });
}
