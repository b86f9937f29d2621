import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCsvHeader } from '../../engine/assets/csv-header.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fastbreak-csv-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['names between commas', 'id,day\n1,2024-01-02\n', ',', ['id', 'day']],
  ['semicolons, as spreadsheets write them', 'id;day;a,b\n', ';', ['id', 'day', 'a,b']],
  ['tabs', 'id\tday\n', '\t', ['id', 'day']],
  ['a byte order mark and Windows line ends', '\uFEFFid,day\r\n1,2\r\n', ',', ['id', 'day']],
  ['quoted names that hold the delimiter', '"a, b",c\n', ',', ['a, b', 'c']],
  ['two quotes for one', '"a ""b""",c\n', ',', ['a "b"', 'c']],
  ['spaces around names', ' id , day \n', ',', ['id', 'day']],
  ['an empty first name for the number of the row', ',id\n', ',', ['column0', 'id']],
  ['a single column', 'id\n1\n', ',', ['id']],
  ['no line end at all', 'id,day', ',', ['id', 'day']],
  ['nothing', '', ',', ['']],
] as const)('the header is read with %s', async (_, text, delimiter, columns) => {
  const path = join(folder, 'file.csv');
  writeFileSync(path, text);
  expect(await readCsvHeader(path)).toEqual({ path, delimiter, columns });
});
