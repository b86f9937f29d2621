import { extname, resolve } from 'node:path';
import { EXIT, PipelineError } from '../errors.ts';
import { AssetGraph } from '../graph/asset-graph.ts';
import { selectAssets } from '../graph/selection.ts';
import {
  isLineageFormat,
  LINEAGE_FORMATS,
  type LineageFormat,
  renderLineage,
} from '../report/lineage.ts';
import { formatBytes, plural } from '../report/text.ts';
import { didYouMean } from '../util/nearest-name.ts';
import { type Effects, type GlobalOptions, openProject } from './context.ts';
import { assetLineage, columnLevelLineage } from './lineage-graph.ts';
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
};

/** `fastbreak lineage [SELECTION]`: the graph of the selected assets or of their columns. */
export async function runLineage(
  options: LineageOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  const format = chooseFormat(options);
  const { pipeline } = await openProject(options, effects);
  const assets = new AssetGraph(pipeline);
  const selected = selectAssets(assets, options.selection, options.exclude);
  const { graph, unread } = options.columns
    ? await columnLevelLineage(assets, selected)
    : { graph: assetLineage(assets, selected), unread: [] };
  for (const name of unread) {
    effects.stderr(`warning: the columns of ${name} could not be followed through its SQL\n`);
  }
  const text = renderLineage(graph, format);
  if (options.out === undefined) effects.stdout(text);
  else await writeTextAtomically(resolve(effects.cwd, options.out), text);
  if (options.quiet) return EXIT.ok;
  if (selected.size === 0) {
    effects.stderr('no asset is selected: --exclude leaves nothing\n');
  } else if (options.out !== undefined) {
    const size = formatBytes(Buffer.byteLength(text));
    effects.stderr(`${plural(selected.size, 'asset')}, ${size} in ${options.out}\n`);
  } else if (format === 'text' && selected.size === 1 && graph.level === 'assets') {
    const [name = ''] = selected;
    effects.stderr(`with what it reads and what reads it: fastbreak lineage +${name}+\n`);
  }
  return EXIT.ok;
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
