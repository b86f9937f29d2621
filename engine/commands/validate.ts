import { EXIT, isWarehouseError, PipelineError } from '../errors.ts';
import { AssetGraph } from '../graph/asset-graph.ts';
import { selectAssets } from '../graph/selection.ts';
import { jsonText } from '../report/json.ts';
import { paintFor } from '../report/text.ts';
import { validationJson } from '../report/validate-json.ts';
import { renderValidation } from '../report/validate-text.ts';
import { type Effects, type GlobalOptions, openProject } from './context.ts';
import { parseRange } from './dates.ts';
import { type RangeOptions, wantedRange } from './health-range.ts';
import { openReadable } from './open-readable.ts';
import { withRecord } from './record.ts';
import { validateRows } from './validate-rows.ts';

export interface ValidateOptions extends RangeOptions {
  readonly selection: readonly string[];
  readonly exclude: readonly string[];
  /** Dates that columns are held against; default: the 91 days before the range. */
  readonly baseline?: string | undefined;
}

/** `fastbreak validate`: holds rows against what is expected of them; writes neither rows nor record. */
export async function runValidate(
  options: ValidateOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  const project = await openProject(options, effects);
  const graph = new AssetGraph(project.pipeline);
  const selected = selectAssets(graph, [...options.selection], [...options.exclude]);
  const baseline =
    options.baseline === undefined ? undefined : parseRange(options.baseline, project.today);
  const warehouse = await openReadable(project, effects);
  try {
    // Only now: while the warehouse is open nobody can write to it, so that record and rows stay as they are.
    return await withRecord(project, effects, async (record) => {
      const all = [...record.evaluation.assets.values()];
      const evaluations = all.filter(({ asset }) => selected.has(asset.name));
      const range = wantedRange(options, project, evaluations);
      const { signal } = effects;
      const request = { project, record, warehouse, selected, range, baseline, signal };
      const validation = await validateRows(request);
      const about = { scope: options, target: project.target.name, pipeline: project.pipeline };
      effects.stdout(
        options.json
          ? jsonText(validationJson(validation, about))
          : renderValidation(validation, about, paintFor(options.color), options.quiet),
      );
      return validation.verdict === 'FAILED' ? EXIT.failed : EXIT.ok;
    });
  } catch (error) {
    throw isWarehouseError(error) ? notValidated(error.message) : error;
  } finally {
    await warehouse.close();
  }
}

function notValidated(message: string): PipelineError {
  return new PipelineError(`validation ended early: ${message}`, {
    code: 'VALIDATION_ENDED',
    exitCode: EXIT.interrupted,
  });
}
