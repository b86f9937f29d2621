import { describe, expect, test } from 'vitest';
import { ModelFault } from '../../assets/models/model-record.ts';
import { parseXgboost } from '../../assets/models/xgboost-json.ts';
import { madeXgboost, stump, withValue, type MadeModel } from './made-xgboost.ts';
import { modelText } from './xgboost-fixture.ts';

/** Below 0.1 goes left, what is not known goes right; the second tree asks for the second feature. */
const TWO_TREES = [stump(0, 0.1, [1, 2]), stump(1, 10, [0.25, -0.25], true)];

function predict(made: MadeModel, rows: readonly (readonly number[])[], end?: number): number[] {
  const model = parseXgboost(JSON.stringify(madeXgboost(made)), end);
  const columns = [0, 1].map((at) => Float64Array.from(rows, (row) => row[at] ?? NaN));
  return [...model.predict(columns, rows.length)];
}

function fault(text: string, end?: number): ModelFault {
  try {
    parseXgboost(text, end);
  } catch (error) {
    if (error instanceof ModelFault) return error;
    throw error;
  }
  throw new Error('the model was read');
}

function faultOf(made: MadeModel, path?: string, value?: unknown): ModelFault {
  const model = madeXgboost(made);
  return fault(JSON.stringify(path === undefined ? model : withValue(model, path, value)));
}

const TREE = 'learner.gradient_booster.model.trees.0';

describe('what is predicted', () => {
  test('is the base score and a leaf of each tree', () => {
    const rows = [
      [0, 0],
      [1, 0],
      [0, 20],
      [1, 20],
    ];
    expect(predict({ trees: TWO_TREES }, rows)).toEqual([1.75, 2.75, 1.25, 2.25]);
  });

  test('a value that is not known goes where the split says', () => {
    expect(predict({ trees: TWO_TREES }, [[NaN, NaN]])).toEqual([0.5 + 2 + 0.25]);
    const booleans = { ...stump(0, 0, [1, 2]), defaultLeft: [true, false, false] };
    expect(predict({ trees: [booleans] }, [[NaN, 0]])).toEqual([1.5]);
  });

  test('a value is compared as a 32-bit float, and one on the split goes right', () => {
    const rows = [0.1, 0.1 - 1e-12, 0.1 - 1e-7].map((value) => [value, 0]);
    // 0.1 - 1e-12 is 0.1 in 32 bits; 0.1 - 1e-7 is not.
    expect(predict({ trees: [stump(0, 0.1, [1, 2])] }, rows)).toEqual([2.5, 2.5, 1.5]);
    expect(predict({ trees: [stump(0, Math.fround(0.1), [1, 2])] }, rows)).toEqual([2.5, 2.5, 1.5]);
  });

  test('infinite values have their side', () => {
    const rows = [-Infinity, Infinity].map((value) => [value, 0]);
    expect(predict({ trees: [stump(0, 0.1, [1, 2])] }, rows)).toEqual([1.5, 2.5]);
  });

  test.each(['5E-1', '0.5', '[5E-1]', '[0.5]', ' [5e-01] '])('the base score %s is 0.5', (text) => {
    expect(predict({ trees: [stump(0, 0, [1, 2])], baseScore: text }, [[1, 0]])).toEqual([2.5]);
  });

  test.each(['count:poisson', 'reg:gamma', 'reg:tweedie'])(
    '%s: e to the sum, with the base score as a count',
    (name) => {
      const trees = [stump(0, 0, [Math.log(3), 0])];
      const found = predict({ trees, objective: { name }, baseScore: '[2E0]' }, [
        [-1, 0],
        [1, 0],
      ]);
      expect(found[0]).toBeCloseTo(6, 5);
      expect(found[1]).toBeCloseTo(2, 5);
    },
  );

  test('dart: every tree by its weight', () => {
    expect(predict({ trees: TWO_TREES, weights: [0.5, 2] }, [[0, 0]])).toEqual([0.5 + 0.5 + 0.5]);
  });

  test('one quantile is read', () => {
    const objective = {
      name: 'reg:quantileerror',
      quantile_loss_param: { quantile_alpha: '[0.5]' },
    };
    expect(predict({ trees: TWO_TREES, objective }, [[0, 0]])).toEqual([1.75]);
  });

  test('nodes that were pruned are not in the way', () => {
    const pruned = {
      left: [3, -1, -1, -1, -1],
      right: [4, -1, -1, -1, -1],
      feature: [0, 99, 99, 0, 0],
      condition: [0, 0, 0, 1, 2],
      defaultLeft: [0, 0, 0, 0, 0],
    };
    expect(predict({ trees: [pruned] }, [[-1, 0]])).toEqual([1.5]);
  });
});

