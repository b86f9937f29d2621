import { describe, expect, test } from 'vitest';
import type { Check } from '../../engine/config/check.ts';
import { loadDocument } from '../../engine/config/load.ts';
import { normalizePipeline } from '../../engine/config/normalize.ts';

const YAML = (check: string): string => `name: demo
targets: { local: { warehouse: duckdb } }
groups: { raw: {} }
assets:
  teams: { group: raw, source: { path: t.csv }, columns: [{ team: { type: STRING } }], key: [team] }
  box:
    group: raw
    source: { path: box.csv }
    upstream: { teams: all }
    columns:
      [{ team: { type: STRING } }, { points: { type: INT64 } }, { rate: { type: FLOAT64, round: 2 } }]
    checks:
      - ${check}
`;

function normalized(check: string) {
  const loaded = loadDocument('pipeline.yaml', YAML(check));
  if (!loaded.ok) throw new Error('the YAML of the test is broken');
  const { pipeline, diagnostics } = normalizePipeline(loaded.document, () => false);
  const box = pipeline.assets.find((asset) => asset.name === 'box');
  const errors = diagnostics.map(({ code, message }) => `${code} ${message}`);
  return { check: box?.checks[0], errors };
}

const COMMON = { severity: 'error', blocking: false };

describe('what is accepted, with its defaults', () => {
  test.each<[string, Omit<Check, 'severity' | 'blocking'> & Record<string, unknown>]>([
    [
      '{ not_null: points, threshold: 95 }',
      { type: 'not_null', name: 'not_null_points', column: 'points', threshold: 95 },
    ],
    ['{ row_count: { min: 1 } }', { type: 'row_count', name: 'row_count', min: 1 }],
    [
      '{ row_count: { per: teams, min: 1, max: 2 } }',
      {
        type: 'row_count',
        name: 'row_count_per_teams',
        min: 1,
        max: 2,
        per: { relation: 'teams', on: { team: 'team' } },
      },
    ],
    [
      '{ relationship: { column: team, to: teams.team } }',
      {
        type: 'relationship',
        name: 'relationship_team',
        column: 'team',
        to: { relation: 'teams', column: 'team' },
      },
    ],
    [
      '{ duplicate_rows: { except: [team] } }',
      { type: 'duplicate_rows', name: 'duplicate_rows', columns: ['points', 'rate'] },
    ],
    [
      '{ group: { value: SUM(points), max: 2.5 } }',
      { type: 'group', name: 'group', by: [], value: 'SUM(points)', max: 2.5, minRows: 1 },
    ],
    [
      '{ group: { by: [team], value: COUNT(*), min: 1, max: MAX(points), where: points > 1, min_rows: 3 } }',
      {
        type: 'group',
        name: 'group_team',
        by: ['team'],
        value: 'COUNT(*)',
        min: 1,
        max: 'MAX(points)',
        where: 'points > 1',
        minRows: 3,
      },
    ],
    [
      '{ mirror: { by: [team], columns: { points: -points } } }',
      {
        type: 'mirror',
        name: 'mirror_points',
        by: ['team'],
        columns: { points: '-points' },
        tolerance: 0,
      },
    ],
    [
      '{ coverage: { of: teams, where: 1 < 2 }, threshold: 90 }',
      {
        type: 'coverage',
        name: 'coverage_of_teams',
        of: { relation: 'teams', on: { team: 'team' } },
        where: '1 < 2',
        threshold: 90,
      },
    ],
    [
      "{ sum_equals: { of: teams, sum: points, equals: '1', tolerance: 2 } }",
      {
        type: 'sum_equals',
        name: 'sum_equals_teams',
        of: { relation: 'teams', on: { team: 'team' } },
        sum: 'points',
        equals: '1',
        tolerance: 2,
      },
    ],
    [
      '{ constant: { columns: [points], min_rows: 9 } }',
      { type: 'constant', name: 'constant', columns: ['points'], minRows: 9 },
    ],
    ['{ constant: {} }', { type: 'constant', name: 'constant', columns: ['rate'], minRows: 50 }],
    [
      '{ correlation: { column: points, max: 0.5 } }',
      {
        type: 'correlation',
        name: 'correlation_with_points',
        column: 'points',
        columns: ['rate'],
        except: [],
        max: 0.5,
        minRows: 100,
      },
    ],
    [
      "{ sql: 'SELECT team FROM this', name: own_name }",
      { type: 'sql', name: 'own_name', sql: 'SELECT team FROM this' },
    ],
  ])('%s', (yaml, expected) => {
    expect(normalized(yaml)).toEqual({ check: { ...COMMON, ...expected }, errors: [] });
  });

  test('severity, blocking and name go with every kind', () => {
    const { check } = normalized(
      '{ row_count: { max: 9 }, severity: warn, blocking: true, name: few }',
    );
    expect(check).toMatchObject({ severity: 'warn', blocking: true, name: 'few' });
  });
});

