import type { StateReader } from '../../state/store.ts';
import { tableOf } from '../assets/batch.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import { EXIT, PipelineError, type WarehouseError } from '../errors.ts';
import { type Day, formatDay, UNPARTITIONED } from '../partitions/date.ts';
import { contains, type DaySet } from '../partitions/subset.ts';
import { plural } from '../report/text.ts';
import { summarizeAsset } from '../staleness/summary.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { evaluateProject, openReader, type Project } from './context.ts';
import { parseDays } from './dates.ts';

/** What an asset has in the warehouse: the days are ascending, and none for an unpartitioned asset. */
export interface PublishedRows {
  readonly count: number;
  readonly days: readonly Day[];
  /** True when these are all rows of the asset. */
  readonly isWhole: boolean;
}

/** The days that `--partitions` of a command about one asset names; undefined for all. */
export function wantedDays(
  asset: CompiledAsset,
  partitions: string | undefined,
  { project, command }: { readonly project: Project; readonly command: string },
): DaySet | undefined {
  if (partitions === undefined) return undefined;
  if (asset.partitionSet === undefined) {
    throw new PipelineError(`${asset.name} has no partitions to choose from`, {
      code: 'NOT_PARTITIONED',
      hint: `leave --partitions out: fastbreak ${command} ${asset.name}`,
    });
  }
  return parseDays(partitions, project.today);
}

/** Counts the wanted rows of an asset; throws when it was never materialized or has none of them. */
export async function findPublishedRows(
  asset: CompiledAsset,
  wanted: DaySet | undefined,
  { project, warehouse }: { readonly project: Project; readonly warehouse: Warehouse },
): Promise<PublishedRows> {
  const countByDay = (await warehouse.countRows([tableOf(asset)])).get(asset.name);
  if (countByDay === undefined || countByDay.size === 0) {
    throw await withoutRows(asset, project);
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
  const isWhole = days.length === all.length;
  return { count, days: asset.partitionSet === undefined ? [] : days, isWhole };
}

/** An asset whose partitions are all expected to be empty has no rows either, and no run would bring any. */
async function withoutRows(asset: CompiledAsset, project: Project): Promise<PipelineError> {
  const reader = await openReader(project);
  try {
    const evaluation = evaluateProject(project, reader).assets.get(asset.name);
    const { expected = 0, expectedEmpty = 0 } = evaluation ? summarizeAsset(evaluation) : {};
    const isEmpty = expectedEmpty > 0 && expectedEmpty === expected;
    const [message, hint] = isEmpty
      ? [
          `${asset.name} has no rows: all of its ${plural(expected, 'partition')} are expected to be empty`,
          `fastbreak why ${asset.name} DATE gives the reason`,
        ]
      : [
          removedText(asset, project, reader) ??
            `${asset.name} was never materialized in target ${project.target.name}`,
          `fastbreak materialize +${asset.name}`,
        ];
    return new PipelineError(message, { code: 'NOT_MATERIALIZED', hint, exitCode: EXIT.failed });
  } finally {
    reader?.close();
  }
}

/** That there were rows and what took the last of them away; undefined when the record knows of none. */
function removedText(
  { name }: CompiledAsset,
  { target }: Project,
  reader: StateReader | undefined,
): string | undefined {
  const everything = { lo: UNPARTITIONED, hi: Number.MAX_SAFE_INTEGER, after: 0 };
  const changes = reader?.changesSince(target.name, name, everything) ?? [];
  const [newest] = [...changes].sort((a, b) => b.sequence - a.sequence);
  if (newest?.type !== 'removed') return undefined;
  const reason = newest.message ?? 'its rows were removed';
  return `${name} has no rows in target ${target.name}: ${reason} (run ${newest.runId})`;
}

/** `2024-01-15..2024-01-18`, or one date. */
export function rangeText(days: readonly Day[]): string {
  const first = days[0] ?? 0;
  const last = days.at(-1) ?? first;
  return first === last ? formatDay(first) : `${formatDay(first)}..${formatDay(last)}`;
}

/** The end of a command about one asset whose statement failed or was stopped. */
export function endedBy(
  asset: CompiledAsset,
  error: WarehouseError,
  participle: string,
): PipelineError {
  return new PipelineError(`${asset.name} could not be ${participle}: ${error.message}`, {
    code: error.category,
    exitCode: error.kind === 'interrupted' ? EXIT.interrupted : EXIT.failed,
    cause: error,
  });
}
