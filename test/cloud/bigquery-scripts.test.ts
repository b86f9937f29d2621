import type { JobMetadata } from '@google-cloud/bigquery';
import { expect, test } from 'vitest';
import {
  type BigQueryAndClient,
  failure,
  metadataOf,
  rowsOf,
  startedBigQuery,
  statusOf,
} from './clients.ts';

/** A server with `shop.sales` of three rows, 10 + 20 + 30. */
async function shop(): Promise<BigQueryAndClient> {
  const cloud = await startedBigQuery();
  await cloud.client.createDataset('shop');
  await rowsOf(
    cloud.client,
    `CREATE TABLE shop.sales (day DATE, amount INT64 NOT NULL) PARTITION BY day;
     INSERT INTO shop.sales (day, amount) VALUES (DATE '2024-01-01', 10), (DATE '2024-01-02', 20), (NULL, 30);`,
  );
  return cloud;
}

async function total(cloud: BigQueryAndClient): Promise<unknown> {
  const [row] = await rowsOf(cloud.client, 'SELECT SUM(amount) AS n FROM shop.sales');
  return row?.['n'];
}

test('the result of a script is that of its last SELECT', async () => {
  await using cloud = await shop();
  const rows = await rowsOf(
    cloud.client,
    "-- a comment; with a semicolon\nSELECT 1 AS n; SELECT ';' AS s, 'it\\'s' AS t /* ; */;\nINSERT INTO shop.sales (amount) VALUES (1);",
  );
  expect(rows).toEqual([{ s: ';', t: "it's" }]);
});

test('a script has a job for every statement', async () => {
  await using cloud = await shop();
  const [job] = await cloud.client.createQueryJob(
    'UPDATE shop.sales SET amount = amount + 1 WHERE amount > 10; SELECT 1 AS n;',
  );
  await job.getQueryResults();
  const { statistics } = await statusOf(job);
  expect(statistics).toMatchObject({ numChildJobs: '2', query: { statementType: 'SCRIPT' } });
  const [children] = await cloud.client.getJobs({ parentJobId: job.id ?? '' });
  const types = children.map((each) => (each.metadata as JobMetadata).statistics?.query);
  expect(types).toMatchObject([
    { statementType: 'SELECT' },
    { statementType: 'UPDATE', numDmlAffectedRows: '2', dmlStats: { updatedRowCount: '2' } },
  ]);
});

test('temporary functions before one statement do not make it a script', async () => {
  await using cloud = await shop();
  const [job] = await cloud.client.createQueryJob(
    'CREATE TEMP FUNCTION half(x FLOAT64) AS (x / 2); CREATE TEMP FUNCTION quarter(x FLOAT64) AS (half(half(x))); SELECT quarter(10) AS q',
  );
  expect((await job.getQueryResults())[0]).toEqual([{ q: 2.5 }]);
  const { statistics } = await statusOf(job);
  expect(statistics?.query?.statementType).toBe('SELECT');
  expect(statistics?.numChildJobs).toBeUndefined();
});

test('a temporary function is gone with its job', async () => {
  await using cloud = await shop();
  await rowsOf(cloud.client, 'CREATE TEMP FUNCTION once(x INT64) AS (x); SELECT once(1) AS n');
  expect(await failure(rowsOf(cloud.client, 'SELECT once(1) AS n'))).toMatchObject({
    reason: 'invalidQuery',
  });
});

test('a transaction commits all of its changes', async () => {
  await using cloud = await shop();
  await rowsOf(
    cloud.client,
    `BEGIN TRANSACTION;
     DELETE FROM shop.sales WHERE day = DATE '2024-01-01';
     INSERT INTO shop.sales (day, amount) SELECT day, amount * 2 FROM shop.sales WHERE amount = 20;
     ASSERT (SELECT COUNT(*) FROM shop.sales) = 3 AS 'three rows';
     COMMIT TRANSACTION;`,
  );
  expect(await total(cloud)).toBe(90);
});

