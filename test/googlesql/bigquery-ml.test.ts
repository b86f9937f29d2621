import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { bigQueryMlOf, statementsOf } from '../../assets/models/bigquery-ml.ts';
import {
  type BigQueryMl,
  createModelStatement,
  errorStatement,
  evaluateStatement,
  importanceStatement,
  predictStatement,
  servingSelect,
  trainingSelect,
} from '../../assets/models/bigquery-ml-sql.ts';
import type { CompiledPipeline } from '../../engine/compile/compiled.ts';
import { TestProject } from '../support/project.ts';
import { catalogOf, declaredTables } from './pipeline-catalog.ts';
import { serviceBinary, skipReason } from './zetasql-binary.ts';
import { type AnalyzedColumn, type Catalog, ZetaSqlService } from './zetasql-service.ts';
import { protoType } from './zetasql-values.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const TEXT = readFileSync(join(ROOT, 'pipeline.yaml'), 'utf8');
const MODELS = Object.keys(
  (
    parse(TEXT, { merge: true }) as {
      readonly assets: {
        readonly points_model: { readonly settings: { readonly models: object } };
      };
    }
  ).assets.points_model.settings.models,
);
/** All trained systems have the columns of this one. */
const SYSTEM = 'boosted_21_v1';

function of(model: string, more: object = {}): BigQueryMl {
  return bigQueryMlOf(TEXT, { model, cutOff: '2024-01-01', ...more }, {});
}

/** What Google documents that the functions of models return. */
const EVALUATION = [
  'mean_absolute_error',
  'mean_squared_error',
  'mean_squared_log_error',
  'median_absolute_error',
  'r2_score',
  'explained_variance',
].map((name) => ({ name, type: 'FLOAT64' }));
const IMPORTANCE = [
  { name: 'feature', type: 'STRING' },
  { name: 'importance_weight', type: 'INT64' },
  { name: 'importance_gain', type: 'FLOAT64' },
  { name: 'importance_cover', type: 'FLOAT64' },
];

/**
 * The options that Google documents for boosted trees and that are no matter of tuning.
 * docs.cloud.google.com/bigquery/docs/reference/standard-sql/bigqueryml-syntax-create-boosted-tree
 */
const DOCUMENTED = [
  'MODEL_TYPE',
  'APPROX_GLOBAL_FEATURE_CONTRIB',
  'CATEGORY_ENCODING_METHOD',
  'BOOSTER_TYPE',
  'DART_NORMALIZE_TYPE',
  'NUM_PARALLEL_TREE',
  'MAX_TREE_DEPTH',
  'DROPOUT',
  'L1_REG',
  'L2_REG',
  'LEARN_RATE',
  'TREE_METHOD',
  'MIN_TREE_CHILD_WEIGHT',
  'COLSAMPLE_BYTREE',
  'COLSAMPLE_BYLEVEL',
  'COLSAMPLE_BYNODE',
  'MIN_SPLIT_LOSS',
  'SUBSAMPLE',
  'INSTANCE_WEIGHT_COL',
  'XGBOOST_VERSION',
  'ENABLE_GLOBAL_EXPLAIN',
  'EARLY_STOP',
  'MIN_REL_PROGRESS',
  'INPUT_LABEL_COLS',
  'MAX_ITERATIONS',
  'DATA_SPLIT_METHOD',
  'DATA_SPLIT_EVAL_FRACTION',
  'DATA_SPLIT_COL',
  'KMS_KEY_NAME',
];
/** Types by which BigQuery ML splits data sequentially. */
const SPLIT_TYPES = ['NUMERIC', 'BIGNUMERIC', 'STRING', 'TIMESTAMP'];

