import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import { parse } from 'yaml';
import type { CompiledPipeline } from '../../engine/compile/compiled.ts';
import { loadCompiledPipeline } from '../../engine/compile/load-compiled.ts';
import { dayOf, formatDay } from '../../engine/partitions/date.ts';
import { newProject, type TestProject } from '../support/project.ts';

const ROOT = resolve(import.meta.dirname, '../..');

export type InputRow = Readonly<
  Record<string, string | number | boolean | readonly string[] | null>
>;

/** What the upstream assets of the one under test hold, by name; columns that are left out are NULL. */
export type Inputs = Readonly<Record<string, readonly InputRow[]>>;

/** A season begins on the first of January. */
const FIRST_DAY = dayOf(2023, 12, 20);
const LAST_DAY = dayOf(2024, 2, 10);
const SEASON_START = dayOf(2024, 1, 1);

const EMPTY = [{ condition: 'TRUE', reason: 'the test has no row' }];

/**
 * A SQL asset of the flagship, made from rows that a test writes down: its statement, columns and functions are the
 * flagship's own, its upstream assets are files. There is a partition on every day from FIRST_DAY to LAST_DAY.
 */
export async function makeAsset(
  name: string,
  inputs: Inputs,
  /** Windows by upstream asset, where it is not the same date. */
  windows: Readonly<Record<string, object>> = {},
): Promise<TestProject> {
  const pipeline = await flagship();
  const asset = pipeline.assets.find((each) => each.name === name);
  if (asset?.file === undefined) throw new Error(`the flagship has no SQL asset ${name}`);
  const upstream = pipeline.assets.filter((each) =>
    asset.upstream.some((edge) => edge.asset === each.name),
  );
  const columnsOf = ({ columns }: typeof asset) =>
    columns.map((column) => ({
      [column.name]: {
        type: column.type,
        description: column.description,
        ...(column.round === undefined ? {} : { round: column.round }),
      },
    }));
  const sources = upstream.map((each): readonly [string, object] => [
    each.name,
    {
      group: 'inputs',
      description: each.description,
      source: { path: `data/${each.name}.json`, format: 'json' },
      columns: columnsOf(each),
      expected_empty: EMPTY,
    },
  ]);
  const made = {
    group: asset.group,
    description: asset.description,
    upstream: Object.fromEntries<object | string>(
      upstream.map((each) => [each.name, windows[each.name] ?? 'same']),
    ),
    columns: columnsOf(asset),
    key: asset.key,
    expected_empty: EMPTY,
  };
  const yaml = {
    name: 'one_asset',
    timezone: 'America/New_York',
    default_target: 'local',
    targets: { local: { warehouse: 'duckdb', memory_limit: '512MB' } },
    groups: { inputs: { dataset: 'inputs' }, [asset.group]: { dataset: 'made' } },
    calendars: {
      dates: { asset: 'dates', date: 'game_date', period: { name: 'season', column: 'season' } },
    },
    partition_sets: { dates: { calendar: 'dates' } },
    defaults: { partitions: 'dates', partition_column: 'game_date' },
    functions: Object.fromEntries(
      pipeline.functions.map((one) => [
        one.name,
        {
          description: one.description,
          arguments: Object.fromEntries(one.arguments.map((each) => [each.name, each.type])),
          sql: one.sql,
        },
      ]),
    ),
    assets: { dates: DATES, ...Object.fromEntries<object>(sources), [name]: made },
  };
  const project = newProject({
    'pipeline.yaml': JSON.stringify(yaml),
    'data/dates.json': datesText(),
    [asset.file]: readFileSync(join(ROOT, asset.file), 'utf8'),
    ...Object.fromEntries(
      upstream.map((each) => [`data/${each.name}.json`, linesOf(each.columns, inputs[each.name])]),
    ),
  });
  const { code, document, log } = await project.materialize();
  expect(document.failures).toEqual([]);
  expect(code, log).toBe(0);
  return project;
}

const DATES = {
  group: 'inputs',
  description: 'The dates that there are.',
  source: { path: 'data/dates.json', format: 'json' },
  key: ['game_date'],
  columns: [
    { game_date: { type: 'DATE', description: 'The date' } },
    { season: { type: 'INT64', nullable: false, description: 'Its season' } },
  ],
};

function datesText(): string {
  return Array.from({ length: LAST_DAY - FIRST_DAY + 1 }, (_, at) => FIRST_DAY + at)
    .map((day) => ({ game_date: formatDay(day), season: day < SEASON_START ? 2022 : 2023 }))
    .map((row) => `${JSON.stringify(row)}\n`)
    .join('');
}

/** The columns and the checks of an asset as the flagship declares them, to be declared again on rows of a test. */
export async function declaredAsset(name: string): Promise<{
  readonly columns: readonly Readonly<Record<string, object>>[];
  readonly checks: readonly DeclaredCheck[];
}> {
  const pipeline = await flagship();
  const asset = pipeline.assets.find((each) => each.name === name);
  if (asset === undefined) throw new Error(`the flagship has no asset ${name}`);
  const yaml = parse(readFileSync(join(ROOT, 'pipeline.yaml'), 'utf8'), { merge: true }) as {
    readonly assets: Readonly<Record<string, { readonly checks?: readonly DeclaredCheck[] }>>;
  };
  const columns = asset.columns.map(({ name: column, type, description, round }) => ({
    [column]: { type, description, ...(round === undefined ? {} : { round }) },
  }));
  return { columns, checks: yaml.assets[name]?.checks ?? [] };
}

export interface DeclaredCheck {
  readonly name?: string;
}

let compiled: CompiledPipeline | undefined;

/** The flagship as it is declared, compiled once. */
async function flagship(): Promise<CompiledPipeline> {
  if (compiled !== undefined) return compiled;
  const cacheDir = mkdtempSync(join(tmpdir(), 'flagship-compiled-'));
  try {
    compiled = await loadCompiledPipeline({ file: join(ROOT, 'pipeline.yaml'), cacheDir });
    return compiled;
  } finally {
    rmSync(cacheDir, { recursive: true });
  }
}

/** Rows as lines of JSON with every column; a file without rows still names them. */
function linesOf(columns: readonly { readonly name: string }[], rows: Inputs[string] = []): string {
  const blank = Object.fromEntries(columns.map(({ name }) => [name, null]));
  for (const row of rows) {
    const unknown = Object.keys(row).find((key) => !(key in blank));
    if (unknown !== undefined) throw new Error(`the asset has no column ${unknown}`);
  }
  const dated = rows.length > 0 ? rows : [{ game_date: '1999-01-01' }];
  return dated.map((row) => `${JSON.stringify({ ...blank, ...row })}\n`).join('');
}
