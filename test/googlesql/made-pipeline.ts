import type { Batch } from '../../engine/assets/batch.ts';
import type { CompiledAsset, CompiledPipeline } from '../../engine/compile/compiled.ts';
import type { AssetName } from '../../engine/ids.ts';
import { formatDay } from '../../engine/partitions/date.ts';
import type { DayRange } from '../../engine/partitions/window.ts';
import { quoteName, quoteTable } from '../../engine/sql/quote.ts';
import type { AssetEvaluation } from '../../engine/staleness/status.ts';
import type { TestProject } from '../support/project.ts';
import { DuckdbRows } from './duckdb-rows.ts';
import type { CatalogTable } from './pipeline-catalog.ts';
import type { Value } from './zetasql-values.ts';

/** Rows this many days outside of a window are handed to the reference as well: the bounds have to cut them off. */
const MARGIN_DAYS = 1;
/** Windows without an end reach beyond what a date can be. */
const FIRST_DAY = -100_000;
const LAST_DAY = 100_000;

/** A pipeline whose assets are all made, and its rows on DuckDB. */
export class MadePipeline implements Disposable {
  readonly pipeline: CompiledPipeline;
  readonly assets: ReadonlyMap<AssetName, CompiledAsset>;
  readonly duckdb: DuckdbRows;
  readonly #evaluations: ReadonlyMap<AssetName, AssetEvaluation>;

  private constructor(
    pipeline: CompiledPipeline,
    evaluations: ReadonlyMap<AssetName, AssetEvaluation>,
    duckdb: DuckdbRows,
  ) {
    this.pipeline = pipeline;
    this.assets = new Map(pipeline.assets.map((asset) => [asset.name, asset]));
    this.#evaluations = evaluations;
    this.duckdb = duckdb;
  }

  /** Reads what a project has made; its warehouse is kept open for reading. */
  static async of(project: TestProject): Promise<MadePipeline> {
    const { evaluation } = await project.evaluate();
    const duckdb = await DuckdbRows.open(project.warehouseFile);
    for (const macro of Object.values(evaluation.pipeline.duckdbFunctions)) await duckdb.run(macro);
    return new MadePipeline(evaluation.pipeline, evaluation.assets, duckdb);
  }

  /** The SQL assets whose upstream was made: those that the engine could make now. */
  async sqlAssets(): Promise<readonly CompiledAsset[]> {
    const names = await this.#tableNames();
    return this.pipeline.assets.filter(
      ({ kind, upstream }) => kind === 'sql' && upstream.every((edge) => names.has(edge.asset)),
    );
  }

  /** The assets that have a table. */
  async madeAssets(): Promise<readonly CompiledAsset[]> {
    const names = await this.#tableNames();
    return this.pipeline.assets.filter(({ name }) => names.has(name));
  }

  async #tableNames(): Promise<ReadonlySet<Value>> {
    const { rows } = await this.duckdb.query('SELECT table_name FROM information_schema.tables');
    return new Set(rows.flat());
  }

  /** Some partitions of an asset, by their position among the expected ones; all by default. */
  batch(asset: CompiledAsset, choose: (of: AssetEvaluation) => readonly number[] = all): Batch {
    const evaluation = this.#evaluations.get(asset.name);
    if (!evaluation) throw new Error(`${asset.name} was not evaluated`);
    return { evaluation, indexes: choose(evaluation) };
  }

  /** Every table that a batch reads, with the rows that its windows hold and some more on both sides. */
  async tablesOf({ evaluation, indexes }: Batch): Promise<CatalogTable[]> {
    const windows = new Map<AssetName, DayRange[]>();
    for (const { upstream, ranges } of evaluation.edges) {
      const held = windows.get(upstream.asset) ?? [];
      windows.set(upstream.asset, held);
      for (const index of indexes) {
        held.push({ lo: ranges.lo[index] ?? 0, hi: ranges.hi[index] ?? 0 });
      }
    }
    return Promise.all(Array.from(windows, ([name, held]) => this.#rowsWithin(name, held)));
  }

  /** An asset's own table with the rows of a batch. */
  async ownTable({ evaluation: { asset, expected }, indexes }: Batch): Promise<CatalogTable> {
    const days = indexes.map((index) => expected.days[index] ?? 0);
    return this.#rowsWithin(
      asset.name,
      days.map((day) => ({ lo: day, hi: day + 1 })),
    );
  }

  async #rowsWithin(name: AssetName, windows: readonly DayRange[]): Promise<CatalogTable> {
    const asset = this.assets.get(name);
    if (!asset) throw new Error(`no asset ${name}`);
    const { dataset, columns, partitionColumn, partitionSet } = asset;
    const names = columns.map((column) => quoteName(column.name, 'duckdb')).join(', ');
    const isDated = partitionSet !== undefined && partitionColumn !== undefined;
    const where = isDated ? withMargin(quoteName(partitionColumn, 'duckdb'), windows) : 'TRUE';
    const { rows } = await this.duckdb.query(
      `SELECT ${names} FROM ${quoteTable(dataset, name, 'duckdb')} WHERE ${where}`,
    );
    return { dataset, name, columns, rows };
  }

  [Symbol.dispose](): void {
    this.duckdb[Symbol.dispose]();
  }
}

function all({ expected }: AssetEvaluation): readonly number[] {
  return [...expected.days.keys()];
}

/** True for the days of some windows and those beside them. */
function withMargin(column: string, windows: readonly DayRange[]): string {
  const conditions = windows
    .filter(({ lo, hi }) => lo < hi)
    .map(({ lo, hi }) => {
      const from = formatDay(Math.max(lo - MARGIN_DAYS, FIRST_DAY));
      const to = formatDay(Math.min(hi + MARGIN_DAYS, LAST_DAY));
      return `(${column} >= DATE '${from}' AND ${column} < DATE '${to}')`;
    });
  return [...new Set(conditions)].join(' OR ') || 'TRUE';
}
