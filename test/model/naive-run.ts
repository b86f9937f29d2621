import type { CompiledAsset } from '../../engine/compile/compiled.ts';
import { unsafeAssetName, unsafeCodeVersion } from '../../engine/ids.ts';
import type { ExpectedDays, Period } from '../../engine/partitions/calendar.ts';
import { type Day, formatDay, parseDay, UNPARTITIONED } from '../../engine/partitions/date.ts';
import { Model } from '../staleness/model.ts';
import { compiledAsset, compiledPipeline, reads } from '../staleness/pipelines.ts';
import { naiveRows, rowsFromText } from './naive-rows.ts';
import { type AssetSpec, kindOf, membersOf, type World } from './world.ts';
import { conditionOf, csvOf, plainSql, seasonOf } from './world-files.ts';

export type OutcomeType = 'materialized' | 'unchanged' | 'expected_empty' | 'failed' | 'blocked';

export interface NaiveRequest {
  readonly assets: readonly string[];
  /** First and last date, both included. */
  readonly range?: readonly [string, string] | undefined;
  readonly force: boolean;
  readonly prune: boolean;
  readonly only?: readonly string[] | undefined;
}

export interface NaiveOutcome {
  readonly type: OutcomeType;
  /** Of those that failed. */
  readonly category?: string;
  /** Of those that are blocked: the upstream partitions that may be named, `asset date`. */
  readonly blockers?: readonly string[];
}

/** What a run must do to one asset. */
export interface NaiveResult {
  readonly outcomes: ReadonlyMap<Day, NaiveOutcome>;
  readonly removed: readonly Day[];
  readonly skipped: number;
  /** Expected to be empty and left alone. */
  readonly emptyBefore: number;
}

/**
 * What the engine must do to a world, said partition by partition: no batches, no statements, no hashes. Partitions
 * hold their rows as text, which is their data version.
 */
export class NaiveEngine {
  readonly model: Model;
  world: World;

  constructor(world: World) {
    this.world = world;
    const none: ExpectedDays = {
      days: new Int32Array(0),
      periodIndex: new Int32Array(0),
      periods: [],
    };
    this.model = new Model(pipelineOf(world), none);
  }

  /** The files were written anew. */
  edit(world: World): void {
    this.world = world;
    this.model.pipeline = pipelineOf(world);
    this.model.changed();
  }

  /** Makes what a request asks for. */
  run(request: NaiveRequest): ReadonlyMap<string, NaiveResult> {
    const results = new Map<string, NaiveResult>();
    for (const asset of this.model.pipeline.assets) {
      if (!request.assets.includes(asset.name)) continue;
      const result =
        asset.kind === 'source' ? this.#load(asset, request) : this.#make(asset, request);
      results.set(asset.name, result);
    }
    return results;
  }

  /** The source that the calendar is read from: all of it or nothing. */
  #load(asset: CompiledAsset, request: NaiveRequest): NaiveResult {
    const { model } = this;
    const isNew = model.files.get(asset.name) !== csvOf(this.world);
    model.files.set(asset.name, csvOf(this.world));
    model.changed();
    if (!request.force && !isNew) return this.#plan(asset, request);
    model.calendar = calendarOf(this.world);
    model.changed();
    const days = [...model.calendar.days];
    const removed = model.recordedDays(asset.name).filter((day) => !days.includes(day));
    for (const day of removed) model.remove(asset.name, day);
    const outcomes = new Map<Day, NaiveOutcome>();
    for (const [index, day] of days.entries()) {
      const season = seasonOf(this.world, formatDay(day));
      const rows = this.world.rows
        .filter((row) => row.date === formatDay(day))
        .map((row) => ({ ...row, season }))
        .sort((a, b) => a.id - b.id);
      outcomes.set(day, this.#keep(asset, index, rows));
    }
    return { outcomes, removed, skipped: 0, emptyBefore: 0 };
  }

  #make(asset: CompiledAsset, request: NaiveRequest): NaiveResult {
    const removed = request.prune ? this.#unexpected(asset, request) : [];
    for (const day of removed) this.model.remove(asset.name, day);
    const plan = this.#plan(asset, request);
    const spec = this.world.assets.find((each) => each.name === asset.name);
    if (!spec) throw new Error(`no asset ${asset.name}`);
    const outcomes = new Map(plan.outcomes);
    for (const [index, day] of this.model.expected(asset).days.entries()) {
      const planned = outcomes.get(day);
      if (planned) outcomes.set(day, this.#outcome(asset, spec, { index, planned }));
    }
    return { ...plan, removed, outcomes };
  }

