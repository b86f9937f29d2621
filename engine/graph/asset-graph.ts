import { DirectedGraph } from 'graphology';
import type { CompiledAsset, CompiledPipeline } from '../compile/compiled.ts';
import type { Upstream } from '../config/pipeline.ts';
import { PipelineError } from '../errors.ts';
import type { AssetName } from '../ids.ts';
import { didYouMean } from '../util/nearest-name.ts';
import { Dag } from './dag.ts';

/** One asset that reads another, with the upstream entry that says so. */
export interface DownstreamEdge {
  readonly asset: CompiledAsset;
  readonly edge: Upstream;
}

/** What an exported graph says about an asset. */
export interface GraphAssetAttributes {
  readonly group: string;
  readonly kind: string;
  readonly dataset: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly partition_set: string | null;
  readonly code_version: string;
}

/** What an exported graph says about one asset reading another. */
export interface GraphEdgeAttributes {
  readonly window: string;
  readonly optional: boolean;
  readonly relation: string;
}

/** The assets of a compiled pipeline and who reads whom. */
export class AssetGraph {
  readonly pipeline: CompiledPipeline;
  /** In topological order. */
  readonly assets: readonly CompiledAsset[];
  readonly #dag = new Dag();
  readonly #assetByName = new Map<string, CompiledAsset>();
  readonly #downstreamByName = new Map<string, DownstreamEdge[]>();

  constructor(pipeline: CompiledPipeline) {
    this.pipeline = pipeline;
    this.assets = pipeline.assets;
    for (const asset of pipeline.assets) {
      this.#dag.addNode(asset.name);
      this.#assetByName.set(asset.name, asset);
      this.#downstreamByName.set(asset.name, []);
    }
    for (const asset of pipeline.assets) {
      for (const edge of asset.upstream) {
        this.#dag.addEdge(edge.asset, asset.name);
        this.#downstreamByName.get(edge.asset)?.push({ asset, edge });
      }
    }
  }

  has(name: string): boolean {
    return this.#assetByName.has(name);
  }

  /** The asset of that name; a name that nobody declared is the user's error. */
  asset(name: string): CompiledAsset {
    const asset = this.#assetByName.get(name);
    if (asset !== undefined) return asset;
    throw unknownAsset(name, this.#assetByName.keys());
  }

  /** What an asset reads, in declared order; a union gives one edge per member. */
  upstream(name: AssetName): readonly Upstream[] {
    return this.asset(name).upstream;
  }

  /** What reads an asset, in topological order. */
  downstream(name: AssetName): readonly DownstreamEdge[] {
    return this.#downstreamByName.get(name) ?? [];
  }

  /** All that an asset depends on, at most `depth` edges away, without itself. */
  ancestors(name: AssetName, depth = Infinity): ReadonlySet<AssetName> {
    return asAssetNames(this.#dag.ancestors(name, depth));
  }

  /** All that depends on an asset, at most `depth` edges away, without itself. */
  descendants(name: AssetName, depth = Infinity): ReadonlySet<AssetName> {
    return asAssetNames(this.#dag.descendants(name, depth));
  }

  /** A fresh graphology graph for exports; edges point downstream. */
  get graphology(): DirectedGraph<GraphAssetAttributes, GraphEdgeAttributes> {
    const graph = new DirectedGraph<GraphAssetAttributes, GraphEdgeAttributes>();
    graph.setAttribute('name', this.pipeline.name);
    for (const asset of this.assets) graph.addNode(asset.name, assetAttributes(asset));
    for (const asset of this.assets) {
      for (const edge of asset.upstream) {
        graph.mergeEdge(edge.asset, asset.name, {
          window: edge.window.type,
          optional: edge.optional,
          relation: edge.relation,
        });
      }
    }
    return graph;
  }
}

/** The one wording for a name that no asset has. */
export function unknownAsset(name: string, names: Iterable<string>): PipelineError {
  return new PipelineError(`unknown asset "${name}"${didYouMean(name, names)}`, {
    code: 'UNKNOWN_ASSET',
    hint: 'fastbreak status lists the assets of the pipeline',
  });
}

// The names in the graph are those of compiled assets.
function asAssetNames(names: ReadonlySet<string>): ReadonlySet<AssetName> {
  return names as ReadonlySet<AssetName>;
}

function assetAttributes(asset: CompiledAsset): GraphAssetAttributes {
  return {
    group: asset.group,
    kind: asset.kind,
    dataset: asset.dataset,
    description: asset.description,
    tags: asset.tags,
    partition_set: asset.partitionSet ?? null,
    code_version: asset.codeVersion,
  };
}