describe('how many rounds predict', () => {
  const trees = [1, 2, 4, 8].map((value) => stump(0, 0, [value, value]));
  const best = { best_iteration: '1', best_score: '3.5' };

  test('all of a Booster, whatever its best round was', () => {
    expect(predict({ trees, attributes: best }, [[0, 0]])).toEqual([15.5]);
  });

  test('up to the best of an XGBRegressor', () => {
    const attributes = { ...best, scikit_learn: '{"_estimator_type": "regressor"}' };
    expect(predict({ trees, attributes }, [[0, 0]])).toEqual([3.5]);
    expect(predict({ trees, attributes }, [[0, 0]], 3)).toEqual([7.5]);
  });

  test('as many as are asked for', () => {
    expect(predict({ trees }, [[0, 0]], 1)).toEqual([1.5]);
    expect(predict({ trees, treesPerRound: 2 }, [[0, 0]], 1)).toEqual([3.5]);
    expect(predict({ trees, rounds: [0, 3, 4] }, [[0, 0]], 1)).toEqual([7.5]);
  });

  test.each([0, 5, 1.5])('not %s of four', (end) => {
    expect(fault(JSON.stringify(madeXgboost({ trees })), end).message).toBe(
      `it has 4 rounds, iteration_end is ${end}`,
    );
  });
});

describe('what is said of the model', () => {
  test('its names, its rounds, and what each feature gained', () => {
    const made = madeXgboost({ trees: [...TWO_TREES, TWO_TREES[0]!], names: ['a', 'b'] });
    const model = parseXgboost(JSON.stringify(made));
    expect(model).toMatchObject({
      objective: 'reg:squarederror',
      features: 2,
      featureNames: ['a', 'b'],
      iterations: 3,
      iterationEnd: 3,
      trees: 3,
    });
    expect([...model.gains]).toEqual([4 / 6, 2 / 6]);
  });
});

