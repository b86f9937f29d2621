import { expect, onTestFinished, test } from 'vitest';
import { openDuckdbWarehouse } from '../../engine/warehouse/duckdb.ts';
import { duckdbFault } from '../../engine/warehouse/duckdb-faults.ts';

async function faultOf(sql: string, timeoutMs?: number): Promise<unknown> {
  const warehouse = await openDuckdbWarehouse({
    path: ':memory:',
    memoryLimit: '100MB',
    threads: 1,
    readOnly: false,
  });
  onTestFinished(() => warehouse.close());
  return warehouse.query(sql, { timeoutMs }).catch((error: unknown) => error);
}

test.each([
  ['a text that is no number', `SELECT CAST('n/a' AS BIGINT)`, 'data'],
  ['a text that is no date', `SELECT CAST('soon' AS DATE)`, 'data'],
  ['a number that is too large', `SELECT CAST(1e30 AS BIGINT)`, 'data'],
  ['an overflow', 'SELECT 9223372036854775807 + 1::BIGINT', 'data'],
  ['error() in the statement', `SELECT error('told so')`, 'data'],
  ['a relation that is not there', 'FROM nowhere', 'statement'],
  ['a column that is not there', 'SELECT x FROM (SELECT 1 AS y)', 'statement'],
  ['text that is no SQL', 'SELEKT 1', 'statement'],
  ['a file that is not there', `FROM read_csv('/nowhere/file.csv')`, 'unavailable'],
  [
    'more memory than allowed',
    'SELECT list(a) FROM (SELECT random()::VARCHAR || repeat(random()::VARCHAR, 40) AS a FROM range(20000000))',
    'resources',
  ],
])('%s is a fault of the right kind', async (_, sql, kind) => {
  expect(await faultOf(sql)).toMatchObject({ name: 'WarehouseError', kind });
});

test('a statement over its time says so with the time', async () => {
  const slow =
    'SELECT MAX(a.range * b.range * c.range) FROM range(3000) a, range(3000) b, range(3000) c';
  const fault = await faultOf(slow, 100);
  expect(fault).toMatchObject({ kind: 'timeout', category: 'TIMEOUT' });
  expect(String(fault)).toContain('0.1 s');
});

test.each([
  [
    'IO Error: Could not set lock on file "x": Conflicting lock is held in PID 1',
    'WAREHOUSE_LOCKED',
  ],
  ['IO Error: Could not write file "x": No space left on device', 'DISK_FULL'],
  ['IO Error: something else', 'IO_ERROR'],
  ['HTTP Error: 503', 'CONNECTION_ERROR'],
])('"%s" has the category %s', (message, category) => {
  expect(duckdbFault(new Error(message)).category).toBe(category);
});

test('a message is the sentence of the engine, without its statement and its caret', async () => {
  const fault = await faultOf('SELECT x FROM (SELECT 1 AS y)');
  expect(String(fault)).not.toContain('LINE 1');
  expect(String(fault)).not.toContain('^');
});
