import { DeclaredNames } from './declared-names.ts';
import type { AssetValidationSpec } from './health-spec.ts';
import {
  type AssetValidation,
  DEFAULT_RULES,
  type ExpectedRows,
  type ValidationRules,
} from './health-rules.ts';
import type { Asset } from './pipeline.ts';
import type { Problems } from './problems.ts';
import type { PipelineSpec } from './spec.ts';

/** Largest share of NULLs or zeros in a critical column, in percent. */
const MOST_CONTAMINATED = 5;

/** `validation:` with its defaults; names that nothing has are reported. */
export function normalizeValidation(
  { validation = {} }: PipelineSpec,
  assets: readonly Asset[],
  problems: Problems,
): ValidationRules {
  const names = new DeclaredNames(assets, problems);
  const rules = Object.entries(validation.assets ?? {}).flatMap(([name, spec]) => {
    const asset = names.asset(name, ['validation', 'assets', name], true);
    return asset === undefined ? [] : [[name, assetRules(asset, spec, names)] as const];
  });
  const fallback = DEFAULT_RULES.validation;
  return {
    coverage: validation.coverage ?? fallback.coverage,
    fewRows: validation.few_rows ?? fallback.fewRows,
    drop: validation.drop ?? fallback.drop,
    assets: Object.fromEntries(rules),
  };
}

function assetRules(
  asset: Asset,
  spec: AssetValidationSpec,
  names: DeclaredNames,
): AssetValidation {
  const path = ['validation', 'assets', asset.name];
  const known = (section: string, column: string): boolean =>
    names.column(asset, column, [...path, section, column], true);
  const expectedRows = expectedRowsOf(spec, [...path, 'expected_rows', 'per'], names);
  return {
    ...(expectedRows === undefined ? {} : { expectedRows }),
    critical: Object.entries(spec.critical ?? {})
      .filter(([column]) => known('critical', column))
      .map(([column, rule]) => ({
        column,
        zeros: (rule?.zeros ?? true) && isNumeric(asset, column),
        most: rule?.most ?? MOST_CONTAMINATED,
      })),
    columns: Object.entries(spec.columns ?? {})
      .filter(([column]) => known('columns', column))
      .map(([column, rule]) => ({
        column,
        least: typeof rule === 'number' ? rule : rule.least,
        critical: typeof rule === 'number' ? true : (rule.critical ?? true),
      })),
  };
}

function expectedRowsOf(
  { expected_rows: spec }: AssetValidationSpec,
  path: readonly string[],
  names: DeclaredNames,
): ExpectedRows | undefined {
  if (spec === undefined) return undefined;
  const { per, ...limits } = spec;
  if (per === undefined) return limits;
  const asset = names.asset(per, path);
  return asset === undefined ? undefined : { ...limits, per: asset.name };
}

function isNumeric(asset: Asset, name: string): boolean {
  const type = asset.columns.find((column) => column.name === name)?.type;
  return type === 'INT64' || type === 'FLOAT64';
}
