/** An asset, or one of its columns, with what exports say about it. */
export interface LineageNode {
  /** Unique in the graph: `player_box`, or `player_box.points`. */
  readonly key: string;
  readonly label: string;
  /** What the thing belongs to: the group of an asset, the asset of a column. */
  readonly container: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** From what is read to what reads it. */
export interface LineageEdge {
  readonly source: string;
  readonly target: string;
  /** Window in words; empty between columns. */
  readonly window: string;
  readonly optional: boolean;
}

/** The graph that every export is made from; nodes in topological order. */
export interface LineageGraph {
  readonly name: string;
  readonly level: 'assets' | 'columns';
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
}

/** The nodes of each group (or, between columns, of each asset), both in the order of first appearance. */
export function nodesByContainer(graph: LineageGraph): ReadonlyMap<string, readonly LineageNode[]> {
  return Map.groupBy(graph.nodes, (node) => node.container);
}
