import type { CommandSpec } from './command-table.ts';
import type { HealthOptions } from './health.ts';
import { given, type OptionSpec } from './option-values.ts';
import type { ValidateOptions } from './validate.ts';

/** Commands that tell how good the rows are. */
export interface HealthOptionsByCommand {
  readonly validate: ValidateOptions;
  readonly health: HealthOptions;
}

const RANGE: Readonly<Record<string, OptionSpec>> = {
  from: { type: 'text', value: 'DATE', description: 'first date (default: the first expected)' },
  to: {
    type: 'text',
    value: 'DATE',
    description: 'last date, included (default: the last expected up to today)',
  },
};
const EXCLUDE: OptionSpec = {
  type: 'list',
  value: 'SELECTION',
  description: 'leave these assets out',
};

export const HEALTH_COMMANDS: {
  readonly [Name in keyof HealthOptionsByCommand]: CommandSpec<HealthOptionsByCommand[Name]>;
} = {
  validate: {
    usage: '[SELECTION...]',
    summary: 'hold rows against what is expected: coverage, gaps, columns, a baseline period',
    details:
      'Reads the record and counts the rows of each asset with one statement; changes nothing. Ends with 1\n' +
      'when the verdict is FAILED.',
    positionals: { least: 0, most: Infinity },
    options: {
      exclude: EXCLUDE,
      ...RANGE,
      baseline: {
        type: 'text',
        value: 'RANGE',
        description: 'dates that columns are held against (default: the 91 days before)',
      },
    },
    examples: [
      'fastbreak validate --from 2024-10-22 --to 2025-01-14',
      'fastbreak validate group:analytics --from -30d --baseline 2024-01-01..2024-03-31',
    ],
    read: (values) => ({
      selection: values.positionals,
      exclude: values.list('exclude'),
      ...given({
        from: values.text('from'),
        to: values.text('to'),
        baseline: values.text('baseline'),
      }),
    }),
  },
  health: {
    usage: '',
    summary: 'a score per date, with the worst dates and why; as text, CSV or an HTML page',
    details:
      'The parts of the score and the columns of the CSV are declared under health: in pipeline.yaml.',
    positionals: { least: 0, most: 0 },
    options: {
      ...RANGE,
      csv: { type: 'text', value: 'PATH', description: 'one row per date; - for stdout' },
      html: { type: 'text', value: 'PATH', description: 'one page that needs nothing else' },
      legacy: {
        type: 'flag',
        description: 'the plain mean of five parts, with what is expected to be empty as 0',
      },
      counts: {
        type: 'text',
        value: 'PATH',
        description:
          'score the counts of a CSV with the configured columns instead of the warehouse',
      },
    },
    examples: [
      'fastbreak health --from 2024-10-22 --to 2025-01-14',
      'fastbreak health --from -90d --html health.html',
      'fastbreak health --from 2024-10-22 --csv -',
    ],
    read: (values) => ({
      legacy: values.flag('legacy'),
      ...given({
        from: values.text('from'),
        to: values.text('to'),
        csv: values.text('csv'),
        html: values.text('html'),
        counts: values.text('counts'),
      }),
    }),
  },
};
