import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');

/** What the compiler leaves behind: files that the code reads at run time. */
const ASSETS = ['engine/config/pipeline.schema.json', 'state/migrations', 'engine/templates'];

/**
 * Makes `dist/` a package of its own: Node does not strip types under node_modules, so what is published is
 * JavaScript. Publish it with `npm publish ./dist`.
 */
function build(): void {
  rmSync(DIST, { recursive: true, force: true });
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  for (const path of ASSETS) cpSync(join(ROOT, path), join(DIST, path), { recursive: true });
  for (const name of readdirSync(ROOT)) {
    if (/^(README|LICENSE|CHANGELOG)/.test(name)) cpSync(join(ROOT, name), join(DIST, name));
  }
  writeFileSync(join(DIST, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
  chmodSync(join(DIST, 'cli.js'), 0o755);
}

/** The published package: the same dependencies, JavaScript entry points, nothing for development. */
function manifest(): Record<string, unknown> {
  const source = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  const { scripts, devDependencies, allowScripts, ...kept } = source;
  void [scripts, devDependencies, allowScripts];
  return {
    ...kept,
    private: undefined,
    bin: { fastbreak: 'cli.js' },
    exports: { '.': { types: './engine/index.d.ts', default: './engine/index.js' } },
    files: ['cli.js', 'engine', 'state', 'README.md', 'LICENSE', 'CHANGELOG.md'],
  };
}

build();
