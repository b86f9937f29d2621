import type { BoostedTrees } from './boosting.ts';
import { toScale } from './target-scale.ts';
import { contentOf, fit, importancesOf, parse, predictTrees } from './train-boosting.ts';
import type { Member, Trainer } from './trainer.ts';

/** Minutes need fewer trees than points. */
const MOST_TREES = 100;

/** Minutes by boosting, times what the player makes of a minute. */
export const minutesRate: Trainer = {
  name: 'minutes_rate',
  version: 1,
  train: (data, options) => {
    const rate = options.rate ?? '';
    const minutes = fit(data, data.minutes, {
      ...options,
      trees: Math.min(options.trees, MOST_TREES),
      ...(options.validation ? { validationTarget: options.validation.minutes } : {}),
    });
    return memberOf(minutes, rate, data.names);
  },
  load: (content, names) => {
    const stored = content as { readonly rate: string; readonly minutes: unknown };
    return memberOf(parse(stored.minutes), stored.rate, names);
  },
};

function memberOf(minutes: BoostedTrees, rate: string, names: readonly string[]): Member {
  const at = names.indexOf(rate);
  return {
    predict: (features, rows) => {
      const played = predictTrees(minutes, features, rows);
      const rates = features[at];
      return played.map((value, row) => toScale(Math.max(0, value) * (rates?.[row] || 0)));
    },
    importances: importancesOf(minutes.trees, names),
    trees: minutes.trees.length,
    content: { rate, minutes: contentOf(minutes) },
  };
}
