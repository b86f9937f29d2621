import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import { describe, expect, test } from 'vitest';

import * as publicApi from '../engine/index.ts';

const ROOT = resolve(import.meta.dirname, '..');

/** Files of the engine that belong to no folder and may be imported by everything. */
const LEAF = ['engine/ids.ts', 'engine/errors.ts', 'engine/diagnostics.ts', 'engine/events.ts'];

interface Rule {
  /** Areas that may be imported for their values and types. */
  readonly may: readonly string[];
  /** Areas of which only types may be imported. */
  readonly types?: readonly string[];
  /** Packages; Node's own are always allowed. */
  readonly packages?: readonly string[];
}

/** The import table of ARCHITECTURE.md; what is not listed is forbidden. `leaf` is always allowed. */
const RULES: Readonly<Record<string, Rule>> = {
  leaf: { may: [], types: ['partitions'] },
  partitions: { may: [] },
  config: { may: ['partitions'], packages: ['yaml', 'ajv'] },
  sql: { may: ['partitions'], types: ['config'], packages: ['@polyglot-sql/sdk'] },
  graph: { may: ['partitions'], types: ['config', 'compile'], packages: ['graphology'] },
  checks: { may: ['partitions', 'sql'], types: ['config', 'compile', 'warehouse'] },
  compile: { may: ['config', 'sql', 'graph', 'partitions', 'checks'] },
  staleness: { may: ['partitions', 'graph'], types: ['config', 'compile', 'state'] },
  plan: { may: ['partitions', 'graph', 'staleness'], types: ['compile', 'state'] },
  warehouse: {
    may: ['partitions', 'sql'],
    packages: ['@duckdb/node-api', '@google-cloud/bigquery', '@google-cloud/storage'],
  },
  assets: { may: ['partitions', 'sql'], types: ['config', 'compile', 'warehouse'] },
  run: {
    may: ['partitions', 'plan', 'staleness', 'assets', 'checks', 'sql'],
    types: ['config', 'compile', 'warehouse', 'state'],
  },
  health: {
    may: ['partitions', 'graph', 'staleness', 'plan', 'run', 'assets', 'checks', 'sql'],
    types: ['compile', 'config', 'warehouse', 'state'],
  },
  report: {
    may: ['partitions', 'plan'],
    types: ['staleness', 'graph', 'compile', 'config', 'sql', 'health'],
    packages: ['pino', 'graphology'],
  },
  state: { may: ['partitions'], packages: ['better-sqlite3'] },
  commands: {
    may: [
      'assets',
      'checks',
      'compile',
      'config',
      'graph',
      'health',
      'partitions',
      'plan',
      'report',
      'run',
      'sql',
      'staleness',
      'state',
      'warehouse',
    ],
  },
  api: { may: ['assets', 'commands', 'compile', 'config', 'partitions'] },
  cli: { may: ['commands', 'report'] },
  pipelines: { may: ['api', 'pipelines'], packages: ['@duckdb/node-api', 'yaml'] },
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

describe('the structure of the code', () => {
  const files = sourceFiles();
  const imports = files.flatMap(importsOf);

  test('only allowed areas are imported', () => {
    const wrong = imports.filter((each) => !isAllowed(each)).map(describeImport);
    expect(wrong).toEqual([]);
  });

  test('no file imports itself by way of others', () => {
    expect(findCycle(imports)).toEqual([]);
  });

  test('no file has more than 400 lines', () => {
    const long = files.filter((file) => readText(file).split('\n').length > 401);
    expect(long).toEqual([]);
  });

  test('no file is called utils, helpers, common or misc', () => {
    expect(files.filter((file) => /(^|\/)(utils?|helpers?|common|misc)\.ts$/.test(file))).toEqual(
      [],
    );
  });

  test('the engine knows nothing of basketball', () => {
    const words = /\b(nba|basketball|rebound|player|season_year|points_avg)\b/i;
    const wrong = files
      .filter((file) => file.startsWith('engine/') || file.startsWith('state/'))
      .filter((file) => words.test(readText(file)));
    expect(wrong).toEqual([]);
  });

  test('only cli.ts reads the clock and the arguments', () => {
    const wrong = files
      .filter((file) => /^(engine|state)\//.test(file))
      .filter((file) => /Date\.now\(|new Date\(\)|process\.argv/.test(readText(file)));
    expect(wrong).toEqual([]);
  });

  test('the public API is exactly what is meant to be public', () => {
    expect(Object.keys(publicApi).sort()).toEqual(['PipelineError', 'isPipelineError']);
  });

  test('migrations are numbered without gaps', () => {
    const numbers = readdirSync(join(ROOT, 'state/migrations'))
      .filter((name) => name.endsWith('.sql'))
      .sort()
      .map((name) => Number(name.slice(0, 4)));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });
});

function sourceFiles(): string[] {
  const folders = ['engine', 'state', 'assets'];
  const inFolders = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
  return ['cli.ts', ...inFolders].filter((file) => !file.includes('templates/'));
}

function readText(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

function importsOf(file: string): Import[] {
  const found: Import[] = [];
  const pattern =
    /(?:^|\n)(?:import|export)\s+(type\s)?([^;'"]*?\sfrom\s+)?'([^']+)'|import\(\s*'([^']+)'\s*\)/g;
  for (const match of readText(file).matchAll(pattern)) {
    const target = match[3] ?? match[4];
    if (target === undefined || target.startsWith('node:')) continue;
    const names = match[2] ?? '';
    const isTypeOnly = match[1] !== undefined || isOnlyTypes(names);
    const to = target.startsWith('.')
      ? relative(ROOT, resolve(ROOT, dirname(file), target))
      : target;
    found.push({ from: file, to, typeOnly: isTypeOnly });
  }
  return found;
}

/** `{ type A, type B }` imports nothing at run time. */
function isOnlyTypes(names: string): boolean {
  const inBraces = /\{([^}]*)\}/.exec(names)?.[1];
  if (inBraces === undefined) return false;
  const parts = inBraces.split(',').map((part) => part.trim());
  return parts.filter(Boolean).every((part) => part.startsWith('type '));
}

function areaOf(file: string): string {
  if (LEAF.includes(file) || file.startsWith('engine/util/')) return 'leaf';
  if (file === 'engine/index.ts' || file === 'engine/testing.ts') return 'api';
  if (file === 'cli.ts' || file === 'package.json') return 'cli';
  if (file.startsWith('state/')) return 'state';
  if (file.startsWith('assets/')) return 'pipelines';
  return file.split('/')[1] ?? file;
}

function isAllowed({ from, to, typeOnly }: Import): boolean {
  const rule = RULES[areaOf(from)];
  if (!rule) return false;
  if (!/^(engine|state|assets)\/|^(cli\.ts|package\.json)$/.test(to)) {
    return typeOnly || (rule.packages ?? []).includes(to) || areaOf(from) === 'commands';
  }
  if (to.endsWith('.json')) return true;
  const area = areaOf(to);
  if (area === areaOf(from) || area === 'leaf' || rule.may.includes(area)) return true;
  return typeOnly && (rule.types ?? []).includes(area);
}

function describeImport({ from, to, typeOnly }: Import): string {
  return `${from} -> ${to}${typeOnly ? ' (type)' : ''}`;
}

/** The first cycle of imports that exist at run time, as a path. */
function findCycle(imports: readonly Import[]): string[] {
  const targets = Map.groupBy(
    imports.filter((each) => !each.typeOnly),
    (each) => each.from,
  );
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const { to } of targets.get(file) ?? []) {
      const cycle = visit(to, [...path, file]);
      if (cycle.length > 0) return cycle;
    }
    done.add(file);
    return [];
  };
  for (const file of targets.keys()) {
    const cycle = visit(file, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
