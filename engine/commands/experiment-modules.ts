import { readFile } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';

import { columnsOfRelation } from '../assets/batch.ts';
import type { ModuleProgress } from '../assets/make-module-context.ts';
import {
  evaluationBatch,
  type EvaluationRows,
  type Evaluator,
  findEvaluator,
  runEvaluator,
} from '../assets/module-evaluation.ts';
import { diagnosticsText } from '../compile/diagnostic-text.ts';
import {
  applyVariant,
  modelNames,
  narrowed,
  type Settings,
  type VariantScope,
} from '../config/apply-variant.ts';
import { readVariant, type Variant } from '../config/variant.ts';
import { type Diagnostic, DiagnosticsError } from '../diagnostics.ts';
import { EXIT, hasErrorCode, PipelineError } from '../errors.ts';
import { unknownAsset } from '../graph/asset-graph.ts';
import type { AssetName } from '../ids.ts';
import { formatDay } from '../partitions/date.ts';
import { contains, type DaySet } from '../partitions/subset.ts';
import { MAX_DAY, unionRange } from '../partitions/window.ts';
import { listOf, plural } from '../report/text.ts';
import { type AssetEvaluation, type GraphEvaluation, STATUS } from '../staleness/status.ts';
import { recordsIn, windowInputs } from '../staleness/window-inputs.ts';
import { didYouMean } from '../util/nearest-name.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import type { Effects, Project } from './context.ts';

/** What is needed to evaluate a module; the warehouse may be open read-only. */
export interface ExperimentPlace {
  readonly project: Project;
  readonly warehouse: Warehouse;
  readonly evaluation: GraphEvaluation;
  readonly effects: Pick<Effects, 'cwd' | 'now' | 'signal'>;
}

/** A module asset and the partitions (cut-offs) at which its settings are tried. */
export interface ModuleExperiment {
  readonly evaluation: AssetEvaluation;
  readonly evaluator: Evaluator;
  /** Positions in the asset's expected days. */
  readonly indexes: readonly number[];
  /** The first day that is not predicted. */
  readonly end: number;
  readonly scope: VariantScope;
}

/** One side of an experiment. */
export interface ExperimentSide {
  readonly name: string;
  readonly settings: Settings;
}

export interface ModuleRequest {
  readonly asset: string;
  readonly model: string | undefined;
  readonly days: DaySet | undefined;
  /** Take every so many-th partition. */
  readonly every: number;
}

/** Finds the asset, its `evaluate` and the partitions; throws PipelineError for everything a user can mend. */
export async function prepareExperiment(
  request: ModuleRequest,
  { project, evaluation: graph }: ExperimentPlace,
): Promise<ModuleExperiment> {
  const evaluation = [...graph.assets.values()].find(({ asset }) => asset.name === request.asset);
  if (evaluation === undefined) {
    throw unknownAsset(
      request.asset,
      project.pipeline.assets.map(({ name }) => name),
    );
  }
  const { asset } = evaluation;
  if (asset.kind !== 'module' || asset.file === undefined) {
    throw new PipelineError(`expected a module asset to experiment with, found ${asset.name}`, {
      code: 'NOT_A_MODULE',
      hint: 'an asset of kind module whose module exports evaluate: docs/experiments.md',
    });
  }
  const settings = asset.settings ?? {};
  const evaluator = await findEvaluator(project.pipeline.root, asset.file);
  const { indexes, end } = cutOffs(evaluation, request);
  checkUpstream(evaluation, graph);
  return {
    evaluation,
    evaluator,
    indexes,
    end,
    scope: {
      settings,
      model: modelOf(asset.name, settings, request.model),
      modelSettings: evaluator.settingNames.model,
      assetSettings: evaluator.settingNames.asset,
      features: featuresOf(evaluation, project),
    },
  };
}

/** The settings as declared. */
export function declaredSide({ evaluation, scope }: ModuleExperiment): ExperimentSide {
  const { model, settings } = scope;
  return {
    name: `${model ?? evaluation.asset.name} as declared`,
    settings: narrowed(settings, model),
  };
}

/** The settings as a variant file changes them. */
export async function variantSide(
  experiment: ModuleExperiment,
  path: string,
  { effects }: Pick<ExperimentPlace, 'effects'>,
): Promise<ExperimentSide> {
  const text = await readText(resolve(effects.cwd, path), path);
  const read = readVariant(path, text);
  if (!read.ok) throw diagnosed(read.diagnostics, effects.cwd);
  return changedSide(experiment, { name: path, variant: read.variant, cwd: effects.cwd });
}

/** The settings as a variant changes them; for who has made one. */
export function changedSide(
  { scope }: ModuleExperiment,
  {
    name,
    variant,
    cwd,
  }: { readonly name: string; readonly variant: Variant; readonly cwd: string },
): ExperimentSide {
  const applied = applyVariant(variant, scope);
  if (applied.ok) return { name, settings: applied.settings };
  throw diagnosed(applied.diagnostics, cwd);
}

