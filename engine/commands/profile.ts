import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { NewProfile } from '../../state/store.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import type { Column } from '../config/pipeline.ts';
import { EXIT, isPipelineError, isWarehouseError, PipelineError } from '../errors.ts';
import { AssetGraph } from '../graph/asset-graph.ts';
import { type AssetProfile, estimatedOf } from '../health/column-profile.ts';
import { profileQuery } from '../health/column-profile-query.ts';
import { columnRecords } from '../health/column-profile-record.ts';
import { readProfile } from '../health/column-profile-rows.ts';
import { jsonText } from '../report/json.ts';
import { profilePage } from '../report/profile-html.ts';
import { profileJson } from '../report/profile-json.ts';
import { type ProfileAbout, renderProfile } from '../report/profile-text.ts';
import { formatInstant, paintFor } from '../report/text.ts';
import { didYouMean } from '../util/nearest-name.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { type Effects, type GlobalOptions, openProject, type Project } from './context.ts';
import { newRunId } from './held-target.ts';
import { openReadable } from './open-readable.ts';
import { placeOf } from './output-place.ts';
import { findAgainst, showHistory, showShifts } from './profile-history.ts';
import {
  endedBy,
  findPublishedRows,
  type PublishedRows,
  rangeText,
  wantedDays,
} from './published-rows.ts';

export interface ProfileOptions {
  readonly asset: string;
  /** Dates and ranges; default: all partitions that have rows. */
  readonly partitions?: string | undefined;
  /** Default: all columns. */
  readonly columns?: readonly string[] | undefined;
  /** Show the recorded profiles instead of making one. */
  readonly history: boolean;
  /** Hold the profile against a recorded one: a run, `last`, or the newest of a date. */
  readonly against?: string | undefined;
  /** A page to write. */
  readonly html?: string | undefined;
}

/** `fastbreak profile ASSET`: what its columns hold, measured in one statement and recorded. */
export async function runProfile(
  options: ProfileOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  checkOptions(options, effects);
  const project = await openProject(options, effects);
  const asset = new AssetGraph(project.pipeline).asset(options.asset);
  const columns = wantedColumns(asset, options.columns);
  if (options.history) {
    return showHistory(
      { project, asset, columns, isAll: options.columns === undefined },
      options,
      effects,
    );
  }
  const wanted = wantedDays(asset, options.partitions, { project, command: 'profile' });
  // Looked up before the profile itself is recorded, and before rows are read for nothing.
  const { against } = options;
  const before =
    against === undefined ? undefined : await findAgainst(project, { asset, columns }, against);
  const warehouse = await openReadable(project, effects);
  let measured: Measured;
  try {
    const rows = await findPublishedRows(asset, wanted, { project, warehouse });
    const isPart = !rows.isWhole;
    measured = {
      rows,
      profile: await measure({ asset, columns, rows, isPart }, warehouse, effects),
    };
  } catch (error) {
    throw isWarehouseError(error) ? endedBy(asset, error, 'profiled') : error;
  } finally {
    await warehouse.close();
  }
  const now = recordOf(project, asset, measured, effects);
  const isRecorded = await keep(project, now, effects);
  if (before !== undefined) showShifts({ project, asset, columns, before, now }, options, effects);
  else await show({ project, asset, measured, now, isRecorded }, options, effects);
  return EXIT.ok;
}

interface Measured {
  readonly rows: PublishedRows;
  readonly profile: AssetProfile;
}

async function measure(
  of: {
    readonly asset: CompiledAsset;
    readonly columns: readonly Column[];
    readonly rows: PublishedRows;
    readonly isPart: boolean;
  },
  warehouse: Warehouse,
  { signal }: Effects,
): Promise<AssetProfile> {
  const { asset, columns, rows, isPart } = of;
  const { dialect } = warehouse.capabilities;
  const estimated = estimatedOf(rows.count, dialect);
  const days = isPart ? rows.days : undefined;
  const request = { asset, columns, days, detail: 'full', estimated } as const;
  const options = { signal, purpose: 'profile' };
  return readProfile(request, await warehouse.query(profileQuery(request, dialect), options));
}

function recordOf(
  project: Project,
  asset: CompiledAsset,
  { rows, profile }: Measured,
  { now }: Effects,
): NewProfile {
  const at = now();
  return {
    target: project.target.name,
    asset: asset.name,
    runId: newRunId(at),
    at,
    isWhole: rows.isWhole,
    firstDay: rows.days[0] ?? null,
    lastDay: rows.days.at(-1) ?? null,
    rows: profile.rows,
    columns: columnRecords(profile),
  };
}

/** What was measured is shown all the same where it cannot be recorded. */
async function keep(project: Project, profile: NewProfile, effects: Effects): Promise<boolean> {
  if (!existsSync(project.statePath)) {
    effects.stderr('warning: there is no record of runs here, so that the profile is not kept\n');
    return false;
  }
  try {
    const { openStateStore } = await import('../../state/sqlite.ts');
    const store = openStateStore(project.statePath);
    try {
      store.saveProfile(profile);
    } finally {
      store.close();
    }
    return true;
  } catch (error) {
    if (!isPipelineError(error)) throw error;
    effects.stderr(`warning: the profile is not kept: ${error.message}\n`);
    return false;
  }
}

async function show(
  of: {
    readonly project: Project;
    readonly asset: CompiledAsset;
    readonly measured: Measured;
    readonly now: NewProfile;
    readonly isRecorded: boolean;
  },
  options: ProfileOptions & GlobalOptions,
  effects: Effects,
): Promise<void> {
  const { project, asset, now, isRecorded } = of;
  const { rows, profile } = of.measured;
  const about: ProfileAbout = {
    asset: asset.name,
    target: project.target.name,
    range: rows.days.length === 0 ? undefined : rangeText(rows.days),
    partitions: rows.days.length,
    runId: isRecorded ? now.runId : undefined,
  };
  if (options.html !== undefined) {
    const made = formatInstant(now.at, project.pipeline.timezone);
    const page = profilePage(profile, { ...about, made });
    await placeOf(options.html, effects.cwd).write((path) => writeFile(path, page));
  }
  if (options.json) effects.stdout(jsonText(profileJson(profile, now, about)));
  else {
    const paint = paintFor(options.color);
    effects.stdout(renderProfile(profile, about, { paint, quiet: options.quiet }));
  }
}

function checkOptions(options: ProfileOptions, { cwd }: Effects): void {
  const { history, against, html, partitions } = options;
  const given = [
    ...(history ? ['--history'] : []),
    ...(against === undefined ? [] : ['--against']),
    ...(html === undefined ? [] : ['--html']),
  ];
  if (given.length > 1 || (history && partitions !== undefined)) {
    const found = [...given, ...(history && partitions !== undefined ? ['--partitions'] : [])];
    throw new PipelineError(`expected one of ${found.join(', ')}, found all of them`, {
      code: 'INVALID_OPTIONS',
      hint: history
        ? '--history shows what was recorded and reads no rows'
        : 'run the command once for each',
    });
  }
  if (html !== undefined) placeOf(html, cwd).check();
}

function wantedColumns(
  asset: CompiledAsset,
  names: readonly string[] | undefined,
): readonly Column[] {
  if (names === undefined) return asset.columns;
  const known = asset.columns.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new PipelineError(
      `${asset.name} has no column "${unknown}"${didYouMean(unknown, known)}`,
      { code: 'UNKNOWN_COLUMN', hint: `its columns: ${known.join(', ')}` },
    );
  }
  return asset.columns.filter(({ name }) => names.includes(name));
}
