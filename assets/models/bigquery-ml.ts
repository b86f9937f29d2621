import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';

import { isPipelineError, PipelineError } from '../../engine/index.ts';
import {
  type BigQueryMl,
  createModelStatement,
  errorStatement,
  evaluateStatement,
  importanceStatement,
  modelName,
  predictStatement,
} from './bigquery-ml-sql.ts';
import { trainingSettings } from './model-settings.ts';

const HELP = `Prints the GoogleSQL that trains a boosted tree with BigQuery ML and predicts with it.

Usage: node assets/models/bigquery-ml.ts MODEL CUT_OFF [options]

  MODEL                  a model of the settings of points_model, e.g. points_v1
  CUT_OFF                YYYY-MM-DD: trained on the dates before it
  --until DATE           predict from the cut-off to the day before (default: the next month)
  --project P            the project of the tables (default: that of the BigQuery target, or none)
  --dataset-prefix X     before the name of every dataset (default: that of the BigQuery target)
  --only NAME            one statement: create, predict, evaluate, error or importance
  --file FILE            the pipeline (default: pipeline.yaml)
  --help                 this text

Nothing is run. The statements read tables that a materialization on BigQuery has made.`;

const OPTIONS = {
  until: { type: 'string' },
  project: { type: 'string' },
  'dataset-prefix': { type: 'string' },
  only: { type: 'string' },
  file: { type: 'string', default: 'pipeline.yaml' },
  help: { type: 'boolean', default: false },
} as const;

/** The statements by the names that `--only` takes. */
const STATEMENTS: Readonly<Record<string, (ml: BigQueryMl) => string>> = {
  create: createModelStatement,
  predict: predictStatement,
  evaluate: evaluateStatement,
  error: errorStatement,
  importance: importanceStatement,
};

/** The asset whose settings have the models, and what its models are trained on. */
const TRAINER = 'points_model';
const OUTCOMES = 'player_game_summary';
const LINES = 'betting_lines';

/** The part of a pipeline file that is read here. */
interface PipelineText {
  readonly targets?: Readonly<
    Record<string, { warehouse?: string; project?: string; dataset_prefix?: string } | undefined>
  >;
  readonly groups?: Readonly<Record<string, { dataset?: string } | null | undefined>>;
  readonly assets?: Readonly<
    Record<string, { group?: string; settings?: Record<string, unknown> } | undefined>
  >;
}

export interface BigQueryMlRequest {
  readonly model: string;
  /** `YYYY-MM-DD`. */
  readonly cutOff: string;
  /** `YYYY-MM-DD`; default: the first of the next month. */
  readonly until?: string | undefined;
  readonly project?: string | undefined;
  readonly datasetPrefix?: string | undefined;
}

/**
 * What the statements of a model need, read from a pipeline.
 * @param text the pipeline file
 * @param env where `${NAME:-default}` of the target's project is looked up
 * @throws {PipelineError} that says what the pipeline lacks, and what it has
 */
export function bigQueryMlOf(
  text: string,
  request: BigQueryMlRequest,
  env: Readonly<Record<string, string | undefined>>,
): BigQueryMl {
  const pipeline = parse(text, { merge: true }) as PipelineText;
  const settings = trainingSettings(pipeline.assets?.[TRAINER]?.settings ?? {});
  const model = settings.models.find(({ id }) => id === request.model);
  if (!model) {
    const known = settings.models.map(({ id }) => id).join(', ');
    throw fault(`there is no model "${request.model}"`, `${TRAINER} has ${known}`);
  }
  const cutOff = dateOf(request.cutOff);
  const until = request.until === undefined ? nextMonth(cutOff) : dateOf(request.until);
  if (until <= cutOff)
    throw fault(`--until ${until} is not after the cut-off`, 'name a later date');
  const place = placeOf(pipeline, request, env);
  const table = (relation: string): string => pathOf(pipeline, place, { asset: relation });
  return {
    model,
    cutOff,
    until,
    minSeasonGames: settings.minSeasonGames,
    outcomes: OUTCOMES,
    lines: pipeline.assets?.[LINES] ? LINES : undefined,
    table,
    path: pathOf(pipeline, place, { asset: TRAINER, name: modelName(model.id, cutOff) }),
  };
}

