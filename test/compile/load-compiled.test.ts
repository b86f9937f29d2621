import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCompiledPipeline } from '../../engine/compile/load-compiled.ts';
import { DiagnosticsError } from '../../engine/diagnostics.ts';
import { Project } from './project.ts';

function cacheFile(project: Project): string {
  const name = readdirSync(project.cacheDir).find((entry) => entry.startsWith('compiled-'));
  return join(project.cacheDir, name ?? '');
}

test('an unchanged pipeline comes from the cache as it was compiled', async () => {
  using project = new Project();
  const first = await loadCompiledPipeline(project);
  const written = statSync(cacheFile(project)).mtimeMs;
  expect(await loadCompiledPipeline(project)).toEqual(first);
  expect(statSync(cacheFile(project)).mtimeMs).toBe(written);
});

test.each([
  [
    'pipeline.yaml',
    (project: Project) => project.edit('pipeline.yaml', 'name: games', 'name: other'),
  ],
  ['an SQL file', (project: Project) => project.edit('assets/stats/form.sql', 'AVG', 'MAX')],
])('a change of %s compiles again', async (_title, change) => {
  using project = new Project();
  const first = await loadCompiledPipeline(project);
  change(project);
  expect(await loadCompiledPipeline(project)).not.toEqual(first);
});

test('a file that appears beside the one in use makes the asset ambiguous', async () => {
  using project = new Project();
  await loadCompiledPipeline(project);
  project.write('assets/stats/form.ts', 'export const materialize = () => undefined;\n');
  await expect(loadCompiledPipeline(project)).rejects.toThrow(
    'asset "form" has two files: assets/stats/form.sql and assets/stats/form.ts',
  );
});

test('a file that disappears is missed', async () => {
  using project = new Project();
  await loadCompiledPipeline(project);
  project.remove('assets/stats/form.sql');
  await expect(loadCompiledPipeline(project)).rejects.toThrow(
    'asset "form" has no file: neither assets/stats/form.sql nor assets/stats/form.ts exists',
  );
});

test('errors come as one DiagnosticsError with exit code 2 and all diagnostics', async () => {
  using project = new Project();
  project.edit('pipeline.yaml', 'name: games', 'nam: games');
  const error: unknown = await loadCompiledPipeline(project).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DiagnosticsError);
  expect(error).toMatchObject({
    exitCode: 2,
    diagnostics: [{ code: 'MISSING_KEY' }, { code: 'UNKNOWN_KEY' }],
  });
});

test.each([
  ['nothing', ''],
  ['half a document', '{"format":2,"assets":['],
  ['another document', '[]'],
  ['null', 'null'],
])('a cache that holds %s is replaced', async (_title, text) => {
  using project = new Project();
  const first = await loadCompiledPipeline(project);
  writeFileSync(cacheFile(project), text);
  expect(await loadCompiledPipeline(project)).toEqual(first);
  expect(statSync(cacheFile(project)).size).toBeGreaterThan(100);
});

test('a cache folder that cannot be made costs time, nothing else', async () => {
  using project = new Project();
  project.write('blocked', 'a file where the folder should be');
  const cacheDir = join(project.root, 'blocked', 'cache');
  const pipeline = await loadCompiledPipeline({ file: project.file, cacheDir });
  expect(pipeline.assets).toHaveLength(2);
});

test('a read-only cache folder costs time, nothing else', async () => {
  using project = new Project();
  await loadCompiledPipeline(project);
  chmodSync(project.cacheDir, 0o555);
  project.edit('pipeline.yaml', 'name: games', 'name: other');
  expect((await loadCompiledPipeline(project)).name).toBe('other');
  chmodSync(project.cacheDir, 0o755);
});

test('loading an unchanged pipeline imports neither the YAML parser nor ajv nor the transpiler', async () => {
  using project = new Project();
  await loadCompiledPipeline(project);
  const module = new URL('../../engine/compile/load-compiled.ts', import.meta.url).href;
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    const { loadCompiledPipeline } = await import(${JSON.stringify(module)});
    await loadCompiledPipeline(${JSON.stringify({ file: project.file, cacheDir: project.cacheDir })});
    console.log(JSON.stringify(loaded.filter((url) => /node_modules|compile\\.ts|config/.test(url))));
  `;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script]);
  expect(JSON.parse(output.toString())).toEqual([]);
});
