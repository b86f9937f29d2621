import type { CommandSpec } from './command-table.ts';
import type { FailuresOptions } from './failures.ts';
import { given, type OptionValues } from './option-values.ts';

/** The command about expected entities without rows. */
export interface FailureOptionsByCommand {
  readonly failures: FailuresOptions;
}

export const FAILURE_COMMANDS: {
  readonly [Name in keyof FailureOptionsByCommand]: CommandSpec<FailureOptionsByCommand[Name]>;
} = {
  failures: {
    usage: '[SELECTION...]',
    summary: 'who was expected in a partition and has no row, and why',
    details:
      'Assets say under universe: who is expected, and under failures: why somebody may have no row.\n' +
      'Dates are YYYY-MM-DD, today, yesterday or -7d; ranges FROM..TO include both ends.',
    positionals: { least: 0, most: Infinity },
    options: {
      exclude: { type: 'list', value: 'SELECTION', description: 'leave these assets out' },
      partitions: { type: 'text', value: 'RANGE', description: 'a date or range (default: all)' },
      category: { type: 'list', value: 'NAMES', description: 'only these categories' },
      entity: { type: 'text', value: 'NAME', description: 'only this entity' },
      unresolved: {
        type: 'flag',
        description: 'only what is open: neither resolved, nor permanent',
      },
      expected: { type: 'flag', description: 'only what is as it should be' },
      investigate: { type: 'flag', description: 'only what is not as it should be' },
      limit: {
        type: 'count',
        value: 'N',
        description: 'at most N lines (default: 50), or failures in JSON (default: 1000)',
      },
    },
    examples: [
      'fastbreak failures',
      'fastbreak failures group:precompute --partitions -7d.. --investigate',
    ],
    read: failuresOptionsOf,
  },
};

function failuresOptionsOf(values: OptionValues): FailuresOptions {
  const categories = values.list('category');
  return {
    selection: values.positionals,
    exclude: values.list('exclude'),
    unresolved: values.flag('unresolved'),
    expected: values.flag('expected'),
    investigate: values.flag('investigate'),
    ...given({
      partitions: values.text('partitions'),
      categories: categories.length > 0 ? categories : undefined,
      entity: values.text('entity'),
      limit: values.count('limit'),
    }),
  };
}