  /** Which partitions are to be made (`materialized` for now) and which are blocked. */
  #plan(asset: CompiledAsset, request: NaiveRequest): NaiveResult {
    const outcomes = new Map<Day, NaiveOutcome>();
    let skipped = 0;
    let emptyBefore = 0;
    for (const [index, day] of this.model.expected(asset).days.entries()) {
      if (!isAskedFor(request, asset, day)) continue;
      const status = this.model.status(asset, index);
      const isEmpty = this.model.isEmptyByCalendar(asset, index);
      const isLeft = isEmpty || !this.#isWanted(asset, index, request);
      if (isLeft && status === 'expected-empty') emptyBefore++;
      else if (isLeft) skipped++;
      else if (this.model.isBlocked(asset, index)) outcomes.set(day, this.#blocked(asset, index));
      else outcomes.set(day, { type: 'materialized' });
    }
    return { outcomes, removed: [], skipped, emptyBefore };
  }

  #isWanted(asset: CompiledAsset, index: number, request: NaiveRequest): boolean {
    const status = this.model.status(asset, index);
    const { content } = this.model.partition(asset.name, this.model.dayAt(asset, index));
    const isFrozen = asset.freeze === 'once' && status === 'current' && content === 'rows';
    if (request.force) return !isFrozen;
    if (status === 'current' || status === 'expected-empty') return false;
    // One that is blocked is missing or stale besides.
    const besides = content === 'none' ? 'missing' : 'stale';
    const reason = status === 'blocked' ? besides : status;
    return request.only === undefined || request.only.includes(reason);
  }

  #blocked(asset: CompiledAsset, index: number): NaiveOutcome {
    const blockers = asset.upstream.flatMap((edge) => {
      const found = this.model.blockers(asset, edge, index);
      if (!found) return [];
      const source = this.model.asset(edge.asset);
      if (found.length === 0) return [edge.asset];
      return found.map((at) => `${edge.asset} ${formatDay(this.model.dayAt(source, at))}`);
    });
    return { type: 'blocked', blockers };
  }

  #outcome(
    asset: CompiledAsset,
    spec: AssetSpec,
    { index, planned }: { readonly index: number; readonly planned: NaiveOutcome },
  ): NaiveOutcome {
    const { model } = this;
    const day = model.dayAt(asset, index);
    const before = model.partition(asset.name, day);
    const end = (attempt: 'failed' | 'blocked', outcome: NaiveOutcome): NaiveOutcome => {
      model.save(asset.name, day, { ...before, attempt });
      return outcome;
    };
    if (planned.type === 'blocked') return end('blocked', planned);
    const inputs = model.inputs(asset, index);
    const relations = spec.edges.map((edge) => {
      const members = membersOf(this.world, edge);
      // A relation is all its members; two edges never read the same asset twice but through the union.
      return inputs.edges
        .filter((_, at) => asset.upstream[at]?.relation === edge.upstream)
        .filter((each) => members.includes(each.upstream))
        .flatMap((each) => [...each.held.values()].flatMap(({ data }) => rowsFromText(data)));
    });
    const rows = naiveRows(spec, relations);
    if (rows === 'no number') return end('failed', { type: 'failed', category: 'data' });
    if (rows.length > 0) return this.#keep(asset, index, rows);
    const isExcused = spec.rule === 'nothing to read' && relations[0]?.length === 0;
    if (!isExcused) return end('failed', { type: 'failed', category: 'EMPTY_RESULT' });
    const content = { content: 'empty', data: '', rows: 0, attempt: 'ok' } as const;
    model.save(asset.name, day, { ...content, ...this.#made(asset, index) });
    return { type: 'expected_empty' };
  }

  #keep(asset: CompiledAsset, index: number, rows: readonly object[]): NaiveOutcome {
    const day = this.model.dayAt(asset, index);
    const before = this.model.partition(asset.name, day);
    const data = JSON.stringify(rows);
    const made = this.#made(asset, index);
    const content = { content: 'rows', data, rows: rows.length, attempt: 'ok' } as const;
    this.model.save(asset.name, day, { ...content, ...made });
    const isSame = before.content === 'rows' && before.data === data;
    return { type: isSame ? 'unchanged' : 'materialized' };
  }

  #made(asset: CompiledAsset, index: number) {
    const inputs = this.model.inputs(asset, index);
    const windows = this.model.windowTexts(asset, index);
    return { inputs, windows, parts: asset.codeParts };
  }

  /** Recorded partitions with content whose dates left the calendar, or are empty by it. */
  #unexpected(asset: CompiledAsset, request: NaiveRequest): Day[] {
    const { days } = this.model.expected(asset);
    if (days.length === 0) return [];
    return this.model.recordedDays(asset.name).filter((day) => {
      if (this.model.partition(asset.name, day).content === 'none') return false;
      const index = days.indexOf(day);
      const isWanted = index >= 0 && !this.model.isEmptyByCalendar(asset, index);
      return !isWanted && isInRange(request, day);
    });
  }
}

