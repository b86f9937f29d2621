import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { PipelineError } from '../errors.ts';
import { parseDay } from '../partitions/date.ts';
import { unionRange } from '../partitions/window.ts';
import type { Batch } from './batch.ts';
import { moduleContext } from './make-module-context.ts';
import { importModule, moduleFault, type ModuleRun, untilAborted } from './module-asset.ts';
import type { ModuleContext } from './module-context.ts';
import { ModuleRows } from './module-rows.ts';

/** What `evaluate` gets: the same as `materialize`, without a place for rows. */
export type EvaluationContext = Omit<ModuleContext, 'write' | 'writeColumns' | 'fail'>;

/** Rows that were predicted without having been trained on, column by column, all columns equally long. */
export interface EvaluationRows {
  /** `YYYY-MM-DD` of each row; rows of a date hang together. */
  readonly partition: readonly string[];
  /** What the row is about; once per date. */
  readonly entity: readonly string[];
  /** NaN is a row that was not predicted. */
  readonly prediction: Float64Array;
  /** What happened. */
  readonly actual: Float64Array;
  /** What a simple rule says of the same rows. */
  readonly baseline?: Float64Array;
  /** What the figures are broken down by. */
  readonly group?: readonly string[];
}

/**
 * The function that a module exports as `evaluate`: for each partition it learns from what is before it, and predicts
 * what is from there to the next.
 */
export type EvaluateFunction = (
  context: EvaluationContext,
) => Promise<EvaluationRows> | EvaluationRows;

/** What a module says of its settings, so that a mistyped one is told from one that is left out. */
export interface SettingNames {
  /** Of one of its models. */
  readonly model: readonly string[];
  /** Around them. */
  readonly asset: readonly string[];
}

export type EvaluationRun = Omit<ModuleRun, 'stage'>;

/** A module that can be evaluated. */
export interface Evaluator {
  readonly evaluate: EvaluateFunction;
  readonly settingNames: SettingNames;
}

/**
 * Finds `evaluate` in the module, or in the file beside it whose name ends with `.evaluate.ts`; throws PipelineError
 * where there is none. A file of its own is no part of the asset's code version: changing how a model is evaluated
 * makes no model stale.
 */
export async function findEvaluator(root: string, file: string): Promise<Evaluator> {
  const beside = file.replace(/\.\w+$/, '.evaluate$&');
  const own = await importModule(root, file);
  const found =
    hasEvaluate(own) || !existsSync(join(root, beside)) ? own : await importModule(root, beside);
  if (hasEvaluate(found)) {
    return { evaluate: found.evaluate, settingNames: settingNamesOf(found) };
  }
  throw new PipelineError(
    `expected ${file} or ${beside} to export a function \`evaluate\`, found none`,
    { code: 'MODULE_WITHOUT_EVALUATE', hint: 'docs/experiments.md shows one' },
  );
}

function hasEvaluate(module: unknown): module is { readonly evaluate: EvaluateFunction } {
  // The module is the user's; that it is a function is all that can be checked here.
  return (
    typeof module === 'object' &&
    module !== null &&
    'evaluate' in module &&
    typeof module.evaluate === 'function'
  );
}

function settingNamesOf(module: object): SettingNames {
  const names: unknown = 'settingNames' in module ? module.settingNames : undefined;
  const listOf = (key: 'model' | 'asset'): readonly string[] => {
    if (typeof names !== 'object' || names === null || !(key in names)) return [];
    const list: unknown = (names as Readonly<Record<string, unknown>>)[key];
    return Array.isArray(list) ? list.filter((name) => typeof name === 'string') : [];
  };
  return { model: listOf('model'), asset: listOf('asset') };
}

/**
 * A batch whose reads go on to a day beyond the windows of its partitions: what is predicted from the last partition on
 * is there to be compared. What may be learned from is for the module to keep to.
 * @param end the first day that is not read
 */
export function evaluationBatch({ evaluation, indexes }: Batch, end: number): Batch {
  const edges = evaluation.edges.map((edge) => {
    const { lo, hi } = unionRange(edge.ranges, indexes);
    if (lo >= hi) return edge;
    const ranges = { lo: edge.ranges.lo.slice(), hi: edge.ranges.hi.slice() };
    ranges.hi[indexes.at(-1) ?? 0] = Math.max(hi, end);
    return { ...edge, ranges };
  });
  return { evaluation: { ...evaluation, edges }, indexes };
}

/** Runs `evaluate`; throws WarehouseError or PipelineError when it fails, is interrupted or returns something else. */
export async function runEvaluator(
  { evaluate }: Evaluator,
  run: EvaluationRun,
): Promise<EvaluationRows> {
  const { asset } = run.batch.evaluation;
  // What it may not do is not in the type; what it writes all the same goes nowhere.
  const context: EvaluationContext = moduleContext(
    { ...run, stage: '' },
    new ModuleRows(asset),
    new Map(),
  );
  let made: unknown;
  try {
    made = await untilAborted(evaluate(context), run.signal);
    run.signal.throwIfAborted();
  } catch (error) {
    throw moduleFault(error, run);
  }
  const fault = faultIn(made);
  if (fault === undefined) return made as EvaluationRows;
  throw new PipelineError(`evaluate of ${asset.name} returned ${fault}`, {
    code: 'BAD_EVALUATION',
    hint: 'it returns { partition, entity, prediction, actual, baseline?, group? }, columns of one length',
  });
}

const COLUMNS = [
  { name: 'partition', fault: textsFault, isOptional: false },
  { name: 'entity', fault: textsFault, isOptional: false },
  { name: 'prediction', fault: numbersFault, isOptional: false },
  { name: 'actual', fault: numbersFault, isOptional: false },
  { name: 'baseline', fault: numbersFault, isOptional: true },
  { name: 'group', fault: textsFault, isOptional: true },
] as const;

/** What is wrong with what `evaluate` returned. */
function faultIn(made: unknown): string | undefined {
  if (typeof made !== 'object' || made === null) return `${String(made)} instead of columns`;
  const columns = made as Readonly<Record<string, unknown>>;
  const dates = columns['partition'];
  const rows = Array.isArray(dates) ? dates.length : 0;
  for (const { name, fault, isOptional } of COLUMNS) {
    const column = columns[name];
    const found = isOptional && column === undefined ? undefined : fault(name, column, rows);
    if (found !== undefined) return found;
  }
  const noDate = [...new Set(dates as readonly string[])].find(
    (date) => parseDay(date) === undefined,
  );
  return noDate === undefined ? undefined : `the partition "${noDate}", which is no date`;
}

function textsFault(name: string, column: unknown, rows: number): string | undefined {
  if (!Array.isArray(column)) return `no list of texts as ${name}`;
  if (column.length !== rows) return `${column.length} values of ${name} for ${rows} partitions`;
  const isText = column.every((value) => typeof value === 'string');
  return isText ? undefined : `something else than text in ${name}`;
}

function numbersFault(name: string, column: unknown, rows: number): string | undefined {
  if (!(column instanceof Float64Array)) return `no Float64Array as ${name}`;
  if (column.length === rows) return undefined;
  return `${column.length} values of ${name} for ${rows} partitions`;
}
