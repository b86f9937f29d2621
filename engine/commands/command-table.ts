import { PipelineError } from '../errors.ts';
import { LINEAGE_FORMATS } from '../report/lineage-formats.ts';
import { LOG_LEVELS } from '../report/log-levels.ts';
import type { CheckOptions } from './check.ts';
import type { CompileOptions } from './compile.ts';
import type { ExportOptions } from './export.ts';
import type { InitOptions } from './init.ts';
import type { LineageOptions } from './lineage.ts';
import type { LogsOptions } from './logs.ts';
import type { MaterializeOptions } from './prepare.ts';
import { given, type OptionSpec, type OptionValues } from './option-values.ts';
import type { QueryOptions } from './query.ts';
import { EXPERIMENT_COMMANDS, type ExperimentOptionsByCommand } from './experiment-commands.ts';
import { FAILURE_COMMANDS, type FailureOptionsByCommand } from './failure-commands.ts';
import { REPAIR_COMMANDS, type RepairOptionsByCommand } from './repair-commands.ts';
import { PROFILE_COMMANDS, type ProfileOptionsByCommand } from './profile-commands.ts';
import { HEALTH_COMMANDS, type HealthOptionsByCommand } from './health-commands.ts';
import { REPORT_COMMANDS, type ReportOptionsByCommand } from './report-commands.ts';
import { exportOptionsOf, runToShow } from './read-options.ts';
import type { RunsOptions } from './runs.ts';
import type { StaleOptions } from './stale.ts';
import type { StatusOptions } from './status.ts';
import type { VerifyOptions } from './verify.ts';
import type { WhyOptions } from './why.ts';

/** The options of every command, without the global ones. */
export interface OptionsByCommand
  extends
    RepairOptionsByCommand,
    FailureOptionsByCommand,
    HealthOptionsByCommand,
    ReportOptionsByCommand,
    ExperimentOptionsByCommand,
    ProfileOptionsByCommand {
  readonly init: InitOptions;
  readonly compile: CompileOptions;
  readonly materialize: MaterializeOptions;
  readonly backfill: MaterializeOptions;
  readonly status: StatusOptions;
  readonly stale: StaleOptions;
  readonly why: WhyOptions;
  readonly lineage: LineageOptions;
  readonly runs: RunsOptions;
  readonly logs: LogsOptions;
  readonly query: QueryOptions;
  readonly export: ExportOptions;
  readonly check: CheckOptions;
  readonly verify: VerifyOptions;
}

export type CommandName = keyof OptionsByCommand;

export interface CommandSpec<Options> {
  readonly usage: string;
  readonly summary: string;
  /** More about the command, for its own help. */
  readonly details?: string;
  readonly positionals: { readonly least: number; readonly most: number };
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly examples: readonly string[];
  readonly read: (values: OptionValues) => Options;
}

export const GLOBAL_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  file: {
    type: 'text',
    value: 'FILE',
    short: 'f',
    description: 'the pipeline file (default: pipeline.yaml here or in a folder above)',
  },
  target: {
    type: 'text',
    value: 'NAME',
    short: 't',
    description: 'a target of the pipeline (default: its default_target)',
  },
  json: { type: 'flag', description: 'one JSON document on stdout and nothing else there' },
  quiet: { type: 'flag', short: 'q', description: 'only failures and the result' },
  'log-level': {
    type: 'text',
    value: 'LEVEL',
    choices: LOG_LEVELS,
    description: `log to stderr instead of showing progress: ${LOG_LEVELS.join(', ')}`,
  },
  'no-color': { type: 'flag', description: 'no colours (also: NO_COLOR=1)' },
  debug: { type: 'flag', description: 'log everything, and show the stack of an internal error' },
  help: { type: 'flag', short: 'h', description: 'explain the command' },
  version: { type: 'flag', short: 'V', description: 'print the version' },
};

