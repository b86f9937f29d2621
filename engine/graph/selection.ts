import type { CompiledAsset } from '../compile/compiled.ts';
import type { AssetKind } from '../config/pipeline.ts';
import { PipelineError } from '../errors.ts';
import type { AssetName } from '../ids.ts';
import { didYouMean } from '../util/nearest-name.ts';
import { type AssetGraph, unknownAsset } from './asset-graph.ts';

const METHODS = ['group', 'tag', 'kind', 'asset'] as const;
const KINDS: readonly string[] = ['sql', 'module', 'source'] satisfies AssetKind[];
const TERM = /^(?:(\d*)(\+))?([^+]+?)(?:(\+)(\d*))?$/;
const HINT =
  'write asset, +asset, asset+, 1+asset, group:name, tag:name, kind:sql or *; a,b for both, a&b for what is in both';

/**
 * The assets that selection expressions name (design 9): several expressions and commas add up,
 * `&` keeps what both sides name. No expression at all means every asset.
 */
export function selectAssets(
  graph: AssetGraph,
  expressions: readonly string[],
  exclude: readonly string[],
): Set<AssetName> {
  const selected =
    expressions.length === 0 ? selectOne(graph, '*') : selectUnion(graph, expressions);
  for (const name of selectUnion(graph, exclude)) selected.delete(name);
  return selected;
}

function selectUnion(graph: AssetGraph, expressions: readonly string[]): Set<AssetName> {
  const selected = new Set<AssetName>();
  for (const part of expressions.flatMap((expression) => expression.split(','))) {
    for (const name of selectIntersection(graph, part)) selected.add(name);
  }
  return selected;
}

function selectIntersection(graph: AssetGraph, expression: string): Set<AssetName> {
  const [first, ...others] = expression.split('&').map((term) => selectOne(graph, term.trim()));
  if (first === undefined) throw badSelection(expression);
  return others.reduce(
    (left, right) => new Set([...left].filter((name) => right.has(name))),
    first,
  );
}

function selectOne(graph: AssetGraph, term: string): Set<AssetName> {
  const match = TERM.exec(term);
  const body = match?.[3];
  if (match === null || body === undefined) throw badSelection(term);
  const selected = new Set<AssetName>();
  for (const asset of selectBody(graph, body)) {
    selected.add(asset.name);
    if (match[2] === '+') addAll(selected, graph.ancestors(asset.name, depthOf(match[1])));
    if (match[4] === '+') addAll(selected, graph.descendants(asset.name, depthOf(match[5])));
  }
  if (match[2] === '+' && depthOf(match[1]) === Infinity) addCalendars(graph, selected);
  return selected;
}

/** "With all upstream" takes in the assets that calendars are read from: without them no date is known. */
function addCalendars(graph: AssetGraph, selected: Set<AssetName>): void {
  const { calendars, partitionSets } = graph.pipeline;
  const sets = new Set([...selected].map((name) => graph.asset(name).partitionSet));
  for (const set of partitionSets) {
    if (!sets.has(set.name) || set.type === 'days') continue;
    const calendar = calendars.find((each) => each.name === set.calendar);
    if (!calendar) continue;
    selected.add(calendar.asset);
    addAll(selected, graph.ancestors(calendar.asset));
  }
}

function selectBody(graph: AssetGraph, body: string): readonly CompiledAsset[] {
  if (body === '*') return graph.assets;
  const colon = body.indexOf(':');
  if (colon === -1) {
    if (graph.has(body)) return [graph.asset(body)];
    throw unknownAsset(
      body,
      graph.assets.map((asset) => asset.name),
    );
  }
  return selectByMethod(graph, body.slice(0, colon), body.slice(colon + 1));
}

function selectByMethod(
  graph: AssetGraph,
  method: string,
  value: string,
): readonly CompiledAsset[] {
  switch (method) {
    case 'asset':
      return [graph.asset(value)];
    case 'group':
      return selectByValue(graph, { method, value, valuesOf: (asset) => [asset.group] });
    case 'tag':
      return selectByValue(graph, { method, value, valuesOf: (asset) => asset.tags });
    case 'kind':
      return selectByValue(graph, { method, value, valuesOf: (asset) => [asset.kind] });
    default:
      throw new PipelineError(
        `unknown selection method "${method}:"${didYouMean(method, METHODS)}`,
        { code: 'INVALID_SELECTION', hint: HINT },
      );
  }
}

interface ValueSelection {
  readonly method: 'group' | 'tag' | 'kind';
  readonly value: string;
  readonly valuesOf: (asset: CompiledAsset) => readonly string[];
}

function selectByValue(graph: AssetGraph, selection: ValueSelection): readonly CompiledAsset[] {
  const { method, value, valuesOf } = selection;
  const found = graph.assets.filter((asset) => valuesOf(asset).includes(value));
  // Every kind is known, whether the pipeline has such assets or not.
  if (found.length > 0 || (method === 'kind' && KINDS.includes(value))) return found;
  const used = method === 'kind' ? KINDS : graph.assets.flatMap(valuesOf);
  const known = [...new Set(used)].sort();
  throw new PipelineError(`no asset has ${method} "${value}"${didYouMean(value, known)}`, {
    code: `UNKNOWN_${method.toUpperCase()}`,
    hint: known.length > 0 ? `there are: ${known.join(', ')}` : `no asset has a ${method}`,
  });
}

function depthOf(digits: string | undefined): number {
  return digits === undefined || digits === '' ? Infinity : Number(digits);
}

function addAll(target: Set<AssetName>, names: ReadonlySet<AssetName>): void {
  for (const name of names) target.add(name);
}

function badSelection(expression: string): PipelineError {
  return new PipelineError(`"${expression}" is not a selection`, {
    code: 'INVALID_SELECTION',
    hint: HINT,
  });
}
