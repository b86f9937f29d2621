import { expect, test } from 'vitest';
import { commandText, partitionWords } from '../../engine/report/command-text.ts';
import {
  formatBytes,
  formatCount,
  formatInstant,
  formatSeconds,
  listOf,
  paintFor,
  plural,
  renderTable,
  truncate,
  visibleWidth,
} from '../../engine/report/text.ts';

test.each([
  [0, '0'],
  [999, '999'],
  [1234, '1,234'],
  [1234567, '1,234,567'],
])('the count %d is written %s', (count, text) => {
  expect(formatCount(count)).toBe(text);
});

test.each([
  [0.04, '0.0 s'],
  [1.26, '1.3 s'],
  [59.4, '59 s'],
  [59.7, '1 min 00 s'],
  [185, '3 min 05 s'],
  [7440, '2 h 04 min'],
])('%d seconds are written %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test.each([
  [12, '12 bytes'],
  [1500, '1.5 kB'],
  [12_345_678, '12 MB'],
])('%d bytes are written %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test('one and many have their own words', () => {
  expect([
    plural(1, 'partition'),
    plural(2000, 'partition'),
    plural(2, 'entry', 'entries'),
  ]).toEqual(['1 partition', '2,000 partitions', '2 entries']);
  expect([listOf([]), listOf(['a']), listOf(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c']);
});

test('an instant is shown in the time zone of the pipeline', () => {
  const instant = Date.UTC(2024, 0, 15, 3, 5);
  expect(formatInstant(instant, 'UTC')).toBe('2024-01-15 03:05');
  expect(formatInstant(instant, 'America/New_York')).toBe('2024-01-14 22:05');
});

test('columns are as wide as their widest cell, colours not counted', () => {
  const paint = paintFor(true);
  const rows = [
    [paint('red', 'a'), '1'],
    ['long', '1,000'],
  ];
  const table = renderTable([{ header: 'name' }, { header: 'n', align: 'right' }], rows);
  expect(table.split('\n').map(visibleWidth)).toEqual([11, 11, 11, 0]);
  expect(table).toContain('long  1,000');
});

test('without colours text stays as it is', () => {
  expect(paintFor(false)(['bold', 'red'], 'x')).toBe('x');
  expect(paintFor(true)('red', 'x')).toBe('\u001b[31mx\u001b[39m');
  expect(paintFor(true)('red', '')).toBe('');
});

test('text that is too long shows that it was cut', () => {
  expect([truncate('abc', 3), truncate('abcd', 3)]).toEqual(['abc', 'ab…']);
});

test('a suggested command can be pasted as it is', () => {
  const scope = { file: 'my pipeline.yaml', target: 'prod' };
  expect(commandText(scope, 'materialize', '+a', 'b&c')).toBe(
    "fastbreak materialize +a 'b&c' --file 'my pipeline.yaml' --target prod",
  );
  expect(partitionWords([19725, 19723])).toEqual(['--partitions', '2024-01-01..2024-01-03']);
  expect(partitionWords([19723])).toEqual(['--partitions', '2024-01-01']);
  expect(partitionWords([19723, -2_000_000_000])).toEqual([]);
});
