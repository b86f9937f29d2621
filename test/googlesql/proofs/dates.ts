import { type Proof, proofs } from './proof.ts';

const WEEKDAY = "CAST(FORMAT_DATE('%u', d) AS INT64)";

export const DATE_PROOFS: readonly Proof[] = [
  ...proofs('SQL_DATE_TRUNC_WEEK', 'rows', [
    [
      'SELECT id, CAST(DATE_TRUNC(d, WEEK) AS DATE) AS v FROM t',
      `WITH c AS (SELECT id, d, ${WEEKDAY} AS wd FROM t) SELECT c.id, CAST(DATE_SUB(c.d, INTERVAL (c.wd - 1) DAY) AS DATE) AS v FROM c`,
    ],
  ]),
  ...proofs('SQL_DATE_TRUNC_WEEK', 'duckdb refuses', [
    ['SELECT id, CAST(DATE_TRUNC(d, ISOWEEK) AS DATE) AS v FROM t'],
    ['SELECT id, CAST(DATE_TRUNC(d, WEEK(MONDAY)) AS DATE) AS v FROM t'],
  ]),
  ...proofs('SQL_DATE_BECOMES_TIMESTAMP', 'rows', [
    [
      'WITH c AS (SELECT id, DATE_ADD(d, INTERVAL 1 MONTH) AS m FROM t) SELECT c.id, CAST(c.m AS STRING) AS v FROM c',
      'WITH c AS (SELECT id, CAST(DATE_ADD(d, INTERVAL 1 MONTH) AS DATE) AS m FROM t) SELECT c.id, CAST(c.m AS STRING) AS v FROM c',
    ],
    ['SELECT DATE_SUB(d, INTERVAL 1 DAY) AS v FROM t'],
    [
      'SELECT id, DATE_TRUNC(d, MONTH) AS v FROM t',
      'SELECT id, CAST(DATE_TRUNC(d, MONTH) AS DATE) AS v FROM t',
    ],
  ]),
  ...proofs('SQL_INTERVAL_COLUMN', 'duckdb refuses', [
    [
      'SELECT id, CAST(DATE_ADD(d, INTERVAL n DAY) AS DATE) AS v FROM t',
      'SELECT id, CAST(DATE_ADD(d, INTERVAL (n) DAY) AS DATE) AS v, d + 7 AS w FROM t',
    ],
    [
      'SELECT id FROM t WHERE d > DATE_SUB(e, INTERVAL n DAY)',
      'SELECT id FROM t WHERE d > DATE_SUB(e, INTERVAL (n) DAY)',
    ],
  ]),
  ...proofs('SQL_EXTRACT_WEEK', 'rows', [
    ['SELECT id, EXTRACT(DAYOFWEEK FROM d) AS v FROM t', `SELECT id, ${WEEKDAY} AS v FROM t`],
    [
      'SELECT id, EXTRACT(WEEK FROM d) AS v FROM t',
      "SELECT id, FORMAT_DATE('%V', d) AS v, FORMAT_DATE('%G', d) AS w FROM t",
    ],
  ]),
  ...proofs('SQL_EXTRACT_WEEK', 'duckdb refuses', [
    ['SELECT id, EXTRACT(ISOWEEK FROM d) AS v FROM t'],
  ]),
  ...proofs('SQL_EXTRACT_DATE', 'duckdb refuses', [
    [
      "SELECT id, EXTRACT(DATE FROM ts AT TIME ZONE 'America/New_York') AS v FROM t",
      "SELECT id, CAST(DATETIME(ts, 'America/New_York') AS DATE) AS v FROM t",
    ],
  ]),
  ...proofs('SQL_LAST_DAY', 'rows', [
    [
      'SELECT id, LAST_DAY(d, YEAR) AS v FROM t',
      'SELECT id, DATE(EXTRACT(YEAR FROM d), 12, 31) AS v, LAST_DAY(d, MONTH) AS w FROM t',
    ],
  ]),
  ...proofs('SQL_UNSUPPORTED_FUNCTION', 'duckdb refuses', [
    [
      'SELECT id, DATE_FROM_UNIX_DATE(n) AS v FROM t',
      "SELECT id, CAST(DATE_ADD(DATE '1970-01-01', INTERVAL (n) DAY) AS DATE) AS v FROM t",
    ],
  ]),
  ...proofs('SQL_DATE_FORMAT', 'duckdb refuses', [
    [
      "SELECT id, FORMAT_DATE('%F', d) AS v FROM t",
      "SELECT id, FORMAT_DATE('%Y-%m-%d %y %j %u %w %G %V %A %a %B %b', d) AS v FROM t",
    ],
  ]),
  ...proofs('SQL_DATE_IN_ZONE', 'duckdb refuses', [
    [
      "SELECT id, DATE(ts, 'America/New_York') AS v FROM t",
      "SELECT id, CAST(DATETIME(ts, 'America/New_York') AS DATE) AS v FROM t",
    ],
  ]),
];
