import type { PipelineDocument, YamlPath } from '../config/load.ts';
import type { Asset, Calendar, Pipeline } from '../config/pipeline.ts';
import type { Diagnostic } from '../diagnostics.ts';
import type { SqlAnalysis } from '../sql/analyze.ts';
import { didYouMean } from '../util/nearest-name.ts';
import {
  checkCteNames,
  checkIntegerCasts,
  checkOutput,
  checkRelations,
  checkUnusedUpstreams,
  columnsOfUpstream,
  type SqlCheckInput,
} from './check-sql-asset.ts';
import { checkExpression, type CheckText, textsOfCheck } from './check-texts.ts';
import { checkSqlCheck } from './check-sql-check.ts';
import {
  checkUniverseExpression,
  checkUniverseRelation,
  checkUniverseSelect,
  universeTexts,
} from './check-universe.ts';
import { codeParts, codeVersion } from './code-version.ts';
import { type CompiledFunction, functionsUsed } from './compile-functions.ts';
import type { CompiledAsset, CompiledSql } from './compiled.ts';
import type { InputFiles } from './input-files.ts';
import { moduleSource } from './module-source.ts';
import type { SqlCache } from './sql-cache.ts';
import { rangeInText, sqlDiagnostic, type SqlLocation } from './sql-diagnostics.ts';

/** What every asset is compiled against. */
export interface CompileSurroundings {
  readonly pipeline: Pipeline;
  readonly document: PipelineDocument;
  readonly functions: readonly CompiledFunction[];
  readonly files: InputFiles;
  readonly cache: SqlCache;
}

export interface AssetCompilation {
  readonly asset: CompiledAsset;
  readonly diagnostics: readonly Diagnostic[];
}

interface Condition {
  readonly text: string;
  /** The upstream that a text of a check is about. */
  readonly relation?: string | undefined;
  readonly use:
    'expected_empty' | 'universe' | 'universe_where' | 'universe_sql' | CheckText['use'];
  readonly location: SqlLocation;
  readonly analysis: SqlAnalysis;
}

/** Reads, checks and transpiles what an asset consists of. */
export async function compileAsset(
  asset: Asset,
  isComplete: boolean,
  around: CompileSurroundings,
): Promise<AssetCompilation> {
  const conditions = await analyzeConditions(asset, around);
  const diagnostics = conditions.flatMap((condition) =>
    checkCondition(condition, { asset, around, conditions }),
  );
  diagnostics.push(...checkUniverseRelation({ ...around, asset }));
  const statement = asset.kind === 'sql' ? await analyzeFile(asset, around) : undefined;
  if (statement !== undefined) {
    const { analysis, location } = statement;
    diagnostics.push(...analysis.findings.map((finding) => sqlDiagnostic(location, finding)));
    const input: SqlCheckInput = { ...around, asset, location };
    const hasSyntaxError = analysis.normalHash === '';
    if (isComplete && !hasSyntaxError) {
      const analyses = [analysis, ...conditions.map((condition) => condition.analysis)];
      diagnostics.push(
        ...checkRelations(input, analysis),
        ...checkUnusedUpstreams(input, analyses),
        ...checkOutput(input, analysis),
        ...checkIntegerCasts(input, analysis),
      );
    }
    diagnostics.push(...checkCteNames(input, analysis));
  }
  const module = asset.kind === 'module' ? compileModule(asset, around) : undefined;
  diagnostics.push(...(module?.diagnostics ?? []));
  const sourceHash = statement?.analysis.normalHash ?? module?.hash ?? '';
  return { asset: assemble(asset, { sourceHash, statement, conditions }, around), diagnostics };
}

interface Statement {
  readonly text: string;
  readonly location: SqlLocation;
  readonly analysis: SqlAnalysis;
}

async function analyzeFile(
  asset: Asset,
  { files, cache }: CompileSurroundings,
): Promise<Statement | undefined> {
  if (asset.file === undefined) return undefined;
  const text = files.read(asset.file) ?? '';
  const analysis = await cache.analyze({ kind: 'select', text });
  return { text, analysis, location: { type: 'file', file: asset.file, text } };
}

async function analyzeConditions(
  asset: Asset,
  { document, cache }: CompileSurroundings,
): Promise<readonly Condition[]> {
  const found: (Omit<Condition, 'location' | 'analysis'> & { path: YamlPath })[] = [];
  for (const [index, rule] of asset.expectedEmpty.entries()) {
    if (rule.type !== 'condition') continue;
    const path = document.settingPath(asset, ['expected_empty', index, 'condition']);
    found.push({ text: rule.condition, use: 'expected_empty', path });
  }
  for (const { text, use, setting } of universeTexts(asset)) {
    found.push({ text, use, path: document.settingPath(asset, setting) });
  }
  for (const [index, check] of asset.checks.entries()) {
    const path = document.settingPath(asset, ['checks', index]);
    for (const { at, ...text } of textsOfCheck(check)) {
      found.push({ ...text, path: [...path, check.type, ...at] });
    }
  }
  const conditions: Condition[] = [];
  for (const { text, use, relation, path } of found) {
    const kind = use === 'select' || use === 'universe_sql' ? 'select' : 'expression';
    const analysis = await cache.analyze({ kind, text });
    conditions.push({ text, use, relation, analysis, location: { type: 'yaml', document, path } });
  }
  return conditions;
}

