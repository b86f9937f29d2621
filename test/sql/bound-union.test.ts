import { expect, test } from 'vitest';
import { withRelations } from '../../engine/sql/bound.ts';
import type { SqlDialect } from '../../engine/sql/quote.ts';

const BOUND = { dataset: 'made', partitionColumn: undefined, range: undefined };

function unionIn(dialect: SqlDialect): string {
  const relation = {
    name: 'guesses',
    tables: [
      { ...BOUND, table: 'rule', lacks: new Set(['odds']) },
      { ...BOUND, table: 'model', lacks: new Set(['name', 'reasons']) },
    ],
    columns: [
      { name: 'name', type: 'STRING' },
      { name: 'odds', type: 'FLOAT64' },
      { name: 'reasons', type: 'ARRAY<STRING>' },
    ],
  } as const;
  const text = withRelations({ dialect, relations: [relation], partitions: undefined });
  return text.slice(text.indexOf('(', text.indexOf('guesses')));
}

test('what a member of a union does not have is NULL of its type, on either warehouse', () => {
  expect(unionIn('duckdb')).toBe(
    '(SELECT "name", CAST(NULL AS DOUBLE) AS "odds", "reasons" FROM "made"."rule" UNION ALL ' +
      'SELECT CAST(NULL AS VARCHAR) AS "name", "odds", CAST(NULL AS VARCHAR[]) AS "reasons" FROM "made"."model")',
  );
  expect(unionIn('bigquery')).toBe(
    '(SELECT `name`, CAST(NULL AS FLOAT64) AS `odds`, `reasons` FROM `made`.`rule` UNION ALL ' +
      'SELECT CAST(NULL AS STRING) AS `name`, `odds`, CAST(NULL AS ARRAY<STRING>) AS `reasons` FROM `made`.`model`)',
  );
});
