import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const CLI = fileURLToPath(new URL('../../cli.ts', import.meta.url));

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let empty: string;
let shop: string;

beforeAll(async () => {
  empty = mkdtempSync(join(tmpdir(), 'fastbreak-cli-'));
  shop = join(empty, 'shop');
  const made = await fastbreak(['init', 'shop']);
  expect(made.code).toBe(0);
});
afterAll(() => rmSync(empty, { recursive: true, force: true }));

/** Runs the real program. */
function fastbreak(args: readonly string[], cwd = empty): Promise<Outcome> {
  const {
    NO_COLOR: _noColor,
    FORCE_COLOR: _forceColor,
    FASTBREAK_HOME: _home,
    ...env
  } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...args], { cwd, env }, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error ? -1 : 0;
      resolve({ code, stdout, stderr });
    });
  });
}

test.each([[[]], [['--help']], [['help']]])(
  '%j lists the commands and the exit codes',
  async (args) => {
    const { code, stdout, stderr } = await fastbreak(args);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Usage: fastbreak COMMAND [options]');
    expect(stdout).toMatch(/\n {2}materialize \[SELECTION\.\.\.\] +make what is missing or stale/);
    expect(stdout).toMatch(/\n {2}3 +another run holds the target\n/);
  },
);

test('help of a command, asked for in either way', async () => {
  const [a, b] = await Promise.all([
    fastbreak(['help', 'materialize']),
    fastbreak(['materialize', '--help']),
  ]);
  expect(a.stdout).toBe(b.stdout);
  expect(a.stdout).toContain('--partitions RANGE');
});

test('--version is that of the package', async () => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  expect((await fastbreak(['--version'])).stdout).toBe(`fastbreak ${version}\n`);
});

test.each([
  [['statsu'], 'error: unknown command "statsu", did you mean "status"?\n'],
  [['status', '--gird'], 'error: unknown option "--gird" of status, did you mean "--grid"?\n'],
  [['help', 'materialise'], 'error: unknown command "materialise", did you mean "materialize"?\n'],
  [['status'], 'error: no pipeline.yaml in '],
  [['status', '--file', 'nothing.yaml'], 'error: expected a pipeline file, found nothing at '],
])('%j ends with 2 and one block of text', async (args, message) => {
  const { code, stdout, stderr } = await fastbreak(args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr.startsWith(message)).toBe(true);
  expect(stderr).not.toMatch(/\n {4}at /);
  expect(stderr.trimEnd().split('\n')).toHaveLength(2);
});

test.each([
  ['2024-02-30', 'there is no date 2024-02-30'],
  ['2024-02-02..2024-02-01', 'the range begins after it ends: from 2024-02-02 to 2024-02-01'],
  ['soon', 'expected a date like 2024-01-15, found "soon"'],
])('--partitions %s ends with 2 and says what was found', async (range, message) => {
  const { code, stderr } = await fastbreak(['materialize', '--partitions', range], shop);
  expect(code).toBe(2);
  expect(stderr).toContain(`error: ${message}\n`);
});

test('a first run, its status, a question, and a second run without work', async () => {
  const first = await fastbreak(['materialize'], shop);
  expect(first.code).toBe(0);
  expect(first.stdout).toMatch(/Run \S+ succeeded: /);
  expect(first.stderr).toMatch(/orders 2024-03-01\.\.2024-03-30: 26 materialized, /);
  const status = await fastbreak(['status', '--json'], shop);
  expect(status.stderr).toBe('');
  expect(JSON.parse(status.stdout)).toMatchObject({ target: 'local' });
  const why = await fastbreak(['why', 'revenue_trend', '2024-03-20'], shop);
  expect(why.stdout).toMatch(/^revenue_trend 2024-03-20 is current: /);
  const second = await fastbreak(['materialize', '--quiet'], shop);
  expect(second).toEqual({
    code: 0,
    stderr: '',
    stdout: 'Nothing to do: everything asked for is current in local.\n',
  });
  const json = await fastbreak(['materialize', '--json', '--force'], shop);
  expect(JSON.parse(json.stdout)).toMatchObject({
    target: 'local',
    status: 'succeeded',
    failures: [],
  });
});

test('with a log level stderr is JSON lines', async () => {
  const { stderr } = await fastbreak(['materialize', '--force', '--log-level', 'info'], shop);
  const lines = stderr.trimEnd().split('\n');
  const messages = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
  expect(messages).toContain('step-finished');
  expect(messages.at(-1)).toBe('run-finished');
});

test('colours are off outside of a terminal, and can be forced', async () => {
  const plain = await fastbreak(['status', '--grid'], shop);
  expect(plain.stdout).not.toContain('\u001b[');
  const child = spawn(process.execPath, [CLI, 'status', '--grid'], {
    cwd: shop,
    env: { PATH: process.env['PATH'], FORCE_COLOR: '1' },
  });
  const text = (await child.stdout.setEncoding('utf8').toArray()).join('');
  expect(text).toContain('\u001b[');
});

test('a reader that goes away ends the program quietly', async () => {
  const child = spawn(process.execPath, [CLI, 'stale', '--json'], { cwd: shop });
  child.stdout.destroy();
  const stderr = child.stderr.setEncoding('utf8').toArray();
  const [code] = (await once(child, 'close')) as [number];
  expect([code, (await stderr).join('')]).toEqual([0, '']);
});

test('every error of a broken pipeline comes at once, and nothing is written', async () => {
  const { stdout } = await fastbreak(['init', 'broken']);
  expect(stdout).toContain('broken');
  const path = join(empty, 'broken', 'pipeline.yaml');
  const yaml = readFileSync(path, 'utf8').replace('group: raw\n', 'grup: raw\n');
  writeFileSync(path, yaml.replace('timezone: Europe/Berlin', 'timezone: Europe/Berln'));
  const { code, stderr } = await fastbreak(['materialize'], join(empty, 'broken'));
  expect(code).toBe(2);
  expect(stderr).toMatch(/grup/);
  expect(stderr).toMatch(/Berln/);
  expect(existsSync(join(empty, 'broken', '.fastbreak', 'state.sqlite'))).toBe(false);
});
