import { describe, expect, test } from 'vitest';
import { diagnosticsText } from '../../engine/compile/diagnostic-text.ts';
import { loadDocument } from '../../engine/config/load.ts';
import { normalizePipeline } from '../../engine/config/normalize.ts';
import { findVariables } from '../../engine/config/variables.ts';

const GOOD = `name: demo
targets:
  local: { warehouse: duckdb }
groups:
  raw: {}
  stats: { defaults: { tags: [stats] } }
calendars:
  game_days: { asset: box, date: day, period: { name: season, column: season } }
partition_sets:
  game_days: { calendar: game_days }
columns:
  day: { type: DATE }
  season: { type: INT64 }
  points: { type: INT64 }
  share: { type: FLOAT64, round: 3 }
defaults: { partitions: game_days, partition_column: day }
assets:
  box:
    group: raw
    source: { path: box.csv }
    columns: [day, season, points]
  form:
    group: stats
    upstream: { box: { before: season } }
    columns: [day, share]
`;

const FILES = ['assets/stats/form.sql', 'assets/stats/twice.sql', 'assets/stats/twice.ts'];

/** The errors without the lines of the file and the count. */
function errorsOf(text: string): readonly string[] {
  const loaded = loadDocument('pipeline.yaml', text);
  const diagnostics = loaded.ok
    ? [
        ...normalizePipeline(loaded.document, (path) => FILES.includes(path)).diagnostics,
        ...findVariables(loaded.document).diagnostics,
      ]
    : loaded.diagnostics;
  return diagnosticsText(diagnostics, '/nowhere').split('\n\n').slice(0, -1);
}

/** The document with some lines replaced or added. */
function edited(from: string, to: string): string {
  if (!GOOD.includes(from)) throw new Error(`no ${from}`);
  return GOOD.replace(from, to);
}

test('the document that the cases change has no errors', () => {
  expect(errorsOf(GOOD)).toEqual([]);
});

