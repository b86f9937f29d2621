/** One tree as XGBoost writes it: node 0 splits, leaves have the children -1. */
export interface MadeTree {
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly feature: readonly number[];
  readonly condition: readonly number[];
  readonly defaultLeft: readonly (number | boolean)[];
}

/** A split on a feature with two leaves. */
export function stump(
  feature: number,
  below: number,
  [left, right]: readonly [number, number],
  isDefaultLeft = false,
): MadeTree {
  return {
    left: [1, -1, -1],
    right: [2, -1, -1],
    feature: [feature, 0, 0],
    condition: [below, left, right],
    defaultLeft: [isDefaultLeft ? 1 : 0, 0, 0],
  };
}

export interface MadeModel {
  readonly trees: readonly MadeTree[];
  readonly features?: number;
  readonly names?: readonly string[];
  readonly objective?: Readonly<Record<string, unknown>>;
  readonly baseScore?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly version?: readonly number[];
  readonly attributes?: Readonly<Record<string, string>>;
  /** Where rounds begin; as files since 2.0 have it. */
  readonly rounds?: readonly number[];
  readonly treesPerRound?: number;
  /** Weights of the trees; makes it dart. */
  readonly weights?: readonly number[];
}

/** A model in the form of XGBoost 3.1 as an object, to be changed by tests. */
export function madeXgboost(made: MadeModel) {
  const features = made.features ?? 2;
  const trees = made.trees.map((tree, id) => madeTree(tree, { id, features }));
  const model = {
    cats: { enc: [], feature_segments: [], sorted_idx: [] },
    gbtree_model_param: {
      num_parallel_tree: String(made.treesPerRound ?? 1),
      num_trees: String(trees.length),
    },
    ...(made.rounds && { iteration_indptr: [...made.rounds] }),
    tree_info: trees.map(() => 0),
    trees,
  };
  return {
    learner: {
      attributes: made.attributes ?? {},
      feature_names: [...(made.names ?? [])],
      feature_types: [],
      gradient_booster: made.weights
        ? { name: 'dart', gbtree: { model, name: 'gbtree' }, weight_drop: [...made.weights] }
        : { model, name: 'gbtree' },
      learner_model_param: {
        base_score: made.baseScore ?? '[5E-1]',
        boost_from_average: '1',
        num_class: '0',
        num_feature: String(features),
        num_target: '1',
        ...made.parameters,
      },
      objective: made.objective ?? {
        name: 'reg:squarederror',
        reg_loss_param: { scale_pos_weight: '1' },
      },
    },
    version: [...(made.version ?? [3, 1, 0])],
  };
}

function madeTree(tree: MadeTree, { id, features }: { id: number; features: number }) {
  const nodes = tree.left.length;
  return {
    base_weights: [...tree.condition],
    categories: [] as number[],
    default_left: [...tree.defaultLeft],
    id,
    left_children: [...tree.left],
    loss_changes: tree.left.map((left) => (left === -1 ? 0 : 2)),
    right_children: [...tree.right],
    split_conditions: [...tree.condition],
    split_indices: [...tree.feature],
    split_type: tree.left.map(() => 0),
    sum_hessian: tree.left.map(() => 1),
    tree_param: {
      num_deleted: '0',
      num_feature: String(features),
      num_nodes: String(nodes),
      size_leaf_vector: '1',
    },
  };
}

/** A copy with the value at a path replaced, as `learner.objective.name`; undefined takes it out. */
export function withValue(model: object, path: string, value: unknown): object {
  const copy = structuredClone(model) as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let at = copy;
  for (const key of keys) at = at[key] as Record<string, unknown>;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}
