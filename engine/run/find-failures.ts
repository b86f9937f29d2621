import { failuresWith } from '../assets/failures-select.ts';
import { type Batch, tableOf } from '../assets/batch.ts';
import type { CheckFinding } from '../checks/evaluate.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import type { Universe } from '../config/pipeline.ts';
import type { Day } from '../partitions/date.ts';
import type { PartitionOutcome } from '../../state/store.ts';
import type { AssetEvaluation } from '../staleness/status.ts';
import type { CountedEntities } from '../warehouse/failures.ts';
import type { StatementOptions, Warehouse } from '../warehouse/warehouse.ts';
import type { RunContext } from './context.ts';
import { functionsOf } from './stage.ts';
import type { StepWork } from './step-work.ts';

/** Who is expected in the partitions of a batch and has no row. */
export interface FoundFailures {
  readonly countsByDay: ReadonlyMap<Day, readonly CountedEntities[]>;
  /** Days whose recorded failures are not what they should be by now. */
  readonly changed: readonly Day[];
  /** Of the check `universe`. */
  readonly findings: readonly CheckFinding[];
}

/** The check that holds `universe = rows + failures`. */
export const UNIVERSE_CHECK = 'universe';

/** Finds the failures of a staged batch, to be published with its rows; nothing for an asset without a universe. */
export async function findStagedFailures(
  context: RunContext,
  work: Pick<StepWork, 'statements'>,
  batch: {
    readonly evaluation: AssetEvaluation;
    readonly indexes: readonly number[];
    readonly stage: string;
  },
): Promise<FoundFailures | undefined> {
  const { evaluation, indexes, stage } = batch;
  const { asset } = evaluation;
  const { warehouse } = context;
  if (asset.universe === undefined || indexes.length === 0) return undefined;
  work.statements += 1;
  const table = tableOf(asset);
  const { counts, changed } = await warehouse.stageFailures(
    {
      table,
      stage,
      asset: asset.name,
      runId: context.runId,
      codeVersion: asset.codeVersion,
      at: context.now(),
      days: indexes.map((index) => evaluation.expected.days[index] ?? 0),
      functions: functionsOf(context, asset),
      leading: failuresWith({
        batch: { evaluation, indexes },
        assets: context.assets,
        dialect: warehouse.capabilities.dialect,
        rows: warehouse.stagedRelation(table, stage),
      }),
      kinds: asset.universe.failures,
    },
    { signal: context.signal, onCost: context.onCost, timeoutMs: asset.timeoutSeconds * 1000 },
  );
  return {
    countsByDay: Map.groupBy(counts, (count) => count.day),
    changed,
    findings: universeFindings(asset, asset.universe, counts),
  };
}

/** What the check `universe` says of published rows; nothing for an asset without one. */
export async function findPublishedOutsiders(
  context: Pick<RunContext, 'pipeline' | 'assets'> & { readonly warehouse: Warehouse },
  of: {
    readonly batch: Batch;
    /** The relation that holds the rows. */
    readonly rows: string;
    readonly options: StatementOptions;
  },
): Promise<readonly CheckFinding[]> {
  const { warehouse, assets } = context;
  const { asset } = of.batch.evaluation;
  const { universe } = asset;
  if (universe === undefined) return [];
  const { dialect } = warehouse.capabilities;
  const untracked = universe.failures.length - 1;
  const result = await warehouse.query(
    `${failuresWith({ batch: of.batch, assets, dialect, rows: of.rows })}
SELECT day, kind, COUNT(*) AS entities, MIN(entity) AS first_entity, MAX(entity) AS last_entity
FROM _found WHERE kind IN (-1, ${untracked}) GROUP BY day, kind ORDER BY day, kind`,
    { ...of.options, functions: functionsOf(context, asset), purpose: 'check' },
  );
  const counts = result.rows.map(([day, kind, entities, first, last]) => ({
    day: Number(day),
    category: universe.failures[Number(kind)]?.category,
    isExpected: false,
    entities: Number(entities),
    sample: [...new Set([String(first), String(last)])],
  }));
  return universeFindings(asset, universe, counts);
}

/** Why nobody has a row: everybody who is expected is excused. Undefined when somebody is not, or nobody is expected. */
export function everybodyExpected(
  failures: FoundFailures | undefined,
  day: Day,
): string | undefined {
  const counts = failures?.countsByDay.get(day) ?? [];
  if (counts.length === 0 || !counts.every((count) => count.isExpected)) return undefined;
  const parts = counts
    .toSorted((a, b) => b.entities - a.entities)
    .map(({ entities, category }) => `${entities} ${category ?? ''}`);
  return `nobody can have a row: ${parts.join(', ')}`;
}

/** Adds the entities without a row of the partitions that were published, by category. */
export function countAbsent(
  absent: Map<string, number>,
  failures: FoundFailures | undefined,
  outcomes: readonly PartitionOutcome[],
): void {
  if (failures === undefined) return;
  for (const { type, day } of outcomes) {
    if (type === 'failed' || type === 'blocked') continue;
    for (const { category, entities } of failures.countsByDay.get(day) ?? []) {
      if (category === undefined) continue;
      absent.set(category, (absent.get(category) ?? 0) + entities);
    }
  }
}

/** One finding per partition where somebody has neither row nor reason, or a row without being expected. */
export function universeFindings(
  asset: CompiledAsset,
  universe: Universe,
  counts: readonly CountedEntities[],
): readonly CheckFinding[] {
  const untracked = universe.failures.at(-1)?.category;
  const bad = counts.filter(({ category }) => category === undefined || category === untracked);
  return [...Map.groupBy(bad, (count) => count.day)].map(([day, found]) => {
    const failures = found.reduce((sum, { entities }) => sum + entities, 0);
    const texts = found.map(
      ({ category, entities, sample }) =>
        `${entities} ${category === undefined ? 'with a row that nobody expected' : 'expected without row or reason'} (${sample.join(' ... ')})`,
    );
    return {
      asset: asset.name,
      day,
      check: UNIVERSE_CHECK,
      severity: universe.severity,
      blocking: universe.blocking,
      failures,
      sample: JSON.stringify(
        found.map(({ category, sample }) => ({ [category ?? 'unexpected']: sample })),
      ),
      message: `check "${UNIVERSE_CHECK}" failed: ${texts.join('; ')}`,
    };
  });
}
