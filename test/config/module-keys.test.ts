import { expect, test } from 'vitest';
import { diagnosticsText } from '../../engine/compile/diagnostic-text.ts';
import { loadDocument } from '../../engine/config/load.ts';
import { normalizePipeline } from '../../engine/config/normalize.ts';
import type { Asset } from '../../engine/config/pipeline.ts';

const FILES = ['models/fit.ts', 'models/a.json', 'assets/stats/plain.sql'];

const GOOD = `name: demo
targets: { local: { warehouse: duckdb } }
groups: { stats: {} }
columns: { points: { type: INT64 } }
assets:
  fitted:
    group: stats
    module: models/fit.ts
    settings: { rounds: 10 }
    columns: [points]
  fitted_too:
    group: stats
    module: models/fit.ts
    settings: { rounds: 20 }
    files: [models/a.json]
    columns: [points]
  plain:
    group: stats
    columns: [points]
`;

function normalized(text: string) {
  const loaded = loadDocument('pipeline.yaml', text);
  if (!loaded.ok) throw new Error(diagnosticsText(loaded.diagnostics, '/nowhere'));
  return normalizePipeline(loaded.document, (path) => FILES.includes(path));
}

function assetOf(name: string): Asset | undefined {
  return normalized(GOOD).pipeline.assets.find((asset) => asset.name === name);
}

test('assets of one module have settings and files of their own', () => {
  expect(normalized(GOOD).diagnostics).toEqual([]);
  expect(assetOf('fitted')).toMatchObject({ file: 'models/fit.ts', settings: { rounds: 10 } });
  expect(assetOf('fitted')).not.toHaveProperty('files');
  const too = { file: 'models/fit.ts', settings: { rounds: 20 }, files: ['models/a.json'] };
  expect(assetOf('fitted_too')).toMatchObject(too);
  expect(assetOf('plain')).not.toHaveProperty('settings');
});

test.each([
  [
    'settings of an asset without a module',
    '  plain:\n    group: stats\n',
    '  plain:\n    group: stats\n    settings: { rounds: 1 }\n',
    'pipeline.yaml:19:5 SETTINGS_WITHOUT_MODULE "plain" has settings, and is no module: nothing would read them',
  ],
  [
    'files of an asset without a module',
    '  plain:\n    group: stats\n',
    '  plain:\n    group: stats\n    files: [models/a.json]\n',
    'pipeline.yaml:19:5 FILES_WITHOUT_MODULE "plain" has files, and is no module: nothing would read them',
  ],
  [
    'a file that is not there',
    'models/a.json',
    'models/b.json',
    'pipeline.yaml:15:13 MISSING_FILE there is no file models/b.json',
  ],
  [
    'the path of one machine',
    '[models/a.json]',
    '[/models/a.json]',
    'pipeline.yaml:15:13 INVALID_VALUE expected a path relative to pipeline.yaml, found /models/a.json',
  ],
  [
    'a file that is listed twice',
    '[models/a.json]',
    '[models/a.json, ./models/a.json]',
    'pipeline.yaml:15:28 DUPLICATE_FILE ./models/a.json is listed twice',
  ],
  [
    'a number that JSON does not have',
    'rounds: 20',
    'deep: [1, { rate: .inf }]',
    'pipeline.yaml:14:35 INVALID_VALUE expected a value that JSON has, found Infinity',
  ],
  [
    'settings that are no map',
    'settings: { rounds: 20 }',
    'settings: 20',
    'pipeline.yaml:14:15 INVALID_VALUE assets.fitted_too.settings: expected a map of settings, found 20',
  ],
])('%s is an error that says where', (_, from, to, says) => {
  expect(GOOD).toContain(from);
  const { diagnostics } = normalized(GOOD.replace(from, to));
  expect(diagnosticsText(diagnostics, '/nowhere')).toContain(says);
  expect(diagnostics).toHaveLength(1);
});
