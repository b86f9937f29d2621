import { DiagnosticsError } from '../diagnostics.ts';
import { EXIT } from '../errors.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import { AssetGraph } from '../graph/asset-graph.ts';
import { selectAssets } from '../graph/selection.ts';
import { jsonText } from '../report/json.ts';
import { listOf, type Paint, paintFor, plural } from '../report/text.ts';
import { type AssetStatement, evaluateForShow, statementsOf } from './compile-sql.ts';
import {
  type Effects,
  EMPTY_SNAPSHOT,
  type GlobalOptions,
  openProject,
  openReader,
  type Project,
} from './context.ts';

export interface CompileOptions {
  readonly selection: readonly string[];
  readonly exclude: readonly string[];
  readonly show?: 'sql';
}

/** `fastbreak compile`: everything that can be checked without a warehouse. */
export async function runCompile(
  options: CompileOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  try {
    const project = await openProject(options, effects);
    const graph = new AssetGraph(project.pipeline);
    const selected = selectAssets(graph, [...options.selection], [...options.exclude]);
    const assets = project.pipeline.assets.filter((asset) => selected.has(asset.name));
    const statements = options.show === 'sql' ? await readStatements(project, assets) : undefined;
    effects.stdout(
      options.json
        ? jsonText(compileJson(project, assets, statements))
        : compileText(project, assets, { statements, paint: paintFor(options.color) }),
    );
    return EXIT.ok;
  } catch (error) {
    if (!options.json || !(error instanceof DiagnosticsError)) throw error;
    effects.stdout(jsonText({ valid: false, errors: error.diagnostics }));
    return EXIT.usage;
  }
}

type Statements = ReadonlyMap<string, readonly AssetStatement[]>;

/** The record tells which partitions there are; a pipeline that never ran needs none. */
async function readStatements(
  project: Project,
  assets: readonly CompiledAsset[],
): Promise<Statements> {
  const reader = await openReader(project);
  try {
    const snapshot = reader?.snapshot(project.target.name) ?? EMPTY_SNAPSHOT;
    const evaluation = evaluateForShow(project, snapshot);
    return new Map(
      assets.map((asset) => [asset.name, statementsOf(project, asset, evaluation)] as const),
    );
  } finally {
    reader?.close();
  }
}

function compileText(
  project: Project,
  assets: readonly CompiledAsset[],
  { statements, paint }: { readonly statements: Statements | undefined; readonly paint: Paint },
): string {
  if (statements) {
    return assets
      .map((asset) => sqlText(asset, statements.get(asset.name) ?? [], paint))
      .join('\n');
  }
  const kinds = Object.entries(countKinds(assets)).map(([kind, count]) => `${count} ${kind}`);
  const detail = kinds.length > 0 ? ` (${listOf(kinds)})` : '';
  return (
    `${paint('green', `${project.pipeline.name} is valid`)}: ` +
    `${plural(assets.length, 'asset')}${detail}, ${plural(countEdges(assets), 'edge')}.\n` +
    `Targets: ${project.pipeline.targets.map(targetText).join(', ')}\n`
  );
}

function compileJson(
  project: Project,
  assets: readonly CompiledAsset[],
  statements: Statements | undefined,
): object {
  return {
    valid: true,
    name: project.pipeline.name,
    file: project.pipeline.file,
    counts: { assets: assets.length, edges: countEdges(assets), kinds: countKinds(assets) },
    assets: assets.map((asset) => ({
      name: asset.name,
      kind: asset.kind,
      group: asset.group,
      code_version: asset.codeVersion,
      upstream: [...new Set(asset.upstream.map((upstream) => upstream.asset))],
      ...(statements === undefined ? {} : { statements: statements.get(asset.name) ?? [] }),
    })),
    errors: [],
  };
}

function countEdges(assets: readonly CompiledAsset[]): number {
  return assets.reduce((sum, asset) => sum + asset.upstream.length, 0);
}

function countKinds(assets: readonly CompiledAsset[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of assets) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function targetText(target: Project['target']): string {
  return `${target.name} (${target.warehouse})`;
}

function sqlText(
  asset: CompiledAsset,
  statements: readonly AssetStatement[],
  paint: Paint,
): string {
  if (statements.length === 0) return `-- ${asset.name}: ${asset.kind}, no statement\n`;
  return statements
    .map(({ dialect, targets, partition, functions, sql }) => {
      const title = `-- ${asset.name} for ${listOf(targets)} (${dialect}), partition ${partition}`;
      const lines = [...functions.map((each) => `${each};`), `${sql.trimEnd()};`];
      return `${paint('bold', title)}\n${lines.join('\n')}\n`;
    })
    .join('\n');
}