const SELECTION_USAGE = '[SELECTION...]';
const ANY_NUMBER = { least: 0, most: Infinity };
const SELECTION_KINDS =
  'A selection is asset, +asset (with all upstream), asset+, 1+asset, group:NAME, tag:NAME or kind:sql;\n' +
  'several or commas add up, & keeps what both name.';
const SELECTION_DETAILS = `${SELECTION_KINDS} Without one: every asset.`;
const RANGE_DETAILS =
  'Dates are YYYY-MM-DD, today, yesterday or -7d; ranges FROM..TO include both ends, FROM.. and ..TO are open.';

const EXCLUDE: OptionSpec = {
  type: 'list',
  value: 'SELECTION',
  description: 'leave these assets out',
};

const RUN_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  exclude: EXCLUDE,
  'dry-run': { type: 'flag', description: 'print the plan and why each step runs; change nothing' },
  force: { type: 'flag', description: 'also make again what is current, except what is frozen' },
  thaw: {
    type: 'flag',
    description: 'with --force and named assets: also make again what is frozen',
  },
  only: {
    type: 'list',
    value: 'STATUSES',
    choices: ['missing', 'failed', 'stale'],
    description: 'only partitions of these statuses: missing, failed, stale',
  },
  'fail-fast': { type: 'flag', description: 'stop at the first failure, also of a check' },
  prune: { type: 'flag', description: 'remove rows of dates that left the calendar' },
  html: { type: 'text', value: 'PATH', description: 'also a page about the run, however it ends' },
};

