import type { CompiledAsset } from '../compile/compiled.ts';
import type { AssetGraph } from '../graph/asset-graph.ts';
import type { AssetName } from '../ids.ts';
import type { LineageEdge, LineageGraph, LineageNode } from '../report/lineage-graph.ts';
import { columnLineage } from '../sql/columns.ts';
import { windowText } from './window-text.ts';

/** The selected assets and who of them reads whom. */
export function assetLineage(graph: AssetGraph, selected: ReadonlySet<AssetName>): LineageGraph {
  const assets = graph.assets.filter((asset) => selected.has(asset.name));
  return {
    name: graph.pipeline.name,
    level: 'assets',
    nodes: assets.map((asset) => assetNode(asset)),
    edges: assets.flatMap((asset) => edgesInto(graph, asset, selected)),
  };
}

/** The columns of the selected assets and the columns that each is made from, read from the SQL. */
export async function columnLevelLineage(
  graph: AssetGraph,
  selected: ReadonlySet<AssetName>,
): Promise<{
  readonly graph: LineageGraph;
  /** SQL assets that read others without any column that could be followed. */
  readonly unread: readonly AssetName[];
}> {
  const assets = graph.assets.filter((asset) => selected.has(asset.name));
  const edges: LineageEdge[] = [];
  const unread: AssetName[] = [];
  for (const asset of assets) {
    const sources = await columnSources(graph, asset);
    const isRead = asset.kind !== 'sql' || asset.upstream.length === 0 || sources.length > 0;
    if (!isRead) unread.push(asset.name);
    edges.push(...sources);
  }
  const read = new Set(edges.map((edge) => edge.source));
  // Of assets that were not asked for, only the columns that something asked for is made from.
  const nodes = graph.assets.flatMap((asset) =>
    columnNodes(asset).filter((node) => selected.has(asset.name) || read.has(node.key)),
  );
  return { graph: { name: graph.pipeline.name, level: 'columns', nodes, edges }, unread };
}

function assetNode(asset: CompiledAsset): LineageNode {
  return {
    key: asset.name,
    label: asset.name,
    container: asset.group,
    attributes: {
      group: asset.group,
      kind: asset.kind,
      partitions: asset.partitionSet ?? 'none',
      description: asset.description,
    },
  };
}

/** One edge per upstream asset, also when the asset reads it under two names. */
function edgesInto(
  graph: AssetGraph,
  asset: CompiledAsset,
  selected: ReadonlySet<AssetName>,
): readonly LineageEdge[] {
  const periodName = periodNameOf(graph, asset);
  const byUpstream = Map.groupBy(asset.upstream, (upstream) => upstream.asset);
  return [...byUpstream]
    .filter(([name]) => selected.has(name))
    .map(([name, upstreams]) => ({
      source: name,
      target: asset.name,
      window: [...new Set(upstreams.map(({ window }) => windowText(window, periodName)))].join(
        ', ',
      ),
      optional: upstreams.every((upstream) => upstream.optional),
    }));
}

function periodNameOf({ pipeline }: AssetGraph, asset: CompiledAsset): string | undefined {
  const set = pipeline.partitionSets.find((each) => each.name === asset.partitionSet);
  if (set === undefined || set.type === 'days') return undefined;
  return pipeline.calendars.find((calendar) => calendar.name === set.calendar)?.periodName;
}

function columnNodes(asset: CompiledAsset): readonly LineageNode[] {
  return asset.columns.map((column) => ({
    key: `${asset.name}.${column.name}`,
    label: column.name,
    container: asset.name,
    attributes: { asset: asset.name, type: column.type, description: column.description },
  }));
}

async function columnSources(
  graph: AssetGraph,
  asset: CompiledAsset,
): Promise<readonly LineageEdge[]> {
  if (asset.kind !== 'sql') return [];
  const sourcesByColumn = await columnLineage(asset, graph);
  const assetsByRelation = Map.groupBy(asset.upstream, (upstream) => upstream.relation);
  return [...sourcesByColumn].flatMap(([column, sources]) =>
    sources.flatMap(({ relation, column: from }) =>
      (assetsByRelation.get(relation) ?? [])
        // Members of a union need not have every column of it.
        .filter((upstream) => graph.asset(upstream.asset).columns.some(({ name }) => name === from))
        .map((upstream) => ({
          source: `${upstream.asset}.${from}`,
          target: `${asset.name}.${column}`,
          window: '',
          optional: false,
        })),
    ),
  );
}
