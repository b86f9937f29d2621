import type { CompiledAsset } from '../../engine/compile/compiled.ts';
import type { Day } from '../../engine/partitions/date.ts';
import type { EdgeInput, Held, Inputs, Model, ModelPartition } from './model.ts';

/** A cause as far as the model knows it: no texts for people. */
export interface NaiveCause {
  readonly kind: string;
  readonly upstream?: string;
  /** `day rows-before rows-after`, or days alone where nothing changed hands. */
  readonly partitions?: readonly string[];
  /** For code: the parts that changed. */
  readonly parts?: readonly string[];
}

/** Why a partition is not current, found by comparing what it was made from with what it would be made from. */
export function naiveCauses(model: Model, asset: CompiledAsset, index: number): NaiveCause[] {
  return [...statusCauses(model, asset, index), ...staleCauses(model, asset, index)];
}

function statusCauses(model: Model, asset: CompiledAsset, index: number): NaiveCause[] {
  switch (model.status(asset, index)) {
    case 'missing':
      return [
        model.wasRemoved(asset.name, model.dayAt(asset, index))
          ? { kind: 'removed' }
          : { kind: 'never_materialized' },
      ];
    case 'failed':
      return [{ kind: 'failed' }];
    case 'blocked':
      return asset.upstream.flatMap((edge) => {
        const source = model.asset(edge.asset);
        const bad = model.blockers(asset, edge, index);
        if (!bad) return [];
        const partitions = bad.map((at) => String(model.dayAt(source, at)));
        return [{ kind: 'blocked', upstream: edge.asset, partitions }];
      });
    default:
      return [];
  }
}

function staleCauses(model: Model, asset: CompiledAsset, index: number): NaiveCause[] {
  const made = model.partition(asset.name, model.dayAt(asset, index));
  const then = made.inputs;
  if (!then || !model.isOutdated(asset, index)) return [];
  const now = model.inputs(asset, index);
  const code = then.code === now.code ? [] : [codeCause(asset, made)];
  const edges = edgeCauses(then, now, {
    isMoved: movedEdges(model, asset, index),
    isCodeChanged: code.length > 0,
  });
  if (code.length + edges.length > 0) return [...code, ...edges];
  return [{ kind: asset.kind === 'source' ? 'files_changed' : 'config' }];
}

function codeCause(asset: CompiledAsset, made: ModelPartition): NaiveCause {
  const names = [
    ['source', { sql: 'SQL', module: 'module', source: 'source' }[asset.kind]],
    ['functions', 'functions'],
    ['windows', 'windows'],
    ['columns', 'columns'],
  ] as const;
  const changed = names.filter(([part]) => made.parts?.[part] !== asset.codeParts[part]);
  return { kind: 'code', parts: changed.map(([, name]) => name) };
}

/** Whether the window of each edge is another than the partition was made with; undefined for an edge that is new. */
function movedEdges(
  model: Model,
  asset: CompiledAsset,
  index: number,
): (edge: number, thenAt: number) => boolean {
  const { windows = [] } = model.partition(asset.name, model.dayAt(asset, index));
  const present = model.windowTexts(asset, index);
  return (edge, thenAt) => windows[thenAt] !== present[edge];
}

interface EdgeContext {
  readonly isMoved: (edge: number, thenAt: number) => boolean;
  readonly isCodeChanged: boolean;
}

/**
 * Edge by edge what came, went and changed. A window that moved brings partitions in and lets others go that nobody
 * touched: `moved` says that there must be a cause on that edge, `free` that there may be.
 */
function edgeCauses(then: Inputs, now: Inputs, context: EdgeContext): NaiveCause[] {
  return now.edges.flatMap((edge, at): NaiveCause[] => {
    const thenAt = sameEdge(then.edges, now.edges, at);
    const before = then.edges[thenAt];
    const { upstream } = edge;
    // The code has other upstreams, which is its own cause; that more is said of the new one does no harm.
    if (!before) return [{ kind: 'free', upstream }];
    if (context.isMoved(at, thenAt)) {
      const isSame = describe(before.held) === describe(edge.held);
      if (isSame) return [];
      return [{ kind: context.isCodeChanged ? 'free' : 'moved', upstream }];
    }
    return differences(before.held, edge.held).map((found) => ({ ...found, upstream }));
  });
}

/** An edge is found again by its upstream's name and how many edges to the same upstream precede it. */
function sameEdge(then: readonly EdgeInput[], now: readonly EdgeInput[], at: number): number {
  const name = now[at]?.upstream;
  const nth = now.slice(0, at).filter((edge) => edge.upstream === name).length;
  const positions = [...then.keys()].filter((position) => then[position]?.upstream === name);
  return positions[nth] ?? -1;
}

function describe(held: ReadonlyMap<Day, Held>): string {
  return JSON.stringify(Array.from(held, ([day, { data }]) => [day, data]));
}

type HeldByDay = ReadonlyMap<Day, Held>;

function differences(then: HeldByDay, now: HeldByDay): NaiveCause[] {
  const kinds = [
    ['upstream_changed', (a?: Held, b?: Held) => a && b && a.data !== b.data],
    ['upstream_added', (a?: Held, b?: Held) => !a && b],
    ['upstream_removed', (a?: Held, b?: Held) => a && !b],
  ] as const;
  const days = [...new Set([...then.keys(), ...now.keys()])].sort((a, b) => a - b);
  return kinds.flatMap(([kind, isSo]) => {
    const found = days.filter((day) => isSo(then.get(day), now.get(day)));
    const partitions = found.map(
      (day) => `${day} ${then.get(day)?.rows ?? 0} ${now.get(day)?.rows ?? 0}`,
    );
    return partitions.length === 0 ? [] : [{ kind, partitions }];
  });
}
