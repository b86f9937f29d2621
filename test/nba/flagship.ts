import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { expect } from 'vitest';
import { simulateLeague, type LeagueOptions } from '../../assets/nba/league/index.ts';
import { TestProject } from '../support/project.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const FOLDERS = [
  'analytics',
  'precompute',
  'features',
  'models',
  'systems',
  'predictions',
  'grading',
];
/** Models of few trees are trained in no time, and are wrong about as much as a test can tell. */
const FEW_TREES = 'trees: 10';

export const SOURCE_FILES = [
  'schedule',
  'player_box',
  'shots',
  'closing_lines',
  'players',
  'teams',
] as const;
export type SourceFile = (typeof SOURCE_FILES)[number];

/** The SELECT that makes a new version of a source file out of the old one, which it calls `f`. */
export type Rewrites = Partial<Readonly<Record<SourceFile, string>>>;

/** The flagship pipeline in a folder of its own, with its SQL, its data and its home. */
export class Flagship extends TestProject implements Disposable {
  static create(): Flagship {
    const flagship = new Flagship(mkdtempSync(join(tmpdir(), 'flagship-')));
    const pipeline = readFileSync(join(ROOT, 'pipeline.yaml'), 'utf8');
    writeFileSync(flagship.path('pipeline.yaml'), pipeline.replaceAll(/trees: \d+/g, FEW_TREES));
    for (const folder of FOLDERS) {
      cpSync(join(ROOT, 'assets', folder), flagship.path(`assets/${folder}`), { recursive: true });
    }
    // The modules import the engine by its place.
    symlinkSync(join(ROOT, 'engine'), flagship.path('engine'));
    symlinkSync(join(ROOT, 'node_modules'), flagship.path('node_modules'));
    mkdirSync(flagship.data);
    flagship.env['NBA_DATA'] = 'data';
    return flagship;
  }

  static async simulated(options: Partial<LeagueOptions> = {}): Promise<Flagship> {
    const flagship = Flagship.create();
    await simulateLeague({ ...SMALL_LEAGUE, ...options, outDir: flagship.data });
    return flagship;
  }

  /** The games of a folder from a date on; begin with a season, or its first days are not known. */
  static async since(date: string, folder: string): Promise<Flagship> {
    const flagship = Flagship.create();
    const dated = `SELECT * FROM f WHERE game_date >= DATE '${date}'`;
    const filter = { schedule: dated, player_box: dated, shots: dated, closing_lines: dated };
    await rewriteFiles(folder, flagship.data, filter);
    if (existsSync(join(folder, 'player_pra_lines.parquet'))) {
      await rewriteFile('player_pra_lines', dated, { from: folder, to: flagship.data });
    }
    return flagship;
  }

  /** With models of trees alone, for tests that are about other things: they train in half the time. */
  withTreesAlone(): this {
    const pipeline = this.read('pipeline.yaml');
    this.write('pipeline.yaml', pipeline.replaceAll(/trainers: \[.*\]/g, 'trainers: [boosting]'));
    return this;
  }

  get data(): string {
    return this.path('data');
  }

  /** The same project with the same record and warehouse, in another folder. */
  copy(): Flagship {
    const flagship = new Flagship(mkdtempSync(join(tmpdir(), 'flagship-')));
    cpSync(this.root, flagship.root, { recursive: true });
    Object.assign(flagship.env, this.env);
    return flagship;
  }

  /** The same project and data with nothing made yet. */
  unmade(): Flagship {
    const flagship = this.copy();
    for (const name of readdirSync(flagship.home)) {
      // What is compiled is the same.
      if (name !== 'cache') rmSync(join(flagship.home, name), { recursive: true });
    }
    return flagship;
  }

  async make(now?: () => number): Promise<void> {
    const outcome = await this.materialize(now ? { now } : {});
    expect(outcome.document.failures).toEqual([]);
    expect(outcome.code, `${outcome.document.status}: ${outcome.log}`).toBe(0);
  }

  /** Replaces source files by what a SELECT makes of them; rows keep the order it gives them. */
  async rewrite(rewrites: Rewrites): Promise<void> {
    const old = this.path('data-before');
    cpSync(this.data, old, { recursive: true });
    await rewriteFiles(old, this.data, rewrites);
    rmSync(old, { recursive: true });
  }

  /** What a command prints with `--json`. */
  command<Document>(...args: readonly string[]): Document {
    const text = execFileSync(process.execPath, [join(ROOT, 'cli.ts'), ...args, '--json'], {
      cwd: this.root,
      env: { PATH: process.env['PATH'] ?? '', ...this.env, NO_COLOR: '1' },
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    return JSON.parse(text) as Document;
  }

  /** Dataset, key and partition column of every table, by asset name. */
  async tables(): Promise<ReadonlyMap<string, FlagshipTable>> {
    const { pipeline } = await this.open();
    return new Map(
      pipeline.assets.map(({ name, dataset, key, partitionColumn, partitionSet }) => [
        name,
        {
          relation: `${dataset}.${name}`,
          key: key ?? [],
          date: partitionSet === undefined ? undefined : partitionColumn,
        },
      ]),
    );
  }

  /** Rows as objects with the values of the DuckDB client. */
  async objects(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return onDuckdb(this.warehouseFile, async (connection) =>
      (await connection.runAndReadAll(sql)).getRowObjectsJS(),
    );
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

export interface FlagshipTable {
  readonly relation: string;
  readonly key: readonly string[];
  readonly date: string | undefined;
}

/** Long enough for every window, and with enough teams for the averages of the league. */
const SMALL_LEAGUE = { seed: 11, firstSeason: 2023, seasons: 2, teams: 12, gamesPerTeam: 40 };

export async function onDuckdb<T>(
  path: string,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const options = path === ':memory:' ? {} : { access_mode: 'READ_ONLY' };
  const instance = await DuckDBInstance.create(path, options);
  const connection = await instance.connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function rewriteFiles(from: string, to: string, rewrites: Rewrites): Promise<void> {
  for (const name of SOURCE_FILES) await rewriteFile(name, rewrites[name], { from, to });
}

/** Copies a source file, or writes what a SELECT makes of it. */
async function rewriteFile(
  name: string,
  select: string | undefined,
  folders: { readonly from: string; readonly to: string },
): Promise<void> {
  const source = join(folders.from, `${name}.parquet`);
  const target = join(folders.to, `${name}.parquet`);
  if (select === undefined) {
    cpSync(source, target);
    return;
  }
  rmSync(target, { force: true });
  await onDuckdb(':memory:', async (connection) => {
    await connection.run(`CREATE VIEW f AS SELECT * FROM read_parquet('${source}')`);
    await connection.run(`COPY (${select}) TO '${target}' (FORMAT parquet)`);
  });
}
