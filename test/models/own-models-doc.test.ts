import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseMetadata } from '../../assets/models/imported-metadata.ts';
import { countsOf } from '../support/project.ts';
import { FIXTURES, pythonWithXgboost } from './xgboost-fixture.ts';
import { CONTRACT, METADATA, xgboostProject } from './xgboost-project.ts';

const DOC = readFileSync(resolve(import.meta.dirname, '../../docs/own-models.md'), 'utf8');
const python = pythonWithXgboost();
const without = python === undefined ? ' (skipped: no python3 with xgboost)' : '';

/** The example of the documentation in a language. */
function block(language: string): string {
  const text = DOC.split(`\`\`\`${language}\n`)[1]?.split('```')[0];
  if (text === undefined) throw new Error(`there is no ${language}`);
  return text;
}

interface AssetYaml {
  readonly settings: { readonly features: { readonly contract_features: readonly string[] } };
  readonly [key: string]: unknown;
}

function assetOfDoc(): AssetYaml {
  return (parse(block('yaml')) as { readonly my_xgboost_v1: AssetYaml }).my_xgboost_v1;
}

describe('the example of the documentation', () => {
  test('has the features of the contract, in order, in Python and in the pipeline', () => {
    const inPython = /FEATURES = """([^"]+)"""/.exec(block('python'))?.[1]?.trim().split(/\s+/);
    expect(inPython).toEqual(CONTRACT);
    expect(assetOfDoc().settings.features.contract_features).toEqual(CONTRACT);
  });

  test.skipIf(python === undefined)(
    `trains a model, and the pipeline predicts with it${without}`,
    async () => {
      const project = xgboostProject();
      mkdirSync(project.path('models'), { recursive: true });
      cpSync(join(FIXTURES, 'contract-features.csv'), project.path('contract_features.csv'));
      cpSync(join(FIXTURES, 'contract-features.csv'), project.path('player_game_summary.csv'));
      project.write('train.py', block('python'));
      const { status, stderr } = spawnSync(python ?? '', ['train.py'], {
        cwd: project.root,
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      expect(status).toBe(0);
      const metadata = parseMetadata(project.read('models/my.meta.json'));
      expect(metadata).toMatchObject({ features: CONTRACT, trainedBefore: '2024-01-15' });
      expect(metadata.distribution).toBeDefined();

      // The asset as documented, in a pipeline that has the columns of its group.
      const own = parse(project.read('pipeline.yaml')) as {
        readonly assets: Record<string, AssetYaml>;
      };
      const columns = own.assets['my_xgboost_v1']?.['columns'];
      own.assets['my_xgboost_v1'] = { ...assetOfDoc(), columns };
      project.write('pipeline.yaml', JSON.stringify(own));
      const outcome = await project.materialize();
      expect(outcome.document.failures).toEqual([]);
      expect(countsOf(outcome, 'my_xgboost_v1')['materialized']).toBeGreaterThan(20);
      const [row] = await project.query(
        `SELECT COUNT(*), COUNT(predicted_p10), COUNT(DISTINCT recommendation), AVG(ABS(prediction - 10)) < 10
         FROM trained.my_xgboost_v1`,
      );
      expect(row).toEqual(['200', '200', '4', true]);
    },
  );
});

test('every field of the metadata is documented, and every documented one is read', () => {
  const table = DOC.split('## What is said of a model')[1]?.split('\n\n')[1] ?? '';
  const documented = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  const refused = (): string => {
    try {
      parseMetadata(JSON.stringify({ ...METADATA, nonsense: 1 }));
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
    return '';
  };
  const read = refused().split('those that are read are ')[1]?.split(', ') ?? [];
  expect(new Set(documented)).toEqual(new Set(read));
});
