import type { CompiledAsset } from '../compile/compiled.ts';
import { PipelineError } from '../errors.ts';
import { didYouMean } from '../util/nearest-name.ts';
import type { ColumnBatch } from '../warehouse/columns.ts';
import type { ModuleColumn, ModuleRow } from './module-context.ts';

/** What a module has written so far. */
export class ModuleRows {
  readonly rows: ModuleRow[] = [];
  readonly batches: ColumnBatch[] = [];
  readonly #asset: CompiledAsset;

  constructor(asset: CompiledAsset) {
    this.#asset = asset;
  }

  write(rows: readonly ModuleRow[]): void {
    for (const row of rows) this.rows.push(row);
  }

  /** Takes rows as columns; a copy, since modules use their arrays again. Throws PipelineError where they do not fit. */
  writeColumns(columns: Readonly<Record<string, ModuleColumn>>): void {
    const entries = Object.entries(columns);
    this.#checkNames(entries.map(([name]) => name));
    const [first] = entries;
    const rows = first?.[1].length ?? 0;
    for (const [name, values] of entries) {
      if (values.length === rows) continue;
      throw this.#fault(
        `writes ${values.length} values of "${name}" and ${rows} of "${first?.[0]}"`,
        'give all columns of one call as many values as there are rows',
      );
    }
    if (rows === 0) return;
    this.batches.push({
      rows,
      columns: new Map(entries.map(([name, values]) => [name, values.slice()])),
    });
  }

  #checkNames(names: readonly string[]): void {
    const known = this.#asset.columns.map((column) => column.name);
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined) {
      throw this.#fault(
        `writes the column "${unknown}", which ${this.#asset.name} does not declare${didYouMean(unknown, known)}`,
        `declared: ${known.join(', ')}`,
      );
    }
    const missing = this.#asset.columns.find(
      ({ name, nullable }) =>
        !names.includes(name) && (!nullable || name === this.#asset.partitionColumn),
    );
    if (missing === undefined) return;
    throw this.#fault(
      `writes no column "${missing.name}", which may not be NULL`,
      'columns that are left out are NULL: write it, or declare it `nullable: true`',
    );
  }

  #fault(found: string, hint: string): PipelineError {
    return new PipelineError(`${this.#asset.file ?? this.#asset.name} ${found}`, {
      code: 'MODULE_COLUMNS',
      hint,
    });
  }
}