export const COMMANDS: { readonly [Name in CommandName]: CommandSpec<OptionsByCommand[Name]> } = {
  init: {
    usage: '[DIR]',
    summary: 'start a new pipeline that runs: yaml, two SQL assets, a check, sample data',
    positionals: { least: 0, most: 1 },
    options: {},
    examples: ['fastbreak init my-pipeline'],
    read: ({ positionals }) => ({ dir: positionals[0] ?? '.' }),
  },
  compile: {
    usage: SELECTION_USAGE,
    summary: 'check the whole pipeline without touching the warehouse; print every error',
    details: SELECTION_DETAILS,
    positionals: ANY_NUMBER,
    options: {
      exclude: EXCLUDE,
      show: {
        type: 'text',
        value: 'WHAT',
        choices: ['sql'],
        description: 'sql: print the statement of each selected asset per target',
      },
    },
    examples: ['fastbreak compile', 'fastbreak compile --show sql player_daily_cache'],
    read: (values) => ({
      ...selectionOf(values),
      ...given({ show: values.text('show') === 'sql' ? ('sql' as const) : undefined }),
    }),
  },
  materialize: {
    usage: SELECTION_USAGE,
    summary: 'make what is missing or stale, upstream first',
    details: `${SELECTION_DETAILS}\n${RANGE_DETAILS}`,
    positionals: ANY_NUMBER,
    options: {
      partitions: {
        type: 'text',
        value: 'RANGE',
        description: 'a date or range of partitions (default: all expected)',
      },
      ...RUN_OPTIONS,
    },
    examples: [
      'fastbreak materialize',
      'fastbreak materialize +player_daily_cache --partitions 2024-01-01..2024-01-31',
      'fastbreak materialize group:precompute --partitions -7d.. --dry-run',
    ],
    read: (values) => ({ ...runOptionsOf(values), command: 'materialize' }),
  },
  backfill: {
    usage: 'SELECTION...',
    summary: 'materialize a range of history, with progress and a final report',
    details: `${SELECTION_KINDS} * is every asset.\n${RANGE_DETAILS}`,
    positionals: { least: 1, most: Infinity },
    options: {
      from: { type: 'text', value: 'DATE', description: 'first partition' },
      to: { type: 'text', value: 'DATE', description: 'last partition, included' },
      dates: { type: 'list', value: 'DATES', description: 'these partitions: a,b,c' },
      ...RUN_OPTIONS,
    },
    examples: [
      'fastbreak backfill group:analytics --from 2021-10-19 --to 2024-06-30',
      'fastbreak backfill player_daily_cache --dates 2024-01-15,2024-01-17',
    ],
    read: (values) => ({ ...runOptionsOf(values), command: 'backfill' }),
  },
  status: {
    usage: SELECTION_USAGE,
    summary: 'per asset: partitions by status, newest partition, last run',
    details: SELECTION_DETAILS,
    positionals: ANY_NUMBER,
    options: {
      exclude: EXCLUDE,
      grid: {
        type: 'flag',
        description: 'a heat map: assets over time, or the calendar of one asset',
      },
    },
    examples: ['fastbreak status', 'fastbreak status player_daily_cache --grid'],
    read: (values) => ({ ...selectionOf(values), grid: values.flag('grid') }),
  },
  stale: {
    usage: SELECTION_USAGE,
    summary: 'the stale, missing, failed and blocked partitions with their causes',
    details: SELECTION_DETAILS,
    positionals: ANY_NUMBER,
    options: { exclude: EXCLUDE },
    examples: ['fastbreak stale', 'fastbreak stale +player_daily_cache --json'],
    read: selectionOf,
  },
  why: {
    usage: 'ASSET [DATE]',
    summary: 'the whole story of one partition: status, causes, root cause, history, remedy',
    positionals: { least: 1, most: 2 },
    options: {},
    examples: ['fastbreak why player_daily_cache 2024-01-15', 'fastbreak why schedule'],
    read: ({ positionals: [asset = '', date] }) => ({ asset, ...given({ date }) }),
  },
  lineage: {
    usage: SELECTION_USAGE,
    summary: 'the graph of assets, or of their columns',
    details: SELECTION_DETAILS,
    positionals: ANY_NUMBER,
    options: {
      exclude: EXCLUDE,
      format: {
        type: 'text',
        value: 'FORMAT',
        choices: LINEAGE_FORMATS,
        description: 'text, dot, mermaid, json, gexf, openlineage or html (default: text)',
      },
      columns: {
        type: 'flag',
        description: 'column-level lineage, read from the SQL (openlineage always has it)',
      },
      out: { type: 'text', value: 'PATH', description: 'write to a file instead of stdout' },
    },
    examples: [
      'fastbreak lineage +player_daily_cache',
      'fastbreak lineage --columns --format html --out lineage.html',
      'fastbreak lineage --format openlineage --out events.json',
    ],
    read: (values) => ({
      ...selectionOf(values),
      format: values.text('format') ?? (values.flag('json') ? 'json' : 'text'),
      columns: values.flag('columns'),
      ...given({ out: values.text('out') }),
    }),
  },
  runs: {
    usage: '[show ID]',
    summary: 'the history of runs, or the steps of one run',
    positionals: { least: 0, most: 2 },
    options: {
      limit: { type: 'count', value: 'N', description: 'how many runs to list (default: 20)' },
    },
    examples: ['fastbreak runs', 'fastbreak runs show last'],
    read: (values) => ({
      limit: values.count('limit') ?? 20,
      ...given({ show: runToShow(values.positionals) }),
    }),
  },
  logs: {
    usage: 'ID',
    summary: 'everything that one run recorded: steps, attempts, checks, failures',
    positionals: { least: 1, most: 1 },
    options: {},
    examples: ['fastbreak logs last'],
    read: ({ positionals: [id = ''] }) => ({ id }),
  },
  query: {
    usage: 'SQL',
    summary: 'read-only GoogleSQL against the target; asset names are tables',
    positionals: { least: 1, most: 1 },
    options: {
      csv: { type: 'flag', description: 'CSV on stdout' },
      limit: { type: 'count', value: 'N', description: 'print at most N rows' },
    },
    examples: ['fastbreak query "SELECT COUNT(*) AS games FROM schedule"'],
    read: (values) => ({
      sql: values.positionals[0] ?? '',
      csv: values.flag('csv'),
      ...given({ limit: values.count('limit') }),
    }),
  },
  export: {
    usage: 'ASSET',
    summary: 'write the rows of an asset to a file',
    details: RANGE_DETAILS,
    positionals: { least: 1, most: 1 },
    options: {
      partitions: { type: 'text', value: 'RANGE', description: 'a date or range (default: all)' },
      format: {
        type: 'text',
        value: 'FORMAT',
        choices: ['parquet', 'csv', 'json'],
        description: 'parquet, csv or json (default: from the ending of PATH, else parquet)',
      },
      out: { type: 'text', value: 'PATH', description: 'the file to write' },
    },
    examples: ['fastbreak export player_daily_cache --partitions 2024-01-15 --out cache.parquet'],
    read: exportOptionsOf,
  },
  check: {
    usage: SELECTION_USAGE,
    summary: 'run the checks on the rows that are published; changes nothing',
    details: `${SELECTION_DETAILS}\n${RANGE_DETAILS}`,
    positionals: ANY_NUMBER,
    options: {
      exclude: EXCLUDE,
      partitions: { type: 'text', value: 'RANGE', description: 'a date or range (default: all)' },
    },
    examples: ['fastbreak check', 'fastbreak check group:analytics --partitions -7d..'],
    read: (values) => ({
      ...selectionOf(values),
      ...given({ partitions: values.text('partitions') }),
    }),
  },
  verify: {
    usage: SELECTION_USAGE,
    summary:
      'make sampled partitions again, each alone, and compare them with what the batch wrote',
    details: `${SELECTION_DETAILS}\n${RANGE_DETAILS}`,
    positionals: ANY_NUMBER,
    options: {
      exclude: EXCLUDE,
      partitions: {
        type: 'text',
        value: 'RANGE',
        description: 'draw from a date or range of partitions (default: all that are current)',
      },
      sample: {
        type: 'count',
        value: 'N',
        description: 'how many partitions, at least one per asset (default: 50)',
      },
      all: { type: 'flag', description: 'every partition instead of a sample' },
      seed: { type: 'count', value: 'S', description: 'draw another sample (default: 1)' },
    },
    examples: ['fastbreak verify', 'fastbreak verify +player_daily_cache --sample 200 --seed 7'],
    read: verifyOptionsOf,
  },
  ...HEALTH_COMMANDS,
  ...REPORT_COMMANDS,
  ...EXPERIMENT_COMMANDS,
  ...PROFILE_COMMANDS,
  ...FAILURE_COMMANDS,
  ...REPAIR_COMMANDS,
};

