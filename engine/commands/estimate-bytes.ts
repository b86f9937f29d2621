import { sqlAssetSelect } from '../assets/sql-asset.ts';
import { isWarehouseError } from '../errors.ts';
import type { Step } from '../plan/plan.ts';
import { functionsOf } from '../run/stage.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { type Effects, openWarehouse } from './context.ts';
import { assetsByName } from './held-target.ts';
import type { Preparation } from './prepare.ts';

const TIB = 2 ** 40;

/** What the steps of a plan would read, as far as the warehouse can tell beforehand. */
export interface BytesEstimate {
  /** Bytes by step; a step is absent whose upstream tables are not there yet, or that reads none. */
  readonly byStep: ReadonlyMap<Step, number>;
  readonly bytes: number;
  readonly unknownSteps: number;
  /** In the currency of `price_per_tib`. */
  readonly price: number;
}

/** Asks the warehouse what each SQL step would read; undefined for a target where reading costs nothing. */
export async function estimateBytes(
  prepared: Preparation,
  effects: Effects,
): Promise<BytesEstimate | undefined> {
  const { project, plan } = prepared;
  const { target } = project;
  if (target.warehouse !== 'bigquery' || plan.steps.length === 0) return undefined;
  const warehouse = await openWarehouse(project, effects, 'read');
  try {
    const byStep = new Map<Step, number>();
    let unknownSteps = 0;
    for (const step of plan.steps) {
      const bytes = await bytesOf(step, prepared, warehouse);
      if (bytes === 'unknown') unknownSteps++;
      else if (bytes !== undefined) byStep.set(step, bytes);
    }
    const bytes = [...byStep.values()].reduce((sum, each) => sum + each, 0);
    return { byStep, bytes, unknownSteps, price: (bytes / TIB) * target.pricePerTib };
  } finally {
    await warehouse.close();
  }
}

async function bytesOf(
  step: Step,
  { project, evaluation }: Preparation,
  warehouse: Warehouse,
): Promise<number | 'unknown' | undefined> {
  const of = evaluation.assets.get(step.asset);
  if (of === undefined || of.asset.kind !== 'sql' || !warehouse.estimateBytes) return undefined;
  const batch = { evaluation: of, indexes: step.indexes };
  const select = sqlAssetSelect(batch, assetsByName(project), warehouse.capabilities.dialect);
  const functions = functionsOf({ pipeline: project.pipeline, warehouse }, of.asset);
  try {
    return await warehouse.estimateBytes(select, functions);
  } catch (error) {
    // Its upstream is made by the same run: what is not there yet has no size.
    if (isWarehouseError(error) && error.category === 'RELATION_NOT_FOUND') return 'unknown';
    throw error;
  }
}
