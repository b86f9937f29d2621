import type { CompiledAsset } from '../compile/compiled.ts';
import type { FailureRule, Universe } from '../config/pipeline.ts';
import type { AssetName } from '../ids.ts';
import { UNPARTITIONED } from '../partitions/date.ts';
import { withRelations } from '../sql/bound.ts';
import { quoteName, type SqlDialect } from '../sql/quote.ts';
import { type Batch, boundRelations, partitionRows } from './batch.ts';

/** What a statement about failures is made for. */
export interface FailuresScope {
  readonly batch: Batch;
  readonly assets: ReadonlyMap<AssetName, CompiledAsset>;
  readonly dialect: SqlDialect;
  /** The relation that holds the rows of these partitions, as SQL names it. */
  readonly rows: string;
}

/**
 * A leading WITH that gives a statement two relations of the partitions of a batch: `_found`, whoever is expected and
 * has no row or has one without being expected (`day`, `entity`, `kind` as a position in the asset's `failures`, or -1
 * for who is not expected, `expected_count`, `actual_count`, `missing_dates`), and `_present`, whoever has a row
 * (`day`, `entity`).
 */
export function failuresWith(scope: FailuresScope): string {
  const { batch, assets, dialect } = scope;
  const relations = withRelations({
    dialect,
    relations: boundRelations(batch, assets),
    partitions: partitionRows(batch),
  });
  const select = new FailuresSelect(scope);
  const inline = dialect === 'duckdb' ? ' NOT MATERIALIZED' : '';
  return [
    relations,
    `_rows AS${inline} (${select.rows()})`,
    `_found AS${inline} (${select.found()})`,
    `_present AS${inline} (${select.present()})`,
  ].join(',\n');
}

class FailuresSelect {
  readonly #scope: FailuresScope;
  readonly #asset: CompiledAsset;
  readonly #universe: Universe;
  /** The quoted partition column; absent for an unpartitioned asset. */
  readonly #day: string | undefined;
  readonly #entity: readonly string[];
  constructor(scope: FailuresScope) {
    const { asset } = scope.batch.evaluation;
    if (!asset.universe) throw new Error(`Internal error: ${asset.name} has no universe`);
    this.#scope = scope;
    this.#asset = asset;
    this.#universe = asset.universe;
    const isPartitioned = asset.partitionSet !== undefined && asset.partitionColumn !== undefined;
    this.#day = isPartitioned ? this.#quote(asset.partitionColumn ?? '') : undefined;
    this.#entity = asset.universe.entity.map((name) => this.#quote(name));
  }

  /** The day and the entity of every row. */
  rows(): string {
    const day = this.#day === undefined ? 'CAST(NULL AS DATE)' : `_s.${this.#day}`;
    const entity = this.#entity.map((name, at) => `_s.${name} AS _row_${at}`);
    return `SELECT ${[`${day} AS _row_on`, 'TRUE AS _has_row', ...entity].join(', ')} FROM ${this.#scope.rows} AS _s${this.#wanted()}`;
  }

  /** One join of both sides tells who is on one of them only; NULL is never on the other. */
  found(): string {
    const { counts } = this.#universe;
    const same = this.#entity.map((name, at) => `_r._row_${at} = _e.${name}`);
    if (this.#day !== undefined) same.push('_r._row_on = _e._on');
    const day =
      this.#day === undefined ? 'expected._on' : 'COALESCE(expected._on, expected._row_on)';
    const wanted = this.#day === undefined ? 'TRUE' : `partitions.partition_date = ${day}`;
    const entity = this.#entity.map(
      (name, at) => `COALESCE(expected.${name}, expected._row_${at})`,
    );
    return `SELECT day, entity, MIN(kind) AS kind, MAX(expected_count) AS expected_count, MAX(actual_count) AS actual_count, MAX(missing_dates) AS missing_dates
FROM (
SELECT ${this.#dayNumber(day)} AS day, ${this.#entityText(entity)} AS entity, ${this.#kind()} AS kind,
  ${this.#count(counts.expected)} AS expected_count, ${this.#count(counts.actual)} AS actual_count, ${this.#dates(counts.missingDates)} AS missing_dates
FROM (SELECT * FROM (${this.#universeSelect()}) AS _e FULL JOIN _rows AS _r ON ${same.join(' AND ')}
  WHERE _e._is_expected IS NULL OR _r._has_row IS NULL) AS expected
JOIN partitions ON ${wanted}
) AS _f GROUP BY day, entity`;
  }

