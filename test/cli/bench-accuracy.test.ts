import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newProject } from '../support/project.ts';

const SCRIPT = join(import.meta.dirname, '../../bench/accuracy.ts');

/** Runs the script with an empty home of its own, which it would fill if it began. */
function accuracy(...args: readonly string[]) {
  const home = newProject({}).path('home');
  const env = { ...process.env, FASTBREAK_HOME: home, NBA_DATA: home };
  const run = spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8', env });
  return { ...run, hasBegun: existsSync(home) };
}

test('bench/accuracy.ts tells how it is used', () => {
  const { status, stdout, hasBegun } = accuracy('--help');
  expect([status, hasBegun]).toEqual([0, false]);
  expect(stdout).toContain('Usage: [FASTBREAK_HOME=DIR] [NBA_DATA=DIR] node bench/accuracy.ts');
});

test.each([
  ['--season', "Unknown option '--season'"],
  ['2023', "Unexpected argument '2023'"],
])('bench/accuracy.ts refuses %s before it makes anything', (argument, message) => {
  const { status, stdout, stderr, hasBegun } = accuracy(argument);
  expect([status, stdout, hasBegun]).toEqual([2, '', false]);
  expect(stderr).toContain(message);
  expect(stderr).toContain('Usage: ');
});
