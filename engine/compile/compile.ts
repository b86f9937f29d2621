import { basename, dirname, join, resolve } from 'node:path';
import { loadDocument, type PipelineDocument } from '../config/load.ts';
import { normalizePipeline } from '../config/normalize.ts';
import type { Calendar, Pipeline } from '../config/pipeline.ts';
import { findVariables } from '../config/variables.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { Dag } from '../graph/dag.ts';
import { toposort } from '../graph/toposort.ts';
import { checkRowCondition, compileAsset } from './compile-asset.ts';
import { compileFunctions } from './compile-functions.ts';
import type { CompiledAsset, CompiledCalendar, CompiledPipeline } from './compiled.ts';
import { COMPILED_FORMAT } from './compiled-format.ts';
import { sortDiagnostics } from './diagnostic-text.ts';
import { InputFiles } from './input-files.ts';
import { SqlCache } from './sql-cache.ts';
import { sqlDiagnostic, type SqlLocation } from './sql-diagnostics.ts';

export interface CompileOptions {
  /** Path of pipeline.yaml. */
  readonly file: string;
  /** FASTBREAK_HOME; default `.fastbreak` beside the file. */
  readonly home?: string;
  /** Default: `cache` in the home. */
  readonly cacheDir?: string;
}

export type CompileResult =
  | { readonly ok: true; readonly pipeline: CompiledPipeline }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Compiles a pipeline without touching a warehouse; all that is wrong comes back at once. */
export async function compilePipeline(options: CompileOptions): Promise<CompileResult> {
  const file = resolve(options.file);
  const root = dirname(file);
  const files = new InputFiles(root);
  const text = files.read(basename(file));
  if (text === undefined) return { ok: false, diagnostics: [missingPipeline(file)] };
  const loaded = loadDocument(basename(file), text);
  if (!loaded.ok) return { ok: false, diagnostics: sortDiagnostics(loaded.diagnostics) };
  const { document } = loaded;
  const normalized = normalizePipeline(document, (path) => files.exists(path));
  const { pipeline, complete } = normalized;
  const found = findVariables(document);
  const cache = new SqlCache(
    options.cacheDir ?? join(options.home ?? join(root, '.fastbreak'), 'cache'),
  );
  const { functions, diagnostics: functionFaults } = await compileFunctions(
    pipeline,
    document,
    cache,
  );
  const around = { pipeline, document, functions, files, cache };
  const assets: CompiledAsset[] = [];
  const diagnostics = [...normalized.diagnostics, ...found.diagnostics, ...functionFaults];
  for (const asset of pipeline.assets) {
    const compilation = await compileAsset(asset, complete.has(asset.name), around);
    assets.push(compilation.asset);
    diagnostics.push(...compilation.diagnostics);
  }
  const calendars = await compileCalendars(pipeline, document, cache);
  const sorted = sortAssets(assets, document);
  diagnostics.push(...calendars.diagnostics, ...sorted.diagnostics);
  if (diagnostics.length > 0) return { ok: false, diagnostics: sortDiagnostics(diagnostics) };
  return {
    ok: true,
    pipeline: {
      ...pipeline,
      format: COMPILED_FORMAT,
      file,
      root,
      assets: sorted.assets,
      compiledCalendars: calendars.compiled,
      duckdbFunctions: Object.fromEntries(
        functions.map((one) => [one.definition.name, one.createMacro]),
      ),
      googleFunctions: Object.fromEntries(
        functions.map((one) => [one.definition.name, one.createTempFunction]),
      ),
      variables: found.variables,
      inputs: files.inputs,
    },
  };
}

function missingPipeline(file: string): Diagnostic {
  return {
    code: 'MISSING_PIPELINE',
    message: `there is no file ${file}`,
    hint: 'name the pipeline with --file, or make one with fastbreak init',
  };
}

interface CompiledCalendars {
  readonly compiled: Readonly<Record<string, CompiledCalendar>>;
  readonly diagnostics: readonly Diagnostic[];
}

