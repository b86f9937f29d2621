import { expect, test } from 'vitest';
import { splitScript } from './bigquery/sql/split-script.ts';

function texts(script: string): readonly string[] {
  return splitScript(script).map((statement) => statement.text);
}

test('a script is cut at semicolons', () => {
  expect(texts('SELECT 1; SELECT 2 ;;\n\nSELECT 3')).toEqual(['SELECT 1', 'SELECT 2', 'SELECT 3']);
  expect(texts(' -- nothing;\n ; /* ; */ ')).toEqual([]);
});

test.each([
  ["'a;b'"],
  ["'it\\'s;'"],
  ['"a;\'b"'],
  ['`a;b`'],
  ["'''a';b'''"],
  ['"""a";\nb"""'],
  ['1 -- ;\n'],
  ['1 # ;\n'],
  ["/* ; ' */ 1"],
])('%s hides its semicolon', (hidden) => {
  const first = `SELECT ${hidden}`;
  expect(texts(`${first}; SELECT 2`)).toEqual([first.trimEnd(), 'SELECT 2']);
});

test('a statement is where its first word is', () => {
  const [first, second, third] = splitScript('\n  SELECT 1; -- one\n/* two\n*/ SELECT 2;SELECT 3');
  expect(first).toMatchObject({ line: 2, column: 3 });
  expect(second).toMatchObject({ line: 4, column: 4 });
  expect(third).toMatchObject({ line: 4, column: 13 });
});
