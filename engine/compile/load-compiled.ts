import { basename, dirname, join, resolve } from 'node:path';
import { DiagnosticsError } from '../diagnostics.ts';
import { shortHash } from '../util/hash.ts';
import type { CompiledPipeline } from './compiled.ts';
import { COMPILED_FORMAT } from './compiled-format.ts';
import { areUnchanged, readIfPresent } from './input-files.ts';
import { writeAtomically } from './write-atomically.ts';

export interface LoadCompiledOptions {
  /** Path of pipeline.yaml. */
  readonly file: string;
  /** Where the compiled pipeline and the analyses of SQL texts are kept. */
  readonly cacheDir: string;
}

/**
 * The compiled pipeline: from the cache while no input changed, else compiled now. The compiler
 * is imported only then, because YAML, ajv and the transpiler take longer to load than most commands run.
 */
export async function loadCompiledPipeline(
  options: LoadCompiledOptions,
): Promise<CompiledPipeline> {
  const file = resolve(options.file);
  const path = join(options.cacheDir, `compiled-${shortHash(file)}.json`);
  const kept = readCompiled(path, file);
  if (kept !== undefined) return kept;
  const { compilePipeline } = await import('./compile.ts');
  const result = await compilePipeline({ file, cacheDir: options.cacheDir });
  if (!result.ok) {
    const { diagnosticsText } = await import('./diagnostic-text.ts');
    throw new DiagnosticsError(
      result.diagnostics,
      diagnosticsText(result.diagnostics, dirname(file)),
    );
  }
  writeAtomically(options.cacheDir, path, JSON.stringify(result.pipeline));
  return result.pipeline;
}

function readCompiled(path: string, file: string): CompiledPipeline | undefined {
  const text = readIfPresent(path);
  if (text === undefined) return undefined;
  const kept = parseCompiled(text);
  if (kept === undefined || kept.format !== COMPILED_FORMAT || kept.file !== file) return undefined;
  const hasPipeline = kept.inputs.some((input) => input.path === basename(file));
  return hasPipeline && areUnchanged(kept.root, kept.inputs) ? kept : undefined;
}

/** Undefined for what is not a whole compiled pipeline: a cache is never worth an error. */
function parseCompiled(text: string): CompiledPipeline | undefined {
  try {
    // Only this file writes it, in one go.
    const value = JSON.parse(text) as Partial<CompiledPipeline> | null;
    const isWhole = Array.isArray(value?.assets) && Array.isArray(value.inputs);
    return isWhole ? (value as CompiledPipeline) : undefined;
  } catch {
    return undefined;
  }
}
