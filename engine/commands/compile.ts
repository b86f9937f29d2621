import { DiagnosticsError } from '../diagnostics.ts';
import { EXIT } from '../errors.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import { AssetGraph } from '../graph/asset-graph.ts';
import { selectAssets } from '../graph/selection.ts';
import { jsonText } from '../report/json.ts';
import { listOf, type Paint, paintFor, plural } from '../report/text.ts';
import { type Effects, type GlobalOptions, openProject, type Project } from './context.ts';

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
    effects.stdout(
      options.json
        ? jsonText(compileJson(project, assets, options))
        : compileText(project, assets, options),
    );
    return EXIT.ok;
  } catch (error) {
    if (!options.json || !(error instanceof DiagnosticsError)) throw error;
    effects.stdout(jsonText({ valid: false, errors: error.diagnostics }));
    return EXIT.usage;
  }
}

function compileText(
  project: Project,
  assets: readonly CompiledAsset[],
  options: CompileOptions & GlobalOptions,
): string {
  const paint = paintFor(options.color);
  if (options.show === 'sql')
    return assets.map((asset) => sqlText(project, asset, paint)).join('\n');
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
  options: CompileOptions,
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
      ...(options.show === 'sql' ? { sql: statementsOf(project, asset) } : {}),
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

/** The statement of every target, by its name. */
function statementsOf(project: Project, { sql }: CompiledAsset): Record<string, string> {
  if (!sql) return {};
  return Object.fromEntries(
    project.pipeline.targets.map((target) => [
      target.name,
      target.warehouse === 'bigquery' ? sql.googleSql : sql.duckdbSql,
    ]),
  );
}

function sqlText(project: Project, asset: CompiledAsset, paint: Paint): string {
  const title = paint('bold', `-- ${asset.name}`);
  if (asset.kind !== 'sql') return `${title}: ${asset.kind}, no statement\n`;
  const statements = Object.entries(statementsOf(project, asset));
  return statements
    .map(([target, sql]) => {
      const warehouse = project.pipeline.targets.find((each) => each.name === target)?.warehouse;
      const functions = asset.sql?.functions ?? [];
      const uses = functions.length > 0 ? `; functions: ${functions.join(', ')}` : '';
      return `${title} ${paint('dim', `for ${target} (${warehouse})${uses}`)}\n${sql.trimEnd()}\n`;
    })
    .join('\n');
}