describe('one mistake is one message', () => {
  test.each([
    [
      'an unknown key at the top',
      edited('calendars:', 'calendar:'),
      [
        'pipeline.yaml:7:1 UNKNOWN_KEY unknown key "calendar" in the pipeline, did you mean "calendars"?\n  hint: allowed here: assets, calendars, columns, default_target, defaults, description, failure_categories, functions, groups, health, name, partition_sets, pools, reports, stop_after, targets, timezone, unions, validation',
        'pipeline.yaml:10:26 UNKNOWN_CALENDAR unknown calendar "game_days"\n  hint: no calendar is declared',
        'pipeline.yaml:24:32 UNKNOWN_WINDOW unknown window "before: season"\n  hint: expected all, {days: N} or {partitions: N}; the calendar of this asset has no periods',
      ],
    ],
    [
      'an unknown key of an asset',
      edited('    group: stats\n', '    group: stats\n    upstraem: {}\n'),
      [
        'pipeline.yaml:24:5 UNKNOWN_KEY unknown key "upstraem" in assets.form, did you mean "upstream"?\n  hint: allowed here: batch, checks, columns, description, expected_empty, failures, files, freeze, group, key, max_bytes_billed, module, owner, partition_column, partitions, pool, profile, retry, settings, source, sql, tags, timeout, universe, upstream',
      ],
    ],
    [
      'a missing key',
      edited('    group: stats\n', ''),
      [
        'pipeline.yaml:22:3 MISSING_KEY assets.form has no "group" (The group that the asset belongs to)',
      ],
    ],
    [
      'a wrong type',
      edited('columns: [day, share]', 'columns: day'),
      ['pipeline.yaml:25:14 INVALID_VALUE assets.form.columns: expected a list, found "day"'],
    ],
    [
      'a rule when to stop without a number to count to',
      edited('calendars:', 'stop_after: { failures: 0 }\ncalendars:'),
      [
        'pipeline.yaml:7:25 INVALID_VALUE stop_after.failures: expected a number of at least 1, found 0',
      ],
    ],
    [
      'a rule when to stop that there is not',
      edited('calendars:', 'stop_after: { timeouts: 4 }\ncalendars:'),
      [
        'pipeline.yaml:7:15 UNKNOWN_KEY unknown key "timeouts" in stop_after\n  hint: allowed here: failures, timeouts_in_a_row',
      ],
    ],
    [
      'a wrong value',
      edited('{ type: DATE }', '{ type: DAET }'),
      [
        'pipeline.yaml:12:16 INVALID_VALUE columns.day.type: expected one of STRING, INT64, FLOAT64, BOOL, DATE, TIMESTAMP, ARRAY<STRING>, ARRAY<INT64>, ARRAY<FLOAT64>, found "DAET", did you mean "DATE"?',
      ],
    ],
    [
      'a window that does not exist',
      edited('{ before: season }', 'befor'),
      [
        'pipeline.yaml:24:22 INVALID_VALUE assets.form.upstream.box: expected same, latest, latest_before or all, or { before: {days: N} | {partitions: N} | season | all }, or { window: <window>, optional: true }, found "befor"',
      ],
    ],
    [
      'a mistyped window in the long form',
      edited('{ before: season }', '{ window: { before: { dayz: 3 } }, optional: true }'),
      [
        'pipeline.yaml:24:44 UNKNOWN_KEY unknown key "dayz" in assets.form.upstream.box.window.before, did you mean "days"?\n  hint: allowed here: days, partitions',
      ],
    ],
    [
      'a period of another name',
      edited('{ before: season }', '{ before: saeson }'),
      [
        'pipeline.yaml:24:32 UNKNOWN_WINDOW unknown window "before: saeson"\n  hint: expected season, all, {days: N} or {partitions: N}',
      ],
    ],
    [
      'a name that cannot be one',
      edited('  form:', '  Form:'),
      [
        'pipeline.yaml:22:3 INVALID_NAME expected a name of lower-case letters, digits and underscores that starts with a letter, found "Form" in assets',
      ],
    ],
    [
      'a key that is there twice',
      edited('  form:', '  box:'),
      [
        'pipeline.yaml:22:3 DUPLICATE_KEY "box" is declared twice in the same place\n  hint: rename or remove one of them',
      ],
    ],
    [
      'an unknown upstream',
      edited('upstream: { box:', 'upstream: { bocks:'),
      ['pipeline.yaml:24:17 UNKNOWN_ASSET unknown asset "bocks"\n  hint: there are: box'],
    ],
    [
      'an unknown group',
      edited('group: stats', 'group: stat'),
      [
        'pipeline.yaml:23:12 UNKNOWN_GROUP unknown group "stat", did you mean "stats"?\n  hint: there are: raw, stats',
        'pipeline.yaml:22:3 MISSING_FILE asset "form" has no file: neither assets/stat/form.sql nor assets/stat/form.ts exists\n  hint: create one of them, or declare `source:`',
      ].reverse(),
    ],
    [
      'an unknown column',
      edited('columns: [day, share]', 'columns: [day, shar]'),
      [
        'pipeline.yaml:25:20 UNKNOWN_COLUMN unknown column "shar", did you mean "share"?\n  hint: there are: day, season, points, share',
      ],
    ],
    [
      'a float without rounding',
      edited('FLOAT64, round: 3', 'FLOAT64'),
      [
        'pipeline.yaml:25:20 MISSING_ROUND column "share" of "form" is FLOAT64 and has no "round"\n  hint: say how many decimals are stored, e.g. round: 4; sums of floats differ in the last bits between a batch and its parts',
      ],
    ],
    [
      'a key that is no column',
      edited('columns: [day, share]', 'columns: [day, share]\n    key: [day, plyer]'),
      ['pipeline.yaml:26:16 UNKNOWN_COLUMN unknown column "plyer"\n  hint: there are: day, share'],
    ],
    [
      'a partition column that is no column',
      edited('columns: [day, share]', 'columns: [share]'),
      [
        'pipeline.yaml:22:3 MISSING_PARTITION_COLUMN the partition column "day" is not among the columns of "form"\n  hint: add it to the columns, or name another one with partition_column',
      ],
    ],
    [
      'a rule for empty partitions without a reason',
      edited(
        'columns: [day, share]',
        'columns: [day, share]\n    expected_empty: [{ first_days_of_period: 3 }]',
      ),
      [
        'pipeline.yaml:26:22 MISSING_KEY assets.form.expected_empty[0] has no "reason" (Why there are no rows then)',
      ],
    ],
    [
      'two kinds of check in one',
      edited(
        'columns: [day, share]',
        'columns: [day, share]\n    checks: [{ not_null: day, unique: [day] }]',
      ),
      [
        'pipeline.yaml:26:14 INVALID_CHECK a check has exactly one of unique, duplicate_rows, not_null, accepted_values, range, condition, group, mirror, row_count, relationship, coverage, sum_equals, constant, drift, distribution_shift, correlation, freshness, sql; this one has unique and not_null',
      ],
    ],
    [
      'a source without a path',
      edited('{ path: box.csv }', '{ format: csv }'),
      [
        'pipeline.yaml:20:5 MISSING_KEY assets.box.source has no "path" (File, folder or gs:// address; may hold ${NAME} or ${NAME:-default})',
      ],
    ],
    [
      'a source of unknown format',
      edited('{ path: box.csv }', '{ path: gs://bucket/box }'),
      [
        'pipeline.yaml:20:21 UNKNOWN_FORMAT the format of "gs://bucket/box" cannot be told from its ending\n  hint: add format: parquet, csv or json to the source',
      ],
    ],
    [
      'a file of another name',
      edited('    group: stats\n', '    group: stats\n    sql: assets/stats/twice.sql\n'),
      [
        'pipeline.yaml:24:10 FILE_NAME_MISMATCH asset "form" lives in assets/stats/twice.sql; the file must have the asset\'s name\n  hint: rename the file to form.sql, or the asset to twice',
      ],
    ],
    [
      'two files for one asset',
      edited('  form:', '  twice:'),
      [
        'pipeline.yaml:22:3 AMBIGUOUS_ORIGIN asset "twice" has two files: assets/stats/twice.sql and assets/stats/twice.ts\n  hint: remove one of them, or name the right one with sql: or module:',
      ],
    ],
    [
      'a variable where none is substituted',
      edited('name: demo', "name: demo\ndescription: 'for ${USER}'"),
      [
        'pipeline.yaml:2:14 VARIABLE_NOT_ALLOWED ${USER} is not substituted here: environment variables are allowed only in targets and in the path of a source\n  hint: write the value itself',
      ],
    ],
    [
      'an option of the other warehouse',
      edited('{ warehouse: duckdb }', '{ warehouse: duckdb, project: p }'),
      [
        'pipeline.yaml:3:31 UNKNOWN_KEY a duckdb target has no "project"\n  hint: allowed here: warehouse, path, memory_limit, threads, max_parallel',
      ],
    ],
    [
      'an unknown pool',
      edited('name: demo', 'name: demo\npools: { api: 2, disk: { limit: 1 } }').replace(
        '    group: stats\n',
        '    group: stats\n    pool: apii\n',
      ),
      [
        'pipeline.yaml:25:11 UNKNOWN_POOL unknown pool "apii", did you mean "api"?\n  hint: there are: api, disk',
      ],
    ],
    [
      'a pool where none is declared',
      edited('    group: stats\n', '    group: stats\n    pool: api\n'),
      ['pipeline.yaml:24:11 UNKNOWN_POOL unknown pool "api"\n  hint: no pool is declared'],
    ],
    [
      'a pool that lets nothing through',
      edited('name: demo', 'name: demo\npools: { api: 0 }').replace(
        '    group: stats\n',
        '    group: stats\n    pool: api\n',
      ),
      [
        'pipeline.yaml:2:15 INVALID_VALUE pools.api: expected a whole number of 1 or more, or { limit: N, description: … }, found 0',
      ],
    ],
    [
      'a limit that is no number of steps',
      edited('name: demo', 'name: demo\npools: { api: { limit: 1.5 } }'),
      ['pipeline.yaml:2:24 INVALID_VALUE pools.api.limit: expected a whole number, found 1.5'],
    ],
    [
      'a pool named none',
      edited('name: demo', 'name: demo\npools: { none: 1 }'),
      [
        'pipeline.yaml:2:10 RESERVED_NAME "none" means no pool and cannot name one\n  hint: rename the pool',
      ],
    ],
    [
      'no step at once',
      edited('{ warehouse: duckdb }', '{ warehouse: duckdb, max_parallel: 0 }'),
      [
        'pipeline.yaml:3:45 INVALID_VALUE targets.local.max_parallel: expected a number of at least 1, found 0',
      ],
    ],
    [
      'an unknown time zone',
      edited('name: demo', 'name: demo\ntimezone: America/New_Yrok'),
      [
        'pipeline.yaml:2:11 UNKNOWN_TIME_ZONE unknown time zone "America/New_Yrok", did you mean "America/New_York"?',
      ],
    ],
    [
      'a date that does not exist',
      edited(
        'game_days: { calendar',
        'days: { every: day, from: 2023-02-29 }\n  game_days: { calendar',
      ),
      ['pipeline.yaml:10:29 INVALID_DATE there is no date 2023-02-29'],
    ],
  ])('%s', (_title, text, expected) => {
    expect(errorsOf(text)).toEqual(expected);
  });
});

test('broken YAML is reported where it breaks', () => {
  expect(errorsOf('name: [demo\ntargets: x')).toEqual([
    'pipeline.yaml:2:1 YAML_SYNTAX flow sequence in block collection must be sufficiently indented and end with a ]\n  hint: a bracket that is not closed above this line, or an indentation that is not that of its neighbours',
  ]);
});

test('an entry with a mistake is left out, and everything else is still checked', () => {
  const text = edited('    group: raw\n', '    group: raw\n    colour: red\n').replace(
    'columns: [day, share]',
    'columns: [day, shar]',
  );
  expect(errorsOf(text).map((error) => error.split(' ')[1])).toEqual([
    'UNKNOWN_KEY',
    'UNKNOWN_COLUMN',
  ]);
});
