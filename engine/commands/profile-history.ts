import type { ProfileRecord } from '../../state/store.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import type { Column, ColumnType } from '../config/pipeline.ts';
import { EXIT, PipelineError } from '../errors.ts';
import { type Measured, measuredOf } from '../health/column-profile.ts';
import { type ColumnShift, shiftsBetween } from '../health/column-profile-shift.ts';
import { type Day, dayInTimezone, formatDay } from '../partitions/date.ts';
import { jsonText } from '../report/json.ts';
import {
  type HistoryAbout,
  type HistoryEntry,
  renderProfileHistory,
  renderShifts,
} from '../report/profile-history-text.ts';
import { historyJson, shiftsJson } from '../report/profile-json.ts';
import { paintFor } from '../report/text.ts';
import { didYouMean } from '../util/nearest-name.ts';
import { type Effects, type GlobalOptions, openReader, type Project } from './context.ts';
import { parseDate } from './dates.ts';

/** The recorded profiles of an asset and how they changed; reads the record only. */
export async function showHistory(
  of: {
    readonly project: Project;
    readonly asset: CompiledAsset;
    readonly columns: readonly Column[];
    /** No column was named: those that are gone by now are shown too. */
    readonly isAll: boolean;
  },
  options: GlobalOptions,
  effects: Effects,
): Promise<number> {
  const { project, asset, columns, isAll } = of;
  const recorded = await recordedProfiles(project, asset);
  if (recorded.length === 0) throw neverProfiled(asset);
  const entries = historyOf(recorded);
  const names = columns.map(({ name }) => name);
  const gone = recorded.flatMap((profile) => profile.columns.map(({ name }) => name));
  const all = isAll ? [...new Set([...names, ...gone])] : names;
  const shown = all.filter((name) => gone.includes(name));
  if (options.json) {
    const about = { target: project.target.name, asset: asset.name, columns: shown };
    effects.stdout(jsonText(historyJson(entries, about)));
  } else {
    effects.stdout(renderProfileHistory(entries, shown, aboutOf(project, asset, options)));
  }
  return EXIT.ok;
}

/** Shows how the columns of one profile differ from those of an earlier one. */
export function showShifts(
  of: {
    readonly project: Project;
    readonly asset: CompiledAsset;
    readonly columns: readonly Column[];
    readonly before: ProfileRecord;
    readonly now: ProfileRecord;
  },
  options: GlobalOptions & { readonly columns?: readonly string[] | undefined },
  effects: Effects,
): void {
  const { project, asset, before, now } = of;
  const wanted = new Set(of.columns.map(({ name }) => name));
  const shifts = shiftsBetween(before, now).filter(
    ({ name }) => options.columns === undefined || wanted.has(name),
  );
  const sides = { before, now };
  if (options.json) {
    const about = { target: project.target.name, asset: asset.name };
    effects.stdout(jsonText(shiftsJson(shifts, sides, about)));
  } else {
    effects.stdout(renderShifts(shifts, sides, aboutOf(project, asset, options)));
  }
}

/**
 * The recorded profile that `--against` names: that of a run, the `last` one, or the newest of a date or before it;
 * one that has all columns goes before others.
 */
export async function findAgainst(
  project: Project,
  of: { readonly asset: CompiledAsset; readonly columns: readonly Column[] },
  wanted: string,
): Promise<ProfileRecord> {
  const { asset, columns } = of;
  const recorded = await recordedProfiles(project, asset);
  if (recorded.length === 0) throw neverProfiled(asset);
  const named = recorded.findLast((each) => each.runId === wanted);
  if (named !== undefined) return named;
  const dayOf = ({ at }: ProfileRecord): Day => dayInTimezone(at, project.pipeline.timezone);
  const until = wanted === 'last' ? Infinity : dayWanted(project, wanted);
  if (until === undefined) throw unknownRun(asset, wanted, recorded);
  const known = recorded.filter((profile) => dayOf(profile) <= until);
  const found = known.findLast((profile) => hasAll(profile, columns)) ?? known.at(-1);
  if (found !== undefined) return found;
  const oldest = formatDay(Math.min(...recorded.map(dayOf)));
  throw new PipelineError(
    `${asset.name} has no profile of ${formatDay(until)} or before; the oldest is of ${oldest}`,
    {
      code: 'PROFILE_NOT_FOUND',
      hint: `fastbreak profile ${asset.name} --history lists them`,
      exitCode: EXIT.failed,
    },
  );
}

/** A date of the command line; undefined for what is none, e.g. the id of a run. */
function dayWanted(project: Project, text: string): Day | undefined {
  const isDate = /^(today|yesterday|-\d+d|\d{4}-\d{2}-\d{2})$/.test(text);
  return isDate ? parseDate(text, project.today) : undefined;
}

/** Profiles of some columns, and those taken after runs, lack the others. */
function hasAll(profile: ProfileRecord, columns: readonly Column[]): boolean {
  const names = new Set(profile.columns.map(({ name }) => name));
  return columns.every(({ name }) => names.has(name));
}

async function recordedProfiles(
  project: Project,
  asset: CompiledAsset,
): Promise<readonly ProfileRecord[]> {
  const reader = await openReader(project);
  try {
    return reader?.profiles(project.target.name, asset.name) ?? [];
  } finally {
    reader?.close();
  }
}

/** Each column is held against the newest profile before that has it. */
function historyOf(profiles: readonly ProfileRecord[]): readonly HistoryEntry[] {
  const newest = new Map<string, ProfileRecord>();
  return profiles.map((profile) => {
    const shifts = new Map<string, ColumnShift>();
    for (const { name } of profile.columns) {
      const before = newest.get(name);
      if (before !== undefined) {
        const shift = shiftsBetween(only(before, name), only(profile, name))[0];
        if (shift !== undefined) shifts.set(name, shift);
      }
      newest.set(name, profile);
    }
    return { profile, shifts };
  });
}

function only(profile: ProfileRecord, name: string): ProfileRecord {
  return { ...profile, columns: profile.columns.filter((column) => column.name === name) };
}

function aboutOf(project: Project, asset: CompiledAsset, { color }: GlobalOptions): HistoryAbout {
  return {
    asset: asset.name,
    target: project.target.name,
    timezone: project.pipeline.timezone,
    paint: paintFor(color),
    measuredOf: measuredOfRecorded,
  };
}

/** Recorded types were those of columns. */
function measuredOfRecorded(type: string): Measured {
  return measuredOf(type as ColumnType);
}

function neverProfiled(asset: CompiledAsset): PipelineError {
  return new PipelineError(`no profile of ${asset.name} was recorded yet`, {
    code: 'PROFILE_NOT_FOUND',
    hint: `fastbreak profile ${asset.name}`,
    exitCode: EXIT.failed,
  });
}

function unknownRun(
  asset: CompiledAsset,
  wanted: string,
  recorded: readonly ProfileRecord[],
): PipelineError {
  const ids = recorded.map(({ runId }) => runId);
  return new PipelineError(
    `${asset.name} has no profile of run "${wanted}"${didYouMean(wanted, ids)}`,
    {
      code: 'PROFILE_NOT_FOUND',
      hint: `name a run of fastbreak profile ${asset.name} --history, last, or a date`,
      exitCode: EXIT.failed,
    },
  );
}
