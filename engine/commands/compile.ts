import { DiagnosticsError } from '../diagnostics.ts';
import { EXIT } from '../errors.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import { diagnosticsText, sortDiagnostics } from '../compile/diagnostic-text.ts';
import { AssetGraph } from '../graph/asset-graph.ts';
import { selectAssets } from '../graph/selection.ts';
import { jsonText } from '../report/json.ts';
import type { GraphEvaluation } from '../staleness/status.ts';
import { bindStatements } from './bind-statements.ts';
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

/** `fastbreak compile`: everything that can be checked without a warehouse, down to the columns that SQL names. */
export async function runCompile(
  options: CompileOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  try {
    const project = await openProject(options, effects);
    const graph = new AssetGraph(project.pipeline);
    const selected = selectAssets(graph, [...options.selection], [...options.exclude]);
    const assets = project.pipeline.assets.filter((asset) => selected.has(asset.name));
    const evaluation = await evaluationForShow(project);
    // Asked for its SQL, a statement that cannot run is shown all the same: that is how its fault is found.
    const statements =
      options.show === 'sql' ? readStatements(project, assets, evaluation) : undefined;
    if (statements === undefined) await refuseInvalid(project, assets, evaluation);
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
async function evaluationForShow(project: Project): Promise<GraphEvaluation> {
  const reader = await openReader(project);
  try {
    const snapshot = reader?.snapshot(project.target.name) ?? EMPTY_SNAPSHOT;
    return evaluateForShow(project, snapshot);
  } finally {
    reader?.close();
  }
}

async function refuseInvalid(
  project: Project,
  assets: readonly CompiledAsset[],
  evaluation: GraphEvaluation,
): Promise<void> {
  const found = sortDiagnostics(await bindStatements(project, assets, evaluation));
  if (found.length === 0) return;
  throw new DiagnosticsError(found, diagnosticsText(found, project.pipeline.root));
}

function readStatements(
  project: Project,
  assets: readonly CompiledAsset[],
  evaluation: GraphEvaluation,
): Statements {
  return new Map(
    assets.map((asset) => [asset.name, statementsOf(project, asset, evaluation)] as const),
  );
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
