import { UNPARTITIONED } from '../partitions/date.ts';
import { withRelations } from '../sql/bound.ts';
import { quoteName, type SqlDialect } from '../sql/quote.ts';
import type { StatementCheck } from './definition.ts';
import { group, mirror } from './group-checks.ts';
import { textOf } from './row-test.ts';
import {
  type CheckContext,
  type CheckScope,
  type CheckSelect,
  partitionColumnOf,
} from './scope.ts';
import { distributionShift } from './shift-check.ts';
import { constant, correlation, drift } from './statistics-checks.ts';
import { coverage, relationship, rowCountPer, sumEquals } from './upstream-checks.ts';

/** The columns of the statement's result, in this order. */
export const COLUMNS = ['_check', '_day', '_failures', '_sample'] as const;

/**
 * One statement for all checks that need one: some offending rows of every partition, each with the position of its
 * check, the number of all that offend it in the partition, and the row as JSON text.
 */
export function offendingStatement(
  checks: readonly StatementCheck[],
  scope: CheckScope,
  rowsPerDay: (check: StatementCheck) => number,
): string {
  const parts = checks.map((check, at) => {
    const select = selectOf(check, { ...scope, prefix: `_c${at}_` });
    return { ...select, rows: rowsPerDay(check) };
  });
  const arms = parts.map((part, at) => `(${arm(part, at, scope)})`);
  const ctes = parts.flatMap((part) => part.ctes);
  return `${leading(scope, ctes)}
SELECT ${COLUMNS.join(', ')} FROM (
${arms.join('\nUNION ALL\n')}
) AS _all
ORDER BY ${COLUMNS.join(', ')}`;
}

function arm(
  { select, rows }: CheckSelect & { readonly rows: number },
  at: number,
  scope: CheckScope,
): string {
  const { dialect } = scope;
  const column = partitionColumnOf(scope);
  const day = column === undefined ? String(UNPARTITIONED) : dayOf(`_o.${column}`, dialect);
  const isWanted =
    column === undefined
      ? ''
      : `\nWHERE CAST(_o.${column} AS DATE) IN (SELECT partition_date FROM partitions)`;
  const json = dialect === 'duckdb' ? 'CAST(to_json(_o) AS VARCHAR)' : 'TO_JSON_STRING(_o)';
  // A row as a whole, so that which of them are shown depends on nothing but the rows.
  const order = dialect === 'duckdb' ? '_o' : json;
  return `SELECT ${at} AS _check, ${day} AS _day, COUNT(*) OVER (PARTITION BY ${day}) AS _failures, ${json} AS _sample
FROM (
${select}
) AS _o${isWanted || '\nWHERE TRUE'}
QUALIFY ROW_NUMBER() OVER (PARTITION BY ${day} ORDER BY ${order}) <= ${rows}`;
}

function selectOf(check: StatementCheck, context: CheckContext): CheckSelect {
  switch (check.type) {
    case 'relationship':
      return relationship(check, context);
    case 'row_count':
      return rowCountPer(check, context);
    case 'coverage':
      return coverage(check, context);
    case 'sum_equals':
      return sumEquals(check, context);
    case 'group':
      return group(check, context);
    case 'mirror':
      return mirror(check, context);
    case 'constant':
      return constant(check, context);
    case 'drift':
      return drift(check, context);
    case 'distribution_shift':
      return distributionShift(check, context);
    case 'correlation':
      return correlation(check, context);
    case 'sql': {
      const text = textOf(context.asset, check.sql, context.dialect);
      return { ctes: [], select: text.replace(/;\s*$/, '') };
    }
  }
}

/** `partitions`, the upstreams, and the rows under test as `this`. */
function leading(scope: CheckScope, ctes: readonly string[]): string {
  const { dialect, asset } = scope;
  const inline = dialect === 'duckdb' ? ' NOT MATERIALIZED' : '';
  const columns = asset.columns.map((column) => quoteName(column.name, dialect)).join(', ');
  const own = `this AS${inline} (SELECT ${columns} FROM ${scope.rows} AS _rows)`;
  return [withRelations(scope), own, ...ctes].join(',\n');
}

function dayOf(value: string, dialect: SqlDialect): string {
  const date = `CAST(${value} AS DATE)`;
  return dialect === 'duckdb'
    ? `CAST(${date} - DATE '1970-01-01' AS INTEGER)`
    : `UNIX_DATE(${date})`;
}