describe('refused is', () => {
  const trees = TWO_TREES;

  test('a file that is cut off anywhere', () => {
    const text = modelText('poisson').trim();
    for (const share of [0, 0.01, 0.5, 0.9, 0.999]) {
      const found = fault(text.slice(0, Math.floor(share * text.length)));
      expect(found.category).toBe('MODEL_CORRUPT');
      expect(found.message).toMatch(
        /^its [\d,]+ characters are no JSON and do not end like it: the file is cut off/,
      );
    }
  });

  test.each([
    ['{}', 'it is JSON without the field "version", so XGBoost did not save it'],
    ['[1]', 'it is [1], expected an object'],
    ['null', 'it is null, expected an object'],
    ['{"version": [1, 7, 4]}', 'learner is not there, expected an object'],
  ])('JSON of something else: %s', (text, message) => {
    expect(fault(text).message).toBe(message);
  });

  test.each([
    [[0, 90], '0.90'],
    [[4, 0, 0], '4.0.0'],
  ])('version %s', (version, name) => {
    const found = faultOf({ trees, version });
    expect(found.category).toBe('MODEL_MISMATCH');
    expect(found.message).toBe(
      `it was saved by XGBoost ${name}, files of the versions 1, 2 and 3 are read`,
    );
  });

  test.each(['binary:logistic', 'multi:softprob', 'rank:ndcg', 'survival:aft', 'toString'])(
    'the objective %s, by its name',
    (name) => {
      const found = faultOf({ trees, objective: { name } });
      expect(found.category).toBe('MODEL_MISMATCH');
      expect(found.message).toContain(`its objective is "${name}", those that are read are reg:sq`);
    },
  );

  test.each(['num_class', 'num_target'])('a %s of 3', (name) => {
    expect(faultOf({ trees, parameters: { [name]: '3' } }).message).toBe(
      `its ${name} is 3, expected a model of one number`,
    );
  });

  test('several quantiles, base scores or outputs', () => {
    const objective = {
      name: 'reg:quantileerror',
      quantile_loss_param: { quantile_alpha: '[0.1,0.9]' },
    };
    expect(faultOf({ trees, objective }).message).toBe('it predicts 2 quantiles, expected one');
    expect(faultOf({ trees, baseScore: '[1E0,2E0]' }).message).toContain('2 base scores');
    const info = faultOf({ trees }, 'learner.gradient_booster.model.tree_info', [0, 1]);
    expect(info.message).toContain('belong to several outputs');
    const leaf = faultOf({ trees }, `${TREE}.tree_param.size_leaf_vector`, '2');
    expect(leaf.message).toContain('a model of several outputs is not read');
  });

  test('the linear booster', () => {
    const found = faultOf({ trees }, 'learner.gradient_booster.name', 'gblinear');
    expect(found.message).toBe('its booster is "gblinear", those that are read are gbtree, dart');
  });

  test('a split by categories', () => {
    expect(faultOf({ trees }, `${TREE}.split_type`, [1, 0, 0]).message).toBe(
      'learner.gradient_booster.model.trees[0].split_type is [1,0,0], expected splits of numbers ' +
        'only; a model with categorical splits is not read',
    );
  });

  test.each([
    ['left_children', [1, -1], 'right_children is [2,-1,-1], expected 2 values, one per node'],
    ['left_children', [], 'left_children is [], expected at least one node'],
    ['left_children', [7, -1, -1], 'expected a tree, but node 7 is outside of it or shared'],
    ['left_children', [0, -1, -1], 'expected a tree, but node 0 is outside of it or shared'],
    ['left_children', [2, -1, -1], 'expected a tree, but node 2 is outside of it or shared'],
    ['right_children', [-5, -1, -1], 'expected a tree, but node -5 is outside of it or shared'],
    ['split_indices', [2, 0, 0], 'split_indices is [2,0,0], expected numbers from 0 to 1'],
    ['split_indices', [-1, 0, 0], 'expected numbers from 0 to 1'],
    ['split_conditions', [1, 'x', 3], 'split_conditions[1] is "x", expected a number'],
    ['default_left', [1], 'default_left is [1], expected 3 values, one per node'],
    ['default_left', undefined, 'default_left is not there, expected a list of numbers'],
  ])('a tree whose %s is %j', (field, value, message) => {
    const found = faultOf({ trees }, `${TREE}.${field}`, value);
    expect(found.category).toBe('MODEL_CORRUPT');
    expect(found.message).toContain(message);
  });

  test.each([
    ['learner.learner_model_param.base_score', '', 'base_score is "", expected a number in quotes'],
    ['learner.learner_model_param.base_score', '[x]', 'expected a number in quotes'],
    ['learner.learner_model_param.num_feature', 'many', 'is "many", expected a number in quotes'],
    ['learner.gradient_booster.model.gbtree_model_param.num_trees', '3', 'it says that it has 3'],
    ['learner.gradient_booster.model.trees', {}, 'trees is {}, expected a list'],
    ['learner.feature_names', [1], 'learner.feature_names[0] is 1, expected a text'],
    ['learner.gradient_booster.model.iteration_indptr', [0, 5], 'expected where rounds begin'],
    ['learner.gradient_booster.model.iteration_indptr', [0, 2, 1, 2], 'where rounds begin'],
  ])('%s: %j', (path, value, message) => {
    expect(faultOf({ trees }, path, value).message).toContain(message);
  });

  test('weights of dart that are not one per tree', () => {
    expect(faultOf({ trees, weights: [1] }).message).toBe(
      'its weight_drop has 1 weights for 2 trees',
    );
  });
});
