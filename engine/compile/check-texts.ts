import type { Check } from '../config/check.ts';
import type { Diagnostic } from '../diagnostics.ts';
import type { SqlAnalysis } from '../sql/analyze.ts';
import { sqlDiagnostic, type SqlLocation } from './sql-diagnostics.ts';

/** A GoogleSQL text of a check, and what it may use. */
export interface CheckText {
  readonly text: string;
  /** Where it stands within the settings of the check's kind. */
  readonly at: readonly string[];
  /**
   * `row`: the columns of one row; `aggregate`: aggregates of a group of rows; `bound`: the same, or a constant;
   * `select`: a whole statement.
   */
  readonly use: 'row' | 'aggregate' | 'bound' | 'select';
  /** The upstream whose columns it uses; absent for the asset's own. */
  readonly relation?: string;
}

/** Every GoogleSQL text of a check. */
export function textsOfCheck(check: Check): readonly CheckText[] {
  switch (check.type) {
    case 'condition':
      return [{ text: check.condition, at: [], use: 'row' }];
    case 'sql':
      return [{ text: check.sql, at: [], use: 'select' }];
    case 'group':
      return [
        { text: check.value, at: ['value'], use: 'aggregate' },
        ...optional(check.min, { at: ['min'], use: 'bound' }),
        ...optional(check.max, { at: ['max'], use: 'bound' }),
        ...optional(check.where, { at: ['where'], use: 'row' }),
      ];
    case 'mirror':
      return Object.entries(check.columns).map(([column, text]) => ({
        text,
        at: ['columns', column],
        use: 'row',
      }));
    case 'coverage': {
      const { relation } = check.of;
      return optional(check.where, { at: ['where'], use: 'row', relation });
    }
    case 'sum_equals':
      return [
        { text: check.sum, at: ['sum'], use: 'row' },
        { text: check.equals, at: ['equals'], use: 'row', relation: check.of.relation },
      ];
    default:
      return [];
  }
}

function optional(
  text: number | string | undefined,
  rest: Omit<CheckText, 'text'>,
): readonly CheckText[] {
  return typeof text === 'string' ? [{ text, ...rest }] : [];
}

/** Those that GoogleSQL and the engine's lint let through. */
const AGGREGATES = new Set([
  'any_value',
  'approx_count_distinct',
  'avg',
  'bit_and',
  'bit_or',
  'bit_xor',
  'corr',
  'count',
  'countif',
  'covar_pop',
  'covar_samp',
  'logical_and',
  'logical_or',
  'max',
  'min',
  'stddev',
  'stddev_pop',
  'stddev_samp',
  'sum',
  'var_pop',
  'var_samp',
  'variance',
]);

/** Aggregates where one row is meant, and none where a group is. */
export function checkExpression(
  use: CheckText['use'],
  { calls, columnUses }: SqlAnalysis,
  location: SqlLocation,
): readonly Diagnostic[] {
  const aggregate = calls.find((name) => AGGREGATES.has(name));
  const fault = (message: string, hint: string): readonly Diagnostic[] => [
    sqlDiagnostic(location, { start: 0, end: 1, code: 'INVALID_CHECK', message, hint }),
  ];
  if (use === 'row' && aggregate !== undefined) {
    return fault(
      `${aggregate.toUpperCase()} is an aggregate; here the columns of one row are meant`,
      'a check of the kind group compares aggregates',
    );
  }
  const needsOne = use === 'aggregate' || (use === 'bound' && columnUses.length > 0);
  if (!needsOne || aggregate !== undefined) return [];
  return fault('expected an aggregate of the group, found none', 'e.g. SUM(points) or COUNT(*)');
}
