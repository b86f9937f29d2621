import type { AssetName } from '../ids.ts';
import type { FileExists } from './asset-file.ts';
import { checkCalendarColumns, checkReferences } from './check-columns.ts';
import { linkChecks } from './link-checks.ts';
import { normalizeAsset } from './normalize-asset.ts';
import { checkFailureCategories } from './normalize-universe.ts';
import { normalizeHealth } from './normalize-health.ts';
import { normalizeReports } from './normalize-reports.ts';
import { normalizeValidation } from './normalize-validation.ts';
import {
  normalizeCalendars,
  normalizeFunctions,
  normalizePartitionSets,
  normalizePools,
  normalizeTargets,
} from './normalize-sets.ts';
import { checkUnionColumns, normalizeUnions } from './normalize-unions.ts';
import type { Pipeline } from './pipeline.ts';
import { Problems } from './problems.ts';
import type { PipelineDocument, YamlPath } from './load.ts';
import type { PipelineSpec } from './spec.ts';
import { validateDocument } from './validate.ts';
import type { Diagnostic } from '../diagnostics.ts';

export interface NormalizedPipeline {
  readonly pipeline: Pipeline;
  /** Assets whose declaration is sound enough to be compared with their SQL. */
  readonly complete: ReadonlySet<AssetName>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks a document and applies every default; entries with errors of form are left out and go on being known by name. */
export function normalizePipeline(
  document: PipelineDocument,
  fileExists: FileExists,
): NormalizedPipeline {
  const malformed = validateDocument(document);
  const problems = new Problems(document);
  problems.diagnostics.push(...malformed.map((error) => error.diagnostic));
  const paths = malformed.map((error) => error.path);
  // What fails the schema is taken out, so that the rest has the shape that PipelineSpec says.
  const spec = withoutPaths(document.value, paths) as PipelineSpec;
  const names = declaredNames(document.value);
  const calendars = normalizeCalendars(spec, names.assets, problems);
  const partitionSets = normalizePartitionSets(spec, keysOf(document.value, 'calendars'), problems);
  const unions = normalizeUnions(spec, names.assets, problems);
  const around = { spec, calendars, partitionSets, unions, names, fileExists };
  const normalized = Object.entries(spec.assets ?? {}).map(([name, asset]) =>
    normalizeAsset(name, asset, around, problems),
  );
  const declared = normalized.map(({ asset }) => asset);
  const complete = new Set(normalized.filter((one) => one.isComplete).map((one) => one.asset.name));
  const assets = linkChecks({ assets: declared, unions, complete, problems });
  checkReferences(assets, complete, problems);
  checkCalendarColumns(calendars, assets, complete, problems);
  checkUnionColumns(unions, assets, complete, problems);
  const targets = normalizeTargets(spec, problems);
  checkFailureCategories(spec, problems);
  checkTimezone(spec, problems);
  const pipeline: Pipeline = {
    name: spec.name ?? '',
    description: spec.description ?? '',
    timezone: spec.timezone ?? 'UTC',
    defaultTarget: defaultTarget(spec, keysOf(document.value, 'targets'), problems),
    targets,
    calendars,
    partitionSets,
    functions: normalizeFunctions(spec),
    unions,
    pools: normalizePools(spec, problems),
    stopAfter: {
      failures: spec.stop_after?.failures,
      timeoutsInARow: spec.stop_after?.timeouts_in_a_row,
    },
    assets,
    validation: normalizeValidation(spec, assets, problems),
    health: normalizeHealth(spec, assets, problems),
    reports: normalizeReports(spec, assets, problems),
  };
  return { pipeline, complete, diagnostics: problems.diagnostics };
}

function declaredNames(value: unknown) {
  return {
    assets: keysOf(value, 'assets'),
    groups: keysOf(value, 'groups'),
    unions: keysOf(value, 'unions'),
    columns: keysOf(value, 'columns'),
    partitionSets: keysOf(value, 'partition_sets'),
    pools: keysOf(value, 'pools'),
  };
}

function keysOf(value: unknown, section: string): readonly string[] {
  const map = isRecord(value) ? value[section] : undefined;
  return isRecord(map) ? Object.keys(map) : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** The document without the entries (an asset, a column, a calendar...) that hold one of the paths. */
function withoutPaths(value: unknown, paths: readonly YamlPath[]): unknown {
  if (!isRecord(value)) return {};
  const sections = Object.entries(value).flatMap(([section, content]) => {
    const inside = paths.filter((path) => path[0] === section);
    if (inside.length === 0) return [[section, content] as const];
    if (!isRecord(content) || inside.some((path) => path.length < 2)) return [];
    const bad = new Set(inside.map((path) => path[1]));
    const kept = Object.entries(content).filter(([name]) => !bad.has(name));
    return [[section, Object.fromEntries(kept)] as const];
  });
  return Object.fromEntries(sections);
}

function checkTimezone(spec: PipelineSpec, problems: Problems): void {
  if (spec.timezone === undefined) return;
  try {
    new Intl.DateTimeFormat('en', { timeZone: spec.timezone });
  } catch {
    problems.unknown({
      what: 'time zone',
      name: spec.timezone,
      known: Intl.supportedValuesOf('timeZone'),
      path: ['timezone'],
    });
  }
}

function defaultTarget(spec: PipelineSpec, names: readonly string[], problems: Problems): string {
  const name = spec.default_target ?? names[0] ?? '';
  if (spec.default_target !== undefined && !names.includes(name)) {
    problems.unknown({ what: 'target', name, known: names, path: ['default_target'] });
  }
  return name;
}
