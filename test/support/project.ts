import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { onTestFinished } from 'vitest';
import {
  type Effects,
  evaluateProject,
  type GlobalOptions,
  openProject,
  openReader,
  type Project,
} from '../../engine/commands/context.ts';
import { runMaterialize } from '../../engine/commands/materialize.ts';
import type { MaterializeOptions } from '../../engine/commands/prepare.ts';
import { isPipelineError, type PipelineError } from '../../engine/errors.ts';
import { formatDay } from '../../engine/partitions/date.ts';
import { formatHash } from '../../engine/partitions/hash64.ts';
import { CONTENT } from '../../engine/partitions/records.ts';
import type { GraphEvaluation } from '../../engine/staleness/status.ts';
import { STATUS_NAMES } from '../../engine/staleness/status.ts';
import { dataVersionAt } from '../../engine/staleness/input-version.ts';
import type { StateReader } from '../../state/store.ts';
import { testClock } from './clock.ts';

export const GLOBALS: GlobalOptions = {
  file: undefined,
  target: undefined,
  json: true,
  quiet: true,
  logLevel: 'silent',
  color: false,
};

/** What `materialize --json` prints, as far as tests look at it. */
export interface RunDocument {
  readonly run_id: string | null;
  readonly status: string;
  readonly stopped?: string;
  readonly assets: readonly AssetDocument[];
  readonly failures: readonly {
    readonly asset: string;
    readonly partition: string;
    readonly status: string;
    readonly category: string;
    readonly message: string;
  }[];
  readonly checks: readonly {
    readonly check: string;
    readonly severity: string;
    readonly partitions: readonly string[];
  }[];
}

export interface AssetDocument {
  readonly name: string;
  readonly materialized: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly expected_empty: number;
  readonly failed: number;
  readonly blocked: number;
  readonly rows: number;
  readonly frozen: number;
  readonly pruned: number;
  readonly no_longer_expected: number;
}

export interface RunOutcome {
  readonly code: number;
  readonly document: RunDocument;
  /** What was logged or shown as progress. */
  readonly log: string;
}

export interface RunRequest extends Partial<MaterializeOptions> {
  readonly signal?: AbortSignal;
  readonly now?: () => number;
}

export type Cell = string | number | boolean | null;

/** A pipeline in a folder of its own, run in process by the real commands. */
export class TestProject {
  readonly root: string;
  readonly env: Record<string, string> = {};
  readonly #clock = testClock();

  constructor(root: string) {
    this.root = root;
  }

  get home(): string {
    return join(this.root, '.fastbreak');
  }

  get warehouseFile(): string {
    return join(this.home, 'warehouse.duckdb');
  }

  path(name: string): string {
    return join(this.root, name);
  }

