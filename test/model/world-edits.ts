import fc from 'fast-check';
import type { NaiveRequest } from './naive-run.ts';
import {
  allowed,
  type AssetSpec,
  DATES,
  type GameRow,
  isOptional,
  WINDOW_KINDS,
  type World,
  type WorldOptions,
} from './world.ts';
import { LAYOUTS } from './world-files.ts';

/** Something that somebody does to the files; numbers are taken modulo of how many there are to choose from. */
export type Edit =
  | { readonly type: 'value'; readonly at: number; readonly points: number }
  | { readonly type: 'break'; readonly at: number }
  | { readonly type: 'mend all' }
  | { readonly type: 'undo all' }
  | { readonly type: 'add row'; readonly at: number; readonly points: number }
  | { readonly type: 'remove row'; readonly at: number }
  | { readonly type: 'add date'; readonly date: string; readonly points: number }
  | { readonly type: 'remove date'; readonly at: number }
  /** A game that is postponed. */
  | { readonly type: 'move'; readonly at: number; readonly date: string }
  | { readonly type: 'season'; readonly cut: string }
  | { readonly type: 'layout'; readonly asset: number; readonly layout: number }
  | { readonly type: 'factor'; readonly asset: number; readonly factor: number }
  | {
      readonly type: 'window';
      readonly asset: number;
      readonly window: number;
      readonly optional: boolean;
    }
  | { readonly type: 'batch'; readonly batch: number };

const at = fc.nat(20);
const points = fc.nat(9);
const date = fc.constantFrom(...DATES);
const of = <T extends Edit['type']>(type: T) => ({ type: fc.constant(type) });

/** Random edits; plain ones break nothing and make nothing optional. */
export function edits({ isPlain }: WorldOptions = { isPlain: false }): fc.Arbitrary<Edit> {
  const all: fc.Arbitrary<Edit>[] = [
    fc.record({ ...of('value'), at, points }),
    fc.record(of('undo all')),
    fc.record({ ...of('add row'), at, points }),
    fc.record({ ...of('remove row'), at }),
    fc.record({ ...of('add date'), date, points }),
    fc.record({ ...of('remove date'), at }),
    fc.record({ ...of('move'), at, date }),
    fc.record({ ...of('season'), cut: date }),
    fc.record({ ...of('layout'), asset: at, layout: fc.nat(LAYOUTS.length - 1) }),
    fc.record({ ...of('factor'), asset: at, factor: fc.integer({ min: 1, max: 3 }) }),
    fc
      .record({
        ...of('window'),
        asset: at,
        window: fc.nat(WINDOW_KINDS.length - 1),
        optional: fc.boolean(),
      })
      .map((edit) => ({ ...edit, optional: isOptional(edit, isPlain) })),
    fc.record({ ...of('batch'), batch: fc.integer({ min: 1, max: 4 }) }),
  ];
  if (isPlain) return fc.oneof(...all);
  return fc.oneof(...all, fc.record({ ...of('break'), at }), fc.record(of('mend all')));
}

function chosen<T>(list: readonly T[], index: number): T {
  const found = list[index % list.length];
  if (found === undefined) throw new Error('nothing to choose from');
  return found;
}

/** The world after an edit; the first one is what undoing all comes back to. */
export function edited(first: World, world: World, edit: Edit): World {
  switch (edit.type) {
    case 'undo all':
      return first;
    case 'season':
      return { ...world, cut: edit.cut };
    case 'batch':
      return { ...world, batch: edit.batch };
    case 'layout':
      return withAsset(world, edit.asset, () => ({ layout: edit.layout }));
    case 'factor':
      return withAsset(world, edit.asset, () => ({ factor: edit.factor }));
    case 'window':
      return withAsset(world, edit.asset, ({ edges: [edge, ...rest] }) => ({
        edges: edge ? [{ ...edge, window: edit.window, optional: edit.optional }, ...rest] : [],
      }));
    default: {
      const rows = editedRows(world.rows, edit);
      return rows.length === 0 ? world : { ...world, rows };
    }
  }
}

function withAsset(
  world: World,
  index: number,
  change: (asset: AssetSpec) => Partial<AssetSpec>,
): World {
  const asset = chosen(world.assets, index);
  const changed = { ...asset, ...change(asset) };
  const assets = world.assets.map((each) => (each === asset ? changed : each));
  return allowed({ ...world, assets });
}

type RowEdit = Exclude<
  Edit,
  { type: 'undo all' | 'season' | 'batch' | 'layout' | 'factor' | 'window' }
>;

function editedRows(rows: readonly GameRow[], edit: RowEdit): readonly GameRow[] {
  const row = 'at' in edit ? chosen(rows, edit.at) : undefined;
  const with_ = (change: Partial<GameRow>): readonly GameRow[] =>
    rows.map((each) => (each === row ? { ...each, ...change } : each));
  const added = { id: Math.max(...rows.map(({ id }) => id)) + 1, isBroken: false };
  switch (edit.type) {
    case 'mend all':
      return rows.map((each) => ({ ...each, isBroken: false }));
    case 'add date':
      return [...rows, { ...added, date: edit.date, points: edit.points }];
    case 'add row':
      return [...rows, { ...added, date: row?.date ?? '', points: edit.points }];
    case 'value':
      return with_({ points: edit.points });
    case 'break':
      return with_({ isBroken: true });
    case 'move':
      return with_({ date: edit.date });
    case 'remove row':
      return rows.filter((each) => each !== row);
    case 'remove date':
      return rows.filter((each) => each.date !== row?.date);
  }
}

/** What is run after an edit. */
export type Run =
  | { readonly type: 'nothing' }
  | { readonly type: 'all'; readonly force: boolean; readonly prune: boolean }
  | {
      readonly type: 'some';
      /** Which assets, by bits; the source is the first. */
      readonly assets: number;
      readonly dates: readonly [number, number] | undefined;
      readonly force: boolean;
      readonly prune: boolean;
      readonly only: readonly string[] | undefined;
    };

const rarely = fc.nat(3).map((n) => n === 0);

export const runs: fc.Arbitrary<Run> = fc.oneof(
  fc.record({ type: fc.constant('nothing' as const) }),
  fc.record({ type: fc.constant('all' as const), force: rarely, prune: fc.boolean() }),
  fc.record({
    type: fc.constant('some' as const),
    assets: fc.integer({ min: 1, max: 31 }),
    dates: fc.option(fc.tuple(at, at), { nil: undefined }),
    force: rarely,
    prune: fc.boolean(),
    only: fc.option(fc.subarray(['missing', 'stale', 'failed'], { minLength: 1 }), {
      nil: undefined,
      freq: 3,
    }),
  }),
);

/** What a run asks for in a world; undefined when it is no run. */
export function requestOf(run: Run, world: World): NaiveRequest | undefined {
  if (run.type === 'nothing') return undefined;
  const names = ['games', ...world.assets.map((asset) => asset.name)];
  const { force, prune } = run;
  if (run.type === 'all') return { assets: names, force, prune };
  const some = names.filter((_, index) => (run.assets & (1 << index)) !== 0);
  const assets = some.length === 0 ? names : some;
  const [from = '', to = ''] = (run.dates ?? []).map((index) => chosen(DATES, index)).sort();
  // Whether a source whose file changed is looked at is another matter.
  const only = assets.includes('games') ? undefined : run.only;
  return { assets, force, prune, only, ...(run.dates && { range: [from, to] as const }) };
}
