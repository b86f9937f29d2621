import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const DIST = join(ROOT, 'dist');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fastbreak-package-'));
  execFileSync(process.execPath, [join(ROOT, '.ci/build.ts')], { cwd: ROOT });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function published(args: readonly string[]): string {
  return execFileSync(process.execPath, [join(DIST, 'cli.js'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

test('the published package starts a pipeline and materializes it', () => {
  published(['init', '.']);
  expect(published(['materialize', '--quiet'])).toMatch(/succeeded: 76 materialized/);
  const { rows } = JSON.parse(
    published(['query', '--json', 'SELECT COUNT(*) AS days FROM daily_revenue']),
  ) as { readonly rows: readonly (readonly number[])[] };
  expect(rows[0]?.[0]).toBeGreaterThan(0);
});

test('the published manifest has entry points that exist and nothing for development', () => {
  const manifest = JSON.parse(readFileSync(join(DIST, 'package.json'), 'utf8')) as {
    readonly bin: { readonly fastbreak: string };
    readonly exports: { readonly '.': Readonly<Record<string, string>> };
  };
  const entries = [manifest.bin.fastbreak, ...Object.values(manifest.exports['.'])];
  expect(entries.filter((entry) => !existsSync(join(DIST, entry)))).toEqual([]);
  expect(Object.keys(manifest)).not.toContain('devDependencies');
  expect(Object.keys(manifest)).not.toContain('scripts');
});