test('a script that fails in a transaction is rolled back and says where', async () => {
  await using cloud = await shop();
  const script = `BEGIN TRANSACTION;
DELETE FROM shop.sales WHERE TRUE;
  ASSERT EXISTS (SELECT 1 FROM shop.sales) AS 'nobody holds the lease';
COMMIT TRANSACTION;
DROP TABLE IF EXISTS shop.sales;`;
  const [job] = await cloud.client.createQueryJob({ query: script, jobId: 'publish' });
  expect(await failure(job.getQueryResults())).toEqual({
    code: 400,
    reason: 'invalidQuery',
    message: 'Query error: nobody holds the lease at [3:3]',
  });
  expect(await total(cloud)).toBe(60);
  const { status } = await statusOf(job);
  expect(status?.errorResult).toMatchObject({ reason: 'invalidQuery' });
});

test('what was done before the transaction of a failing script stays', async () => {
  await using cloud = await shop();
  const script = `INSERT INTO shop.sales (amount) VALUES (5);
BEGIN; INSERT INTO shop.sales (amount) VALUES (100); SELECT * FROM shop.nothing;`;
  expect((await failure(rowsOf(cloud.client, script))).message).toContain('shop.nothing');
  expect(await total(cloud)).toBe(65);
});

test('a transaction that a script leaves open is rolled back', async () => {
  await using cloud = await shop();
  await rowsOf(cloud.client, 'BEGIN TRANSACTION; DELETE FROM shop.sales WHERE TRUE;');
  expect(await total(cloud)).toBe(60);
});

test('permanent tables cannot be made or dropped in a transaction', async () => {
  await using cloud = await shop();
  for (const ddl of ['CREATE TABLE shop.t (a INT64)', 'DROP TABLE shop.sales']) {
    const refused = await failure(
      rowsOf(cloud.client, `BEGIN TRANSACTION; ${ddl}; COMMIT TRANSACTION;`),
    );
    expect(refused.message).toContain('DDL statements are not supported in a transaction');
  }
  expect(await total(cloud)).toBe(60);
});

test('a change of a row that an open transaction changed is refused', async () => {
  await using cloud = await shop();
  const update = 'UPDATE shop.sales SET amount = 11 WHERE amount = 10';
  for (const script of [update, `BEGIN TRANSACTION; ${update}; COMMIT TRANSACTION;`]) {
    await cloud.server.duckdb('BEGIN TRANSACTION');
    await cloud.server.duckdb('UPDATE shop.sales SET amount = 99 WHERE amount = 10');
    const refused = await failure(rowsOf(cloud.client, script));
    await cloud.server.duckdb('ROLLBACK');
    expect(refused).toMatchObject({ code: 400, reason: 'invalidQuery' });
    expect(refused.message).toContain('Transaction is aborted due to concurrent update');
    expect(await total(cloud)).toBe(60);
  }
  await rowsOf(cloud.client, update);
  expect(await total(cloud)).toBe(61);
});

test('of changes to one table at once none is lost: transactions are refused, single statements wait', async () => {
  await using cloud = await shop();
  const change = "UPDATE shop.sales SET amount = amount + 1 WHERE day = DATE '2024-01-01'";
  const run = (query: string): Promise<string> =>
    rowsOf(cloud.client, query).then(
      () => 'done',
      (error: Error) => error.message,
    );
  const times = [1, 2, 3, 4, 5];
  const [alone, together] = await Promise.all([
    Promise.all(times.map(() => run(change))),
    Promise.all(times.map(() => run(`BEGIN TRANSACTION; ${change}; COMMIT TRANSACTION;`))),
  ]);
  expect(alone).toEqual(times.map(() => 'done'));
  const refused = together.filter((end) => end !== 'done');
  for (const message of refused) {
    expect(message).toContain(
      'Transaction is aborted due to concurrent update against table loopback:shop.sales.',
    );
  }
  expect(await total(cloud)).toBe(60 + 2 * times.length - refused.length);
});

