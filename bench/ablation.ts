import { parseArgs } from 'node:util';

import type { EvaluationRows } from '../engine/assets/module-evaluation.ts';
import { openProject } from '../engine/commands/context.ts';
import type { Effects, GlobalOptions } from '../engine/commands/context.ts';
import { requestedDays } from '../engine/commands/dates.ts';
import {
  changedSide,
  declaredSide,
  evaluateSide,
  type ExperimentPlace,
  type ModuleExperiment,
  prepareExperiment,
} from '../engine/commands/experiment-modules.ts';
import { openReadable } from '../engine/commands/open-readable.ts';
import { withRecord } from '../engine/commands/record.ts';
import type { Settings } from '../engine/config/apply-variant.ts';
import { readVariant } from '../engine/config/variant.ts';
import { comparePaired } from '../engine/health/paired-comparison.ts';
import { renderTable } from '../engine/report/text.ts';
import { groupFeatures } from './feature-groups.ts';
import { print, ROOT } from './measure.ts';

const HELP = `What each group of features is worth to the points models: each is trained again without it, walk-forward.

Usage: node bench/ablation.ts [--every N] [--models A,B] [--partitions RANGE]

Reads the features that FASTBREAK_HOME holds; writes nothing.`;

interface Wanted {
  readonly models: readonly string[];
  readonly every: number;
  readonly partitions: string | undefined;
}

/** Prints a table per model: the error without each group, as a share of the season average's error. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      every: { type: 'string', default: '1' },
      models: { type: 'string', default: 'points_lineups_v1,points_v1' },
      partitions: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return print(`${HELP}\n`);
  const wanted: Wanted = {
    models: values.models.split(','),
    every: Math.max(1, Number(values.every) || 1),
    partitions: values.partitions,
  };
  const effects = quietEffects();
  const project = await openProject(OPTIONS, effects);
  const warehouse = await openReadable(project, effects);
  try {
    await withRecord(project, effects, async ({ evaluation }) => {
      const place = { project, warehouse, evaluation, effects };
      for (const model of wanted.models) await ablate(model, wanted, place);
    });
  } finally {
    await warehouse.close();
  }
}

async function ablate(model: string, wanted: Wanted, place: ExperimentPlace): Promise<void> {
  const days = requestedDays({ partitions: wanted.partitions }, place.project.today);
  const request = { asset: 'points_model', model, days, every: wanted.every };
  const experiment = await prepareExperiment(request, place);
  const declared = declaredSide(experiment);
  const own = modelOf(declared.settings, model);
  const groups = groupFeatures(Object.values(own.features).flat());
  const evaluate = (settings: Settings): Promise<EvaluationRows> =>
    evaluateSide(
      experiment,
      { name: model, settings },
      { place, log: () => undefined, progress: () => undefined },
    );
  const complete = await evaluate(declared.settings);
  const nothing = comparePaired(complete, complete, 1).all;
  const baseline = nothing.baselineMae ?? NaN;
  const share = (mae: number): string => (mae / baseline).toFixed(4);
  const points = (lost: number): string => `${(100 * (lost / baseline)).toFixed(2)} %`;
  print(
    `\n${model}: ${nothing.rows} rows of ${nothing.dates} dates, season average ${baseline.toFixed(4)}\n`,
  );
  const rows = [
    ['nothing', '', nothing.championMae.toFixed(4), share(nothing.championMae), '', ''],
  ];
  for (const [group, features] of groups) {
    if (features.length === 0) continue;
    process.stderr.write(`${model} without ${group}\n`);
    const { all } = comparePaired(complete, await evaluate(without(experiment, own, features)), 1);
    const { low, high } = all.interval ?? { low: NaN, high: NaN };
    rows.push([
      group,
      String(features.length),
      all.challengerMae.toFixed(4),
      share(all.challengerMae),
      points(all.difference),
      `${points(low)}..${points(high)}`,
    ]);
  }
  const headers = ['features', 'MAE', "of season average's", 'lost', '95 %'];
  const columns = headers.map((header) => ({ header, align: 'right' }) as const);
  print(renderTable([{ header: 'without' }, ...columns], rows));
}

/** What an ablation looks at in a model's settings. */
interface ModelPart {
  readonly features: Readonly<Record<string, readonly string[]>>;
  readonly tier: string;
  readonly rate?: string;
  readonly trainers: readonly string[];
}

function modelOf({ models }: Settings, model: string): ModelPart {
  // The module has read them, and would have refused another form.
  return (models as Readonly<Record<string, unknown>>)[model] as ModelPart;
}

/**
 * The settings without some features. Without the one that tells the tier there is one tier for all, without the rate
 * nothing to multiply minutes with.
 */
function without(
  experiment: ModuleExperiment,
  { features, tier, rate, trainers }: ModelPart,
  dropped: readonly string[],
): Settings {
  const left = Object.values(features)
    .flat()
    .filter((name) => !dropped.includes(name));
  const isRateGone = rate !== undefined && dropped.includes(rate);
  const changes = {
    drop: dropped,
    set: {
      ...(dropped.includes(tier) && { tier: left.find((name) => /^(at|is)_home$/.test(name)) }),
      ...(isRateGone && {
        rate: null,
        trainers: trainers.filter((name) => name !== 'minutes_rate'),
      }),
    },
  };
  const read = readVariant('ablation', JSON.stringify(changes));
  if (!read.ok) throw new Error(read.diagnostics.map(({ message }) => message).join(', '));
  return changedSide(experiment, { name: 'ablation', variant: read.variant, cwd: ROOT }).settings;
}

const OPTIONS: GlobalOptions = {
  file: `${ROOT}/pipeline.yaml`,
  target: undefined,
  json: false,
  quiet: true,
  logLevel: 'silent',
  color: false,
};

function quietEffects(): Effects {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  return {
    env: process.env,
    cwd: ROOT,
    now: Date.now,
    signal: controller.signal,
    stdout: print,
    stderr: (text) => void process.stderr.write(text),
    isTerminal: false,
    width: 100,
  };
}

await main();