/** What the module predicts with the settings of a side. */
export function evaluateSide(
  experiment: ModuleExperiment,
  { settings }: ExperimentSide,
  {
    place,
    log,
    progress,
  }: {
    readonly place: ExperimentPlace;
    readonly log: (message: string) => void;
    readonly progress: (progress: ModuleProgress) => void;
  },
): Promise<EvaluationRows> {
  const { project, warehouse, evaluation: graph, effects } = place;
  const { evaluation, indexes, end, evaluator } = experiment;
  const asset = { ...evaluation.asset, settings };
  const batch = evaluationBatch({ evaluation: { ...evaluation, asset }, indexes }, end);
  return runEvaluator(evaluator, {
    batch,
    assets: new Map(project.pipeline.assets.map((each) => [each.name, each])),
    dialect: warehouse.capabilities.dialect,
    warehouse,
    root: project.pipeline.root,
    inputs: windowInputs(batch.evaluation.edges, recordsIn(graph)),
    log,
    progress,
    now: effects.now,
    signal: effects.signal,
  });
}

/** What upstream partitions that are read lack, for a warning; empty where all are current. */
export function notCurrent(
  { evaluation, indexes, end }: ModuleExperiment,
  { evaluation: graph }: Pick<ExperimentPlace, 'evaluation'>,
): readonly string[] {
  return evaluation.edges.flatMap((edge) => {
    const upstream = graph.assets.get(edge.upstream.asset);
    if (upstream === undefined) return [];
    const lo = unionRange(edge.ranges, indexes).lo;
    const isGood = (status: number | undefined): boolean =>
      status === STATUS.current || status === STATUS.expectedEmpty;
    const lacking = upstream.expected.days.filter(
      (day, at) => day >= lo && day < end && !isGood(upstream.status[at]),
    ).length;
    if (lacking === 0) return [];
    const are = lacking === 1 ? 'is' : 'are';
    return [`${plural(lacking, 'partition')} of ${upstream.asset.name} ${are} not current`];
  });
}

function cutOffs(
  { asset, expected }: AssetEvaluation,
  { days, every }: ModuleRequest,
): { readonly indexes: readonly number[]; readonly end: number } {
  const wanted = [...expected.days.keys()].filter(
    (index) => days === undefined || contains(days, expected.days[index] ?? 0),
  );
  const last = wanted.at(-1);
  if (last === undefined) throw noCutOff(asset.name, expected.days);
  return {
    indexes: wanted.filter((_, at) => at % every === 0),
    end: expected.days[last + 1] ?? MAX_DAY,
  };
}

function noCutOff(asset: AssetName, days: Int32Array): PipelineError {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) {
    return new PipelineError(`${asset} has no partitions: its calendar was never made`, {
      code: 'NOT_MATERIALIZED',
      hint: `fastbreak materialize +${asset}`,
      exitCode: EXIT.failed,
    });
  }
  return new PipelineError(
    `${asset} has no partition in the wanted range; it has ${days.length}, ${formatDay(first)}..${formatDay(last)}`,
    { code: 'EMPTY_RANGE', hint: 'a month counts as its first day', exitCode: EXIT.failed },
  );
}

function modelOf(
  asset: AssetName,
  settings: Settings,
  wanted: string | undefined,
): string | undefined {
  const names = modelNames(settings);
  if (wanted === undefined) {
    if (names.length < 2) return names[0];
    throw new PipelineError(`${asset} has ${names.length} models: ${listOf(names)}`, {
      code: 'MODEL_MISSING',
      hint: 'choose one with --model',
    });
  }
  if (names.includes(wanted)) return wanted;
  throw new PipelineError(`unknown model "${wanted}"${didYouMean(wanted, names)}`, {
    code: 'UNKNOWN_MODEL',
    hint:
      names.length === 0
        ? `${asset} has no settings.models: leave --model out`
        : `models of ${asset}: ${names.join(', ')}`,
  });
}

function checkUpstream({ asset, edges }: AssetEvaluation, { assets }: GraphEvaluation): void {
  const missing = edges
    .filter(({ upstream }) => !upstream.optional)
    .map(({ upstream }) => upstream.asset)
    .filter((name) => (assets.get(name)?.daysWithRows.length ?? 0) === 0);
  if (missing.length === 0) return;
  throw new PipelineError(
    `${asset.name} reads ${listOf(missing)}, of which nothing is materialized`,
    {
      code: 'NOT_MATERIALIZED',
      hint: `fastbreak materialize ${missing.map((name) => `+${name}`).join(' ')}`,
      exitCode: EXIT.failed,
    },
  );
}

const NUMERIC = ['INT64', 'FLOAT64', 'BOOL'];

/** Columns that may be a feature, by relation. */
function featuresOf(
  { edges }: AssetEvaluation,
  { pipeline }: Project,
): ReadonlyMap<string, readonly string[]> {
  const assets = new Map(pipeline.assets.map((asset) => [asset.name, asset]));
  const byRelation = Map.groupBy(edges, (edge) => edge.upstream.relation);
  return new Map(
    Array.from(byRelation, ([relation, behind]) => [
      relation,
      columnsOfRelation(behind, assets)
        .filter(({ type }) => NUMERIC.includes(type))
        .map(({ name }) => name),
    ]),
  );
}

async function readText(path: string, given: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT') && !hasErrorCode(error, 'EISDIR')) throw error;
    throw new PipelineError(`expected a variant file, found none at ${given}`, {
      code: 'VARIANT_NOT_FOUND',
      hint: 'docs/experiments.md shows what one says',
      cause: error,
    });
  }
}

function diagnosed(diagnostics: readonly Diagnostic[], cwd: string): DiagnosticsError {
  const root = isAbsolute(diagnostics[0]?.range?.file ?? '') ? '' : cwd;
  return new DiagnosticsError(diagnostics, diagnosticsText(diagnostics, root));
}
