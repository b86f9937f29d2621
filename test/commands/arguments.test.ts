import { expect, test } from 'vitest';
import {
  commandOptions,
  type Invocation,
  parseCommandLine,
} from '../../engine/commands/arguments.ts';
import { type CommandName, COMMANDS } from '../../engine/commands/command-table.ts';
import { helpText } from '../../engine/commands/help.ts';

function run(line: string): Extract<Invocation, { type: 'run' }> {
  const invocation = parseCommandLine(line.split(' '));
  if (invocation.type !== 'run') throw new Error(`${line} is ${invocation.type}`);
  return invocation;
}

function options(line: string): object {
  const { command, values } = run(line);
  return commandOptions(command, values);
}

test.each([
  ['status', { selection: [], exclude: [], grid: false }],
  ['status box +cache --grid', { selection: ['box', '+cache'], exclude: [], grid: true }],
  ['stale --exclude a,b --exclude c', { selection: [], exclude: ['a', 'b', 'c'] }],
  ['why box 2024-01-15', { asset: 'box', date: '2024-01-15' }],
  ['why box -7d', { asset: 'box', date: '-7d' }],
  ['why schedule', { asset: 'schedule' }],
  ['compile --show sql box', { selection: ['box'], exclude: [], show: 'sql' }],
  ['runs', { limit: 20 }],
  ['runs show last', { limit: 20, show: 'last' }],
  ['runs --limit 5', { limit: 5 }],
  ['logs 2024', { id: '2024' }],
  ['lineage --columns', { selection: [], exclude: [], format: 'text', columns: true }],
  ['lineage --columns +box', { selection: ['+box'], exclude: [], format: 'text', columns: true }],
  ['lineage --json', { selection: [], exclude: [], format: 'json', columns: false }],
  ['query SELECT --csv', { sql: 'SELECT', csv: true }],
  ['query --csv SELECT', { sql: 'SELECT', csv: true }],
  ['export box --out box.csv', { asset: 'box', format: 'csv', out: 'box.csv' }],
  ['export box --out box --format json', { asset: 'box', format: 'json', out: 'box' }],
  ['init', { dir: '.' }],
])('%s', (line, expected) => {
  expect(options(line)).toEqual(expected);
});

test('materialize and backfill share their options', () => {
  const none = { exclude: [], dryRun: false, force: false, failFast: false };
  expect(options('materialize box --partitions -7d.. --only missing,failed')).toMatchObject({
    ...none,
    selection: ['box'],
    partitions: '-7d..',
    only: ['missing', 'failed'],
    command: 'materialize',
  });
  expect(
    options('backfill box --from 2024-01-01 --to=2024-01-31 --force --fail-fast'),
  ).toMatchObject({
    ...none,
    selection: ['box'],
    from: '2024-01-01',
    to: '2024-01-31',
    force: true,
    failFast: true,
    command: 'backfill',
  });
  expect(options('backfill box --dates 2024-01-01,2024-01-03 --dry-run')).toMatchObject({
    dates: ['2024-01-01', '2024-01-03'],
    dryRun: true,
  });
});

test('global options may come before the command and after it', () => {
  for (const line of ['--target prod --json status', 'status -t prod --json']) {
    const { command, values } = run(line);
    expect([command, values.text('target'), values.flag('json')]).toEqual(['status', 'prod', true]);
  }
});

test('what is a flag of one command takes nothing, though another has a value for it', () => {
  const { values } = run('query --csv SELECT --json');
  expect([values.flag('csv'), values.flag('json'), values.positionals]).toEqual([
    true,
    true,
    ['SELECT'],
  ]);
  expect(options('health --csv - --from 2024-01-01')).toMatchObject({ csv: '-' });
  expect(options('--columns box lineage')).toMatchObject({ selection: ['box'], columns: true });
  expect(parseCommandLine(['query', '--csv', '--help'])).toEqual({
    type: 'help',
    command: 'query',
  });
});

test('what follows a double dash is not an option', () => {
  expect(parseCommandLine(['query', '--', '-- a comment'])).toMatchObject({ command: 'query' });
});

test.each([
  ['statsu', 'unknown command "statsu", did you mean "status"?'],
  ['job', 'unknown command "job"'],
  ['status --gird', 'unknown option "--gird" of status, did you mean "--grid"?'],
  ['status -x', 'unknown option "-x" of status'],
  ['--jsno', 'unknown option "--jsno", did you mean "--json"?'],
  ['status --force', 'unknown option "--force" of status'],
  ['status --grid=yes', 'expected --grid alone, found "--grid=yes"'],
  ['status --target', 'expected --target NAME, found no value'],
  ['materialize --only stael', 'found "stael", did you mean "stale"?'],
  ['status --log-level loud', 'expected --log-level to be one of silent, error'],
  ['runs --limit few', 'expected --limit to be a whole number above 0, found "few"'],
  ['runs 2024', 'expected "runs" or "runs show ID", found "runs 2024"'],
  ['backfill', 'expected fastbreak backfill SELECTION..., found nothing'],
  ['why a b c', 'expected fastbreak why ASSET [DATE], found "a" "b" "c"'],
  ['export box', 'expected --out PATH'],
])('%s is refused with a message that helps', (line, message) => {
  expect(() => options(line)).toThrow(message);
});

test.each([
  ['', undefined],
  ['--help', undefined],
  ['help', undefined],
  ['help why', 'why'],
  ['why --help', 'why'],
  ['materialize -h', 'materialize'],
])('"%s" asks for help', (line, command) => {
  const words = line.split(' ').filter((word) => word !== '');
  expect(parseCommandLine(words)).toEqual({ type: 'help', command });
});

test('--version asks for the version', () => {
  expect(parseCommandLine(['--version'])).toEqual({ type: 'version' });
});

// The keys of the table are the names.
const NAMES = Object.keys(COMMANDS) as CommandName[];

test.each(NAMES)(
  'the help of %s shows every option with its description, and an example',
  (name) => {
    const help = helpText(name);
    for (const [option, spec] of Object.entries(COMMANDS[name].options)) {
      expect(help).toContain(`--${option}`);
      expect(help).toContain(spec.description);
    }
    expect(help).toContain(`Examples:\n  fastbreak ${name}`);
    expect(helpText(undefined)).toContain(COMMANDS[name].summary);
  },
);

test.each(NAMES)('the examples of %s are understood', (name) => {
  for (const example of COMMANDS[name].examples) {
    const words = example.match(/"[^"]*"|\S+/g)?.map((word) => word.replaceAll('"', '')) ?? [];
    const invocation = parseCommandLine(words.slice(1));
    expect(invocation).toMatchObject({ type: 'run', command: name });
    if (invocation.type === 'run') commandOptions(invocation.command, invocation.values);
  }
});