function checkCondition(
  { analysis, location, use, text, relation }: Condition,
  of: {
    readonly asset: Asset;
    readonly around: CompileSurroundings;
    readonly conditions: readonly Condition[];
  },
): readonly Diagnostic[] {
  const { asset, around } = of;
  const input = { ...around, asset, location };
  if (use === 'select') return checkSqlCheck(input, analysis);
  if (use === 'universe_sql') return checkUniverseSelect(input, analysis);
  if (use === 'universe' || use === 'universe_where') {
    const select = of.conditions.find((each) => each.use === 'universe_sql')?.analysis;
    return checkUniverseExpression({ ...input, text, use, select }, analysis);
  }
  const findings = analysis.findings.map((finding) => sqlDiagnostic(location, finding));
  if (analysis.normalHash === '') return findings;
  if (use === 'expected_empty') {
    return [...findings, ...checkRelations(input, analysis)];
  }
  const source =
    relation === undefined
      ? asset
      : { name: relation, columns: columnsOfUpstream(relation, asset, around.pipeline) };
  return [
    ...findings,
    ...checkRowCondition(analysis, location, source),
    ...checkExpression(use, analysis, location),
  ];
}

/** A condition over the columns of one row. */
export function checkRowCondition(
  analysis: SqlAnalysis,
  location: SqlLocation,
  asset: { readonly name: string; readonly columns: Asset['columns'] },
): readonly Diagnostic[] {
  const relations = analysis.relations.map((reference) =>
    sqlDiagnostic(location, {
      ...reference,
      code: 'SQL_CONDITION_READS_RELATION',
      message: `the condition reads "${reference.name}"; it can only use columns of "${asset.name}"`,
    }),
  );
  if (relations.length > 0 || asset.columns.length === 0) return relations;
  const names = asset.columns.map((column) => column.name);
  return analysis.columnUses
    .filter((use) => !use.isQualified && !names.includes(use.name))
    .map((use) =>
      sqlDiagnostic(location, {
        ...use,
        code: 'UNKNOWN_COLUMN',
        message: `"${asset.name}" has no column "${use.name}"${didYouMean(use.name, names)}`,
      }),
    );
}

function compileModule(asset: Asset, { files }: CompileSurroundings) {
  if (asset.file === undefined) return undefined;
  const { hash, missing } = moduleSource(asset.file, files);
  const diagnostics = missing.map(({ file, specifier, offset }) => ({
    code: 'MISSING_IMPORT',
    message: `${file} imports ${specifier}, which does not exist`,
    range: rangeInText(file, files.read(file) ?? '', offset, specifier.length),
    hint: 'local imports are written with their ending, e.g. ./rounding.ts',
  }));
  return { hash, diagnostics };
}

function fileHashes({ files: declared }: Asset, { files }: CompileSurroundings) {
  if (declared === undefined) return undefined;
  return Object.fromEntries(declared.map((path) => [path, files.hash(path) ?? '']));
}

function assemble(
  asset: Asset,
  parts: {
    readonly sourceHash: string;
    readonly statement: Statement | undefined;
    readonly conditions: readonly Condition[];
  },
  around: CompileSurroundings,
): CompiledAsset {
  const { sourceHash, statement, conditions } = parts;
  const isDeciding = new Set<Condition['use']>([
    'expected_empty',
    'universe',
    'universe_where',
    'universe_sql',
  ]);
  const deciding = conditions.filter(({ use }) => isDeciding.has(use));
  const decidingAnalyses = [statement, ...deciding].flatMap((part) => part?.analysis ?? []);
  const calls = decidingAnalyses.flatMap((analysis) => analysis.calls);
  const readsPeriod = decidingAnalyses.some((analysis) => analysis.readsPeriod);
  const code = codeParts({
    asset,
    sourceHash,
    conditionHashes: new Map(deciding.map((one) => [one.text, one.analysis.normalHash])),
    functions: functionsUsed(around.functions, calls),
    calendar: readsPeriod ? calendarOf(asset, around.pipeline) : undefined,
    fileHashes: fileHashes(asset, around),
  });
  const compiled = { ...asset, codeVersion: codeVersion(code), codeParts: code };
  if (statement === undefined && conditions.length === 0) return compiled;
  const allCalls = [...calls, ...conditions.flatMap((condition) => condition.analysis.calls)];
  const sql: CompiledSql = {
    // Nested into a statement of the engine, where a semicolon would end it.
    googleSql: (statement?.text ?? '').replace(/;\s*$/, '\n'),
    duckdbSql: statement?.analysis.duckdbSql ?? '',
    functions: functionsUsed(around.functions, allCalls).map((used) => used.definition.name),
    readsPeriod,
    duckdbConditions: Object.fromEntries(
      conditions.map((condition) => [condition.text, condition.analysis.duckdbSql]),
    ),
  };
  return { ...compiled, sql };
}

function calendarOf(asset: Asset, pipeline: Pipeline): Calendar | undefined {
  const set = pipeline.partitionSets.find((candidate) => candidate.name === asset.partitionSet);
  if (set === undefined || set.type === 'days') return undefined;
  return pipeline.calendars.find((calendar) => calendar.name === set.calendar);
}