function selectionOf(values: OptionValues): {
  selection: readonly string[];
  exclude: readonly string[];
} {
  return { selection: values.positionals, exclude: values.list('exclude') };
}

function verifyOptionsOf(values: OptionValues): VerifyOptions {
  const all = values.flag('all');
  const sample = values.count('sample');
  if (all && sample !== undefined) {
    throw new PipelineError('expected --sample or --all, found both', { code: 'INVALID_OPTIONS' });
  }
  return {
    ...selectionOf(values),
    all,
    sample: sample ?? 50,
    seed: values.count('seed') ?? 1,
    ...given({ partitions: values.text('partitions') }),
  };
}

/** What `materialize` and `backfill` share. */
function runOptionsOf(values: OptionValues): Omit<MaterializeOptions, 'command'> {
  const only = values.list('only');
  const dates = values.list('dates');
  return {
    ...selectionOf(values),
    dryRun: values.flag('dry-run'),
    force: values.flag('force'),
    failFast: values.flag('fail-fast'),
    prune: values.flag('prune'),
    thaw: values.flag('thaw'),
    ...given({
      partitions: values.text('partitions'),
      html: values.text('html'),
      from: values.text('from'),
      to: values.text('to'),
      dates: dates.length > 0 ? dates : undefined,
      only: only.length > 0 ? only : undefined,
    }),
  };
}
