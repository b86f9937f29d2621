import { q, stagingName } from './duckdb-sql.ts';
import type { CheckedRows, TableSpec } from './warehouse.ts';

/** The relations that stages have now: staged rows, in a temporary table or in one of the file, and a module's rows. */
export class DuckdbStages {
  /** Staged relations as SQL names them, by their plain names. */
  readonly #temporary = new Map<string, string>();
  readonly #persistent = new Map<string, string>();
  /** Names of temporary tables: of loaded rows and of failures. */
  readonly #rows = new Set<string>();

  /** Notes that a stage is about to be made; returns its relation as SQL names it. */
  begin(
    table: TableSpec,
    stage: string,
    { isPersistent }: { readonly isPersistent: boolean },
  ): string {
    const name = stagingName(table, stage);
    const relation = `${isPersistent ? q(table.dataset) : 'temp'}.${q(name)}`;
    (isPersistent ? this.#persistent : this.#temporary).set(name, relation);
    return relation;
  }

  /** Notes that a module's rows are about to be loaded; returns the name of their temporary table. */
  beginRows(table: TableSpec, stage: string): string {
    const name = rowsName(table, stage);
    this.#rows.add(name);
    return name;
  }

  /** Notes that a stage's failures are about to be found; returns their relation as SQL names it. */
  beginFailures(table: TableSpec, stage: string): string {
    this.#rows.add(failuresName(table, stage));
    return this.failuresRelation(table, stage);
  }

  /** The failures of a stage as SQL names them. */
  failuresRelation(table: TableSpec, stage: string): string {
    return `temp.${q(failuresName(table, stage))}`;
  }

  /** True for a staged relation that can take its table's place. */
  isPersistent(table: TableSpec, stage: string): boolean {
    return this.#persistent.has(stagingName(table, stage));
  }

  /** The staged relation as SQL names it. */
  relation(table: TableSpec, stage: string): string {
    const name = stagingName(table, stage);
    return this.#persistent.get(name) ?? `temp.${q(name)}`;
  }

  /** The relation whose rows are to be held against checks. */
  checkedRelation({ table, relation, stage }: CheckedRows): string {
    if (relation !== undefined) return relation;
    if (stage === undefined) {
      throw new Error(`Internal error: neither a relation nor a stage of ${table.name} to check`);
    }
    return this.relation(table, stage);
  }

  /** The staged relation is the table by now. */
  tookOver(table: TableSpec, stage: string): void {
    this.#persistent.delete(stagingName(table, stage));
  }

  /** Forgets a stage; returns what is to be dropped, as SQL names it. */
  end(table: TableSpec, stage: string): string[] {
    const name = stagingName(table, stage);
    const left = [this.#persistent.get(name), this.#temporary.get(name)];
    this.#persistent.delete(name);
    this.#temporary.delete(name);
    for (const own of [rowsName(table, stage), failuresName(table, stage)]) {
      if (this.#rows.delete(own)) left.push(`temp.${q(own)}`);
    }
    return left.filter((relation) => relation !== undefined);
  }
}

function rowsName(table: TableSpec, stage: string): string {
  return `_rows__${table.name}__${stage}`;
}

function failuresName(table: TableSpec, stage: string): string {
  return `_failures__${table.name}__${stage}`;
}