describe('what is rejected, and how', () => {
  test.each([
    [
      '{ not_null: points, threshold: 101 }',
      'INVALID_VALUE assets.box.checks[0].threshold: expected a number of at most 100, found 101',
    ],
    [
      '{ not_null: points, threshold: 0 }',
      'INVALID_VALUE assets.box.checks[0].threshold: expected a number above 0, found 0',
    ],
    [
      '{ unique: [team], threshold: 5 }',
      'INVALID_CHECK "threshold" goes with "not_null" and "coverage" only',
    ],
    ['{ row_count: {} }', 'INVALID_CHECK a row_count has "min", "max" or both; this one has none'],
    [
      '{ row_count: { min: 3, max: 2 } }',
      'INVALID_CHECK "min" is above "max": nothing is between 3 and 2',
    ],
    [
      '{ row_count: { min: -1 } }',
      'INVALID_VALUE assets.box.checks[0].row_count.min: expected a number of at least 0, found -1',
    ],
    [
      '{ row_count: { mni: 1 } }',
      'UNKNOWN_KEY unknown key "mni" in assets.box.checks[0].row_count, did you mean "min"?',
    ],
    ['{ row_count: { min: 1, on: { team: team } } }', 'INVALID_CHECK "on" goes with "per" only'],
    [
      '{ row_count: { min: 1, per: teams, on: { tem: team } } }',
      'UNKNOWN_COLUMN unknown column "tem", did you mean "team"?',
    ],
    [
      '{ relationship: { column: team, to: teams } }',
      'INVALID_VALUE assets.box.checks[0].relationship.to: expected a reference asset.column, found "teams"',
    ],
    [
      '{ relationship: { column: team } }',
      'MISSING_KEY assets.box.checks[0].relationship has no "to" (asset.column of a declared upstream)',
    ],
    ['{ group: { value: SUM(points) } }', 'INVALID_CHECK a group has "min", "max" or both'],
    [
      '{ group: { value: SUM(points), min: 3, max: 2 } }',
      'INVALID_CHECK "min" is above "max": nothing is between 3 and 2',
    ],
    ['{ group: { max: 2 } }', 'MISSING_KEY assets.box.checks[0].group has no "value"'],
    ['{ constant: { columns: [team] } }', 'INVALID_CHECK "team" is STRING'],
    ['{ constant: { columns: [points], except: [tem] } }', 'UNKNOWN_COLUMN unknown column "tem"'],
    ['{ duplicate_rows: { except: [tem] } }', 'UNKNOWN_COLUMN unknown column "tem"'],
    ['{ mirror: { by: [team], columns: { tem: points } } }', 'UNKNOWN_COLUMN unknown column "tem"'],
    [
      '{ drift: { columns: [points] } }',
      'INVALID_CHECK "box" has no partitions: drift compares one with those before',
    ],
    [
      '{ distribution_shift: { column: points } }',
      'INVALID_CHECK "box" has no partitions: distribution_shift compares',
    ],
    ['{ freshness: { days: 1 } }', 'INVALID_CHECK "box" has no partitions: freshness compares'],
    [
      '{ correlation: { column: points, max: 0.5, on: { team: team } } }',
      'INVALID_CHECK "on" goes with "of" only',
    ],
    [
      '{ correlation: { column: points, max: 1.5 } }',
      'INVALID_VALUE assets.box.checks[0].correlation.max: expected a number of at most 1',
    ],
    ['{ coverage: { of: games } }', 'UNKNOWN_ASSET unknown asset "games"'],
    [
      '{ sum_equals: { of: teams, sum: points, equals: points, on: { team: tem } } }',
      'UNKNOWN_COLUMN unknown column "tem", did you mean "team"?',
    ],
    ['{ sql: 5 }', 'INVALID_VALUE assets.box.checks[0].sql: expected text, found 5'],
    [
      '{ relation: { column: team, to: teams.team } }',
      'UNKNOWN_KEY unknown key "relation" in assets.box.checks[0]',
    ],
  ])('%s', (yaml, expected) => {
    expect(normalized(yaml).errors).toEqual([expect.stringContaining(expected)]);
  });

  test.each([
    [
      '{ drift: { columns: [points], over: 5, min_partitions: 6 } }',
      'INVALID_CHECK "min_partitions" is above "over": there are never 6 of 5 partitions',
    ],
    [
      '{ distribution_shift: { column: points, bins: [1, 3, 3] } }',
      'INVALID_CHECK 3 is not above 3: bins are ascending',
    ],
    ['{ freshness: {} }', 'INVALID_CHECK a freshness has "partitions", "days" or both'],
    [
      '{ freshness: { days: 1 }, blocking: true }',
      'INVALID_CHECK "freshness" keeps no rows from being published',
    ],
  ])('of what compares partitions: %s', (yaml, expected) => {
    const [first = ''] = normalized(yaml).errors;
    expect(first).toContain(expected);
  });

  test('an asset cannot be called this, since checks read their rows by that name', () => {
    const text = YAML('{ not_null: team }')
      .replace('  teams: {', '  this: {')
      .replace('teams: all', 'this: all');
    const loaded = loadDocument('pipeline.yaml', text);
    if (!loaded.ok) throw new Error('the YAML of the test is broken');
    const { diagnostics } = normalizePipeline(loaded.document, () => false);
    expect(diagnostics.map((each) => each.code)).toEqual(['RESERVED_NAME']);
  });
});
