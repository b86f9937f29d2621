import fc from 'fast-check';
import type { Window } from '../../engine/partitions/window.ts';

/** A window with its words in pipeline.yaml and its condition in SQL, for rows `u` of the upstream and partitions `p`. */
export interface WindowKind {
  readonly window: Window;
  readonly yaml: string;
  /** Absent where SQL cannot say it without counting partitions: then only the bounds hold it. */
  readonly on?: string;
  /** The SQL keeps the newest date alone of those that fulfil the condition. */
  readonly isNewest?: boolean;
}

const BEFORE = 'u.game_date < p.partition_date';
const days = (count: number): WindowKind => ({
  window: { type: 'before_days', days: count },
  yaml: `{ before: { days: ${count} } }`,
  on: `${BEFORE} AND u.game_date >= DATE_SUB(p.partition_date, INTERVAL ${count} DAY)`,
});
const partitions = (count: number): WindowKind => ({
  window: { type: 'before_partitions', partitions: count },
  yaml: `{ before: { partitions: ${count} } }`,
});

export const WINDOW_KINDS: readonly WindowKind[] = [
  { window: { type: 'same' }, yaml: 'same', on: 'u.game_date = p.partition_date' },
  days(1),
  days(5),
  partitions(1),
  partitions(3),
  {
    window: { type: 'before_period' },
    yaml: '{ before: season }',
    on: `${BEFORE} AND u.game_date >= p.period_start`,
  },
  { window: { type: 'before_all' }, yaml: '{ before: all }', on: BEFORE },
  {
    window: { type: 'latest' },
    yaml: 'latest',
    on: 'u.game_date <= p.partition_date',
    isNewest: true,
  },
  { window: { type: 'latest_before' }, yaml: 'latest_before', on: BEFORE, isNewest: true },
  { window: { type: 'all' }, yaml: 'all', on: 'TRUE' },
];

export const ALL_WINDOW: WindowKind = { window: { type: 'all' }, yaml: 'all', on: 'TRUE' };

export type SetName = 'dates' | 'months' | 'days' | 'none';

export interface EdgeSpec {
  /** `games`, an asset that comes earlier, or the union `tagged`. */
  readonly upstream: string;
  readonly window: number;
  readonly optional: boolean;
}

export interface AssetSpec {
  readonly name: string;
  readonly set: SetName;
  readonly edges: readonly EdgeSpec[];
  readonly factor: number;
  /** How its SQL is laid out, which decides nothing. */
  readonly layout: number;
  /** Rows with fewer points are left out, which leaves partitions without any. */
  readonly least: number;
  /** It has one row of its own in every partition. */
  readonly hasOwnRow: boolean;
  /** It reads the notes of games as numbers, which some are not. */
  readonly readsNotes: boolean;
  readonly rule: 'none' | 'first days' | 'nothing to read';
  readonly isFrozen: boolean;
  /** Its SQL reads all that it is given, one partition at a time: the bounds alone hold its windows. */
  readonly isGreedy: boolean;
  readonly isTagged: boolean;
}

export interface GameRow {
  readonly id: number;
  readonly date: string;
  readonly points: number;
  /** True when its note is no number. */
  readonly isBroken: boolean;
}

/** All that a project's files are written from. */
export interface World {
  readonly rows: readonly GameRow[];
  /** The first date of the second season; dates before it are of the first. */
  readonly cut: string;
  readonly assets: readonly AssetSpec[];
  readonly batch: number | undefined;
}

/** The dates that there may be games on: in a row and with gaps, over the ends of a month and of the days' set. */
export const DATES: readonly string[] = [
  '2023-12-27 2023-12-28 2023-12-31 2024-01-01 2024-01-02 2024-01-03',
  '2024-01-07 2024-01-08 2024-01-12 2024-01-13 2024-02-01 2024-02-29',
].flatMap((line) => line.split(' '));

export const NAMES = ['a', 'b', 'c', 'd'] as const;

/** Which of the random things may occur; all of them by default. */
export interface WorldOptions {
  readonly isPlain: boolean;
}

/** In a plain world nothing is optional but what the first dates cannot have: a newest partition before them. */
export function isOptional(edge: Pick<EdgeSpec, 'window' | 'optional'>, isPlain: boolean): boolean {
  return isPlain ? WINDOW_KINDS[edge.window]?.isNewest === true : edge.optional;
}

