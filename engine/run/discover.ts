import { tableOf } from '../assets/batch.ts';
import { checksOf, ownStatements } from '../checks/definition.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import { WarehouseError } from '../errors.ts';
import type { AssetEvaluation } from '../staleness/status.ts';
import type { PartitionOutcome } from '../../state/store.ts';
import { calendarsOf } from '../staleness/calendar-state.ts';
import { readCalendar, recordCalendar } from './calendars.ts';
import type { RunContext } from './context.ts';
import { countAbsent, findStagedFailures } from './find-failures.ts';
import { pruneAsset } from './prune.ts';
import { publishBatch } from './publish.ts';
import { settleBatch } from './settle.ts';
import { stageBatch } from './stage.ts';
import { costed, nextStage, type StepWork } from './step-work.ts';

/** What loading an asset that defines its own calendar found out. */
export interface Discovered {
  /** Evaluated against the calendar just read. */
  readonly evaluation: AssetEvaluation;
  readonly outcomes: readonly PartitionOutcome[];
}

/**
 * Loads an asset whose own rows say which partitions there are (a schedule): everything is staged, the calendar
 * is read from the staged rows, and then every date of it is published like any other partition. Dates that left
 * the calendar leave the table, since nothing else could ever correct them.
 */
export async function discoverPartitions(
  uncosted: RunContext,
  work: StepWork,
  reevaluate: (asset: CompiledAsset) => AssetEvaluation,
): Promise<Discovered> {
  const { asset } = work.evaluation;
  const context = costed(uncosted, work);
  const checks = checksOf(asset, context.warehouse.capabilities.dialect);
  const table = tableOf(asset);
  work.statements += 3 + ownStatements(checks);
  const stage = nextStage(work);
  const before = new Map(context.live.calendars);
  try {
    const staged = await stageBatch(context, {
      evaluation: work.evaluation,
      stage,
      indexes: undefined,
      checks,
      replacesAll: false,
      stepId: work.stepId,
    });
    const calendars = await readCalendars(context, asset, stage);
    for (const { days } of calendars) {
      context.live.calendars.set(days.name, { ...days, fingerprint: '' });
    }
    const evaluation = reevaluate(asset);
    const indexes = [...evaluation.expected.days.keys()];
    await pruneAsset(context, evaluation);
    const failures = await findStagedFailures(context, work, { evaluation, indexes, stage });
    const settled = await settleBatch(context, evaluation, { indexes, staged, checks, failures });
    await publishBatch(context, {
      asset,
      stage,
      outcomes: settled.outcomes,
      kept: settled.kept,
      replacesAll: false,
      rewrites: work.isForced,
      failures,
    });
    work.findings.push(...settled.findings);
    countAbsent(work.absent, failures, settled.outcomes);
    return { evaluation, outcomes: settled.outcomes };
  } catch (error) {
    // Dates that were not published are no reason for anything downstream.
    for (const { name } of calendarsOf(context.pipeline, asset.name)) {
      const known = before.get(name);
      if (known) context.live.calendars.set(name, known);
      else context.live.calendars.delete(name);
    }
    throw error;
  } finally {
    await context.warehouse.discard(table, stage).catch(() => undefined);
  }
}

/** Records the calendars that an asset defines, after its outcomes were recorded. */
export async function keepCalendars(context: RunContext, asset: CompiledAsset): Promise<void> {
  for (const calendar of calendarsOf(context.pipeline, asset.name)) {
    const days = context.live.calendars.get(calendar.name);
    if (days) await recordCalendar(context, calendar, days);
  }
}

async function readCalendars(
  context: RunContext,
  asset: CompiledAsset,
  stage: string,
): Promise<{ readonly days: Awaited<ReturnType<typeof readCalendar>> }[]> {
  const calendars = [];
  for (const calendar of calendarsOf(context.pipeline, asset.name)) {
    const days = await readCalendar(context.warehouse, context.pipeline, {
      calendar,
      relation: context.warehouse.stagedRelation(tableOf(asset), stage),
      signal: context.signal,
    });
    if (days.days.length === 0) throw noDates(asset, calendar.name);
    calendars.push({ days });
  }
  return calendars;
}

function noDates(asset: CompiledAsset, calendar: string): WarehouseError {
  return new WarehouseError(
    `${asset.name} has no rows that make a date of calendar ${calendar}: without dates there is nothing to do`,
    { kind: 'statement', category: 'EMPTY_CALENDAR' },
  );
}