test('MERGE inserts, updates and deletes', async () => {
  await using cloud = await shop();
  await rowsOf(
    cloud.client,
    `MERGE INTO shop.sales AS t
     USING (SELECT DATE '2024-01-01' AS day, 11 AS amount UNION ALL SELECT DATE '2024-01-03', 33) AS s
     ON t.day = s.day
     WHEN MATCHED THEN UPDATE SET amount = s.amount
     WHEN NOT MATCHED THEN INSERT (day, amount) VALUES (s.day, s.amount)
     WHEN NOT MATCHED BY SOURCE AND t.day IS NULL THEN DELETE`,
  );
  const rows = await rowsOf(cloud.client, 'SELECT amount FROM shop.sales ORDER BY amount');
  expect(rows.map((row) => row['amount'])).toEqual([11, 20, 33]);
});

test('UPDATE takes values from an array of structs', async () => {
  await using cloud = await shop();
  const [job] = await cloud.client.createQueryJob(
    `UPDATE shop.sales AS s SET amount = v.amount
     FROM UNNEST(ARRAY<STRUCT<day DATE, amount INT64>>[(DATE '2024-01-01', 7), (DATE '2024-01-09', 8)]) AS v
     WHERE s.day = v.day`,
  );
  const [, , answer] = await job.getQueryResults();
  expect(answer?.numDmlAffectedRows).toBe('1');
  expect(await total(cloud)).toBe(57);
});

test('UPDATE and DELETE without WHERE, and NULL in a required column, are refused', async () => {
  await using cloud = await shop();
  const refused = async (query: string): Promise<string> =>
    (await failure(rowsOf(cloud.client, query))).message;
  expect(await refused('DELETE FROM shop.sales')).toContain('DELETE must have a WHERE clause');
  expect(await refused('UPDATE shop.sales SET amount = 1')).toContain(
    'UPDATE must have a WHERE clause',
  );
  expect(await refused('INSERT INTO shop.sales (day) VALUES (NULL)')).toContain(
    'Required field amount cannot be null',
  );
  expect(await total(cloud)).toBe(60);
});

test('CREATE TABLE understands columns, layout and options', async () => {
  await using cloud = await startedBigQuery();
  await cloud.client.createDataset('shop');
  await rowsOf(
    cloud.client,
    `CREATE TABLE IF NOT EXISTS \`loopback.shop.t\` (
       day DATE NOT NULL OPTIONS(description='the day; "really"'),
       tags ARRAY<STRING>,
       parts ARRAY<STRUCT<name STRING, at TIMESTAMP>>
     ) PARTITION BY DATE_TRUNC(day, MONTH) CLUSTER BY day
     OPTIONS(description='a table', labels=[('team', 'a'), ('zone', 'b')], expiration_timestamp = TIMESTAMP '2100-01-01 00:00:00+00')`,
  );
  await rowsOf(cloud.client, 'CREATE TABLE IF NOT EXISTS shop.t (other INT64)');
  const metadata = await metadataOf(cloud.client.dataset('shop').table('t'));
  expect(metadata).toMatchObject({
    description: 'a table',
    labels: { team: 'a', zone: 'b' },
    expirationTime: '4102444800000',
    timePartitioning: { type: 'MONTH', field: 'day' },
    clustering: { fields: ['day'] },
    schema: {
      fields: [
        { name: 'day', type: 'DATE', mode: 'REQUIRED', description: 'the day; "really"' },
        { name: 'tags', type: 'STRING', mode: 'REPEATED' },
        {
          name: 'parts',
          type: 'RECORD',
          mode: 'REPEATED',
          fields: [
            { name: 'name', type: 'STRING' },
            { name: 'at', type: 'TIMESTAMP' },
          ],
        },
      ],
    },
  });
});

test('CREATE OR REPLACE TABLE … AS takes the types of its query', async () => {
  await using cloud = await shop();
  const create = (query: string): Promise<unknown> =>
    rowsOf(cloud.client, `CREATE OR REPLACE TABLE shop.copy AS ${query}`);
  await create('SELECT 1 AS a');
  await create(
    "SELECT SUM(amount) AS n, 1.5 AS f, CAST('2024-01-01 00:00:00+00' AS TIMESTAMP) AS t, CURRENT_TIMESTAMP() AS c, CAST(NULL AS ARRAY<INT64>) AS l FROM shop.sales",
  );
  const metadata = await metadataOf(cloud.client.dataset('shop').table('copy'));
  expect(metadata.schema).toMatchObject({
    fields: [
      { name: 'n', type: 'INTEGER' },
      { name: 'f', type: 'FLOAT' },
      { name: 't', type: 'TIMESTAMP' },
      { name: 'c', type: 'TIMESTAMP' },
      { name: 'l', type: 'INTEGER', mode: 'REPEATED' },
    ],
  });
  const reader = await cloud.server.duckdb('SELECT n::VARCHAR, len(l)::INTEGER FROM shop.copy');
  expect(reader.getRows()).toEqual([['60', 0]]);
});

