import type { CompiledAsset, CompiledPipeline } from '../compile/compiled.ts';
import type { AssetName } from '../ids.ts';
import { badIn, nullableColumns, presentIn } from './columns.ts';
import { addMeasures } from './count-assets.ts';
import type { Measure } from './counts.ts';
import { ROWS } from './validation-scope.ts';

/** Everything that validating some assets counts, by asset. */
export function validationMeasures(
  pipeline: CompiledPipeline,
  selected: ReadonlySet<AssetName>,
  units: ReadonlyMap<string, Measure>,
): Map<AssetName, Measure[]> {
  const measures = new Map<AssetName, Measure[]>();
  for (const asset of pipeline.assets.filter(({ name }) => selected.has(name))) {
    addMeasures(measures, asset, assetMeasures(pipeline, asset));
    const per = pipeline.validation.assets[asset.name]?.expectedRows?.per;
    if (per !== undefined) addMeasures(measures, per, [ROWS]);
  }
  for (const calendar of pipeline.calendars) {
    addMeasures(measures, calendar.asset, [units.get(calendar.name) ?? ROWS]);
  }
  return measures;
}

/** What a unit of each calendar's dates is: a row that makes its date one of the calendar. */
export function calendarUnits(
  pipeline: CompiledPipeline,
  dialect: 'duckdb' | 'bigquery',
): ReadonlyMap<string, Measure> {
  return new Map(
    pipeline.calendars.map(({ name, where }) => {
      const compiled = pipeline.compiledCalendars[name]?.duckdbWhere;
      const condition = dialect === 'duckdb' ? compiled : where;
      return [name, condition === undefined ? ROWS : { type: 'meeting', condition }];
    }),
  );
}

function assetMeasures(pipeline: CompiledPipeline, asset: CompiledAsset): readonly Measure[] {
  const declared = pipeline.validation.assets[asset.name];
  const columns = new Set([
    ...nullableColumns(asset),
    ...(declared?.columns ?? []).map(({ column }) => column),
  ]);
  return [
    ROWS,
    ...(asset.key.length === 0 ? [] : [{ type: 'duplicates' } as const]),
    ...[...columns].map(presentIn),
    ...(declared?.critical ?? []).map(badIn),
  ];
}