/** A function of models: takes one, and a query if it has input; always returns the same columns. */
function modelFunction(
  name: string,
  { output, hasInput }: { readonly output: readonly AnalyzedColumn[]; readonly hasInput: boolean },
): object {
  const column = output.map((each) => ({ name: each.name, type: protoType(each.type) }));
  return {
    name_path: ['ML', name],
    type: 'FIXED_OUTPUT_SCHEMA_TVF',
    signature: {
      argument: ['ARG_TYPE_MODEL', ...(hasInput ? ['ARG_TYPE_RELATION'] : [])].map((kind) => ({
        kind,
        num_occurrences: 1,
      })),
      return_type: {
        kind: 'ARG_TYPE_RELATION',
        num_occurrences: 1,
        options: { relation_input_schema: { column } },
      },
    },
  };
}

/** The tables of the pipeline, a model, and the functions of models; in a project if one is named. */
function catalogWith(
  pipeline: CompiledPipeline,
  ml: BigQueryMl,
  predicted: readonly AnalyzedColumn[],
): Catalog {
  const parts = ml.path.replaceAll('`', '').split('.');
  const [model = '', dataset = '', project] = parts.reverse();
  const prefix = dataset.replace(/nba_models$/, '');
  const tables = declaredTables(pipeline).map((table) => ({
    ...table,
    dataset: `${prefix}${table.dataset}`,
  }));
  const { catalog, ...rest } = catalogOf(tables) as {
    readonly catalog: readonly { name: string }[];
  };
  const datasets = catalog.map((each) =>
    each.name === dataset ? { ...each, model: [{ name: model, id: 1 }] } : each,
  );
  const output = [{ name: 'predicted_target', type: 'FLOAT64' }, ...predicted];
  return {
    ...rest,
    catalog: [
      ...(project === undefined ? datasets : [{ name: project, catalog: datasets }]),
      {
        name: 'ML',
        custom_tvf: [
          modelFunction('PREDICT', { output, hasInput: true }),
          modelFunction('EVALUATE', { output: EVALUATION, hasInput: true }),
          modelFunction('FEATURE_IMPORTANCE', { output: IMPORTANCE, hasInput: false }),
        ],
      },
    ],
  };
}

describe.skipIf(serviceBinary.path === undefined)(
  `Google's analyzer accepts, for BigQuery ML,${skipReason}`,
  () => {
    const home = mkdtempSync(join(tmpdir(), 'bigquery-ml-'));
    let pipeline: CompiledPipeline;
    let service: ZetaSqlService;

    beforeAll(async () => {
      const project = new TestProject(ROOT);
      project.env['FASTBREAK_HOME'] = home;
      ({ pipeline } = await project.open());
      service = await ZetaSqlService.start();
    }, 120_000);
    afterAll(async () => {
      await service[Symbol.asyncDispose]();
      rmSync(home, { recursive: true, force: true });
    });

    const places = [{}, { project: 'my-project', datasetPrefix: 'dev_' }];
    const cases = MODELS.flatMap((model) => places.map((place) => ({ model, place })));

    test.each(cases)('all statements of $model in $place', async ({ model, place }) => {
      const ml = of(model, place);
      const plain = await service.register(catalogWith(pipeline, ml, []));
      const names = ml.model.features.flatMap((source) => source.names);

      const trained = await service.analyze(plain, trainingSelect(ml));
      expect(trained.map(({ name }) => name)).toEqual(['target', 'split_time', ...names]);
      expect(trained[0]?.type).toBe('FLOAT64');
      expect(SPLIT_TYPES).toContain(trained[1]?.type);
      // Anything else would be taken for a category.
      for (const { name, type } of trained.slice(2)) {
        expect(['FLOAT64', 'INT64'], name).toContain(type);
      }
      await service.resolve(plain, createModelStatement(ml));

      const served = await service.analyze(plain, servingSelect(ml));
      const keys = ['game_date', 'player_lookup', 'game_id', 'season_year'];
      expect(served.map(({ name }) => name)).toEqual([...keys, ...names]);
      expect(served.slice(4)).toEqual(trained.slice(2));

      const predicting = await service.register(catalogWith(pipeline, ml, served));
      const system = pipeline.assets.find(({ name }) => name === SYSTEM);
      expect(await service.analyze(predicting, predictStatement(ml))).toEqual(
        system?.columns.map(({ name, type }) => ({ name, type })),
      );

      expect(await service.analyze(predicting, evaluateStatement(ml))).toEqual(EVALUATION);
      expect(await service.analyze(predicting, importanceStatement(ml))).toEqual(IMPORTANCE);
      const outcome = [{ name: 'outcome', type: 'FLOAT64' }];
      const measuring = await service.register(catalogWith(pipeline, ml, outcome));
      const errors = await service.analyze(measuring, errorStatement(ml));
      expect(errors.map(({ name }) => name)).toEqual(['predictions', 'mae', 'rmse', 'bias']);
    });

    test('and refuses a column, a table and a model that are not there', async () => {
      const ml = of('points_v1');
      const served = await service.analyze(
        await service.register(catalogWith(pipeline, ml, [])),
        servingSelect(ml),
      );
      const catalog = await service.register(catalogWith(pipeline, ml, served));
      const wrong = (sql: string, from: string, to: string): Promise<unknown> => {
        expect(sql).toContain(from);
        return service.resolve(catalog, sql.replace(from, to));
      };
      const create = createModelStatement(ml);
      await expect(wrong(create, '`season_points`', '`season_point`')).rejects.toThrow(
        /season_point/,
      );
      await expect(wrong(create, '`model_features`', '`features`')).rejects.toThrow(/not found/);
      const predict = predictStatement(ml);
      await expect(wrong(predict, '_20240101`', '_20230101`')).rejects.toThrow(
        /[Mm]odel not found/,
      );
      await expect(wrong(predict, 'p.predicted_target', 'p.predicted')).rejects.toThrow(
        /predicted/,
      );
    });
  },
);