test('more than 4000 partitions in one job are refused', async () => {
  await using cloud = await startedBigQuery();
  await cloud.client.createDataset('shop');
  const create = (days: number): Promise<unknown> =>
    rowsOf(
      cloud.client,
      `CREATE OR REPLACE TABLE shop.t PARTITION BY day AS SELECT CAST(DATE_ADD(DATE '2000-01-01', INTERVAL (n) DAY) AS DATE) AS day FROM UNNEST(GENERATE_ARRAY(1, ${days})) AS n`,
    );
  await create(4000);
  expect((await failure(create(4001))).message).toContain(
    'Too many partitions produced by query, allowed 4000',
  );
  expect(await rowsOf(cloud.client, 'SELECT COUNT(*) AS n FROM shop.t')).toEqual([{ n: 4000 }]);
});

test('temporary tables live as long as their job', async () => {
  await using cloud = await shop();
  const rows = await rowsOf(
    cloud.client,
    'CREATE TEMP TABLE few AS SELECT amount FROM shop.sales WHERE amount > 10; SELECT COUNT(*) AS n FROM few;',
  );
  expect(rows).toEqual([{ n: 2 }]);
  expect(await failure(rowsOf(cloud.client, 'SELECT * FROM few'))).toMatchObject({
    reason: 'invalidQuery',
  });
});

test('an array keeps its order and offsets', async () => {
  await using cloud = await startedBigQuery();
  const rows = await rowsOf(
    cloud.client,
    'SELECT ARRAY(SELECT x * 10 + o FROM UNNEST(l) AS x WITH OFFSET AS o ORDER BY o DESC) AS r FROM (SELECT [3, 1, 2] AS l) AS q',
  );
  expect(rows).toEqual([{ r: [22, 11, 30] }]);
});

test('fingerprints depend on the text alone, and shifting them fills with zeros', async () => {
  await using cloud = await startedBigQuery();
  const [row] = await rowsOf(
    cloud.client,
    `SELECT FARM_FINGERPRINT('a') = FARM_FINGERPRINT('a') AS same, FARM_FINGERPRINT('a') = FARM_FINGERPRINT('b') AS other,
     -1 >> 60 AS high, -1 >> 0 AS all_bits, 256 >> 4 AS low, (FARM_FINGERPRINT('a') >> 32) & 4294967295 >= 0 AS positive`,
  );
  expect(row).toEqual({
    same: true,
    other: false,
    high: 15,
    all_bits: -1,
    low: 16,
    positive: true,
  });
});

test('INFORMATION_SCHEMA tells tables and columns', async () => {
  await using cloud = await shop();
  expect(
    await rowsOf(cloud.client, 'SELECT table_name FROM `shop`.INFORMATION_SCHEMA.TABLES'),
  ).toEqual([{ table_name: 'sales' }]);
  expect(
    await rowsOf(
      cloud.client,
      'SELECT column_name, data_type, is_nullable, is_partitioning_column FROM `loopback.shop.INFORMATION_SCHEMA.COLUMNS` ORDER BY ordinal_position',
    ),
  ).toEqual([
    { column_name: 'day', data_type: 'DATE', is_nullable: 'YES', is_partitioning_column: 'YES' },
    { column_name: 'amount', data_type: 'INT64', is_nullable: 'NO', is_partitioning_column: 'NO' },
  ]);
});

test('procedural SQL is refused, not misread', async () => {
  await using cloud = await startedBigQuery();
  expect(
    (await failure(rowsOf(cloud.client, 'DECLARE x INT64 DEFAULT 1; SELECT x;'))).message,
  ).toContain('the test server does not know this statement');
});
