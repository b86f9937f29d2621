import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableOf } from '../assets/batch.ts';
import { failuresWith } from '../assets/failures-select.ts';
import { conditionSelect, sqlAssetSelect } from '../assets/sql-asset.ts';
import { checksOf, type StatementCheck, stagedChecks } from '../checks/definition.ts';
import { offendingStatement } from '../checks/statements.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import { rangeInText } from '../compile/sql-diagnostics.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { isWarehouseError } from '../errors.ts';
import type { AssetName } from '../ids.ts';
import { checkScope } from '../run/check-scope.ts';
import { functionsOf } from '../run/stage.ts';
import { quoteTable } from '../sql/quote.ts';
import { evaluationOf } from '../staleness/causes.ts';
import type { GraphEvaluation } from '../staleness/status.ts';
import { didYouMean } from '../util/nearest-name.ts';
import {
  type MissingColumn,
  missingColumn,
  wholeMessage,
} from '../warehouse/duckdb-missing-column.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import type { Project } from './context.ts';

/**
 * Lets DuckDB read every statement of some assets against empty tables of the declared columns: columns that are
 * not there, functions that are not there or take other types, comparisons of what cannot be compared. Nothing is computed.
 * What runs on BigQuery only is read too: it is the same SQL.
 */
export async function bindStatements(
  project: Project,
  assets: readonly CompiledAsset[],
  evaluation: GraphEvaluation,
): Promise<readonly Diagnostic[]> {
  const { openDuckdbWarehouse } = await import('../warehouse/duckdb.ts');
  const options = { path: ':memory:', memoryLimit: '1GB', threads: 1, readOnly: false };
  const warehouse = await openDuckdbWarehouse(options);
  try {
    for (const asset of project.pipeline.assets) await warehouse.ensureTable(tableOf(asset));
    const binder = new Binder(project, evaluation, warehouse);
    for (const asset of assets) await binder.bind(asset);
    return binder.found;
  } finally {
    await warehouse.close();
  }
}

/** A statement, and where its author wrote it. */
interface BoundText {
  readonly sql: string;
  /** What it is, as in: the statement of "daily_points". */
  readonly what: string;
  /** Path in pipeline.yaml of a text that stands there; absent for the asset's file. */
  readonly path?: string;
}

class Binder {
  readonly found: Diagnostic[] = [];
  readonly #project: Project;
  readonly #evaluation: GraphEvaluation;
  readonly #warehouse: Warehouse;
  readonly #assets: ReadonlyMap<AssetName, CompiledAsset>;

  constructor(project: Project, evaluation: GraphEvaluation, warehouse: Warehouse) {
    this.#project = project;
    this.#evaluation = evaluation;
    this.#warehouse = warehouse;
    this.#assets = new Map(project.pipeline.assets.map((asset) => [asset.name, asset]));
  }

