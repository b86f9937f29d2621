import { expect, test } from 'vitest';
import { Project } from './project.ts';

const MODULE = `import { join } from 'node:path';
const worker = new Worker(
  new URL('./workers/fit.ts', import.meta.url),
);
const folder = new URL('./made/', import.meta.url);
const elsewhere = new URL('./nowhere.ts', 'file:///models/');
export const materialize = () => join(worker, folder, elsewhere);
`;

const WORKER = `import { shrink } from './shrink.ts';
const weights = new URL("../weights.bin", import.meta.url);
shrink(weights);
`;

/** A pipeline whose asset \`form\` is a module with a worker. */
function workerProject(): Project {
  const project = new Project();
  project.remove('assets/stats/form.sql');
  project.write('assets/stats/form.ts', MODULE);
  project.write('assets/stats/workers/fit.ts', WORKER);
  project.write('assets/stats/workers/shrink.ts', 'export const shrink = (x: unknown) => x;\n');
  project.write('assets/stats/weights.bin', 'one');
  return project;
}

async function sourceOf(project: Project): Promise<string> {
  return (await project.compiledAsset('form')).codeParts.source;
}

test.each([
  ['a worker', 'assets/stats/workers/fit.ts', WORKER.replace('shrink(weights)', 'shrink(2)')],
  ['what a worker imports', 'assets/stats/workers/shrink.ts', 'export const shrink = () => 1;\n'],
  ['a file that a worker names', 'assets/stats/weights.bin', 'two'],
])('%s is part of the module that starts the worker', async (_, path, text) => {
  using project = workerProject();
  const before = await sourceOf(project);
  expect(await sourceOf(project)).toBe(before);
  project.write(path, text);
  expect(await sourceOf(project)).not.toBe(before);
});

test('a worker that is not there is an error where it is named', async () => {
  using project = workerProject();
  project.remove('assets/stats/workers/fit.ts');
  expect(await project.errors()).toMatch(
    /assets\/stats\/form\.ts:3:12 MISSING_IMPORT assets\/stats\/form\.ts imports \.\/workers\/fit\.ts/,
  );
});

test('bytes that are no text count as they are', async () => {
  using project = workerProject();
  const file = 'assets/stats/weights.bin';
  project.writeBytes(file, Uint8Array.of(0xff, 1));
  const before = await sourceOf(project);
  project.writeBytes(file, Uint8Array.of(0xfe, 1));
  expect(await sourceOf(project)).not.toBe(before);
});