function assetAt(at: number, { isPlain }: WorldOptions): fc.Arbitrary<AssetSpec> {
  const upstream = fc.constantFrom('games', ...NAMES.slice(0, at), ...NAMES.slice(0, at));
  const anyEdge = fc.record({
    upstream: at === NAMES.length - 1 ? fc.oneof(upstream, fc.constant('tagged')) : upstream,
    window: fc.nat(WINDOW_KINDS.length - 1),
    optional: fc.boolean(),
  });
  const edge = anyEdge.map((each) => ({ ...each, optional: isOptional(each, isPlain) }));
  const rarely = (often = 4): fc.Arbitrary<boolean> =>
    isPlain ? fc.constant(false) : fc.nat(often).map((n) => n === 0);
  return fc
    .record({
      name: fc.constant(NAMES[at] ?? ''),
      set: fc.constantFrom<SetName>('dates', 'dates', 'dates', 'months', 'days', 'none'),
      edges: fc.uniqueArray(edge, { minLength: 1, maxLength: 2, selector: (one) => one.upstream }),
      factor: fc.integer({ min: 1, max: 3 }),
      layout: fc.constant(0),
      least: isPlain ? fc.constant(0) : fc.constantFrom(0, 0, 0, 6),
      hasOwnRow: isPlain ? fc.constant(true) : fc.boolean(),
      readsNotes: rarely(1),
      rule: isPlain
        ? fc.constant('none' as const)
        : fc.constantFrom('none', 'none', 'first days', 'nothing to read' as const),
      isFrozen: rarely(5),
      isGreedy: rarely(3),
      isTagged: fc.boolean(),
    })
    .map((spec) => (spec.readsNotes ? { ...spec, least: 0 } : spec));
}

const rows: fc.Arbitrary<readonly GameRow[]> = fc
  .uniqueArray(fc.constantFrom(...DATES), { minLength: 1, maxLength: 8 })
  .chain((dates) =>
    fc.array(
      fc.record({
        date: fc.constantFrom(...dates),
        points: fc.nat(9),
        isBroken: fc.nat(6).map((n) => n === 6),
      }),
      { minLength: 1, maxLength: 10 },
    ),
  )
  .map((list) => list.map((row, at) => ({ id: at + 1, ...row })));

/** Random worlds; a plain one has nothing that is empty, broken, optional or frozen. */
export function worlds(options: WorldOptions = { isPlain: false }): fc.Arbitrary<World> {
  const assets = NAMES.map((_, at) => assetAt(at, options));
  const isPlain = (row: GameRow): GameRow => ({ ...row, isBroken: false });
  return fc
    .record({
      rows: options.isPlain ? rows.map((list) => list.map(isPlain)) : rows,
      cut: fc.constantFrom(...DATES),
      assets: fc
        .integer({ min: 2, max: NAMES.length })
        .chain((count) => fc.tuple(...assets.slice(0, count))),
      batch: fc.constantFrom(undefined, undefined, 1, 3),
    })
    .map(allowed);
}

/** A world that the compiler accepts, as near as possible: sets and windows that do not go together are changed. */
export function allowed(world: World): World {
  const assets: AssetSpec[] = [];
  for (const asset of world.assets) assets.push(allowedAsset(asset, assets));
  return { ...world, assets };
}

function allowedAsset(asset: AssetSpec, earlier: readonly AssetSpec[]): AssetSpec {
  const members = earlier.filter((each) => each.isTagged && each.set !== 'none');
  const edges = asset.edges.map((edge): EdgeSpec => {
    const isMissing = edge.upstream === 'tagged' && members.length === 0;
    const upstream = isMissing ? (earlier[0]?.name ?? 'games') : edge.upstream;
    // A calendar of its own is what makes periods.
    const isPeriod = WINDOW_KINDS[edge.window]?.window.type === 'before_period';
    return { ...edge, upstream, window: isPeriod && asset.set === 'days' ? 6 : edge.window };
  });
  const unique = edges.filter(
    (edge, at) => edges.findIndex((other) => other.upstream === edge.upstream) === at,
  );
  const readsNotes = asset.readsNotes && unique.some((edge) => edge.upstream === 'games');
  const hasPeriods = asset.set === 'dates' || asset.set === 'months';
  const rule = asset.rule === 'first days' && !hasPeriods ? 'none' : asset.rule;
  const isGreedy = asset.isGreedy || needsBounds({ ...asset, edges: unique });
  return { ...asset, edges: unique, readsNotes, rule, isGreedy };
}

/** Whether an asset's windows cannot be said in SQL, so that it is to be made one partition at a time. */
function needsBounds({ edges }: AssetSpec): boolean {
  return edges.some((edge) => {
    const kind = WINDOW_KINDS[edge.window];
    return kind?.on === undefined || (kind.isNewest === true && edge.upstream === 'tagged');
  });
}

/** The window of an edge: where either side has no partitions, all. */
export function kindOf(world: World, asset: AssetSpec, edge: EdgeSpec): WindowKind {
  const upstream = world.assets.find((each) => each.name === edge.upstream);
  const isWhole = asset.set === 'none' || upstream?.set === 'none';
  return isWhole ? ALL_WINDOW : (WINDOW_KINDS[edge.window] ?? ALL_WINDOW);
}

/** The assets that an edge reads, a union spelled out. */
export function membersOf(world: World, edge: EdgeSpec): readonly string[] {
  if (edge.upstream !== 'tagged') return [edge.upstream];
  return taggedAssets(world).map((each) => each.name);
}

/** The last asset reads the union and is no member of it. */
export function taggedAssets(world: World): readonly AssetSpec[] {
  return world.assets.filter(
    (each) => each.isTagged && each.set !== 'none' && each.name !== NAMES.at(-1),
  );
}
