import { type ModuleContext, PipelineError } from '../../engine/index.ts';
import type { FeatureSource } from './model-settings.ts';

/** Features of players on dates, sorted by date and player. */
export interface FeatureRows {
  readonly rows: number;
  /** Days since 1970-01-01, ascending. */
  readonly days: Float64Array;
  readonly players: readonly (string | null)[];
  /** By name of the feature; NaN is not known. */
  readonly features: ReadonlyMap<string, Float64Array>;
  /** The versions of the feature lists that some of the rows were made with, joined by `+`; sorted. */
  readonly versionsOf: (rows: Int32Array) => readonly string[];
  /** Further columns of the first relation. */
  readonly texts: (column: string) => readonly (string | null)[];
  readonly numbers: (column: string) => Float64Array;
}

/** Columns that every relation of features has. */
const KEY = ['game_date', 'player_lookup', 'feature_version'];

/**
 * Reads features of one or more relations side by side: the rows of the first, with NaN where another
 * has no row of that player and date. The same for training and for serving.
 * @param extra further columns of the first relation
 */
export async function readFeatures(
  context: Pick<ModuleContext, 'readColumns'>,
  sources: readonly FeatureSource[],
  extra: readonly string[] = [],
): Promise<FeatureRows> {
  const [first, ...others] = sources;
  if (!first) throw new PipelineError('a model without features', { code: 'BAD_MODEL_SETTINGS' });
  const wanted = [...new Set([...KEY, ...first.names, ...extra])];
  const base = await context.readColumns(first.relation, wanted);
  const days = base.numbers('game_date');
  const players = base.texts('player_lookup');
  checkOrder(first.relation, days);
  const features = new Map(first.names.map((name) => [name, base.numbers(name)]));
  const versions: VersionColumn[] = [base.texts('feature_version')];
  for (const source of others) {
    const other = await context.readColumns(source.relation, [...KEY, ...source.names]);
    const position = positionsOf(other.numbers('game_date'), other.texts('player_lookup'));
    const at = Int32Array.from(days, (day, row) => position(day, players[row] ?? null));
    for (const name of source.names) features.set(name, pick(other.numbers(name), at));
    const made = other.texts('feature_version');
    versions.push(Array.from(at, (row) => made[row] ?? null));
  }
  return {
    rows: base.rows,
    days,
    players,
    features,
    versionsOf: (rows) => combined(versions, rows),
    texts: base.texts,
    numbers: base.numbers,
  };
}

/** What is before a cut-off is found by the order of the rows: in another one, models would see later dates. */
function checkOrder(relation: string, days: Float64Array): void {
  if (days.every((day, row) => row === 0 || day >= (days[row - 1] ?? day))) return;
  throw new PipelineError(`the rows of "${relation}" do not come in the order of their dates`, {
    code: 'BAD_MODEL_SETTINGS',
    hint: `let the key of ${relation} begin with game_date`,
  });
}

/** Where the row of a player and date is; -1 where there is none. */
export function positionsOf(
  days: Float64Array,
  players: readonly (string | null)[],
): (day: number, player: string | null) => number {
  const byDay = new Map<number, Map<string | null, number>>();
  days.forEach((day, row) => {
    const ofDay = byDay.get(day) ?? new Map<string | null, number>();
    byDay.set(day, ofDay.set(players[row] ?? null, row));
  });
  return (day, player) => byDay.get(day)?.get(player) ?? -1;
}

/** A column's values at some rows; NaN at -1. */
export function pick(column: Float64Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => (row < 0 ? NaN : (column[row] as number)));
}

/** Version of the list of features by row; null where the relation has no row of that player and date. */
type VersionColumn = readonly (string | null)[];

/** Every combination of the relations' versions: one, unless a relation was left half-made. */
function combined(versions: readonly VersionColumn[], rows: Int32Array): string[] {
  const sets = versions.map((column) => {
    const found = new Set(Array.from(rows, (row) => column[row] ?? null));
    return Array.from(found)
      .filter((version) => version !== null)
      .toSorted();
  });
  return sets.reduce<string[]>(
    (all, set) => all.flatMap((left) => set.map((right) => (left ? `${left}+${right}` : right))),
    [''],
  );
}
