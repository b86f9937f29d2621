import { readFile } from 'node:fs/promises';

import { type ModuleContext, PipelineError } from '../../engine/index.ts';
import type { FittedModel } from './fitted-model.ts';
import { type ImportedMetadata, parseMetadata } from './imported-metadata.ts';
import type { ModelPart } from './model-part.ts';
import { ModelFault, sha256Of } from './model-record.ts';
import type { PredictionSettings } from './prediction-settings.ts';
import { toScale } from './target-scale.ts';
import type { Member } from './trainer.ts';
import { parseXgboost, type XgboostModel } from './xgboost-json.ts';

/** The part of a module's context that is needed here. */
type Context = Pick<ModuleContext, 'files' | 'fail'>;

/**
 * A model that XGBoost saved, with what is said of it in a file beside it. Dates before the one up to
 * which it was trained fail: it knows their outcomes. Those before `settings.from` are left out.
 * @param dates `YYYY-MM-DD`, those that are to be predicted
 * @throws {PipelineError} where the settings name a file that the asset does not declare
 */
export async function importedModel(
  context: Context,
  settings: PredictionSettings,
  dates: readonly string[],
): Promise<ModelPart> {
  const model = await readDeclared(context, 'model', settings.file);
  const beside = await readDeclared(context, 'metadata', settings.metadata);
  const metadata = attempt(() => parseMetadata(contentOf(beside)));
  const wanted = dates.filter((date) => date >= (settings.from ?? date));
  if (metadata instanceof ModelFault) return brokenPart(metadata, wanted);
  const { trainedBefore, featureVersion } = metadata;
  for (const date of wanted) {
    if (date >= trainedBefore) continue;
    context.fail(
      date,
      `${settings.model} was trained on dates before ${trainedBefore}, so it has seen how ${date} ended`,
      {
        category: 'MODEL_FROM_THE_FUTURE',
        hint: `leave such dates out with "from: ${trainedBefore}" in its settings and an expected_empty rule, or train it on earlier dates`,
      },
    );
  }
  return {
    cutOff: trainedBefore,
    version: sha256Of(`${model.text ?? ''}\n${beside.text ?? ''}`).slice(0, 12),
    featureVersion,
    dates: wanted.filter((date) => date >= trainedBefore),
    load: () => {
      const end = metadata.iterationEnd;
      return fittedModel(parseXgboost(contentOf(model), end), metadata);
    },
  };
}

/** A file that the asset declares; without a text where it cannot be read. */
interface DeclaredFile {
  readonly path: string;
  readonly text: string | undefined;
}

async function readDeclared(
  { files }: Context,
  setting: 'model' | 'metadata',
  path: string | undefined,
): Promise<DeclaredFile> {
  const declared = Object.keys(files);
  const place = path === undefined ? undefined : files[path];
  if (path === undefined || place === undefined) {
    const found = path === undefined ? 'not there' : `"${path}"`;
    const among = declared.length === 0 ? 'which are none' : declared.join(', ');
    throw new PipelineError(
      `settings.${setting} is ${found}, expected one of the asset's files: ${among}`,
      {
        code: 'BAD_PREDICTION_SETTINGS',
        hint: 'name the file under files: too, so that a new one makes the predictions stale',
      },
    );
  }
  try {
    return { path, text: await readFile(place, 'utf8') };
  } catch {
    return { path, text: undefined };
  }
}

function contentOf({ path, text }: DeclaredFile): string {
  if (text !== undefined) return text;
  throw new ModelFault('MODEL_MISSING', `the file ${path} cannot be read`);
}

function attempt<T>(work: () => T): T | ModelFault {
  try {
    return work();
  } catch (error) {
    if (error instanceof ModelFault) return error;
    throw error;
  }
}

function brokenPart(fault: ModelFault, dates: readonly string[]): ModelPart {
  const load = (): never => {
    throw fault;
  };
  return { cutOff: '', version: '', featureVersion: undefined, dates, load };
}

function fittedModel(model: XgboostModel, metadata: ImportedMetadata): FittedModel {
  checkNames(model, metadata.features);
  return {
    features: metadata.features,
    // XGBoost decides by itself where rows go of which a feature is not known.
    defaults: new Float64Array(metadata.features.length).fill(NaN),
    members: [memberOf(model, metadata.features)],
    weights: [1],
    distribution: metadata.distribution,
    isOwnNumber: true,
    tierFeature: metadata.tierFeature,
    largest: 60,
  };
}

function memberOf(model: XgboostModel, names: readonly string[]): Member {
  return {
    predict: (features, rows) => model.predict(features, rows).map(toScale),
    importances: Object.fromEntries(names.map((name, at) => [name, model.gains[at] ?? 0])),
    trees: model.trees,
    content: null,
  };
}

/** What the metadata says of the features, and what the model was saved with. */
function checkNames(model: XgboostModel, names: readonly string[]): void {
  if (model.features !== names.length) {
    throw new ModelFault(
      'MODEL_MISMATCH',
      `it was trained on ${model.features} features, its metadata names ${names.length}`,
    );
  }
  model.featureNames.forEach((name, at) => {
    if (name === names[at]) return;
    throw new ModelFault(
      'MODEL_MISMATCH',
      `its feature ${at} is "${name}", in its metadata that is "${names[at] ?? ''}"`,
    );
  });
}
