import { resolve } from 'node:path';

import { EXIT, isWarehouseError, PipelineError } from '../errors.ts';
import { countAssets } from '../health/count-assets.ts';
import { healthMeasures, healthOf, type HealthReport } from '../health/health-report.ts';
import type { Validation } from '../health/validation.ts';
import type { DayRange } from '../partitions/window.ts';
import { healthCsv } from '../report/health-csv.ts';
import { healthJson } from '../report/health-json.ts';
import { renderHealth } from '../report/health-text.ts';
import { jsonText } from '../report/json.ts';
import { formatInstant, paintFor } from '../report/text.ts';
import type { ReportAbout } from '../report/validate-json.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { type Effects, type GlobalOptions, openProject, type Project } from './context.ts';
import { healthOfCounts } from './health-counts.ts';
import { type RangeOptions, wantedRange } from './health-range.ts';
import { openReadable } from './open-readable.ts';
import { placeOf } from './output-place.ts';
import { type ProjectRecord, withRecord } from './record.ts';
import { validateRows } from './validate-rows.ts';

export interface HealthOptions extends RangeOptions {
  /** File, or `-` for stdout. */
  readonly csv?: string | undefined;
  readonly html?: string | undefined;
  /** Score by the formula of old. */
  readonly legacy: boolean;
  /** A CSV of counts to score instead of the warehouse. */
  readonly counts?: string | undefined;
}

/** `fastbreak health`: scores every date; writes files that are asked for, neither rows nor record. */
export async function runHealth(
  options: HealthOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  checkOptions(options, effects);
  const project = await openProject(options, effects);
  const isLegacy = options.legacy || project.pipeline.health.isLegacy;
  if (isLegacy) requireLegacyColumns(project);
  if (options.counts !== undefined) {
    const path = resolve(effects.cwd, options.counts);
    const report = await healthOfCounts(path, { project, options });
    await write({ report, validation: undefined, isOfCounts: true }, { project, options }, effects);
    return EXIT.ok;
  }
  const warehouse = await openReadable(project, effects);
  try {
    // Only now: while the warehouse is open nobody can write to it, so that record and rows stay as they are.
    const found = await withRecord(project, effects, (record) => {
      return measure({ project, record, warehouse, options, isLegacy }, effects);
    });
    await write(found, { project, options }, effects);
  } catch (error) {
    throw isWarehouseError(error) ? endedEarly(error.message) : error;
  } finally {
    await warehouse.close();
  }
  return EXIT.ok;
}

interface Measured {
  readonly report: HealthReport;
  /** Only where a page shows its findings. */
  readonly validation: Validation | undefined;
  readonly isOfCounts?: boolean;
}

async function measure(
  on: {
    readonly project: Project;
    readonly record: ProjectRecord;
    readonly warehouse: Warehouse;
    readonly options: HealthOptions & GlobalOptions;
    readonly isLegacy: boolean;
  },
  { signal, stderr }: Effects,
): Promise<Measured> {
  const { project, record, warehouse, options, isLegacy } = on;
  const { pipeline, today } = project;
  const rules = pipeline.health;
  const measures = healthMeasures(rules);
  const evaluations = record.evaluation.assets;
  const scored = [...evaluations.values()].filter(({ asset }) => measures.has(asset.name));
  const range: DayRange = wantedRange(options, project, scored);
  const counts = await countAssets({ warehouse, evaluations, measures, range, signal });
  for (const [asset, message] of counts.failed) {
    stderr(`warning: ${asset} could not be counted and is left out: ${message}\n`);
  }
  const report = healthOf({ evaluations, counts, rules, range, today, isLegacy });
  if (options.html === undefined) return { report, validation: undefined };
  const selected = new Set(pipeline.assets.map(({ name }) => name));
  const request = { project, record, warehouse, selected, range, baseline: undefined, signal };
  return { report, validation: await validateRows(request) };
}

async function write(
  { report, validation, isOfCounts = false }: Measured,
  on: { readonly project: Project; readonly options: HealthOptions & GlobalOptions },
  effects: Effects,
): Promise<void> {
  const { project, options } = on;
  const { pipeline, target } = project;
  const about: ReportAbout = { scope: options, target: target.name, pipeline };
  const { writeFile } = await import('node:fs/promises');
  if (options.html !== undefined) {
    const { healthPage } = await import('../report/health-html.ts');
    const made = formatInstant(effects.now(), pipeline.timezone);
    const page = healthPage(report, validation, { ...about, made, isOfCounts });
    await placeOf(options.html, effects.cwd).write((path) => writeFile(path, page));
  }
  const csv = options.csv === undefined ? '' : healthCsv(report, pipeline.health.csv);
  if (options.csv === '-') {
    effects.stdout(csv);
    return;
  }
  if (options.csv !== undefined) {
    await placeOf(options.csv, effects.cwd).write((path) => writeFile(path, csv));
  }
  if (options.json) effects.stdout(jsonText(healthJson(report, about)));
  else effects.stdout(renderHealth(report, about, paintFor(options.color)));
}

function checkOptions(options: HealthOptions & GlobalOptions, { cwd }: Effects): void {
  if (options.csv === '-' && options.json) {
    throw new PipelineError('expected --json or --csv -, found both: there is one stdout', {
      code: 'INVALID_OPTIONS',
      hint: 'write the CSV to a file: --csv health.csv',
    });
  }
  const files = [options.csv, options.html].filter((path) => path !== undefined && path !== '-');
  for (const path of files) placeOf(path ?? '', cwd).check();
}

function requireLegacyColumns({ pipeline }: Project): void {
  if (pipeline.health.legacyColumns !== undefined) return;
  throw new PipelineError(
    'expected health.legacy_columns in pipeline.yaml: --legacy is fed with them',
    {
      code: 'MISSING_KEY',
      hint: 'declare health.csv and health.legacy_columns, or leave --legacy out',
    },
  );
}

function endedEarly(message: string): PipelineError {
  return new PipelineError(`health ended early: ${message}`, {
    code: 'HEALTH_ENDED',
    exitCode: EXIT.interrupted,
  });
}
