import { statSync } from 'node:fs';
import { tableOf } from '../assets/batch.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import { EXIT, isWarehouseError } from '../errors.ts';
import { AssetGraph } from '../graph/asset-graph.ts';
import { type Day, formatDay } from '../partitions/date.ts';
import { jsonText } from '../report/json.ts';
import { formatBytes, plural } from '../report/text.ts';
import { type Effects, type GlobalOptions, openProject, type Project } from './context.ts';
import { type ExportFormat, exportRows } from './export-rows.ts';
import { openReadable } from './open-readable.ts';
import { placeOf } from './output-place.ts';
import {
  endedBy,
  findPublishedRows,
  type PublishedRows,
  rangeText,
  wantedDays,
} from './published-rows.ts';

export interface ExportOptions {
  readonly asset: string;
  /** Dates and ranges; default: all partitions that have rows. */
  readonly partitions?: string | undefined;
  readonly format: ExportFormat;
  /** The file to write, relative to the working folder, or `gs://bucket/name`. */
  readonly out: string;
}

/** `fastbreak export ASSET`: the rows of an asset as one file that is complete or not there. */
export async function runExport(
  options: ExportOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  const project = await openProject(options, effects);
  const asset = new AssetGraph(project.pipeline).asset(options.asset);
  const wanted = wantedDays(asset, options.partitions, { project, command: 'export' });
  const place = placeOf(options.out, effects.cwd);
  place.check();
  const warehouse = await openReadable(project, effects);
  try {
    const rows = await findPublishedRows(asset, wanted, { project, warehouse });
    let bytes = 0;
    await place.write(async (path) => {
      const request = { table: tableOf(asset), days: rows.days, format: options.format };
      await exportRows({ ...request, path, warehouse }, effects);
      bytes = statSync(path).size;
    });
    report({ asset, rows, path: place.name, bytes, project }, options, effects);
  } catch (error) {
    throw isWarehouseError(error) ? endedBy(asset, error, 'exported') : error;
  } finally {
    await warehouse.close();
  }
  return EXIT.ok;
}

function report(
  done: {
    readonly asset: CompiledAsset;
    readonly rows: PublishedRows;
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

function dayText(day: Day | undefined): string | null {
  return day === undefined ? null : formatDay(day);
}