describe('the model of BigQuery ML', () => {
  test('has options that are documented, with the parameters of the training', () => {
    const sql = createModelStatement(of('points_v1'));
    const text = sql.split('OPTIONS (')[1]?.split(') AS')[0] ?? '';
    const options: Record<string, string> = {};
    for (const [, name = '', value = ''] of text.matchAll(/^ {2}(\w+) = (.+?),?$/gm)) {
      options[name] = value;
    }
    for (const name of Object.keys(options)) expect(DOCUMENTED).toContain(name);
    expect(options).toMatchObject({
      MODEL_TYPE: "'BOOSTED_TREE_REGRESSOR'",
      MAX_TREE_DEPTH: '8',
      LEARN_RATE: '0.05',
      MAX_ITERATIONS: '500',
      MIN_TREE_CHILD_WEIGHT: '3',
      SUBSAMPLE: '0.8',
      COLSAMPLE_BYTREE: '0.8',
      L1_REG: '0.0',
      L2_REG: '1.0',
      EARLY_STOP: 'TRUE',
      INPUT_LABEL_COLS: "['target']",
      DATA_SPLIT_METHOD: "'SEQ'",
      DATA_SPLIT_COL: "'split_time'",
    });
  });

  test('is trained on dates before the cut-off, of every table; predicts and is measured after it', () => {
    const ml = of('points_lineups_v1', { until: '2024-02-10' });
    const datesIn = (sql: string): string[] =>
      [...sql.matchAll(/(\w+\.game_date) (<|BETWEEN)(.+)$/gm)].map(
        ([, , how, rest]) => `${how}${rest}`,
      );
    const before = datesIn(createModelStatement(ml));
    expect(before).toEqual(Array<string>(3).fill("< DATE '2024-01-01'"));
    const after = "BETWEEN DATE '2024-01-01' AND DATE_SUB(DATE '2024-02-10', INTERVAL 1 DAY)";
    expect(datesIn(predictStatement(ml))).toEqual(Array<string>(3).fill(after));
    expect(datesIn(evaluateStatement(ml))).toEqual(Array<string>(3).fill(after));
    expect(datesIn(errorStatement(ml))).toEqual(Array<string>(3).fill(after));
  });

  test('stands in for what is not known, and leaves out rows without what is required', () => {
    const sql = createModelStatement(of('boosted_21_v1'));
    expect(sql).toContain('COALESCE(f0.`fatigue_score`, 70) AS `fatigue_score`');
    expect(sql).toContain('\n  f0.`points_avg_season`,');
    expect(sql).toContain('AND f0.`points_avg_last_5` IS NOT NULL');
  });

  test('is found by project and dataset as the target has them, or as is said', () => {
    const yaml = TEXT.replace(
      /prod: \{ warehouse: bigquery.*\}/,
      "prod: { warehouse: bigquery, project: '${GCP_PROJECT:-nobody}', dataset_prefix: stage_ }",
    );
    const path = (more: object, env: Record<string, string> = {}): string =>
      bigQueryMlOf(yaml, { model: 'points_v1', cutOff: '2024-01-01', ...more }, env).path;
    expect(path({})).toBe('`nobody`.`stage_nba_models`.`points_v1_20240101`');
    expect(path({}, { GCP_PROJECT: 'p1' })).toBe('`p1`.`stage_nba_models`.`points_v1_20240101`');
    expect(path({ project: 'p2', datasetPrefix: '' })).toBe(
      '`p2`.`nba_models`.`points_v1_20240101`',
    );
    const { table } = of('points_v1');
    expect(table('player_game_summary')).toBe('`nba_analytics`.`player_game_summary`');
  });

  test.each([
    [{ model: 'other' }, 'there is no model "other"'],
    [{ cutOff: '2024-02-30' }, '"2024-02-30" is no date'],
    [{ cutOff: 'January' }, '"January" is no date'],
    [{ until: '2024-01-01' }, '--until 2024-01-01 is not after the cut-off'],
    [{ project: 'x`; DROP' }, '"x`; DROP" is no name in BigQuery'],
  ])('%j is refused', (more, message) => {
    expect(() => of('points_v1', more)).toThrow(message);
  });

  test('ends in December with the year', () => {
    expect(of('points_v1', { cutOff: '2023-12-15' }).until).toBe('2024-01-01');
  });
});

