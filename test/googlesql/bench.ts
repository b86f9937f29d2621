import { rmSync } from 'node:fs';
import type { AssetEvaluation } from '../../engine/staleness/status.ts';
import type { TestProject } from '../support/project.ts';
import {
  calendarStatement,
  checkStatements,
  conditionStatements,
  countsStatement,
  type EngineStatement,
  failureStatements,
  rowsStatement,
} from './engine-statements.ts';
import { MadePipeline } from './made-pipeline.ts';
import { type CatalogTable, catalogOf, contentsOf, evaluable } from './pipeline-catalog.ts';
import type { Example } from './pipelines.ts';
import { comparisonsOf, comparisonStatements } from './report-statements.ts';
import { compareRows } from './same-values.ts';
import { type EvaluatedRows, ZetaSqlService } from './zetasql-service.ts';

/** What the two engines made of one statement. */
export interface Outcome {
  readonly title: string;
  readonly rows: number;
  readonly nulls: number;
  readonly differences: readonly string[];
  /** Floats that are close but not the same. */
  readonly inexact: number;
  readonly reference: EvaluatedRows;
}

/** An example pipeline, made, with the reference evaluator beside it. */
export class Bench implements AsyncDisposable {
  readonly made: MadePipeline;
  readonly #project: TestProject;
  readonly #service: ZetaSqlService;

  private constructor(project: TestProject, made: MadePipeline, service: ZetaSqlService) {
    this.#project = project;
    this.made = made;
    this.#service = service;
  }

  static async of({ make }: Example): Promise<Bench> {
    const project = await make();
    return new Bench(project, await MadePipeline.of(project), await ZetaSqlService.start());
  }

  /** Runs statements on both engines over the same tables. */
  async compare(
    statements: readonly EngineStatement[],
    tables: readonly CatalogTable[],
  ): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    if (statements.length === 0) return outcomes;
    const catalog = catalogOf(tables, this.made.pipeline.functions);
    const id = await this.#service.register(catalog, contentsOf(tables));
    for (const { title, sql, key } of statements) {
      const google = evaluable(sql('bigquery'), tables);
      const evaluated = await this.#service.evaluate(id, google).catch((error: unknown) => {
        throw new Error(`${title}: ${String(error)}\n${google}`);
      });
      const reference = sameJson(evaluated);
      const duckdb = sameJson(await this.made.duckdb.query(sql('duckdb')));
      const names = reference.columns.map((column) => column.name);
      const { differences, inexact } = compareRows(reference, duckdb, key ?? names);
      const nulls = reference.rows.flat().filter((value) => value === null).length;
      const rows = reference.rows.length;
      outcomes.push({ title, rows, nulls, differences, inexact, reference });
    }
    return outcomes;
  }

  /** Every SQL asset over some of its partitions. */
  async compareAssets(choose: (of: AssetEvaluation) => readonly number[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const asset of await this.made.sqlAssets()) {
      const batch = this.made.batch(asset, choose);
      const tables = await this.made.tablesOf(batch);
      outcomes.push(...(await this.compare([rowsStatement(this.made, batch)], tables)));
    }
    return outcomes;
  }

  /** The conditions under which partitions of every SQL asset are empty. */
  async compareConditions(
    choose: (of: AssetEvaluation) => readonly number[],
  ): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const asset of await this.made.sqlAssets()) {
      const batch = this.made.batch(asset, choose);
      const statements = conditionStatements(this.made, batch);
      if (statements.length === 0) continue;
      outcomes.push(...(await this.compare(statements, await this.made.tablesOf(batch))));
    }
    return outcomes;
  }

  /** Who is expected and has no row, of every asset that says who is. */
  async compareFailures(
    choose: (of: AssetEvaluation) => readonly number[],
  ): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const asset of await this.made.madeAssets()) {
      const batch = this.made.batch(asset, choose);
      const statements = failureStatements(this.made, batch);
      if (statements.length === 0) continue;
      const tables = [await this.made.ownTable(batch), ...(await this.made.tablesOf(batch))];
      outcomes.push(...(await this.compare(statements, tables)));
    }
    return outcomes;
  }

  /** The checks of every asset that has rows. */
  async compareChecks(
    choose: (of: AssetEvaluation) => readonly number[],
  ): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const asset of await this.made.madeAssets()) {
      const batch = this.made.batch(asset, choose);
      const statements = [...checkStatements(this.made, batch), countsStatement(batch)];
      const tables = [await this.made.ownTable(batch), ...(await this.made.tablesOf(batch))];
      outcomes.push(...(await this.compare(statements, tables)));
    }
    return outcomes;
  }

  /** Every calendar over all rows of its asset. */
  async compareCalendars(): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const calendar of this.made.pipeline.calendars) {
      const asset = this.made.assets.get(calendar.asset);
      if (!asset) throw new Error(`no asset ${calendar.asset}`);
      const own = await this.made.ownTable(this.made.batch(asset));
      outcomes.push(...(await this.compare([calendarStatement(this.made, calendar)], [own])));
    }
    return outcomes;
  }

  /** What every report asks about all rows and systems of its assets. */
  async compareReports(): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const comparison of comparisonsOf(this.made)) {
      const asset = this.made.assets.get(comparison.asset);
      if (!asset) throw new Error(`no asset ${comparison.asset}`);
      const own = await this.made.ownTable(this.made.batch(asset));
      const at = own.columns.findIndex(({ name }) => name === comparison.system);
      const rows = own.rows ?? [];
      const systems = [...new Set(rows.map((row) => String(row[at])))].toSorted();
      const statements = comparisonStatements(this.made, comparison, systems);
      outcomes.push(...(await this.compare(statements, [columnsNamed(own, statements)])));
    }
    return outcomes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.made[Symbol.dispose]();
    await this.#service[Symbol.asyncDispose]();
    rmSync(this.#project.root, { recursive: true, force: true });
  }
}

/** A table without the columns that no statement names: the service takes in four megabytes at once. */
function columnsNamed(table: CatalogTable, statements: readonly EngineStatement[]): CatalogTable {
  const texts = statements.map(({ sql }) => sql('bigquery'));
  const kept = [...table.columns.entries()].filter(([, { name }]) =>
    texts.some((text) => text.includes(name)),
  );
  return {
    ...table,
    columns: kept.map(([, column]) => column),
    rows: (table.rows ?? []).map((row) => kept.map(([at]) => row[at] ?? null)),
  };
}

/** Rows whose JSON texts are written alike: 1.0 and 1 are one number. */
function sameJson({ columns, rows }: EvaluatedRows): EvaluatedRows {
  const at = columns.findIndex(({ name }) => name === '_sample');
  if (at < 0) return { columns, rows };
  const written = rows.map((row) => row.with(at, JSON.stringify(JSON.parse(String(row[at])))));
  return { columns, rows: written };
}
