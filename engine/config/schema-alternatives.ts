import type { ErrorObject } from 'ajv';
import { nearestName } from '../util/nearest-name.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * Of the errors inside an anyOf only what helps: those of the alternative that the value was
 * meant to be, judged by its keys; else one error that lists the alternatives.
 */
export function mergeAlternatives(
  errors: readonly ErrorObject[],
  definitions: Json,
): readonly ErrorObject[] {
  const [outermost] = errors
    .filter((error) => error.keyword === 'anyOf')
    .sort((a, b) => a.instancePath.length - b.instancePath.length);
  if (outermost === undefined) return withoutRepeats(errors);
  const inside = errors.filter(
    (error) => error !== outermost && isUnder(error.instancePath, outermost.instancePath),
  );
  const rest = errors.filter((error) => error !== outermost && !inside.includes(error));
  return [
    ...mergeAlternatives(rest, definitions),
    ...meantAlternative(outermost, inside, definitions),
  ];
}

function meantAlternative(
  outer: ErrorObject,
  inside: readonly ErrorObject[],
  definitions: Json,
): readonly ErrorObject[] {
  const keys = isRecord(outer.data) ? Object.keys(outer.data) : [];
  const [best] = branchesOf(outer, definitions)
    .map((branch) => ({ ...branch, score: likeness(keys, branch.schema) }))
    .filter((branch) => branch.score > 0)
    .sort((a, b) => b.score - a.score);
  if (best === undefined) return [outer];
  const schemas = schemasIn(best.schema, definitions);
  const own = inside.filter((error) => {
    const isDeeper = error.instancePath !== outer.instancePath || error.propertyName !== undefined;
    return isDeeper ? schemas.has(error.parentSchema) : error.parentSchema === best.schema;
  });
  const meant = mergeAlternatives(own.filter(isSpecific), definitions);
  return meant.length > 0 ? meant : [outer];
}

interface Branch {
  readonly schema: Json;
}

function branchesOf(outer: ErrorObject, definitions: Json): readonly Branch[] {
  const branches: unknown = outer.parentSchema?.['anyOf'];
  if (!Array.isArray(branches)) return [];
  return branches.flatMap((branch: unknown): Branch[] => {
    const schema = resolve(branch, definitions);
    return isRecord(schema) ? [{ schema }] : [];
  });
}

function resolve(schema: unknown, definitions: Json): unknown {
  const reference = isRecord(schema) ? schema['$ref'] : undefined;
  if (typeof reference !== 'string') return schema;
  return definitions[reference.replace('#/definitions/', '')];
}

/** A schema with everything inside it, by identity: paths of errors start anew at every reference. */
function schemasIn(schema: unknown, definitions: Json): ReadonlySet<unknown> {
  const found = new Set<unknown>();
  const waiting: unknown[] = [schema];
  while (waiting.length > 0) {
    const next = waiting.pop();
    const resolved = resolve(next, definitions);
    if (resolved === null || typeof resolved !== 'object' || found.has(resolved)) continue;
    found.add(next).add(resolved);
    for (const inner of Object.values(resolved) as readonly unknown[]) waiting.push(inner);
  }
  return found;
}

/** How many of the keys are properties of the schema; those nearly so count half. */
function likeness(keys: readonly string[], schema: Json): number {
  if (schema['type'] !== 'object') return 0;
  const properties = isRecord(schema['properties']) ? Object.keys(schema['properties']) : undefined;
  // A map with names of the user's own.
  if (properties === undefined) return 1;
  return keys
    .map((key) =>
      properties.includes(key) ? 2 : Number(nearestName(key, properties) !== undefined),
    )
    .reduce((sum, score) => sum + score, 0);
}

/** A missing key says nothing beside the unknown key that was meant for it. */
function isSpecific(error: ErrorObject, _index: number, all: readonly ErrorObject[]): boolean {
  if (error.keyword !== 'required') return true;
  return !all.some(
    (other) =>
      other.keyword === 'additionalProperties' && other.instancePath === error.instancePath,
  );
}

function withoutRepeats(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const seen = new Set<string>();
  return errors.filter((error) => {
    if (error.keyword === 'propertyNames') return false;
    const key = JSON.stringify([
      error.instancePath,
      error.keyword,
      error.params,
      error.propertyName,
    ]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function isUnder(path: string, above: string): boolean {
  return path === above || path.startsWith(`${above}/`);
}

function isRecord(value: unknown): value is Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
