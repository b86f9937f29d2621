import type { ModelSettings } from './model-settings.ts';

/** What a boosted tree of BigQuery ML is made from. */
export interface BigQueryMl {
  readonly model: Pick<
    ModelSettings,
    'id' | 'target' | 'features' | 'defaults' | 'required' | 'largest'
  >;
  /** `YYYY-MM-DD`: trained on dates before it. */
  readonly cutOff: string;
  /** `YYYY-MM-DD`: the dates from the cut-off to the day before are predicted. */
  readonly until: string;
  /** Games of the season that a player must have had for a row to be trained on. */
  readonly minSeasonGames: number;
  /** Relation of what happened. */
  readonly outcomes: string;
  /** Relation of the lines; without one nothing is compared. */
  readonly lines: string | undefined;
  /** Quoted path of an asset's table. */
  readonly table: (relation: string) => string;
  /** Quoted path of the model. */
  readonly path: string;
}

/**
 * Options of the trees (domain.md 6.4). There is none for a seed, nor for a number of rounds without a
 * gain: training ends where a round gains less than a ten-thousandth.
 */
const OPTIONS: Readonly<Record<string, string>> = {
  MODEL_TYPE: "'BOOSTED_TREE_REGRESSOR'",
  BOOSTER_TYPE: "'GBTREE'",
  TREE_METHOD: "'HIST'",
  XGBOOST_VERSION: "'2.1'",
  MAX_TREE_DEPTH: '8',
  LEARN_RATE: '0.05',
  MAX_ITERATIONS: '500',
  MIN_TREE_CHILD_WEIGHT: '3',
  MIN_SPLIT_LOSS: '0.0',
  SUBSAMPLE: '0.8',
  COLSAMPLE_BYTREE: '0.8',
  L1_REG: '0.0',
  L2_REG: '1.0',
  EARLY_STOP: 'TRUE',
  MIN_REL_PROGRESS: '0.0001',
  INPUT_LABEL_COLS: "['target']",
  DATA_SPLIT_METHOD: "'SEQ'",
  DATA_SPLIT_COL: "'split_time'",
  DATA_SPLIT_EVAL_FRACTION: '0.15',
  ENABLE_GLOBAL_EXPLAIN: 'TRUE',
};

/** Trains the model. The label is the root of the outcome and a quarter, as `target-scale.ts` has it. */
export function createModelStatement(ml: BigQueryMl): string {
  const options = Object.entries(OPTIONS).map(([name, value]) => `  ${name} = ${value}`);
  return `CREATE OR REPLACE MODEL ${ml.path}
OPTIONS (
${options.join(',\n')}
) AS
${trainingSelect(ml)}`;
}

/** The rows that are trained on, with the label and the time by which they are split. */
export function trainingSelect(ml: BigQueryMl): string {
  // Sequential splits take a TIMESTAMP, not a DATE.
  return labelledSelect(ml, `< DATE '${ml.cutOff}'`, [
    `SQRT(${outcomeOf(ml)} + 0.25) AS target`,
    'TIMESTAMP(f0.game_date) AS split_time',
  ]);
}

/** The rows of a system of predictions, in the columns that the trained systems have. */
export function predictStatement(ml: BigQueryMl): string {
  const line = ml.lines === undefined ? 'CAST(NULL AS FLOAT64)' : 'l.points_line';
  const join =
    ml.lines === undefined
      ? ''
      : `
LEFT JOIN ${ml.table(ml.lines)} AS l
  ON l.game_date = p.game_date AND l.player_lookup = p.player_lookup
  AND l.game_date ${predictedDates(ml)}`;
  return `SELECT
  p.game_date,
  p.player_lookup,
  p.game_id,
  p.season_year,
  '${ml.model.id}_bqml' AS system_id,
  ${predictedOutcome(ml)} AS prediction,
  CAST(NULL AS FLOAT64) AS predicted_mean,
  CAST(NULL AS FLOAT64) AS predicted_p10,
  ${predictedOutcome(ml)} AS predicted_p50,
  CAST(NULL AS FLOAT64) AS predicted_p90,
  CAST(NULL AS FLOAT64) AS over_probability,
  50e0 AS confidence,
  -- It says nothing of the spread, so there is no probability to go by.
  IF(${line} IS NULL, 'NO_LINE', 'PASS') AS recommendation,
  DATE '${ml.cutOff}' AS model_cut_off,
  '${modelName(ml.model.id, ml.cutOff)}' AS model_version
FROM ML.PREDICT(MODEL ${ml.path}, (
${indent(servingSelect(ml))}
)) AS p${join}`;
}

