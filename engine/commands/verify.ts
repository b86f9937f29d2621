import { EXIT, isWarehouseError, PipelineError } from '../errors.ts';
import { AssetGraph } from '../graph/asset-graph.ts';
import { selectAssets } from '../graph/selection.ts';
import type { DifferenceExample } from '../health/row-differences.ts';
import { type AssetSample, drawSample, verifiablePartitions } from '../health/sample.ts';
import { type Difference, type Verification, verifyPartitions } from '../health/verify.ts';
import { formatDay } from '../partitions/date.ts';
import { commandText } from '../report/command-text.ts';
import { jsonText } from '../report/json.ts';
import { paintFor } from '../report/text.ts';
import { createVerifyProgress } from '../report/verify-progress.ts';
import { leftOutText, renderVerification } from '../report/verify-text.ts';
import type { GraphEvaluation } from '../staleness/status.ts';
import { recordsIn } from '../staleness/window-inputs.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { type Effects, type GlobalOptions, openProject, type Project } from './context.ts';
import { requestedDays } from './dates.ts';
import { openReadable } from './open-readable.ts';
import { withRecord } from './record.ts';
import { refuseWhileRunning } from './refuse-while-running.ts';

export interface VerifyOptions {
  readonly selection: readonly string[];
  readonly exclude: readonly string[];
  readonly partitions?: string | undefined;
  /** Number of partitions to draw. */
  readonly sample: number;
  /** Every partition instead of a sample. */
  readonly all: boolean;
  readonly seed: number;
}

/** `fastbreak verify`: makes partitions again, each alone, and compares; writes nothing. */
export async function runVerify(
  options: VerifyOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  const project = await openProject(options, effects);
  const graph = new AssetGraph(project.pipeline);
  const selected = selectAssets(graph, [...options.selection], [...options.exclude]);
  const days = requestedDays(options, project.today);
  await refuseWhileRunning(project, effects, 'verify');
  const warehouse = await openReadable(project, effects);
  try {
    // Only now: while the warehouse is open nobody can write to it, so that record and rows stay as they are.
    const { evaluation, isAsLastRunLeftIt } = await readRecord(project, effects, warehouse);
    const evaluations = [...evaluation.assets.values()].filter((each) =>
      selected.has(each.asset.name),
    );
    const { assets, leftOut } = verifiablePartitions(evaluations, days);
    if (assets.length === 0) throw nothingToVerify(leftOutText(leftOut), options);
    const { sample: size, seed } = options;
    const sample = options.all ? assets : drawSample(assets, { size, seed });
    const recordsOf = recordsIn(evaluation);
    const work = { project, warehouse, sample, options, recordsOf };
    const differences = await verify(work, effects);
    const result: Verification = {
      target: project.target.name,
      seed: options.all ? undefined : seed,
      verified: new Map(sample.map((each) => [each.evaluation.asset.name, each.indexes.length])),
      differences,
      leftOut,
      isAsLastRunLeftIt,
    };
    print(result, graph, options, effects);
    return differences.length === 0 ? EXIT.ok : EXIT.failed;
  } finally {
    await warehouse.close();
  }
}

interface Work {
  readonly project: Project;
  readonly warehouse: Warehouse;
  readonly sample: readonly AssetSample[];
  readonly options: GlobalOptions;
  readonly recordsOf: ReturnType<typeof recordsIn>;
}

async function verify(
  { project, warehouse, sample, options, recordsOf }: Work,
  effects: Effects,
): Promise<readonly Difference[]> {
  const { pipeline } = project;
  const progress = createVerifyProgress({
    write: options.quiet ? () => undefined : effects.stderr,
    now: effects.now,
    isTerminal: effects.isTerminal,
    width: effects.width,
    paint: paintFor(options.color && effects.isTerminal),
    total: sample.reduce((sum, each) => sum + each.indexes.length, 0),
  });
  const assets = new Map(pipeline.assets.map((asset) => [asset.name, asset]));
  const { signal } = effects;
  const onProgress = progress.show;
  const context = { pipeline, assets, warehouse, signal, recordsOf, onProgress };
  try {
    return await verifyPartitions(context, sample);
  } catch (error) {
    if (!isWarehouseError(error)) throw error;
    const isInterrupted = error.kind === 'interrupted';
    const what = isInterrupted ? 'it was interrupted' : error.message;
    throw new PipelineError(`verification ended early: ${what}`, {
      code: error.category,
      exitCode: isInterrupted ? EXIT.interrupted : EXIT.failed,
      cause: error,
    });
  } finally {
    progress.stop();
  }
}

async function readRecord(
  project: Project,
  effects: Effects,
  warehouse: Warehouse,
): Promise<{ readonly evaluation: GraphEvaluation; readonly isAsLastRunLeftIt: boolean }> {
  const found = await warehouse.fingerprint();
  return withRecord(project, effects, ({ reader, evaluation }) => {
    const left = reader?.warehouseFingerprint(project.target.name);
    return { evaluation, isAsLastRunLeftIt: left !== undefined && left === found };
  });
}

function nothingToVerify(leftOut: string, options: VerifyOptions & GlobalOptions): PipelineError {
  const found = leftOut === '' ? 'found no partition at all' : `found none, left out: ${leftOut}`;
  return new PipelineError(`expected current partitions to verify, ${found}`, {
    code: 'NOTHING_TO_VERIFY',
    exitCode: EXIT.failed,
    hint: `${commandText(options, 'status', ...options.selection)} shows what there is`,
  });
}

function print(
  result: Verification,
  graph: AssetGraph,
  options: VerifyOptions & GlobalOptions,
  effects: Effects,
): void {
  if (options.json) return effects.stdout(jsonText(verifyJson(result)));
  effects.stdout(
    renderVerification(result, {
      scope: { file: options.file, target: options.target },
      paint: paintFor(options.color),
      quiet: options.quiet,
      assetOf: (name) => graph.assets.find((asset) => asset.name === name),
    }),
  );
}

/** The shape that scripts rely on. */
function verifyJson(result: Verification): object {
  return {
    target: result.target,
    seed: result.seed ?? null,
    verified: [...result.verified.values()].reduce((sum, count) => sum + count, 0),
    assets: Array.from(result.verified, ([name, verified]) => ({ name, verified })),
    differences: result.differences.map((each) => ({
      asset: each.asset,
      partition: formatDay(each.day),
      cause: each.cause,
      rows: each.rows ?? null,
      rows_recorded: each.rowsRecorded,
      rows_alone: each.rowsAlone ?? null,
      ...(each.message === undefined ? {} : { message: each.message }),
      rows_differing: each.differing?.keys ?? null,
      examples: (each.differing?.examples ?? []).map(exampleJson),
    })),
    skipped: result.leftOut,
    warehouse_as_left: result.isAsLastRunLeftIt,
  };
}

function exampleJson(example: DifferenceExample): object {
  const { key } = example;
  if (example.type === 'row') return { key, only_in: example.onlyIn };
  return { key, column: example.column, batch: example.batch, alone: example.alone };
}
