/**
 * What the files of a pipeline may import. A module asset is a TypeScript file that exports one function:
 *
 * ```ts
 * import type { MaterializeFunction } from 'fastbreak';
 *
 * export const materialize: MaterializeFunction = async ({ partitions, read, write }) => {
 *   const { order_date, revenue } = await read('daily_revenue', ['order_date', 'revenue']);
 *   for (const { date } of partitions) write([{ forecast_date: date, ... }]);
 * };
 * ```
 */
export type {
  MaterializeFunction,
  ModuleColumn,
  ModuleColumns,
  ModuleContext,
  ModuleFailure,
  ModuleInput,
  ModulePartition,
  ModuleRow,
  SettingValue,
} from './assets/module-context.ts';

export type {
  EvaluateFunction,
  EvaluationContext,
  EvaluationRows,
  SettingNames,
} from './assets/module-evaluation.ts';

/** Thrown by a module to fail with a message for people instead of a stack trace. */
export { isPipelineError, PipelineError, type PipelineErrorOptions } from './errors.ts';
