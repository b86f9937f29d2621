import { describe, expect, test } from 'vitest';
import { queryCsv } from '../../engine/report/query-csv.ts';
import { queryTable } from '../../engine/report/query-table.ts';

const ROWS = {
  columns: [
    { name: 'player', type: 'STRING' },
    { name: 'points', type: 'INT64' },
    { name: 'note', type: 'STRING' },
  ],
  rows: [
    ['ann', 7, null],
    ['bob', 112, 'a rather long note that goes on\nover lines'],
  ],
};

describe('a table', () => {
  test('has numbers to the right, NULL as a word and values on one line', () => {
    expect(queryTable(ROWS)).toBe(
      [
        'player  points  note',
        '──────  ──────  ──────────────────────────────────────────',
        'ann          7  NULL',
        'bob        112  a rather long note that goes on\\nover lines',
        '',
      ]
        .join('\n')
        .replace('──────────────────────────────────────────', '─'.repeat(43)),
    );
  });

  test('cuts the widest text to fit the width, never a number', () => {
    const lines = queryTable(ROWS, 40).trimEnd().split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(lines[3]).toBe('bob        112  a rather long note that…');
  });

  test('becomes a list of rows where the columns cannot fit', () => {
    expect(queryTable(ROWS, 20)).toBe(
      [
        '── row 1',
        'player  ann',
        'points  7',
        'note    NULL',
        '── row 2',
        'player  bob',
        'points  112',
        'note    a rather long note that goes on\\nover lines',
        '',
      ].join('\n'),
    );
  });

  test('without rows has only its head', () => {
    expect(queryTable({ columns: ROWS.columns, rows: [] })).toBe(
      'player  points  note\n──────  ──────  ────\n',
    );
  });
});

describe('CSV', () => {
  test('tells NULL from an empty text and quotes what needs it', () => {
    const columns = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, type: 'STRING' }));
    const rows = [[null, '', 'x,"y"', 'two\nlines', [1, 'z']]];
    expect(queryCsv({ columns, rows })).toBe('a,b,c,d,e\n,"","x,""y""","two\nlines","[1,""z""]"\n');
  });
});