  present(): string {
    const entity = this.#entity.map((_name, at) => `_r._row_${at}`);
    return `SELECT ${this.#dayNumber('_r._row_on')} AS day, ${this.#entityText(entity)} AS entity FROM _rows AS _r`;
  }

  /** Every row that says who is expected, with the day that it is expected on. */
  #universeSelect(): string {
    const { from, where } = this.#universe;
    const source =
      from.type === 'relation'
        ? this.#quote(from.relation)
        : `(\n${this.#text(from.sql).replace(/;\s*$/, '')}\n)`;
    const column = this.#dayOfExpected();
    // Who is expected whatever the day is expected on each.
    const [day, join] =
      column === undefined ? ['_p.partition_date', 'partitions AS _p CROSS JOIN '] : [column, ''];
    const condition = where === undefined ? '' : ` WHERE (${this.#text(where)})`;
    return `SELECT ${day} AS _on, TRUE AS _is_expected, expected.* FROM ${join}${source} AS expected${condition}`;
  }

  /** The column that says on which day a row of the universe expects somebody; absent: on every day. */
  #dayOfExpected(): string | undefined {
    const { from } = this.#universe;
    if (this.#day === undefined) return undefined;
    if (from.type === 'sql') return `expected.${this.#day}`;
    const edge = this.#scope.batch.evaluation.edges.find(
      ({ upstream }) => upstream.relation === from.relation,
    );
    const source = edge && this.#scope.assets.get(edge.upstream.asset);
    const isWhole = source?.partitionSet === undefined || edge?.upstream.window.type === 'all';
    if (isWhole || source.partitionColumn === undefined) return undefined;
    return `expected.${this.#quote(source.partitionColumn)}`;
  }

  /** Staged rows of a source that defines its calendar are on dates that nobody asked for, too. */
  #wanted(): string {
    if (this.#day === undefined || this.#asset.kind !== 'source') return '';
    return ` WHERE _s.${this.#day} IN (SELECT partition_date FROM partitions)`;
  }

  #kind(): string {
    const rules = this.#universe.failures.slice(0, -1);
    const whens = rules.map((rule, at) => `WHEN ${this.#condition(rule)} THEN ${at}`);
    const unexpected = 'WHEN expected._is_expected IS NULL THEN -1';
    return `CASE ${[unexpected, ...whens].join('\n    ')} ELSE ${rules.length} END`;
  }

  #condition({ when }: FailureRule): string {
    return when === undefined ? 'TRUE' : `(${this.#text(when)})`;
  }

  #count(expression: string | undefined): string {
    const type = this.#isGoogle() ? 'INT64' : 'BIGINT';
    const value = expression === undefined ? 'NULL' : `(${this.#text(expression)})`;
    return `CAST(${value} AS ${type})`;
  }

  /** Dates as one text, in order. */
  #dates(expression: string | undefined): string {
    if (expression === undefined) return `CAST(NULL AS ${this.#textType()})`;
    const value = `(${this.#text(expression)})`;
    return this.#isGoogle()
      ? `ARRAY_TO_STRING(ARRAY(SELECT CAST(_d AS STRING) FROM UNNEST(${value}) AS _d ORDER BY _d), ',')`
      : `array_to_string(list_transform(list_sort(${value}), lambda _d: CAST(_d AS VARCHAR)), ',')`;
  }

  /** The one value as text, or a JSON list of them. */
  #entityText(values: readonly string[]): string {
    const texts = values.map((value) => `COALESCE(CAST(${value} AS ${this.#textType()}), 'NULL')`);
    if (texts.length === 1) return texts[0] ?? '';
    return this.#isGoogle()
      ? `TO_JSON_STRING([${texts.join(', ')}])`
      : `CAST(to_json([${texts.join(', ')}]) AS VARCHAR)`;
  }

  #dayNumber(date: string): string {
    const google = this.#isGoogle();
    if (this.#day === undefined) return `CAST(${UNPARTITIONED} AS ${google ? 'INT64' : 'INTEGER'})`;
    return google ? `UNIX_DATE(${date})` : `CAST(${date} - DATE '1970-01-01' AS INTEGER)`;
  }

  #text(text: string): string {
    if (this.#isGoogle()) return text;
    const transpiled = this.#asset.sql?.duckdbConditions[text];
    if (transpiled !== undefined) return transpiled;
    throw new Error(`Internal error: "${text}" of ${this.#asset.name} was not compiled`);
  }

  #textType(): string {
    return this.#isGoogle() ? 'STRING' : 'VARCHAR';
  }

  #isGoogle(): boolean {
    return this.#scope.dialect === 'bigquery';
  }

  #quote(name: string): string {
    return quoteName(name, this.#scope.dialect);
  }
}
