import type { Diagnostic } from '../diagnostics.ts';
import { PipelineError } from '../errors.ts';
import type { PipelineDocument, YamlPath } from './load.ts';

const VARIABLE = /\$\{([^}]*)\}/g;
const VARIABLE_BODY = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/** An environment variable that the pipeline names. */
export interface VariableUse {
  readonly name: string;
  readonly hasDefault: boolean;
}

export interface VariablesFound {
  readonly variables: readonly VariableUse[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Puts the values of environment variables into a text; to be called at use, so that no value is stored. */
export function resolveVariables(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
  /** The path inside pipeline.yaml, for the message. */
  place = 'pipeline.yaml',
): string {
  return text.replace(VARIABLE, (whole, body: string) => {
    const match = VARIABLE_BODY.exec(body);
    const name = match?.[1];
    if (name === undefined) throw malformed(whole);
    const value = env[name];
    if (value !== undefined && value !== '') return value;
    if (match?.[2] !== undefined) return match[2];
    throw new PipelineError(
      `environment variable ${name} is not set; ${place} needs it in "${text}"`,
      {
        code: 'MISSING_VARIABLE',
        hint: `set it (export ${name}=...), or give a default: \${${name}:-value}`,
      },
    );
  });
}

/** The variables of a document, and an error for each that stands where none is allowed. */
export function findVariables(document: PipelineDocument): VariablesFound {
  const hasDefaultByName = new Map<string, boolean>();
  const diagnostics: Diagnostic[] = [];
  for (const { path, text } of document.strings()) {
    for (const [whole, body] of text.matchAll(VARIABLE)) {
      const diagnostic = checkVariable(document, path, whole);
      if (diagnostic !== undefined) diagnostics.push(diagnostic);
      const match = VARIABLE_BODY.exec(body ?? '');
      if (diagnostic !== undefined || match?.[1] === undefined) continue;
      const hasDefault = match[2] !== undefined;
      hasDefaultByName.set(match[1], hasDefault && (hasDefaultByName.get(match[1]) ?? true));
    }
  }
  const variables = [...hasDefaultByName].map(([name, hasDefault]) => ({ name, hasDefault }));
  return { variables, diagnostics };
}

function checkVariable(
  document: PipelineDocument,
  path: YamlPath,
  whole: string,
): Diagnostic | undefined {
  const place = document.place(path);
  if (!isAllowedAt(path)) {
    return {
      code: 'VARIABLE_NOT_ALLOWED',
      message: `${whole} is not substituted here: environment variables are allowed only in targets and in the path of a source`,
      ...place,
      hint: 'write the value itself',
    };
  }
  if (VARIABLE_BODY.test(whole.slice(2, -1))) return undefined;
  const { message, hint } = malformed(whole);
  return { code: 'INVALID_VARIABLE', message, ...place, ...(hint === undefined ? {} : { hint }) };
}

function isAllowedAt(path: YamlPath): boolean {
  if (path[0] === 'targets') return true;
  return path[0] === 'assets' && path[2] === 'source' && path[3] === 'path' && path.length === 4;
}

function malformed(whole: string): PipelineError {
  return new PipelineError(`${whole} is not a variable`, {
    code: 'INVALID_VARIABLE',
    hint: 'write ${NAME} or ${NAME:-default}',
  });
}
