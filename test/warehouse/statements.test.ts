import { expect, onTestFinished, test, vi } from 'vitest';
import { openDuckdbWarehouse } from '../../engine/warehouse/duckdb.ts';
import { DuckdbStatements } from '../../engine/warehouse/duckdb-statements.ts';
import type { TableSpec } from '../../engine/warehouse/warehouse.ts';

const TABLE: TableSpec = {
  dataset: 'shop',
  name: 'orders',
  columns: [{ name: 'day', type: 'DATE', nullable: true, description: '' }],
  partitionColumn: 'day',
  key: [],
};
const HASH = { hi: 0, lo: 0 };

/** Stages and publishes one day, and drops what may be left, as a step does; returns its statements. */
async function statementsOfSteps(days: readonly number[]): Promise<string[][]> {
  const memory = { path: ':memory:', memoryLimit: '200MB', threads: 1, readOnly: false };
  const warehouse = await openDuckdbWarehouse(memory);
  onTestFinished(() => warehouse.close());
  const run = vi.spyOn(DuckdbStatements.prototype, 'run');
  const read = vi.spyOn(DuckdbStatements.prototype, 'read');
  const steps: string[][] = [];
  for (const day of days) {
    const select = `SELECT DATE '1970-01-01' + ${day} AS day`;
    await warehouse.stage(
      { table: TABLE, stage: 'step', select, functions: [], checks: [], replacesAll: false },
      {},
    );
    const row = { day, rows: 1, data: HASH, input: HASH, inputs: new Uint8Array() };
    await warehouse.publish(
      {
        table: TABLE,
        stage: 'step',
        asset: 'orders',
        runId: 'run',
        codeVersion: 'code',
        at: 1,
        replace: [day],
        materializations: [row],
        replacesAll: false,
      },
      {},
    );
    await warehouse.discard(TABLE, 'step');
    steps.push([...run.mock.calls, ...read.mock.calls].map(([sql]) => sql.trim().slice(0, 12)));
    run.mockClear();
    read.mockClear();
  }
  return steps;
}

test('a step runs no statement that it does not need', async () => {
  const [, ...later] = await statementsOfSteps([1, 2, 3]);
  for (const statements of later) {
    expect(statements).toEqual([
      'CREATE OR RE',
      'BEGIN TRANSA',
      'DELETE FROM ',
      'INSERT INTO ',
      'DELETE FROM ',
      'COMMIT',
      'DROP TABLE I',
      'SELECT day, ',
    ]);
  }
});