/** A date of the range also asks for the month that it is in. */
function isAskedFor(request: NaiveRequest, asset: CompiledAsset, day: Day): boolean {
  if (day === UNPARTITIONED) return true;
  if (asset.partitionSet !== 'months') return isInRange(request, day);
  const month = formatDay(day).slice(0, 7);
  const [from, to] = request.range ?? [month, month];
  return from.slice(0, 7) <= month && month <= to.slice(0, 7);
}

function isInRange({ range }: NaiveRequest, day: Day): boolean {
  if (!range) return true;
  const date = formatDay(day);
  return range[0] <= date && date <= range[1];
}

/** The dates of the games, each in its season. */
export function calendarOf(world: World): ExpectedDays {
  const dates = [...new Set(world.rows.map((row) => row.date))].sort();
  const periods: Period[] = [];
  const periodIndex = dates.map((date) => {
    const name = seasonOf(world, date);
    const day = parseDay(date) ?? 0;
    const known = periods.findIndex((period) => period.name === name);
    return known < 0 ? periods.push({ name, start: day, first: day }) - 1 : known;
  });
  const days = Int32Array.from(dates, (date) => parseDay(date) ?? 0);
  return { days, periodIndex: Int32Array.from(periodIndex), periods };
}

/** The world as the compiler would have it, as far as the model looks. */
function pipelineOf(world: World) {
  const games = compiledAsset('games', { kind: 'source' });
  return compiledPipeline([games, ...world.assets.map((spec) => assetOf(world, spec))], 'games');
}

function assetOf(world: World, spec: AssetSpec): CompiledAsset {
  const upstream = spec.edges.flatMap((edge) =>
    membersOf(world, edge).map((member) => ({
      ...reads(member, kindOf(world, spec, edge).window, edge.optional),
      relation: edge.upstream,
    })),
  );
  const sql = plainSql(world, spec);
  const readsPeriod = sql.includes('period_start');
  const rule = spec.rule === 'nothing to read' ? conditionOf(world, spec) : spec.rule;
  const codeParts = {
    source: `${sql} ${rule}`,
    functions: '',
    windows: JSON.stringify([upstream.toSorted(byRelation), readsPeriod]),
    columns: spec.set === 'none' ? 'none' : '',
  };
  const asset = compiledAsset(spec.name, {
    partitionSet: spec.set,
    // The order of the declaration is nobody's business: causes come in this one.
    upstream: upstream.toSorted(byRelation),
    freeze: spec.isFrozen ? 'once' : 'never',
    expectedEmpty:
      spec.rule === 'first days'
        ? [{ type: 'first_days_of_period', days: 2, reason: 'it begins' }]
        : [],
    sql: { googleSql: '', duckdbSql: '', functions: [], readsPeriod, duckdbConditions: {} },
    codeParts,
    codeVersion: unsafeCodeVersion(JSON.stringify(codeParts)),
    name: unsafeAssetName(spec.name),
  });
  if (spec.set !== 'none') return asset;
  const { partitionSet: _, ...rest } = asset;
  return rest;
}

interface Relation {
  readonly relation: string;
  readonly asset: string;
}

function byRelation(a: Relation, b: Relation): number {
  return `${a.relation} ${a.asset}` < `${b.relation} ${b.asset}` ? -1 : 1;
}
