import { PipelineError } from '../errors.ts';
import type { CommandSpec } from './command-table.ts';
import type { ExperimentOptions, ExperimentSubject } from './experiment.ts';
import type { OptionSpec, OptionValues } from './option-values.ts';

/** The command that holds a challenger against a champion. */
export interface ExperimentOptionsByCommand {
  readonly experiment: ExperimentOptions;
}

const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  variant: {
    type: 'list',
    value: 'FILE',
    description: 'what the challenger changes; given twice: the first against the second',
  },
  model: { type: 'text', value: 'ID', description: 'one of the models of settings.models' },
  partitions: {
    type: 'text',
    value: 'RANGE',
    description: 'cut-offs to train at (default: all); the last predicts up to the next one',
  },
  every: {
    type: 'count',
    value: 'N',
    description: 'every N-th cut-off only; each predicts up to the next that is taken',
  },
  systems: {
    type: 'flag',
    description: 'compare two systems, by their names, whose predictions are materialized',
  },
  of: {
    type: 'text',
    value: 'NAME',
    description: 'with --systems: the comparison under reports: (default: the first)',
  },
  by: {
    type: 'text',
    value: 'NAME',
    description: 'with --systems: what to break down by (default: the first of the comparison)',
  },
  from: { type: 'text', value: 'DATE', description: 'with --systems: first date' },
  to: { type: 'text', value: 'DATE', description: 'with --systems: last date, included' },
  seed: { type: 'count', value: 'S', description: 'draw dates otherwise (default: 1)' },
  'fail-unless-better': {
    type: 'flag',
    description: 'exit with 1 unless the challenger is better, and not by chance',
  },
};

export const EXPERIMENT_COMMANDS: {
  readonly [Name in keyof ExperimentOptionsByCommand]: CommandSpec<
    ExperimentOptionsByCommand[Name]
  >;
} = {
  experiment: {
    usage: 'ASSET | --systems CHAMPION CHALLENGER',
    summary: 'a challenger against a champion on the same rows, with a bootstrap interval',
    details:
      'Models are trained at every cut-off on what is before it and predict what is from there to the next.\n' +
      'Champion: the settings as declared. A variant has model:, drop: [features], add: { relation: [features] }\n' +
      'and set: { name: value }. Publishes and records nothing; the exit code is 0 whatever the verdict.',
    positionals: { least: 1, most: 2 },
    options: OPTIONS,
    examples: [
      'fastbreak experiment points_model --model points_v1 --variant variants/without-market.yaml',
      'fastbreak experiment points_model --model points_v1 --variant new.yaml --every 3 --fail-unless-better',
      'fastbreak experiment --systems ensemble_v1 points_v1 --from 2024-10-22 --json',
    ],
    read: (values) => ({
      subject: subjectOf(values),
      partitions: values.text('partitions'),
      from: values.text('from'),
      to: values.text('to'),
      seed: values.count('seed') ?? 1,
      failUnlessBetter: values.flag('fail-unless-better'),
    }),
  },
};

const OF_SETTINGS = ['variant', 'model', 'partitions', 'every'];
const OF_SYSTEMS = ['of', 'by', 'from', 'to'];

function subjectOf(values: OptionValues): ExperimentSubject {
  const isSystems = values.flag('systems');
  refuse(values, isSystems ? OF_SETTINGS : OF_SYSTEMS, isSystems);
  return isSystems ? systemsOf(values) : settingsOf(values);
}

function systemsOf(values: OptionValues): ExperimentSubject {
  const names = values.positionals.flatMap((text) => text.split(','));
  const [champion, challenger] = names;
  if (names.length !== 2 || champion === undefined || challenger === undefined) {
    throw invalid(`expected the names of two systems after --systems, found ${names.join(' ')}`);
  }
  return {
    type: 'systems',
    systems: [champion, challenger],
    of: values.text('of'),
    by: values.text('by'),
  };
}

function settingsOf(values: OptionValues): ExperimentSubject {
  const [asset = '', ...others] = values.positionals;
  if (others.length > 0) {
    throw invalid(`expected one asset, found ${values.positionals.join(' ')}`, '--systems A B');
  }
  const variants = values.list('variant');
  if (variants.length < 1 || variants.length > 2) {
    throw invalid(`expected one variant file or two, found ${variants.length}`, '--variant FILE');
  }
  return {
    type: 'settings',
    asset,
    model: values.text('model'),
    variants,
    every: values.count('every') ?? 1,
  };
}

function refuse(values: OptionValues, names: readonly string[], isSystems: boolean): void {
  const given = names.find((name) => values.flag(name));
  if (given === undefined) return;
  throw invalid(
    isSystems
      ? `--${given} is for the settings of an asset, found it with --systems`
      : `--${given} is for --systems, found it without`,
  );
}

function invalid(message: string, say?: string): PipelineError {
  const hint = 'fastbreak help experiment has examples';
  return new PipelineError(message, {
    code: 'INVALID_OPTIONS',
    hint: say === undefined ? hint : `say ${say}; ${hint}`,
  });
}
