import { writeFile } from 'node:fs/promises';
import type { ReportRules } from '../config/report-rules.ts';
import { EXIT, isWarehouseError, PipelineError } from '../errors.ts';
import { MAX_DAY, MIN_DAY } from '../partitions/window.ts';
import { accuracyPage } from '../report/accuracy-html.ts';
import { accuracyJson } from '../report/accuracy-json.ts';
import { type AccuracyAbout, renderAccuracy } from '../report/accuracy-text.ts';
import { jsonText } from '../report/json.ts';
import { formatInstant, paintFor } from '../report/text.ts';
import { didYouMean } from '../util/nearest-name.ts';
import { type Effects, type GlobalOptions, openProject, type Project } from './context.ts';
import { formatRange, requestedDays } from './dates.ts';
import { openReadable } from './open-readable.ts';
import { placeOf } from './output-place.ts';
import { measureComparisons } from './report-rows.ts';

export interface ReportOptions {
  /** One of the reports of the pipeline. */
  readonly name: string;
  /** First and last date; open where absent. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Compare only these systems. */
  readonly systems?: readonly string[] | undefined;
  /** A page to write. */
  readonly html?: string | undefined;
}

/** `fastbreak report NAME`: measures what a declared report compares, and shows it; changes no row. */
export async function runReport(
  options: ReportOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  if (options.html !== undefined) placeOf(options.html, effects.cwd).check();
  const project = await openProject(options, effects);
  const rules = findReport(project, options.name);
  const asked = requestedDays({ from: options.from, to: options.to }, project.today)?.ranges[0];
  const range = asked ?? { lo: MIN_DAY + 1, hi: MAX_DAY };
  const warehouse = await openReadable(project, effects);
  let about: AccuracyAbout;
  try {
    const { systems } = options;
    const request = { rules, range, systems };
    const measured = await measureComparisons(request, { project, warehouse }, effects);
    const { pipeline, target } = project;
    about = { title: rules.title, pipeline: pipeline.name, target: target.name, ...measured };
  } catch (error) {
    throw isWarehouseError(error) ? endedBy(rules, error) : error;
  } finally {
    await warehouse.close();
  }
  const made = formatInstant(effects.now(), project.pipeline.timezone);
  if (options.html !== undefined) {
    const what = asked === undefined ? 'all dates' : formatRange(asked);
    const page = accuracyPage(about, { made, range: what });
    await placeOf(options.html, effects.cwd).write((path) => writeFile(path, page));
  }
  for (const reason of about.leftOut) effects.stderr(`warning: left out: ${reason}\n`);
  if (options.json) effects.stdout(jsonText(accuracyJson(about)));
  else effects.stdout(renderAccuracy(about, paintFor(options.color)));
  return EXIT.ok;
}

function findReport({ pipeline }: Project, name: string): ReportRules {
  const found = pipeline.reports.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = pipeline.reports.map((each) => each.name);
  throw new PipelineError(`unknown report "${name}"${didYouMean(name, names)}`, {
    code: 'UNKNOWN_REPORT',
    hint:
      names.length === 0
        ? 'pipeline.yaml declares none: add reports:'
        : `reports in pipeline.yaml: ${names.join(', ')}`,
  });
}

function endedBy({ name }: ReportRules, error: Error & { kind: string; category: string }) {
  return new PipelineError(`report ${name} could not be made: ${error.message}`, {
    code: error.category,
    exitCode: error.kind === 'interrupted' ? EXIT.interrupted : EXIT.failed,
    cause: error,
  });
}
