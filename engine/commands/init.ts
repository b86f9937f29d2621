import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { EXIT, messageOf, PipelineError } from '../errors.ts';
import { jsonText } from '../report/json.ts';
import { paintFor } from '../report/text.ts';
import type { Effects, GlobalOptions } from './context.ts';
import { makeFolder } from './write-atomically.ts';

export interface InitOptions {
  /** Folder of the new pipeline, relative to the working folder; made if it is not there. */
  readonly dir: string;
}

/** Beside this file, or in the package's sources when this file was compiled into another folder. */
const TEMPLATES = ['../templates/demo', '../../../engine/templates/demo'];
/** Files that any folder may have already: kept, since the pipeline runs without them. */
const KEPT_IF_THERE = new Set(['README.md', '.gitignore']);

const NEXT = [
  'npx fastbreak materialize',
  'npx fastbreak status',
  'npx fastbreak why daily_revenue 2024-03-13',
  "npx fastbreak query 'SELECT * FROM revenue_trend ORDER BY trend_date DESC, category LIMIT 9'",
];

/** `fastbreak init [DIR]`: a new pipeline that runs. */
export async function runInit(
  options: InitOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  const folder = resolve(effects.cwd, options.dir);
  const template = findTemplate();
  const files = templateFiles(template);
  refuseUsedFolder(folder, files);
  const kept = files.filter((file) => existsSync(join(folder, file)));
  const created = files.filter((file) => !kept.includes(file));
  for (const file of created) copyFile(file, { template, folder });
  const cd = relative(effects.cwd, folder);
  const next = [...(cd === '' ? [] : [`cd ${quoteForShell(cd)}`]), ...NEXT];
  if (options.json) {
    effects.stdout(jsonText({ dir: folder, created, kept, next }));
    return EXIT.ok;
  }
  const paint = paintFor(options.color);
  const lines = [
    `${paint('green', 'created')} a pipeline in ${folder}`,
    ...created.map((file) => `  ${file}`),
    ...kept.map((file) => `  ${file} ${paint('dim', '(was there already, kept)')}`),
    '',
    'next:',
    ...next.map((command) => `  ${paint('cyan', command)}`),
  ];
  effects.stdout(options.quiet ? '' : `${lines.join('\n')}\n`);
  return EXIT.ok;
}

function findTemplate(): string {
  const folders = TEMPLATES.map((path) => join(import.meta.dirname, path));
  const found = folders.find((folder) => existsSync(folder));
  if (found === undefined) throw new Error(`Internal error: no template in ${folders.join(', ')}`);
  return found;
}

/** Paths of the new pipeline's files, pipeline.yaml first. */
function templateFiles(template: string): readonly string[] {
  return readdirSync(template, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(template, join(entry.parentPath, entry.name)))
    .map((file) => (file === 'gitignore' ? '.gitignore' : file))
    .sort(
      (a, b) => Number(b === 'pipeline.yaml') - Number(a === 'pipeline.yaml') || (a < b ? -1 : 1),
    );
}

function refuseUsedFolder(folder: string, files: readonly string[]): void {
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isDirectory()) {
    throw refusal(`${folder} is a file, not a folder`, 'FOLDER_IN_USE');
  }
  if (existsSync(join(folder, 'pipeline.yaml'))) {
    throw refusal(`there is a pipeline in ${folder} already; nothing was changed`, 'FOLDER_IN_USE');
  }
  const inTheWay = files.find((file) => !KEPT_IF_THERE.has(file) && existsSync(join(folder, file)));
  if (inTheWay === undefined) return;
  throw refusal(`${join(folder, inTheWay)} is in the way; nothing was changed`, 'FOLDER_IN_USE');
}

function copyFile(
  file: string,
  { template, folder }: { readonly template: string; readonly folder: string },
): void {
  const path = join(folder, file);
  makeFolder(dirname(path));
  try {
    // npm leaves files called .gitignore out of packages.
    const content = readFileSync(join(template, file === '.gitignore' ? 'gitignore' : file));
    writeFileSync(path, content, { flag: 'wx' });
  } catch (error) {
    throw refusal(`${path} cannot be written: ${messageOf(error)}`, 'OUTPUT_UNWRITABLE', error);
  }
}

function refusal(message: string, code: string, cause?: unknown): PipelineError {
  const hint = 'name a new folder: fastbreak init my-pipeline';
  return new PipelineError(message, { code, hint, ...(cause === undefined ? {} : { cause }) });
}

function quoteForShell(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
