import { rmSync } from 'node:fs';

import type { BigQuery, Job } from '@google-cloud/bigquery';

import type { BigqueryJobs } from './bigquery-jobs.ts';
import { loadedTable, tableName } from './bigquery-sql.ts';
import type { BigqueryTables } from './bigquery-tables.ts';
import type { StatementOptions, TableSpec } from './warehouse.ts';

/** A table of loaded rows that nobody dropped is dropped by BigQuery. */
const LIFETIME_MS = 24 * 3600 * 1000;

interface Parts {
  readonly client: BigQuery;
  readonly jobs: BigqueryJobs;
  readonly tables: BigqueryTables;
  readonly now: () => number;
}

/** Loads Parquet files into tables of their own, by load jobs. */
export class BigqueryLoader {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Loads a file, which is deleted, into a stage's table of loaded rows; returns how SQL names it. */
  async load(
    table: TableSpec,
    { stage, file }: { readonly stage: string; readonly file: string },
    options: StatementOptions,
  ): Promise<string> {
    const { client, jobs, tables, now } = this.#parts;
    const loaded = loadedTable(table, stage);
    try {
      await tables.ensureDataset(table.dataset);
      await tables.createLoaded(loaded, table.columns, now() + LIFETIME_MS);
      const destination = client.dataset(loaded.dataset).table(loaded.name);
      const start = async (jobId: string): Promise<Job> => {
        const [job] = await destination.createLoadJob(file, {
          jobId,
          sourceFormat: 'PARQUET',
          parquetOptions: { enableListInference: true },
          // Only into the table as it was made: any other would not expire, should this process lose sight of it.
          createDisposition: 'CREATE_NEVER',
          writeDisposition: 'WRITE_EMPTY',
          schema: { fields: tables.fieldsOf(table.columns) },
        });
        return job;
      };
      await jobs.load(`load_${table.name}_${stage}`, start, options);
      return tableName(loaded);
    } finally {
      rmSync(file, { force: true });
    }
  }
}
