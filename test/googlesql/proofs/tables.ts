import type { CatalogTable } from '../pipeline-catalog.ts';

/** The tables that the proofs read: NULLs, ties, halves, Sundays, blanks, letters beyond ASCII. */
export const PROOF_TABLES: readonly CatalogTable[] = [
  {
    dataset: '',
    name: 't',
    columns: [
      { name: 'id', type: 'INT64' },
      { name: 'k', type: 'STRING' },
      { name: 'a', type: 'INT64' },
      { name: 'b', type: 'INT64' },
      { name: 'x', type: 'FLOAT64' },
      { name: 'y', type: 'FLOAT64' },
      { name: 's', type: 'STRING' },
      { name: 'r', type: 'STRING' },
      { name: 'd', type: 'DATE' },
      { name: 'e', type: 'DATE' },
      { name: 'ts', type: 'TIMESTAMP' },
      { name: 'n', type: 'INT64' },
      { name: 'arr', type: 'ARRAY<INT64>' },
      { name: 'more', type: 'ARRAY<INT64>' },
      { name: 'j', type: 'STRING' },
    ],
    rows: [
      row(
        1n,
        'w',
        1n,
        2n,
        2.5,
        2,
        'Ann Lee 12',
        'x',
        '2024-01-31',
        '2024-03-03',
        3n,
        [1n, 2n],
        [3n],
      ),
      row(2n, 'w', 7n, 4n, 2.675, null, 'bob_9', null, '2024-12-30', '2024-01-07', -2n, [5n], null),
      row(
        3n,
        'l',
        12n,
        null,
        -0.5,
        4,
        'Straße',
        '12.7',
        '2023-01-01',
        '2023-12-31',
        1n,
        [7n, 8n],
        [9n],
      ),
      row(
        4n,
        'l',
        7n,
        6n,
        1.005,
        -1,
        'aB-aB',
        ' 2024-01-31 ',
        '2020-02-29',
        '2021-01-03',
        0n,
        [1n],
        [],
      ),
      row(5n, 'm', 20n, 3n, 3.5, 1.5, 'a_b', '42', '2022-07-04', '2022-07-03', 12n, [], [1n]),
    ],
  },
  {
    dataset: '',
    name: 'u',
    columns: [
      { name: 'id', type: 'INT64' },
      { name: 'k', type: 'STRING' },
      { name: 'z', type: 'INT64' },
    ],
    rows: [
      [1n, 'w', 10n],
      [2n, 'l', 20n],
      [9n, 'q', 30n],
    ],
  },
];

type Row = NonNullable<CatalogTable['rows']>[number];

function row(...values: Row): Row {
  const [id, k, a, b, x, y, s, r, d, e, n, arr = null, more = null] = values;
  const time = `${String(d)}T02:30:00.000000Z`;
  const cells = [
    id,
    k,
    a,
    b,
    x,
    y,
    s,
    r,
    d,
    e,
    time,
    n,
    arr,
    more,
    `{"a": "text", "n": ${String(a)}}`,
  ];
  return cells.map((cell) => cell ?? null);
}
