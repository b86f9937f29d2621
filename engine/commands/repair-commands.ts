import { PipelineError } from '../errors.ts';
import type { CommandSpec } from './command-table.ts';
import type { ForgetOptions } from './forget.ts';
import type { MarkCurrentOptions } from './mark-current.ts';
import { given, type OptionSpec, type OptionValues } from './option-values.ts';
import type { StateOptions } from './state.ts';

/** Commands that set record and warehouse right by hand. */
export interface RepairOptionsByCommand {
  readonly forget: ForgetOptions;
  readonly 'mark-current': MarkCurrentOptions;
  readonly state: StateOptions;
}

const ONE_ASSET = { least: 1, most: 1 };
const PARTITIONS: OptionSpec = {
  type: 'text',
  value: 'RANGE',
  description: 'a date or range of partitions; an asset without partitions needs none',
};
const YES: OptionSpec = {
  type: 'flag',
  description: 'do it; without, the command says what it would do and ends with 2',
};

export const REPAIR_COMMANDS: {
  readonly [Name in keyof RepairOptionsByCommand]: CommandSpec<RepairOptionsByCommand[Name]>;
} = {
  forget: {
    usage: 'ASSET',
    summary: 'remove the rows and the record of some partitions',
    details:
      'The partitions are missing afterwards, and the next materialize makes them again; partitions\n' +
      'that are no longer expected are gone for good.',
    positionals: ONE_ASSET,
    options: { partitions: PARTITIONS, yes: YES },
    examples: ['fastbreak forget player_daily_cache --partitions 2024-01-15..2024-01-17'],
    read: partitionsOf,
  },
  'mark-current': {
    usage: 'ASSET',
    summary: 'declare stale partitions current without making them again',
    details:
      'For migrations, when you know that the rows would come out the same. No row changes; the inputs\n' +
      'and the code of today count as those that made them.',
    positionals: ONE_ASSET,
    options: { partitions: PARTITIONS, yes: YES },
    examples: ['fastbreak mark-current player_daily_cache --partitions ..2023-06-30'],
    read: partitionsOf,
  },
  state: {
    usage: 'rebuild | pull',
    summary: 'rebuild the record from the warehouse, or pull that of a shared target',
    details:
      'For a state file that was lost, is damaged or comes from another machine. The old file is kept\n' +
      'beside the new one. The history of runs and the newest failures cannot come back.',
    positionals: ONE_ASSET,
    options: {},
    examples: ['fastbreak state rebuild', 'fastbreak state pull --target prod'],
    read: ({ positionals: [verb = ''] }) => {
      if (verb === 'rebuild' || verb === 'pull') return { verb };
      throw new PipelineError(`expected "state rebuild" or "state pull", found "state ${verb}"`, {
        code: 'INVALID_ARGUMENT',
        hint: 'fastbreak state rebuild, or fastbreak state pull --target NAME',
      });
    },
  },
};

function partitionsOf(values: OptionValues): ForgetOptions {
  return {
    asset: values.positionals[0] ?? '',
    yes: values.flag('yes'),
    ...given({ partitions: values.text('partitions') }),
  };
}
