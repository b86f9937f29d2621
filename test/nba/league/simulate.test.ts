import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

interface Finished {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

function simulate(...args: readonly string[]): Promise<Finished> {
  return new Promise((resolve) => {
    const script = join(import.meta.dirname, '../../../assets/nba/league/simulate.ts');
    execFile(process.execPath, [script, ...args], (error, output, errors) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output, errors });
    });
  });
}

test('the command line writes a league and says what it wrote', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'league-'));
  const league = ['--seed', '7', '--season', '2023', '--teams', '4', '--games', '4'];
  const { code, output } = await simulate(...league, '--no-playoffs', '--out', directory);
  expect(code).toBe(0);
  expect(output).toContain('schedule.parquet  8 rows');
  expect(await readdir(directory)).toHaveLength(7);
  await rm(directory, { recursive: true });
});

test('--help explains the options', async () => {
  const { code, output } = await simulate('--help');
  expect(code).toBe(0);
  expect(output).toContain('--season YEAR');
});

test.for([
  [[], '--season is missing'],
  [['--season', '2023'], '--out is missing'],
  [['--season', 'soon', '--out', 'x'], '--season must be a whole number, got "soon"'],
  [['--season', '2023', '--out', 'x', '--teams', '5'], 'teams must be even, got 5'],
  [['--season', '2023', '--teams', '4', '--games', '2', '--out', 'package.json'], 'package.json'],
  [['--sesaon', '2023'], "Unknown option '--sesaon'"],
] as const)('a wrong command line exits with 2 and a reason: %j', async ([args, message]) => {
  const { code, errors } = await simulate(...args);
  expect(code).toBe(2);
  expect(errors).toContain(message);
  expect(errors).not.toContain('    at ');
});
