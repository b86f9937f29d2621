import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { newProject, type TestProject } from '../support/project.ts';
import { guessesFiles } from './guesses-project.ts';

const CLI = resolve(import.meta.dirname, '../../cli.ts');

function fastbreak(project: TestProject, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    cwd: project.root,
    env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1' },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('the command line takes a range, systems, JSON and a page', async () => {
  const project = newProject(guessesFiles());
  await project.materialize();
  const args = ['report', 'accuracy', '--from', '2024-01-01', '--to', '2024-01-31'];
  const more = ['--only', 'good,bad', '--html', 'page.html', '--json'];
  const { status, stdout, stderr } = fastbreak(project, ...args, ...more);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    pipeline: 'guessing',
    target: 'local',
    comparisons: [{ name: 'values', rows: 2 }],
    left_out: [],
  });
  expect(project.read('page.html')).toContain('guessing in local, 2024-01-01..2024-01-31');
  expect(project.read('page.html')).toMatch(/<\/html>\n$/);
});

test('an empty range ends with 1, a wrong name with 2, both with what to do', async () => {
  const project = newProject(guessesFiles());
  await project.materialize();
  const empty = fastbreak(project, 'report', 'accuracy', '--from', '2024-02-02');
  expect(empty).toMatchObject({ status: 1, stdout: '' });
  expect(empty.stderr).toContain('fastbreak status guesses --grid');
  const wrong = fastbreak(project, 'report', 'acuracy');
  expect(wrong).toMatchObject({ status: 2, stdout: '' });
  expect(wrong.stderr).toContain('reports in pipeline.yaml: accuracy, plain');
});
