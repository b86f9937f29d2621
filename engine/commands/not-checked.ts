import type { CompiledAsset } from '../compile/compiled.ts';
import { EXIT, isWarehouseError, PipelineError, type WarehouseError } from '../errors.ts';
import type { AssetName } from '../ids.ts';
import { type CommandScope, commandText } from '../report/command-text.ts';
import { listOf } from '../report/text.ts';
import { quoteTable } from '../sql/quote.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';

/** An asset whose checks could not be run. */
export interface NotChecked {
  readonly asset: AssetName;
  /** What kept them from it, as a sentence that begins with the asset. */
  readonly message: string;
  readonly hint: string;
  readonly error: WarehouseError;
}

/**
 * What is told of an asset whose checks ended with an error: most often it was made before a column was declared, and
 * has to be made first. @throws {PipelineError} when they were interrupted, since nothing else is to be checked then
 */
export async function notChecked(
  asset: CompiledAsset,
  error: WarehouseError,
  on: { readonly warehouse: Warehouse; readonly scope: CommandScope; readonly signal: AbortSignal },
): Promise<NotChecked> {
  const { name } = asset;
  if (error.kind === 'interrupted') {
    throw new PipelineError(`the checks ended early, at ${name}: it was interrupted`, {
      code: error.category,
      exitCode: EXIT.interrupted,
      cause: error,
    });
  }
  const command = commandText(on.scope, 'materialize', `+${name}`);
  const lacking = await columnsLacking(asset, on);
  if (lacking.length > 0) {
    const columns = `${lacking.length === 1 ? 'column' : 'columns'} ${listOf(lacking)}`;
    const message = `${name} could not be checked: its table was made before the ${columns} ${lacking.length === 1 ? 'was' : 'were'} declared`;
    return { asset: name, message, hint: `it has to be made first: ${command}`, error };
  }
  const message = `${name} could not be checked: ${error.message}`;
  const hint = `if its columns or upstreams changed since it was made: ${command}`;
  return { asset: name, message, hint, error };
}

/** The same as the end of a command that could check nothing else. */
export function notCheckedError({ message, hint, error }: NotChecked): PipelineError {
  return new PipelineError(message, {
    code: error.category,
    exitCode: EXIT.failed,
    hint,
    cause: error,
  });
}

/** Declared columns that the table does not have; none where it cannot be read at all. */
async function columnsLacking(
  { name, dataset, columns }: CompiledAsset,
  { warehouse, signal }: { readonly warehouse: Warehouse; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const table = quoteTable(dataset, name, warehouse.capabilities.dialect);
  try {
    const options = { signal, timeoutMs: 60_000, purpose: 'check' };
    const found = await warehouse.query(`SELECT * FROM ${table} WHERE FALSE`, options);
    const names = new Set(found.columns.map((column) => column.name.toLowerCase()));
    return columns.map((column) => column.name).filter((each) => !names.has(each.toLowerCase()));
  } catch (error) {
    // What is wrong with the table is told by the error that the checks ended with.
    if (isWarehouseError(error)) return [];
    throw error;
  }
}
