import type { CommandSpec } from './command-table.ts';
import { given } from './option-values.ts';
import type { ProfileOptions } from './profile.ts';

/** The command about what columns hold. */
export interface ProfileOptionsByCommand {
  readonly profile: ProfileOptions;
}

export const PROFILE_COMMANDS: {
  readonly [Name in keyof ProfileOptionsByCommand]: CommandSpec<ProfileOptionsByCommand[Name]>;
} = {
  profile: {
    usage: 'ASSET',
    summary: 'what the columns hold: nulls, distinct values, quantiles, shape, change over time',
    details:
      'Reads the published rows in one statement and records what it finds, so that drift has a history.\n' +
      'Assets with profile: true are also profiled after every run that materialized some of them.',
    positionals: { least: 1, most: 1 },
    options: {
      partitions: { type: 'text', value: 'RANGE', description: 'a date or range (default: all)' },
      columns: { type: 'list', value: 'NAMES', description: 'only these columns' },
      history: { type: 'flag', description: 'the recorded profiles with the change between them' },
      against: {
        type: 'text',
        value: 'WHAT',
        description: 'compare with a recorded profile: a run id, last, or a date',
      },
      html: { type: 'text', value: 'PATH', description: 'also one page that needs nothing else' },
    },
    examples: [
      'fastbreak profile ml_feature_store_v2',
      'fastbreak profile ml_feature_store_v2 --columns days_rest --history',
      'fastbreak profile ml_feature_store_v2 --against 2024-01-15',
    ],
    read: (values) => {
      const columns = values.list('columns');
      return {
        asset: values.positionals[0] ?? '',
        history: values.flag('history'),
        ...given({
          partitions: values.text('partitions'),
          columns: columns.length > 0 ? columns : undefined,
          against: values.text('against'),
          html: values.text('html'),
        }),
      };
    },
  },
};