/** The rows that are predicted: whoever has the features that are required, with a result or not. */
export function servingSelect(ml: BigQueryMl): string {
  const columns = ['game_date', 'player_lookup', 'game_id', 'season_year'];
  return selectOf(
    [...columns.map((name) => `f0.${name}`), ...features(ml)],
    joins(ml, predictedDates(ml)),
    [`f0.game_date ${predictedDates(ml)}`, ...required(ml)],
  );
}

/** What BigQuery ML measures, on the scale of the label, of dates that the model has not seen. */
export function evaluateStatement(ml: BigQueryMl): string {
  const label = `SQRT(${outcomeOf(ml)} + 0.25) AS target`;
  return `SELECT e.*
FROM ML.EVALUATE(MODEL ${ml.path}, (
${indent(labelledSelect(ml, predictedDates(ml), [label]))}
)) AS e`;
}

/** The errors in points, of dates that the model has not seen. */
export function errorStatement(ml: BigQueryMl): string {
  const outcome = `${outcomeOf(ml)} AS outcome`;
  const off = `${predictedOutcome(ml)} - p.outcome`;
  return `SELECT
  COUNT(*) AS predictions,
  AVG(ABS(${off})) AS mae,
  SQRT(AVG(POW(${off}, 2))) AS rmse,
  AVG(${off}) AS bias
FROM ML.PREDICT(MODEL ${ml.path}, (
${indent(labelledSelect(ml, predictedDates(ml), [outcome]))}
)) AS p`;
}

/** How much each feature gained. */
export function importanceStatement(ml: BigQueryMl): string {
  return `SELECT i.feature, i.importance_weight, i.importance_gain, i.importance_cover
FROM ML.FEATURE_IMPORTANCE(MODEL ${ml.path}) AS i
ORDER BY i.importance_gain DESC`;
}

/** Every cut-off has a model of its own. */
export function modelName(id: string, cutOff: string): string {
  return `${id}_${cutOff.replaceAll('-', '')}`;
}

/** Rows of games that were played, by players with games of the season before. */
function labelledSelect(ml: BigQueryMl, dates: string, labels: readonly string[]): string {
  const played = `JOIN ${ml.table(ml.outcomes)} AS o
  ON o.game_date = f0.game_date AND o.player_lookup = f0.player_lookup
  AND o.game_date ${dates}`;
  return selectOf(
    [...labels, ...features(ml)],
    [...joins(ml, dates), played],
    [
      `f0.game_date ${dates}`,
      'o.minutes_played > 0',
      `${outcomeOf(ml)} IS NOT NULL`,
      `f0.season_games >= ${ml.minSeasonGames}`,
      ...required(ml),
    ],
  );
}

function predictedDates({ cutOff, until }: BigQueryMl): string {
  return `BETWEEN DATE '${cutOff}' AND DATE_SUB(DATE '${until}', INTERVAL 1 DAY)`;
}

function outcomeOf({ model }: BigQueryMl): string {
  const sum = model.target.map((column) => `o.${quote(column)}`).join(' + ');
  return model.target.length === 1 ? sum : `(${sum})`;
}

/** The label turned back into an outcome. */
function predictedOutcome({ model }: BigQueryMl): string {
  const label = 'p.predicted_target';
  const outcome = `IF(${label} < 0.5e0, ${label} - 0.5e0, POW(${label}, 2) - 0.25e0)`;
  return `LEAST(GREATEST(${outcome}, 0), ${model.largest})`;
}

/** The features by their names, with what stands in for those that are not known. */
function features({ model }: BigQueryMl): string[] {
  return model.features.flatMap(({ names }, at) =>
    names.map((name) => {
      const column = `f${at}.${quote(name)}`;
      const standIn = model.defaults[name];
      return standIn === undefined ? column : `COALESCE(${column}, ${standIn}) AS ${quote(name)}`;
    }),
  );
}

/** The first relation of features, and the others beside it; each reads its own dates only. */
function joins({ model, table }: BigQueryMl, dates: string): string[] {
  return model.features.map(({ relation }, at) =>
    at === 0
      ? `FROM ${table(relation)} AS f0`
      : `LEFT JOIN ${table(relation)} AS f${at}
  ON f${at}.game_date = f0.game_date AND f${at}.player_lookup = f0.player_lookup
  AND f${at}.game_date ${dates}`,
  );
}

function required({ model }: BigQueryMl): string[] {
  return model.required.map((name) => {
    const at = model.features.findIndex(({ names }) => names.includes(name));
    return `f${at}.${quote(name)} IS NOT NULL`;
  });
}

function selectOf(
  columns: readonly string[],
  from: readonly string[],
  conditions: readonly string[],
): string {
  return `SELECT
  ${columns.join(',\n  ')}
${from.join('\n')}
WHERE ${conditions.join('\n  AND ')}`;
}

function quote(name: string): string {
  return `\`${name}\``;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