describe('on the command line', () => {
  const script = join(ROOT, 'assets/models/bigquery-ml.ts');

  test('the statements are printed, all or one', () => {
    const print = (...args: readonly string[]): string =>
      execFileSync(process.execPath, [script, 'points_v1', '2024-01-01', ...args], {
        cwd: ROOT,
        encoding: 'utf8',
        env: {},
      });
    expect(print()).toBe(statementsOf(of('points_v1')));
    const project = ['--project', 'p', '--dataset-prefix', 'x_', '--only', 'importance'];
    expect(print(...project)).toBe(`-- importance
SELECT i.feature, i.importance_weight, i.importance_gain, i.importance_cover
FROM ML.FEATURE_IMPORTANCE(MODEL \`p\`.\`x_nba_models\`.\`points_v1_20240101\`) AS i
ORDER BY i.importance_gain DESC;
`);
  });

  test.each([
    [['nope', '2024-01-01'], 'there is no model "nope"\nhint: points_model has boosted_21_v1, '],
    [
      ['points_v1', '2024-01-01', '--only', 'all'],
      'there is no statement "all"\nhint: those are create, ',
    ],
    [['points_v1', '2024-01-01', '--file', 'no.yaml'], 'no such file'],
    [['points_v1', '2024-01-01', '--projct', 'x'], "Unknown option '--projct'"],
  ])('%j is told what is wrong, without a stack', (args, message) => {
    const { status, stderr } = spawnSync(process.execPath, [script, ...args], {
      cwd: ROOT,
      encoding: 'utf8',
      env: {},
    });
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
