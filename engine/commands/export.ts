import { statSync } from 'node:fs';
import { tableOf } from '../assets/batch.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import { EXIT, isWarehouseError, PipelineError } from '../errors.ts';
import { AssetGraph } from '../graph/asset-graph.ts';
import { type Day, formatDay } from '../partitions/date.ts';
import { contains, type DaySet } from '../partitions/subset.ts';
import { jsonText } from '../report/json.ts';
import { formatBytes, plural } from '../report/text.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { type Effects, type GlobalOptions, openProject, type Project } from './context.ts';
import { parseDays } from './dates.ts';
import { type ExportFormat, exportRows } from './export-rows.ts';
import { openReadable } from './open-readable.ts';
import { placeOf } from './output-place.ts';

export interface ExportOptions {
  readonly asset: string;
  /** Dates and ranges; default: all partitions that have rows. */
  readonly partitions?: string | undefined;
  readonly format: ExportFormat;
  /** The file to write, relative to the working folder, or `gs://bucket/name`. */
  readonly out: string;
}

/** What is written: the days are ascending, and none for an unpartitioned asset. */
interface Rows {
  readonly count: number;
  readonly days: readonly Day[];
}

/** `fastbreak export ASSET`: the rows of an asset as one file that is complete or not there. */
export async function runExport(
  options: ExportOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  const project = await openProject(options, effects);
  const asset = new AssetGraph(project.pipeline).asset(options.asset);
  const wanted = wantedDays(asset, options.partitions, project);
  const place = placeOf(options.out, effects.cwd);
  place.check();
  const warehouse = await openReadable(project, effects);
  try {
    const rows = await findRows(asset, wanted, { project, warehouse });
    let bytes = 0;
    await place.write(async (path) => {
      const request = { table: tableOf(asset), days: rows.days, format: options.format };
      await exportRows({ ...request, path, warehouse }, effects);
      bytes = statSync(path).size;
    });
    report({ asset, rows, path: place.name, bytes, project }, options, effects);
  } catch (error) {
    throw isWarehouseError(error) ? failed(asset, error) : error;
  } finally {
    await warehouse.close();
  }
  return EXIT.ok;
}

function wantedDays(
  asset: CompiledAsset,
  partitions: string | undefined,
  project: Project,
): DaySet | undefined {
  if (partitions === undefined) return undefined;
  if (asset.partitionSet === undefined) {
    throw new PipelineError(`${asset.name} has no partitions to choose from`, {
      code: 'NOT_PARTITIONED',
      hint: `leave --partitions out: fastbreak export ${asset.name}`,
    });
  }
  return parseDays(partitions, project.today);
}

async function findRows(
  asset: CompiledAsset,
  wanted: DaySet | undefined,
  { project, warehouse }: { readonly project: Project; readonly warehouse: Warehouse },
): Promise<Rows> {
  const countByDay = (await warehouse.countRows([tableOf(asset)])).get(asset.name);
  if (countByDay === undefined || countByDay.size === 0) {
    throw new PipelineError(
      `${asset.name} was never materialized in target ${project.target.name}`,
      {
        code: 'NOT_MATERIALIZED',
        hint: `fastbreak materialize +${asset.name}`,
        exitCode: EXIT.failed,
      },
    );
  }
  const all = [...countByDay.keys()].sort((a, b) => a - b);
  const days = wanted === undefined ? all : all.filter((day) => contains(wanted, day));
  if (days.length === 0) {
    const has = `it has ${plural(all.length, 'partition')}, ${rangeText(all)}`;
    throw new PipelineError(`${asset.name} has no rows in the wanted partitions; ${has}`, {
      code: 'EMPTY_RANGE',
      hint: `fastbreak status ${asset.name} --grid`,
      exitCode: EXIT.failed,
    });
  }
  const count = days.reduce((sum, day) => sum + (countByDay.get(day) ?? 0), 0);
  return { count, days: asset.partitionSet === undefined ? [] : days };
}

function report(
  done: {
    readonly asset: CompiledAsset;
    readonly rows: Rows;
    readonly path: string;
    readonly bytes: number;
    readonly project: Project;
  },
  options: ExportOptions & GlobalOptions,
  effects: Effects,
): void {
  const { asset, rows, path, bytes } = done;
  if (options.json) {
    effects.stdout(
      jsonText({
        target: done.project.target.name,
        asset: asset.name,
        out: path,
        format: options.format,
        partitions: {
          from: dayText(rows.days[0]),
          to: dayText(rows.days.at(-1)),
          count: rows.days.length,
        },
        rows: rows.count,
        bytes,
      }),
    );
    return;
  }
  if (options.quiet) return;
  const partitions =
    rows.days.length === 0
      ? ''
      : `, ${plural(rows.days.length, 'partition')} (${rangeText(rows.days)})`;
  effects.stdout(
    `${asset.name}: ${plural(rows.count, 'row')}${partitions}, ${formatBytes(bytes)} in ${path}\n`,
  );
}

function rangeText(days: readonly Day[]): string {
  const first = days[0] ?? 0;
  const last = days.at(-1) ?? first;
  return first === last ? formatDay(first) : `${formatDay(first)}..${formatDay(last)}`;
}

function dayText(day: Day | undefined): string | null {
  return day === undefined ? null : formatDay(day);
}

function failed(
  asset: CompiledAsset,
  error: Error & { readonly category: string; readonly kind: string },
): PipelineError {
  return new PipelineError(`${asset.name} could not be exported: ${error.message}`, {
    code: error.category,
    exitCode: error.kind === 'interrupted' ? EXIT.interrupted : EXIT.failed,
    cause: error,
  });
}