  write(name: string, text: string): void {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  writeAll(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  /** Changes a file by replacing one text in it; fails when the text is not there. */
  edit(name: string, from: string, to: string): void {
    const text = this.read(name);
    if (!text.includes(from)) throw new Error(`${name} does not hold ${from}`);
    this.write(name, text.replace(from, to));
  }

  /** Runs `materialize`; throws what the command throws. */
  async materialize(request: RunRequest = {}): Promise<RunOutcome> {
    const { signal, now, ...options } = request;
    const out: string[] = [];
    const log: string[] = [];
    const effects: Effects = {
      ...this.#effects(),
      ...(signal && { signal }),
      ...(now && { now }),
      stdout: (text) => void out.push(text),
      stderr: (text) => void log.push(text),
    };
    const code = await runMaterialize({ ...GLOBALS, ...DEFAULTS, ...options }, effects);
    return { code, document: JSON.parse(out.join('')) as RunDocument, log: log.join('') };
  }

  /** The plan that `--dry-run` prints. */
  async dryRun(request: RunRequest = {}): Promise<DryRunDocument> {
    const { document } = await this.materialize({ ...request, dryRun: true });
    return document as unknown as DryRunDocument;
  }

  /** The user error that a run ends with. */
  async error(request: RunRequest = {}): Promise<PipelineError> {
    try {
      await this.materialize(request);
    } catch (error) {
      if (isPipelineError(error)) return error;
      throw error;
    }
    throw new Error('Expected a PipelineError, nothing was thrown');
  }

  open(): Promise<Project> {
    return openProject(GLOBALS, this.#effects());
  }

  effects(): Effects {
    return this.#effects();
  }

  /** The record, closed when the test is over. */
  async reader(): Promise<StateReader> {
    const reader = await openReader(await this.open());
    if (!reader) throw new Error('nothing was recorded yet');
    onTestFinished(() => reader.close());
    return reader;
  }

  /** Status name by date, of one asset; from the record alone. */
  async status(asset: string): Promise<Record<string, string>> {
    const { evaluation } = await this.evaluate();
    const of = [...evaluation.assets.values()].find((each) => each.asset.name === asset);
    if (!of) throw new Error(`no asset ${asset}`);
    return Object.fromEntries(
      Array.from(of.expected.days, (day, index) => [
        formatDay(day),
        STATUS_NAMES[of.status[index] ?? -1] ?? '?',
      ]),
    );
  }

  async evaluate(): Promise<{ readonly evaluation: GraphEvaluation }> {
    const project = await this.open();
    const reader = await openReader(project);
    try {
      return { evaluation: evaluateProject(project, reader) };
    } finally {
      reader?.close();
    }
  }

  /** Data version by date of one asset, as recorded. */
  async versions(asset: string): Promise<Record<string, string>> {
    const { evaluation } = await this.evaluate();
    const of = [...evaluation.assets.values()].find((each) => each.asset.name === asset);
    const records = of?.records;
    if (!records) return {};
    return Object.fromEntries(
      [...records.days.entries()]
        .filter(([index]) => records.content[index] === CONTENT.materialized)
        .map(([index, day]) => [formatDay(day), formatHash(dataVersionAt(records, index))]),
    );
  }

  /** Every asset's data versions: two warehouses with the same ones have the same rows. */
  async allVersions(): Promise<Record<string, Record<string, string>>> {
    const { pipeline } = await this.open();
    const all: Record<string, Record<string, string>> = {};
    for (const { name } of pipeline.assets) all[name] = await this.versions(name);
    return all;
  }

  /** Rows of a query on the warehouse file. */
  async query(sql: string): Promise<Cell[][]> {
    return this.#onWarehouse('READ_ONLY', async (connection) => {
      const reader = await connection.runAndReadAll(sql);
      return reader.getRowsJson() as Cell[][];
    });
  }

  /** Changes the warehouse file behind the engine's back. */
  async tamper(...statements: readonly string[]): Promise<void> {
    await this.#onWarehouse('READ_WRITE', async (connection) => {
      for (const statement of statements) await connection.run(statement);
    });
  }

  async #onWarehouse<T>(
    mode: string,
    work: (connection: Awaited<ReturnType<DuckDBInstance['connect']>>) => Promise<T>,
  ): Promise<T> {
    if (!existsSync(this.warehouseFile)) throw new Error('there is no warehouse file');
    const instance = await DuckDBInstance.create(this.warehouseFile, { access_mode: mode });
    const connection = await instance.connect();
    try {
      return await work(connection);
    } finally {
      connection.disconnectSync();
      instance.closeSync();
    }
  }

  #effects(): Effects {
    return {
      env: this.env,
      cwd: this.root,
      now: this.#clock.now,
      signal: new AbortController().signal,
      stdout: () => undefined,
      stderr: () => undefined,
      isTerminal: false,
      width: 100,
    };
  }
}

/** What `--dry-run --json` prints. */
export interface DryRunDocument {
  readonly steps: readonly {
    readonly asset: string;
    readonly partitions: { readonly from: string; readonly to: string; readonly count: number };
    readonly reasons: Readonly<Record<string, number>>;
  }[];
}

const DEFAULTS: MaterializeOptions = {
  selection: [],
  exclude: [],
  dryRun: false,
  force: false,
  failFast: false,
  command: 'materialize',
};

/** A pipeline of some files, in a folder that is gone when the test is over. */
export function newProject(files: Readonly<Record<string, string>>): TestProject {
  const project = new TestProject(temporaryFolder());
  onTestFinished(() => rmSync(project.root, { recursive: true, force: true }));
  project.writeAll(files);
  return project;
}

/** A pipeline in a folder that somebody else removes. */
export function keptProject(files: Readonly<Record<string, string>>): TestProject {
  const project = new TestProject(temporaryFolder());
  project.writeAll(files);
  return project;
}

/** A copy of a pipeline with all that was made of it, gone when the test is over. */
export function copyOf(project: TestProject): TestProject {
  const copy = newProject({});
  cpSync(project.root, copy.root, { recursive: true });
  return copy;
}

function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'fastbreak-test-'));
}

/** The counts of one asset in a run, those that are not zero. */
export function countsOf(outcome: RunOutcome, asset: string): Record<string, number> {
  const found = outcome.document.assets.find((each) => each.name === asset);
  if (!found) return {};
  const {
    name: _,
    rows: __,
    frozen: ___,
    pruned: ____,
    no_longer_expected: _____,
    ...counts
  } = found;
  const entries = Object.entries(counts).filter(([key, count]) => key !== 'seconds' && count > 0);
  return Object.fromEntries(entries);
}
