/**
 * DuckDB macros for functions and operators of GoogleSQL that the transpiler leaves alone. They are made in every
 * connection's temporary schema, where they also hide DuckDB's own `>>`.
 */
export const MACROS: readonly string[] = [
  // Not Google's fingerprint, but like it a function of the text alone.
  `farm_fingerprint(x) AS (CAST(CAST(hash(x) AS HUGEINT) - CASE WHEN hash(x) >= 9223372036854775808 THEN 18446744073709551616::HUGEINT ELSE 0::HUGEINT END AS BIGINT))`,
  // BigQuery shifts in zeros, DuckDB the sign.
  `">>"(a, b) AS (CAST((CAST(a AS HUGEINT) + CASE WHEN a < 0 AND b > 0 THEN 18446744073709551616::HUGEINT ELSE 0::HUGEINT END) // (1::HUGEINT << CAST(b AS INTEGER)) AS BIGINT))`,
  `to_json_string(x) AS (CAST(to_json(x) AS VARCHAR))`,
  `date_from_unix_date(n) AS (DATE '1970-01-01' + CAST(n AS INTEGER))`,
  `bq_timestamp_micros(n) AS (make_timestamptz(CAST(n AS BIGINT)))`,
  `bq_timestamp_millis(n) AS (make_timestamptz(CAST(n AS BIGINT) * 1000))`,
  `bq_format_timestamp(f, t) AS (strftime(CAST(t AS TIMESTAMPTZ), replace(replace(replace(f, '%E6S', '%S.%f'), '%F', '%Y-%m-%d'), '%T', '%H:%M:%S')))`,
  `bq_string(t) AS (strftime(CAST(t AS TIMESTAMPTZ), '%Y-%m-%d %H:%M:%S.%f+00'))`,
  `session_user() AS ('tests@loopback.iam.gserviceaccount.com')`,
  `byte_length(x) AS (octet_length(encode(x)))`,
  `ieee_divide(a, b) AS (CAST(a AS DOUBLE) / CAST(b AS DOUBLE))`,
  `is_nan(x) AS (isnan(x))`,
  `is_inf(x) AS (isinf(x))`,
  // NULL is a value like others to BigQuery; the most frequent ones come first.
  `approx_top_count(x, n) AS (list_slice([{'value': e.value, 'count': -e.count} for e in list_sort(list_concat([{'count': -CAST(e.value AS BIGINT), 'value': e.key} for e in map_entries(histogram(x))], CASE WHEN count(*) > count(x) THEN [{'count': count(x) - count(*), 'value': NULL}] END))], 1, n))`,
];

/** Functions under whose own names DuckDB or the transpiler has something else. */
export const RENAMED: Readonly<Record<string, string>> = {
  TIMESTAMP_MICROS: 'BQ_TIMESTAMP_MICROS',
  TIMESTAMP_MILLIS: 'BQ_TIMESTAMP_MILLIS',
  FORMAT_TIMESTAMP: 'BQ_FORMAT_TIMESTAMP',
  JSON_VALUE: 'JSON_EXTRACT_SCALAR',
};