/** All statements, or one of them, each with a line that says what it does. */
export function statementsOf(ml: BigQueryMl, only?: string): string {
  if (only !== undefined && !Object.hasOwn(STATEMENTS, only)) {
    throw fault(
      `there is no statement "${only}"`,
      `those are ${Object.keys(STATEMENTS).join(', ')}`,
    );
  }
  return Object.entries(STATEMENTS)
    .filter(([name]) => only === undefined || name === only)
    .map(([name, statement]) => `-- ${name}\n${statement(ml)};\n`)
    .join('\n');
}

interface Place {
  readonly project: string;
  readonly prefix: string;
}

/** What is asked for, or what the first BigQuery target says. */
function placeOf(
  { targets = {} }: PipelineText,
  { project, datasetPrefix }: BigQueryMlRequest,
  env: Readonly<Record<string, string | undefined>>,
): Place {
  const target = Object.values(targets).find((each) => each?.warehouse === 'bigquery');
  const resolved = (value = ''): string =>
    value.replaceAll(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, name: string, otherwise = '') =>
      String(env[name] || otherwise),
    );
  return {
    project: project ?? resolved(target?.project),
    prefix: datasetPrefix ?? resolved(target?.dataset_prefix),
  };
}

/** The quoted path of an asset's table, or of something else in its dataset. */
function pathOf(
  { assets, groups }: PipelineText,
  { project, prefix }: Place,
  { asset, name }: { readonly asset: string; readonly name?: string },
): string {
  const group = assets?.[asset]?.group;
  if (group === undefined)
    throw fault(`there is no asset "${asset}"`, 'it is read by the statements');
  const dataset = `${prefix}${groups?.[group]?.dataset ?? group}`;
  const parts = [project, dataset, name ?? asset].filter((part) => part !== '');
  const wrong = parts.find((part) => !/^[\w:.-]+$/.test(part));
  if (wrong !== undefined)
    throw fault(`"${wrong}" is no name in BigQuery`, 'letters, digits, _ and -');
  return parts.map((part) => `\`${part}\``).join('.');
}

function dateOf(text: string): string {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(text)) return text;
  throw fault(`"${text}" is no date`, 'write it as 2024-01-01');
}

function nextMonth(date: string): string {
  const [year = 0, month = 0] = date.split('-').map(Number);
  return new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10);
}

function fault(message: string, hint: string): PipelineError {
  return new PipelineError(message, { code: 'BAD_BIGQUERY_ML', hint });
}

async function main(args: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: OPTIONS,
      allowPositionals: true,
    });
    const [model, cutOff, ...more] = positionals;
    if (values.help || model === undefined || cutOff === undefined || more.length > 0) {
      process.stdout.write(`${HELP}\n`);
      return values.help ? 0 : 2;
    }
    const text = await readFile(resolve(values.file), 'utf8');
    const { until, project, 'dataset-prefix': datasetPrefix } = values;
    const ml = bigQueryMlOf(text, { model, cutOff, until, project, datasetPrefix }, process.env);
    process.stdout.write(statementsOf(ml, values.only));
    return 0;
  } catch (error) {
    if (!(error instanceof Error) || !isUsersMistake(error)) throw error;
    const hint = isPipelineError(error) && error.hint !== undefined ? `\nhint: ${error.hint}` : '';
    process.stderr.write(`${error.message}${hint}\n`);
    return 2;
  }
}

function isUsersMistake(error: Error): boolean {
  if (isPipelineError(error)) return true;
  const code = 'code' in error ? error.code : undefined;
  return typeof code === 'string' && (code === 'ENOENT' || code.startsWith('ERR_PARSE_ARGS'));
}

if (process.argv[1] === join(import.meta.dirname, 'bigquery-ml.ts')) {
  process.exitCode = await main(process.argv.slice(2));
}
