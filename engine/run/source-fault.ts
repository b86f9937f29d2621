import { badValueQuery, filesRelation, mismatch, missingColumns } from '../assets/source-asset.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import { isWarehouseError, messageOf, WarehouseError } from '../errors.ts';
import type { Day } from '../partitions/date.ts';
import type { RunContext } from './context.ts';
import type { ObservedSource } from './observe.ts';

/** A source under way: its files as they are named here, and on this disk. */
export interface SourceFiles {
  readonly asset: CompiledAsset;
  readonly source: ObservedSource;
  readonly paths: readonly string[];
  /** The partitions asked for; absent for all rows. */
  readonly days: readonly Day[] | undefined;
}

/**
 * Why files of a source could not be loaded, as people can mend it. The files are named as pipeline.yaml names
 * them: the values of variables are not recorded.
 */
export async function explainSourceFault(
  context: RunContext,
  files: SourceFiles,
  error: unknown,
): Promise<unknown> {
  if (!isWarehouseError(error)) return unreadable(files, error);
  return withDeclaredNames(files, (await betterFault(context, files, error)) ?? error);
}

async function betterFault(
  context: RunContext,
  files: SourceFiles,
  error: WarehouseError,
): Promise<WarehouseError | undefined> {
  if (error.category === 'STATEMENT_ERROR') return columnFault(context, files);
  // The statement reads nothing but the files: what is not known otherwise is about them.
  if (error.category === 'WAREHOUSE_ERROR') return damagedFile(files, error);
  const [day, ...others] = files.days ?? [];
  if (error.category !== 'DATA_ERROR' || day === undefined || others.length > 0) return undefined;
  return valueFault(context, files, day);
}

/** Which value of a partition is not of its column's type, with its row. */
async function valueFault(
  context: RunContext,
  { asset, paths }: SourceFiles,
  day: Day,
): Promise<WarehouseError | undefined> {
  const sql = await badValueQuery(asset, paths, day);
  const result = await context.warehouse
    .queryFiles(sql, { signal: context.signal })
    .catch(() => undefined);
  const [name, type, value, row] = (result?.rows[0] ?? []).map(String);
  if (row === undefined) return undefined;
  return new WarehouseError(
    `expected ${type} in column "${name}", found "${value}" in the row ${row}`,
    { kind: 'data', category: 'DATA_ERROR' },
  );
}

/** Which declared columns the files do not have; their own engine only says that the statement is wrong. */
async function columnFault(
  context: RunContext,
  { asset, paths }: SourceFiles,
): Promise<WarehouseError | undefined> {
  const relation = await filesRelation(asset, paths);
  const described = await context.warehouse
    .queryFiles(`DESCRIBE SELECT * FROM ${relation}`, { signal: context.signal })
    .catch(() => undefined);
  const found = described?.rows.map(([name]) => String(name));
  const missing = found && missingColumns(asset, found);
  return missing === undefined ? undefined : mismatch(`${paths.join(', ')}: ${missing}`);
}

function damagedFile({ asset, paths }: SourceFiles, cause: WarehouseError): WarehouseError {
  const format = asset.source?.format ?? 'parquet';
  return new WarehouseError(`${paths.join(', ')} cannot be read as ${format}: ${cause.message}`, {
    kind: 'unavailable',
    category: 'SOURCE_UNREADABLE',
    cause,
  });
}

/** A file that went away or cannot be opened since it was observed; anything else is not about files. */
function unreadable(files: SourceFiles, error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  const fault = new WarehouseError(messageOf(error), {
    kind: 'unavailable',
    category: 'SOURCE_UNREADABLE',
    cause: error,
  });
  return withDeclaredNames(files, fault);
}

function withDeclaredNames(files: SourceFiles, error: WarehouseError): WarehouseError {
  const message = declaredNames(files, error.message);
  if (message === error.message) return error;
  const { kind, category, retryAfterMs } = error;
  return new WarehouseError(message, {
    kind,
    category,
    cause: error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** A message with the files as pipeline.yaml names them. */
function declaredNames({ asset, source, paths }: SourceFiles, message: string): string {
  const declared = asset.source?.path ?? asset.name;
  let text = message;
  for (const [index, object] of source.objects.entries()) {
    const name = declared + object.address.slice(source.address.length);
    for (const address of [paths[index], object.address]) {
      if (address !== undefined) text = text.replaceAll(address, name);
    }
  }
  return text;
}