async function compileCalendars(
  pipeline: Pipeline,
  document: PipelineDocument,
  cache: SqlCache,
): Promise<CompiledCalendars> {
  const compiled: Record<string, CompiledCalendar> = {};
  const diagnostics: Diagnostic[] = [];
  for (const calendar of pipeline.calendars) {
    const { name, where, periodStartWhere } = calendar;
    const condition = async (text: string | undefined, path: readonly string[]) => {
      if (text === undefined) return undefined;
      const location: SqlLocation = { type: 'yaml', document, path: ['calendars', name, ...path] };
      const result = await compileCalendarCondition({ text, location, calendar, pipeline, cache });
      diagnostics.push(...result.diagnostics);
      return result.duckdbSql;
    };
    const duckdbWhere = await condition(where, ['where']);
    const duckdbPeriodStartWhere = await condition(periodStartWhere, ['period', 'start']);
    compiled[name] = {
      ...(duckdbWhere === undefined ? {} : { duckdbWhere }),
      ...(duckdbPeriodStartWhere === undefined ? {} : { duckdbPeriodStartWhere }),
    };
  }
  return { compiled, diagnostics };
}

async function compileCalendarCondition(input: {
  readonly text: string;
  readonly location: SqlLocation;
  readonly calendar: Calendar;
  readonly pipeline: Pipeline;
  readonly cache: SqlCache;
}): Promise<{ readonly duckdbSql: string; readonly diagnostics: readonly Diagnostic[] }> {
  const { text, location, calendar, pipeline, cache } = input;
  const analysis = await cache.analyze({ kind: 'expression', text });
  const findings = analysis.findings.map((finding) => sqlDiagnostic(location, finding));
  const asset = pipeline.assets.find((candidate) => candidate.name === calendar.asset);
  const faults =
    analysis.normalHash === '' || asset === undefined
      ? []
      : checkRowCondition(analysis, location, asset);
  const called = pipeline.functions.filter(({ name }) => analysis.calls.includes(name));
  const calls = called.map(({ name }) => functionInCalendar(name, text, location));
  return { duckdbSql: analysis.duckdbSql, diagnostics: [...findings, ...faults, ...calls] };
}

/** A calendar is read on its own, before any asset's functions are known to the warehouse. */
function functionInCalendar(name: string, text: string, location: SqlLocation): Diagnostic {
  const start = Math.max(0, text.toLowerCase().search(new RegExp(`\\b${name}\\b`)));
  return sqlDiagnostic(location, {
    start,
    end: start + name.length,
    code: 'SQL_CALENDAR_FUNCTION',
    message: `the condition of a calendar calls ${name}, a function of the project`,
    hint: 'write the expression itself: a calendar is read before the functions are there',
  });
}

interface SortedAssets {
  readonly assets: readonly CompiledAsset[];
  readonly diagnostics: readonly Diagnostic[];
}

function sortAssets(assets: readonly CompiledAsset[], document: PipelineDocument): SortedAssets {
  const dag = new Dag();
  const assetByName = new Map<string, CompiledAsset>();
  for (const asset of assets) {
    dag.addNode(asset.name);
    assetByName.set(asset.name, asset);
    for (const edge of asset.upstream) dag.addEdge(edge.asset, asset.name);
  }
  const sorted = toposort(dag);
  if (sorted.type === 'sorted') {
    return { assets: sorted.order.flatMap((name) => assetByName.get(name) ?? []), diagnostics: [] };
  }
  return { assets, diagnostics: [cycleDiagnostic(sorted.trail, assetByName, document)] };
}

function cycleDiagnostic(
  trail: readonly string[],
  assetByName: ReadonlyMap<string, CompiledAsset>,
  document: PipelineDocument,
): Diagnostic {
  const [upstream = '', name = ''] = trail;
  const asset = assetByName.get(name);
  const relation = asset?.upstream.find((edge) => edge.asset === upstream)?.relation ?? upstream;
  const path = document.settingPath({ name, group: asset?.group ?? '' }, ['upstream', relation]);
  return {
    code: 'CYCLE',
    message: `assets depend on each other in a circle: ${trail.join(' -> ')}`,
    ...document.keyPlace(path),
    hint: 'remove one of these upstreams; an asset cannot read what is made from it, not even of earlier dates',
  };
}
