import type { PipelineDocument } from '../config/load.ts';
import type { Pipeline, SqlFunction } from '../config/pipeline.ts';
import type { Diagnostic } from '../diagnostics.ts';
import type { SqlAnalysis } from '../sql/analyze.ts';
import { didYouMean } from '../util/nearest-name.ts';
import type { SqlCache } from './sql-cache.ts';
import { sqlDiagnostic, type SqlLocation } from './sql-diagnostics.ts';

export interface CompiledFunction {
  readonly definition: SqlFunction;
  /** Normal form of the body. */
  readonly hash: string;
  readonly createMacro: string;
  readonly createTempFunction: string;
  /** Lower-case names of the functions that the body calls. */
  readonly calls: readonly string[];
}

export interface CompiledFunctions {
  readonly functions: readonly CompiledFunction[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The project's functions as macros of DuckDB and temporary functions of BigQuery, in declared order. */
export async function compileFunctions(
  pipeline: Pipeline,
  document: PipelineDocument,
  cache: SqlCache,
): Promise<CompiledFunctions> {
  const functions: CompiledFunction[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const definition of pipeline.functions) {
    const { name, sql } = definition;
    const location: SqlLocation = { type: 'yaml', document, path: ['functions', name, 'sql'] };
    const analysis = await cache.analyze({
      kind: 'expression',
      text: sql,
      arguments: definition.arguments,
    });
    diagnostics.push(...analysis.findings.map((finding) => sqlDiagnostic(location, finding)));
    diagnostics.push(...checkBody(definition, analysis, location));
    diagnostics.push(...checkCalls(pipeline, definition, analysis, location));
    const parameters = definition.arguments.map((argument) => argument.name).join(', ');
    functions.push({
      definition,
      hash: analysis.normalHash,
      createMacro: `CREATE OR REPLACE TEMP MACRO ${name}(${parameters}) AS (${analysis.duckdbSql})`,
      createTempFunction: temporaryFunction(definition),
      calls: analysis.calls,
    });
  }
  return { functions, diagnostics };
}

function temporaryFunction({ name, arguments: parameters, sql }: SqlFunction): string {
  const list = parameters.map((parameter) => `${parameter.name} ${parameter.type}`).join(', ');
  return `CREATE TEMP FUNCTION ${name}(${list}) AS (${sql})`;
}

function checkBody(
  definition: SqlFunction,
  analysis: SqlAnalysis,
  location: SqlLocation,
): readonly Diagnostic[] {
  const names = definition.arguments.map((argument) => argument.name);
  const unknown = analysis.columnUses.filter(
    (use) => !use.isQualified && !names.includes(use.name.toLowerCase()),
  );
  const faults = unknown.map((use) => ({
    ...use,
    code: 'UNKNOWN_ARGUMENT',
    message: `"${use.name}" is not an argument of ${definition.name}${didYouMean(use.name, names)}`,
    hint: `its arguments are ${names.join(', ') || 'none'}`,
  }));
  const relations = analysis.relations.map((reference) => ({
    ...reference,
    code: 'SQL_FUNCTION_READS_RELATION',
    message: `the function ${definition.name} reads "${reference.name}"`,
    hint: 'a function is an expression over its arguments; read relations in assets',
  }));
  return [...faults, ...relations].map((fault) => sqlDiagnostic(location, fault));
}

/** A function may call those above it: neither warehouse knows a function before it is created. */
function checkCalls(
  pipeline: Pipeline,
  definition: SqlFunction,
  analysis: SqlAnalysis,
  location: SqlLocation,
): readonly Diagnostic[] {
  const index = pipeline.functions.indexOf(definition);
  return pipeline.functions
    .slice(index)
    .filter((other) => analysis.calls.includes(other.name))
    .map((other) =>
      sqlDiagnostic(location, {
        start: 0,
        end: definition.sql.length,
        code: 'FUNCTION_ORDER',
        message:
          other === definition
            ? `the function ${definition.name} calls itself`
            : `the function ${definition.name} calls ${other.name}, which is declared below it`,
        hint: 'declare a function after those that it calls',
      }),
    );
}

/** The project functions behind a set of calls, those called by them included, in declared order. */
export function functionsUsed(
  functions: readonly CompiledFunction[],
  calls: readonly string[],
): readonly CompiledFunction[] {
  const wanted = new Set(calls);
  const used: CompiledFunction[] = [];
  for (const candidate of [...functions].reverse()) {
    if (!wanted.has(candidate.definition.name)) continue;
    used.unshift(candidate);
    for (const call of candidate.calls) wanted.add(call);
  }
  return used;
}
