import type { AssetName } from '../ids.ts';
import { countAssets } from '../health/count-assets.ts';
import { type Validation, validateAssets } from '../health/validation.ts';
import { calendarUnits, validationMeasures } from '../health/validation-measures.ts';
import type { DayRange } from '../partitions/window.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import type { Project } from './context.ts';
import type { ProjectRecord } from './record.ts';

/** Dates around the range that are counted too: the baseline and two periods, to tell what is typical. */
const DAYS_BEFORE = 800;
const DAYS_AFTER = 60;

export interface ValidateRequest {
  readonly project: Project;
  readonly record: ProjectRecord;
  readonly warehouse: Warehouse;
  readonly selected: ReadonlySet<AssetName>;
  readonly range: DayRange;
  readonly baseline: DayRange | undefined;
  readonly signal: AbortSignal;
}

/** Counts the rows of the selected assets, one statement each, and holds them against what is expected. */
export async function validateRows(request: ValidateRequest): Promise<Validation> {
  const { project, record, warehouse, selected, range, baseline, signal } = request;
  const { pipeline } = project;
  const units = calendarUnits(pipeline, warehouse.capabilities.dialect);
  const counted = {
    lo: Math.min(range.lo - DAYS_BEFORE, baseline?.lo ?? range.lo),
    hi: Math.max(range.hi + DAYS_AFTER, baseline?.hi ?? range.hi),
  };
  const counts = await countAssets({
    warehouse,
    evaluations: record.evaluation.assets,
    measures: validationMeasures(pipeline, selected, units),
    range: counted,
    signal,
  });
  const scope = {
    pipeline,
    evaluation: record.evaluation,
    rules: pipeline.validation,
    reader: record.reader,
    codeVersions: record.snapshot.codeVersions,
    target: project.target.name,
    range,
    baseline,
    today: project.today,
    counts,
    counted,
    units,
  };
  return validateAssets(scope, selected);
}