  /** One fault per statement: DuckDB stops at the first. */
  async bind(asset: CompiledAsset): Promise<void> {
    const functions = functionsOf(
      { pipeline: this.#project.pipeline, warehouse: this.#warehouse },
      asset,
    );
    for (const text of this.#textsOf(asset)) {
      try {
        await this.#warehouse.query(`EXPLAIN ${text.sql}`, { functions });
      } catch (error) {
        if (!isWarehouseError(error)) throw error;
        this.found.push(this.#diagnostic(asset, text, wholeMessage(error)));
      }
    }
  }

  #textsOf(asset: CompiledAsset): readonly BoundText[] {
    const evaluation = evaluationOf(this.#evaluation, asset.name);
    const batch = { evaluation, indexes: [evaluation.expected.days.length - 1] };
    const rows = quoteTable(asset.dataset, asset.name, 'duckdb');
    const texts: BoundText[] = [];
    const at = (setting: string): string => `assets.${asset.name}.${setting}`;
    if (asset.kind === 'sql') {
      texts.push({ sql: sqlAssetSelect(batch, this.#assets, 'duckdb'), what: 'the statement' });
    }
    for (const rule of asset.expectedEmpty) {
      if (rule.type !== 'condition') continue;
      texts.push({
        sql: conditionSelect(batch, this.#assets, rule.condition, 'duckdb'),
        what: `the condition "${oneLine(rule.condition)}"`,
        path: at('expected_empty'),
      });
    }
    if (asset.universe !== undefined) {
      const scope = { batch, assets: this.#assets, dialect: 'duckdb', rows } as const;
      const sql = `${failuresWith(scope)}\nSELECT 1 AS one FROM _found, _present`;
      texts.push({
        sql,
        what: 'who is expected, and why somebody has no row,',
        path: at('universe'),
      });
    }
    return [...texts, ...this.#checkTexts(asset, batch, rows)];
  }

  #checkTexts(
    asset: CompiledAsset,
    batch: Parameters<typeof checkScope>[0],
    rows: string,
  ): readonly BoundText[] {
    const path = `assets.${asset.name}.checks`;
    const plans = checksOf(asset, 'duckdb');
    const conditions = stagedChecks(plans).flatMap(({ name, offends }) =>
      typeof offends === 'string'
        ? { sql: `SELECT (${offends}) FROM ${rows}`, what: `the check ${name}`, path }
        : [],
    );
    const scope = checkScope(batch, this.#assets, { dialect: 'duckdb', rows, history: rows });
    const statements = plans.flatMap(({ name, test }) =>
      test.type === 'statement'
        ? { sql: statementOf(test.check, scope), what: `the check ${name}`, path }
        : [],
    );
    return [...conditions, ...statements];
  }

  #sayMissing(asset: CompiledAsset, { column, table, candidates }: MissingColumn): string {
    // Of a relation that stands for a table DuckDB names no candidates.
    const inReach = [...asset.upstream.map((edge) => this.#assets.get(edge.asset)), asset]
      .flatMap((each) => each?.columns ?? [])
      .map(({ name }) => name);
    const where = table === undefined ? '' : ` in "${table}"`;
    return `there is no column "${column}"${where}${didYouMean(column, [...candidates, ...inReach])}`;
  }

  #diagnostic(asset: CompiledAsset, { what, path }: BoundText, message: string): Diagnostic {
    const missing = missingColumn(message);
    const said =
      missing === undefined
        ? message.split('\n')[0]?.replace(/^\w+ Error: /, '')
        : this.#sayMissing(asset, missing);
    const fault = {
      code: missing === undefined ? 'SQL_NOT_VALID' : 'UNKNOWN_COLUMN',
      message: `${what} of "${asset.name}" cannot run: ${said}`,
      hint:
        path === undefined
          ? 'fastbreak compile --show sql shows the statement as it runs'
          : `mend it under ${path}`,
    };
    if (path !== undefined || asset.file === undefined) {
      return { ...fault, ...(path === undefined ? {} : { path }) };
    }
    const text = readFileSync(join(this.#project.pipeline.root, asset.file), 'utf8');
    const { start, length } = placeOf(text, missing);
    return { ...fault, range: rangeInText(asset.file, text, start, length) };
  }
}

function statementOf(check: StatementCheck, scope: ReturnType<typeof checkScope>): string {
  return offendingStatement([check], scope, () => 1);
}

/** The first place where the column is named, with its relation where that is known; else the beginning. */
function placeOf(
  text: string,
  missing: MissingColumn | undefined,
): { readonly start: number; readonly length: number } {
  if (missing === undefined) return { start: 0, length: 1 };
  const { column, table } = missing;
  const word = (name: string): string => `\\b${name.replaceAll(/[^\w]/g, String.raw`\$&`)}\\b`;
  const withTable =
    table === undefined ? -1 : text.search(new RegExp(`${word(table)}\\.${word(column)}`, 'i'));
  if (withTable >= 0) return { start: withTable + (table?.length ?? 0) + 1, length: column.length };
  const alone = text.search(new RegExp(word(column), 'i'));
  return alone < 0 ? { start: 0, length: 1 } : { start: alone, length: column.length };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
