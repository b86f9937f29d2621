import { describe, expect, test } from 'vitest';
import { loadDocument } from '../../engine/config/load.ts';
import { normalizePipeline } from '../../engine/config/normalize.ts';

/** Two rules with the same columns, and a model with one column less and one more. */
const YAML = `name: demo
targets: { local: { warehouse: duckdb } }
groups: { raw: {} }
partition_sets: { days: { every: day, from: 2024-01-01, to: 2024-01-03 } }
defaults: { partitions: days, partition_column: day, columns: [day, name, value] }
columns:
  day: { type: DATE }
  name: { type: STRING }
  value: { type: INT64 }
  odds: { type: FLOAT64, round: 2 }
unions:
  guesses: { tag: rule }
assets:
  one: { group: raw, source: { path: one.csv }, tags: [rule, shared] }
  two: { group: raw, source: { path: two.csv }, tags: [rule] }
  model: { group: raw, source: { path: model.csv }, tags: [model, shared], columns: [day, value, odds] }
  reader: { group: raw, source: { path: reader.csv }, upstream: { guesses: same } }
`;

const DECLARED = '  guesses: { tag: rule }\n';
const READS = '{ guesses: same }';
const MODEL = 'columns: [day, value, odds]';

function normalized(...edits: readonly (readonly [from: string, to: string])[]) {
  let yaml = YAML;
  for (const [from, to] of edits) {
    expect(yaml).toContain(from);
    yaml = yaml.replace(from, to);
  }
  const loaded = loadDocument('pipeline.yaml', yaml);
  if (!loaded.ok) throw new Error('the YAML of the test is broken');
  const { pipeline, diagnostics } = normalizePipeline(loaded.document, () => false);
  const errors = diagnostics.map(({ code, message, range }) => {
    const { line, column } = range ?? { line: 0, column: 0 };
    return `${line}:${column} ${code} ${message}`;
  });
  const reader = pipeline.assets.find(({ name }) => name === 'reader');
  const optional = reader?.upstream.map((edge) => [edge.asset, edge.optional] as const);
  return { unions: pipeline.unions, errors, optional };
}

describe('who is a member', () => {
  test('all assets with the tag, with the same columns unless the union says otherwise', () => {
    expect(normalized().errors).toEqual([]);
    expect(normalized().unions).toEqual([
      { name: 'guesses', tags: ['rule'], columns: 'same', members: ['one', 'two'] },
    ]);
  });

  test('all assets with one of several tags, each once', () => {
    const declared = '  guesses: { tags: [shared, rule], columns: all }\n';
    const { unions, errors } = normalized([DECLARED, declared]);
    expect(errors).toEqual([]);
    expect(unions).toEqual([
      {
        name: 'guesses',
        tags: ['shared', 'rule'],
        columns: 'all',
        members: ['one', 'two', 'model'],
      },
    ]);
  });

  test.each([
    [
      '{ tags: [rule, modle], columns: all }',
      '12:27 UNKNOWN_TAG unknown tag "modle", did you mean "model"?',
    ],
    ['{ tag: rul }', '12:19 UNKNOWN_TAG unknown tag "rul", did you mean "rule"?'],
    ['{ columns: all }', '12:3 INVALID_UNION a union has either tag or tags; "guesses" has none'],
    ['{ tags: [] }', '12:3 INVALID_UNION a union has either tag or tags; "guesses" has none'],
    [
      '{ tag: rule, tags: [rule] }',
      '12:3 INVALID_UNION a union has either tag or tags; "guesses" has both',
    ],
    [
      '{ tag: rule, columns: al }',
      '12:34 INVALID_VALUE unions.guesses.columns: expected one of same, all, found "al", did you mean "all"?',
    ],
  ])('%s is refused', (union, error) => {
    expect(normalized([DECLARED, `  guesses: ${union}\n`]).errors[0]).toBe(error);
  });
});

