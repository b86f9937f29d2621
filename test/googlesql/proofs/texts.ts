import { type Proof, proofs, UNKNOWN_TO_REFERENCE } from './proof.ts';

export const TEXT_PROOFS: readonly Proof[] = [
  ...proofs('SQL_CONCAT', 'rows', [
    ['SELECT id, CONCAT(s, r) AS v FROM t', 'SELECT id, s || r AS v FROM t'],
  ]),
  ...proofs('SQL_REGEXP_CONTAINS', 'rows', [
    [
      "SELECT id, REGEXP_CONTAINS(s, r'[0-9]') AS v FROM t",
      "SELECT id, ARRAY_LENGTH(REGEXP_EXTRACT_ALL(s, r'[0-9]')) > 0 AS v, REGEXP_CONTAINS(s, r'^.*[0-9].*$') AS w FROM t",
    ],
  ]),
  ...proofs('SQL_REGEXP_EXTRACT', 'rows', [
    [
      "SELECT id, REGEXP_EXTRACT(s, r'[A-Z]+') AS v FROM t",
      "SELECT id, REGEXP_EXTRACT_ALL(s, r'[A-Z]+')[SAFE_OFFSET(0)] AS v, NULLIF(REGEXP_EXTRACT(s, r'([A-Z]+)'), '') AS w FROM t",
    ],
    ["SELECT id, REGEXP_EXTRACT(s, r'([A-Z]+)') AS v FROM t"],
  ]),
  ...proofs('SQL_REGEXP_GROUP', 'rows', [
    [
      "SELECT id, REGEXP_EXTRACT_ALL(s, r'([a-z])B') AS v FROM t",
      "SELECT id, REGEXP_EXTRACT_ALL(s, r'(?:[a-z])B') AS v FROM t",
    ],
  ]),
  ...proofs('SQL_REGEXP_REPLACE', 'rows', [
    [
      "SELECT id, REGEXP_REPLACE(s, r'[^a-z0-9]', '') AS v FROM t",
      "SELECT id, ARRAY_TO_STRING(REGEXP_EXTRACT_ALL(s, r'[a-z0-9]+'), '') AS v FROM t",
    ],
  ]),
  ...proofs('SQL_UNSUPPORTED_FUNCTION', 'duckdb refuses', [
    [
      'SELECT id, NORMALIZE(s, NFD) AS v FROM t',
      "SELECT id, TRANSLATE(LOWER(s), 'éšć', 'esc') AS v FROM t",
    ],
    ['SELECT id, NORMALIZE_AND_CASEFOLD(s) AS v FROM t'],
    [
      'SELECT id, INITCAP(s) AS v FROM t',
      'SELECT id, UPPER(SUBSTR(r, 1, 1)) || SUBSTR(r, 2) AS v FROM t',
    ],
    ['SELECT id, BYTE_LENGTH(s) AS v FROM t', 'SELECT id, LENGTH(s) AS v FROM t'],
    [
      'SELECT id, FARM_FINGERPRINT(s) AS v FROM t',
      'SELECT id, SUBSTR(TO_HEX(MD5(s)), 1, 16) AS v FROM t',
    ],
    ['SELECT id, SOUNDEX(s) AS v FROM t'],
  ]),
  ...proofs(
    'SQL_UNSUPPORTED_FUNCTION',
    'google refuses',
    [
      [
        "SELECT id, CONTAINS_SUBSTR(s, 'a') AS v FROM t",
        "SELECT id, STRPOS(s, 'a') > 0 AS v FROM t",
      ],
      ["SELECT id, EDIT_DISTANCE(s, 'a') AS v FROM t"],
    ],
    UNKNOWN_TO_REFERENCE,
  ),
  ...proofs('SQL_FORMAT', 'rows', [
    [
      "SELECT id, FORMAT('%05d', a) AS v FROM t",
      "SELECT id, LPAD(CAST(a AS STRING), 5, '0') AS v FROM t",
    ],
  ]),
  ...proofs('SQL_SUBSTR_ZERO', 'rows', [
    ['SELECT id, SUBSTR(s, 0, 2) AS v FROM t', 'SELECT id, SUBSTR(s, 1, 2) AS v FROM t'],
    ['SELECT id, SUBSTRING(s, 0, 2) AS v FROM t'],
  ]),
  ...proofs('SQL_LIKE_ESCAPE', 'rows', [
    [
      String.raw`SELECT id FROM t WHERE s LIKE 'a\\_b'`,
      "SELECT id FROM t WHERE STRPOS(s, 'a_b') = 1",
    ],
  ]),
  ...proofs('SQL_JSON_VALUE', 'rows', [
    [
      "SELECT id, JSON_VALUE(j, '$.a') AS v FROM t",
      "SELECT id, JSON_EXTRACT_SCALAR(j, '$.a') AS v FROM t",
    ],
    [`SELECT JSON_QUERY('{"a": null}', '$.a') AS v`],
  ]),
  ...proofs('SQL_TO_JSON', 'rows', [
    [
      'SELECT id, TO_JSON_STRING(TO_JSON(s)) AS v FROM t',
      'SELECT id, TO_JSON_STRING(s) AS v FROM t',
    ],
  ]),
  ...proofs('SQL_HASH', 'rows', [
    [
      'SELECT id, MD5(s) AS v FROM t',
      'SELECT id, TO_HEX(MD5(s)) AS v, TO_HEX(SHA256(s)) AS w FROM t',
    ],
    ['SELECT id, SHA1(s) AS v FROM t'],
    ['SELECT id, SHA256(s) AS v FROM t'],
  ]),
  ...proofs('SQL_HASH', 'duckdb refuses', [['SELECT id, SHA512(s) AS v FROM t']]),
  ...proofs('SQL_UPPER', 'rows', [["SELECT UPPER('ß') AS v", "SELECT LOWER('STRASSE') AS v"]]),
];
