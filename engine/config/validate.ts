import { Ajv, type ErrorObject } from 'ajv';
import type { Diagnostic } from '../diagnostics.ts';
import { didYouMean } from '../util/nearest-name.ts';
import { type PipelineDocument, pathText, type YamlPath } from './load.ts';
import { mergeAlternatives } from './schema-alternatives.ts';
import schema from './pipeline.schema.json' with { type: 'json' };

/** A diagnostic with the path that it is about, so that the rest of the document can still be checked. */
export interface SchemaDiagnostic {
  readonly path: YamlPath;
  readonly diagnostic: Diagnostic;
}

/** More than that is not a pipeline with mistakes, but another kind of file. */
const MOST = 100;
const LONGEST_VALUE = 80;

/** Holds a document against the JSON Schema; one diagnostic per mistake, whatever ajv makes of it. */
export function validateDocument(document: PipelineDocument): readonly SchemaDiagnostic[] {
  const ajv = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true });
  const validate = ajv.compile(schema);
  if (validate(document.value)) return [];
  const errors = mergeAlternatives(validate.errors ?? [], schema.definitions);
  return errors.slice(0, MOST).map((error) => {
    const path = pathOf(error, document.value);
    return { path, diagnostic: describe(error, path, document) };
  });
}

function pathOf(error: ErrorObject, root: unknown): YamlPath {
  const path: (string | number)[] = [];
  let value = root;
  for (const raw of error.instancePath.split('/').slice(1)) {
    const step = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(value) ? Number(step) : step);
    value = childOf(value, step);
  }
  if (error.propertyName !== undefined) path.push(error.propertyName);
  if (error.keyword === 'additionalProperties') path.push(textParam(error, 'additionalProperty'));
  return path;
}

function childOf(value: unknown, key: string): unknown {
  if (value === null || typeof value !== 'object') return undefined;
  // A map or list of the plain document.
  return (value as Readonly<Record<string, unknown>>)[key];
}

function describe(error: ErrorObject, path: YamlPath, document: PipelineDocument): Diagnostic {
  const where = pathText(path.slice(0, -1)) || 'pipeline.yaml';
  if (error.keyword === 'additionalProperties') return unknownKey(error, path, document);
  if (error.keyword === 'required') {
    const key = textParam(error, 'missingProperty');
    const inside = pathText(path) || 'the pipeline';
    return {
      code: 'MISSING_KEY',
      message: `${inside} has no "${key}"${describeKey(error, key)}`,
      ...document.keyPlace(path),
    };
  }
  if (error.propertyName !== undefined) {
    return {
      code: 'INVALID_NAME',
      message: `expected ${expected(error)}, found "${error.propertyName}" in ${where}`,
      ...document.keyPlace(path),
    };
  }
  if (path.length === 0) return notAPipeline(error, document);
  const suggestion = typeof error.data === 'string' ? didYouMean(error.data, choices(error)) : '';
  return {
    code: 'INVALID_VALUE',
    message: `${pathText(path)}: expected ${expected(error)}, found ${found(error.data)}${suggestion}`,
    ...document.place(path),
  };
}

function notAPipeline(error: ErrorObject, document: PipelineDocument): Diagnostic {
  return {
    code: 'INVALID_VALUE',
    message: `expected a map with name, targets, groups and assets, found ${found(error.data)}`,
    ...document.place([]),
    hint: 'fastbreak init DIR makes a pipeline that runs, to start from',
  };
}

function unknownKey(error: ErrorObject, path: YamlPath, document: PipelineDocument): Diagnostic {
  const key = String(path.at(-1));
  const allowed = Object.keys(recordOf(error.parentSchema?.['properties'])).sort();
  const where = pathText(path.slice(0, -1)) || 'the pipeline';
  return {
    code: 'UNKNOWN_KEY',
    message: `unknown key "${key}" in ${where}${didYouMean(key, allowed)}`,
    ...document.keyPlace(path),
    hint: `allowed here: ${allowed.join(', ')}`,
  };
}

function describeKey(error: ErrorObject, key: string): string {
  const properties = recordOf(error.parentSchema?.['properties']);
  const description = recordOf(properties[key])['description'];
  return typeof description === 'string' ? ` (${description.replace(/\.$/, '')})` : '';
}

/** What the schema allows there, in words. */
function expected(error: ErrorObject): string {
  const schemaHere = recordOf(error.parentSchema);
  const title = schemaHere['title'];
  switch (error.keyword) {
    case 'enum':
      return `one of ${choices(error).join(', ')}`;
    case 'anyOf':
      return alternatives(schemaHere['anyOf']).join(', or ');
    case 'minimum':
      return `a number of at least ${String(error.params['limit'])}`;
    case 'exclusiveMinimum':
      return `a number above ${String(error.params['limit'])}`;
    case 'maximum':
      return `a number of at most ${String(error.params['limit'])}`;
    case 'minItems':
    case 'minProperties':
      return 'at least one entry';
    case 'maxProperties':
      return 'a single entry';
    default:
      return typeof title === 'string' ? title : typeWords(schemaHere['type']);
  }
}

function alternatives(branches: unknown): readonly string[] {
  if (!Array.isArray(branches)) return [];
  return branches.map((branch: unknown) => {
    const record = recordOf(branch);
    const reference = record['$ref'];
    const title = record['title'] ?? recordOf(definition(reference))['title'];
    return typeof title === 'string' ? title : typeWords(record['type']);
  });
}

function definition(reference: unknown): unknown {
  if (typeof reference !== 'string') return undefined;
  return childOf(schema.definitions, reference.replace('#/definitions/', ''));
}

function choices(error: ErrorObject): readonly string[] {
  if (error.keyword === 'anyOf') return branchChoices(error.parentSchema?.['anyOf']);
  const values: unknown = error.params['allowedValues'] ?? [];
  return Array.isArray(values) ? values.map(String) : [];
}

/** The words that some of the alternatives allow. */
function branchChoices(branches: unknown): readonly string[] {
  if (!Array.isArray(branches)) return [];
  return branches.flatMap((branch: unknown) => {
    const reference = recordOf(branch)['$ref'];
    const { enum: values, anyOf } = recordOf(reference ? definition(reference) : branch);
    return [...(Array.isArray(values) ? values.map(String) : []), ...branchChoices(anyOf)];
  });
}

function typeWords(type: unknown): string {
  if (Array.isArray(type)) return type.map(typeWords).join(' or ');
  switch (type) {
    case 'object':
      return 'a map';
    case 'array':
      return 'a list';
    case 'string':
      return 'text';
    case 'integer':
      return 'a whole number';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    default:
      return 'another value';
  }
}

function found(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') {
    const keys = Object.keys(value);
    return keys.length === 0 ? 'an empty map' : `a map with ${keys.slice(0, 12).join(', ')}`;
  }
  const text = JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

function textParam(error: ErrorObject, name: string): string {
  return String(error.params[name]);
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  // Schemas are plain JSON objects.
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
}