describe('which columns members have', () => {
  test('without `columns: all` the same: who lacks some is named with somebody who has them', () => {
    const { errors } = normalized([DECLARED, '  guesses: { tags: [rule, model] }\n']);
    expect(errors).toEqual([
      '12:3 UNION_COLUMNS_DIFFER members of the union "guesses" differ in columns: "one", "two" without odds ("model" has odds)',
      '12:3 UNION_COLUMNS_DIFFER members of the union "guesses" differ in columns: "model" without name ("one" has name)',
    ]);
  });

  test.each(['tags: [rule, model]', 'tags: [rule, model], columns: all'])(
    'a column of one name has one type, with { %s }',
    (union) => {
      const { errors } = normalized(
        [DECLARED, `  guesses: { ${union} }\n`],
        [MODEL, 'columns: [day, name, value: { type: FLOAT64, round: 1 }]'],
      );
      expect(errors).toEqual([
        '12:3 UNION_COLUMN_TYPES column "value" of the union "guesses" has 2 types: INT64 in one, two; FLOAT64 in model',
      ]);
    },
  );

  test('the partition column is no column to be without', () => {
    const { errors } = normalized(
      [DECLARED, '  guesses: { tags: [rule, model], columns: all }\n'],
      [MODEL, 'partition_column: on, columns: [on: { type: DATE }, value]'],
    );
    expect(errors).toEqual([
      '12:3 UNION_PARTITION_COLUMN "day", the partition column of "one", is no column of "model": rows of the union "guesses" would have no date',
    ]);
  });

  test('a member without partitions has no partition column to share', () => {
    const { errors } = normalized(
      [DECLARED, '  guesses: { tags: [rule, model], columns: all }\n'],
      [MODEL, 'partitions: none, columns: [value]'],
      [READS, '{ guesses: all }'],
    );
    expect(errors).toEqual([]);
  });
});

describe('which members may be absent', () => {
  const both = [DECLARED, '  guesses: { tags: [rule, model], columns: all }\n'] as const;
  const reads = (optional: string) =>
    normalized(both, [READS, `{ guesses: { window: same, optional: ${optional} } }`]);

  test('all, none, or those with one of some tags', () => {
    const optional = (text: string): Record<string, boolean> =>
      Object.fromEntries<boolean>(reads(text).optional ?? []);
    expect(optional('true')).toEqual({ model: true, one: true, two: true });
    expect(optional('false')).toEqual({ model: false, one: false, two: false });
    expect(optional('[model]')).toEqual({ model: true, one: false, two: false });
    expect(optional('[shared]')).toEqual({ model: true, one: true, two: false });
    expect(optional('[]')).toEqual({ model: false, one: false, two: false });
  });

  test('a tag that no member has is refused', () => {
    expect(reads('[model, rul]').errors).toEqual([
      '17:110 UNKNOWN_TAG unknown tag "rul", did you mean "rule"?',
    ]);
  });

  test('only members of a union are told apart by tags', () => {
    const { errors } = normalized([READS, '{ one: { window: same, optional: [rule] } }']);
    expect(errors).toEqual([
      '17:98 INVALID_VALUE "one" is an asset: tags say which members of a union are optional',
    ]);
  });

  test('anything else is refused', () => {
    expect(reads('model').errors).toEqual([
      '17:102 INVALID_VALUE assets.reader.upstream.guesses.optional: expected true or false, or a list of tags, found "model"',
    ]);
  });
});

test('checks may name columns that only some members have', () => {
  const edits = [
    [DECLARED, '  guesses: { tags: [rule, model], columns: all }\n'],
    [
      'path: reader.csv }, upstream: { guesses: same }',
      'path: reader.csv }, upstream: { guesses: same }, checks: [{ coverage: { of: guesses, on: { value: value, name: name } } }, { relationship: { column: value, to: guesses.odds } }, { relationship: { column: name, to: guesses.nam } }]',
    ],
  ] as const;
  expect(normalized(...edits).errors).toEqual([
    expect.stringContaining('INVALID_CHECK "value" is INT64 and guesses.odds is FLOAT64'),
    expect.stringContaining('UNKNOWN_COLUMN unknown column "nam", did you mean "name"?'),
  ]);
});
