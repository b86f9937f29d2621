import { extname, resolve } from 'node:path';
import { EXIT, PipelineError } from '../errors.ts';
import { AssetGraph } from '../graph/asset-graph.ts';
import { selectAssets } from '../graph/selection.ts';
import type { AssetName } from '../ids.ts';
import {
  isGraphFormat,
  isLineageFormat,
  LINEAGE_FORMATS,
  type LineageFormat,
} from '../report/lineage-formats.ts';
import { renderLineage } from '../report/lineage.ts';
import { formatBytes, formatInstant, plural } from '../report/text.ts';
import { didYouMean } from '../util/nearest-name.ts';
import { type Effects, type GlobalOptions, openProject, type Project } from './context.ts';
import { assetLineage, columnLevelLineage, describedLineage } from './lineage-graph.ts';
import { writeTextAtomically } from './write-atomically.ts';

export interface LineageOptions {
  readonly selection: readonly string[];
  readonly exclude: readonly string[];
  /** One of LINEAGE_FORMATS. */
  readonly format: string;
  /** The columns of SQL assets instead of assets. */
  readonly columns: boolean;
  /** File to write, relative to the working folder; default: stdout. */
  readonly out?: string | undefined;
}

const FORMAT_BY_ENDING: Readonly<Record<string, LineageFormat>> = {
  '.dot': 'dot',
  '.gv': 'dot',
  '.mmd': 'mermaid',
  '.mermaid': 'mermaid',
  '.json': 'json',
  '.gexf': 'gexf',
  '.html': 'html',
  '.htm': 'html',
};

/** `fastbreak lineage [SELECTION]`: the graph of the selected assets or of their columns. */
export async function runLineage(
  options: LineageOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  const format = chooseFormat(options);
  const project = await openProject(options, effects);
  const assets = new AssetGraph(project.pipeline);
  const selected = selectAssets(assets, options.selection, options.exclude);
  const request = { project, assets, selected, columns: options.columns };
  const { text, unread } = await exportAs(format, request, effects);
  for (const name of unread) {
    effects.stderr(`warning: the columns of ${name} could not be followed through its SQL\n`);
  }
  if (options.out === undefined) effects.stdout(text);
  else await writeTextAtomically(resolve(effects.cwd, options.out), text);
  if (options.quiet) return EXIT.ok;
  if (selected.size === 0) {
    effects.stderr('no asset is selected: --exclude leaves nothing\n');
  } else if (options.out !== undefined) {
    const size = formatBytes(Buffer.byteLength(text));
    effects.stderr(`${plural(selected.size, 'asset')}, ${size} in ${options.out}\n`);
  } else if (format === 'text' && selected.size === 1 && !options.columns) {
    const [name = ''] = selected;
    effects.stderr(`with what it reads and what reads it: fastbreak lineage +${name}+\n`);
  }
  return EXIT.ok;
}

interface ExportRequest {
  readonly project: Project;
  readonly assets: AssetGraph;
  readonly selected: ReadonlySet<AssetName>;
  readonly columns: boolean;
}

interface Exported {
  readonly text: string;
  /** SQL assets whose columns could not be followed. */
  readonly unread: readonly AssetName[];
}

async function exportAs(
  format: LineageFormat,
  request: ExportRequest,
  effects: Effects,
): Promise<Exported> {
  const { assets, selected, columns } = request;
  if (format === 'html') return exportPage(request, effects);
  if (!isGraphFormat(format)) return exportOpenLineage(request, effects);
  const { graph, unread } = columns
    ? await columnLevelLineage(assets, selected)
    : { graph: assetLineage(assets, selected), unread: [] };
  return { text: renderLineage(graph, format), unread };
}

async function exportPage(request: ExportRequest, effects: Effects): Promise<Exported> {
  const { project, assets: graph, selected, columns } = request;
  const { lineagePage } = await import('../report/lineage-html.ts');
  const { assets, unread } = await describedLineage(graph, selected, columns);
  const { pipeline } = project;
  const text = lineagePage({
    pipeline: pipeline.name,
    description: pipeline.description,
    of: graph.assets.length,
    assets,
    made: formatInstant(effects.now(), pipeline.timezone),
  });
  return { text, unread };
}

/** Columns are always part of it: what does not want them passes over the facet. */
async function exportOpenLineage(request: ExportRequest, effects: Effects): Promise<Exported> {
  const { project, assets: graph, selected } = request;
  const { lineageOpenLineage } = await import('../report/lineage-openlineage.ts');
  const { engineVersion, fileName, tableNames } = await import('./lineage-names.ts');
  const { assets, unread } = await describedLineage(graph, selected, true);
  const text = lineageOpenLineage({
    pipeline: project.pipeline.name,
    target: project.target.name,
    at: effects.now(),
    version: engineVersion(),
    assets,
    assetOf: (name) => graph.asset(name),
    tableOf: tableNames(project, effects),
    filesOf: (asset) => fileName(project, effects, asset),
  });
  return { text, unread };
}

function chooseFormat(options: LineageOptions & GlobalOptions): LineageFormat {
  const { format, out } = options;
  if (!isLineageFormat(format)) {
    throw new PipelineError(`unknown format "${format}"${didYouMean(format, LINEAGE_FORMATS)}`, {
      code: 'UNKNOWN_FORMAT',
      hint: `formats: ${LINEAGE_FORMATS.join(', ')}`,
    });
  }
  if (options.json && format !== 'text' && format !== 'json') {
    throw new PipelineError(`expected --json or --format ${format}, found both`, {
      code: 'INVALID_OPTIONS',
      hint: 'leave one of them out',
    });
  }
  if (format !== 'text') return format;
  if (options.json) return 'json';
  return FORMAT_BY_ENDING[extname(out ?? '').toLowerCase()] ?? 'text';
}
