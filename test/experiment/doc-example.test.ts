import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { settingNames } from '../../assets/models/points_model.evaluate.ts';
import { readVariant } from '../../engine/config/variant.ts';
import { newProject } from '../support/project.ts';
import { experiment, measured } from './league-project.ts';

const DOCS = resolve(import.meta.dirname, '../../docs');
const read = (name: string): string => readFileSync(resolve(DOCS, name), 'utf8');

/** The files of the example of modules, by the comment that their first line is. */
function filesOfModules(): Record<string, string> {
  const blocks = read('modules.md').matchAll(/^```\w+\n(?:#|\/\/|--) (\S+)\n([^]*?)^```$/gm);
  return Object.fromEntries([...blocks].map(([, path = '', text = '']) => [path, text]));
}

function block(start: string): string {
  const text = read('experiments.md');
  const from = text.indexOf(start);
  return text.slice(from, text.indexOf('```', from));
}

test('the evaluate of the documentation evaluates the model of the documentation', async () => {
  const sales = [
    'day,product,sold',
    '2024-01-30,cup,3',
    '2024-01-30,pot,8',
    '2024-02-01,cup,9',
    '2024-02-10,pot,2',
    '2024-03-05,cup,4',
    '',
  ];
  const project = newProject({
    ...filesOfModules(),
    'assets/models/sales_model.evaluate.ts': block('import type { EvaluateFunction }'),
    'data/sales.csv': sales.join('\n'),
    'models/priors.json': '{}',
    'less.yaml': 'set: { prior_days: 1 }\n',
  });
  await project.materialize({ selection: ['sales'] });
  const found = await measured(project, 'sales_model --variant less.yaml');
  // February from January: cup 3 of (1 + 5) days, pot 8 of (1 + 5); March from both: cup 12 of (2 + 5).
  expect(found.champion_mae).toBeCloseTo((8.5 + Math.abs(8 / 6 - 2) + 4 - 12 / 7 + 3 + 8) / 5, 9);
  expect(found.challenger_mae).toBeCloseTo((7.5 + 2 + 0 + 3 + 8) / 5, 9);
  const february = await measured(
    project,
    'sales_model --variant less.yaml --partitions 2024-02-01',
  );
  expect([february.first, february.last, february.rows]).toEqual(['2024-02-01', '2024-02-10', 2]);
  expect((await experiment(project, 'sales_model --variant less.yaml')).out).toContain('Verdict:');
});

test('the variant of the documentation is one, and names what may be set', () => {
  const found = readVariant('new.yaml', block('# variants/new.yaml'));
  if (!found.ok) throw new Error(found.diagnostics.map(({ message }) => message).join('\n'));
  const { variant } = found;
  expect(variant.model).toBe('points_lineups_v1');
  expect(variant.drop).toHaveLength(2);
  expect(variant.add).toEqual({ lineup_form: ['near_minutes'] });
  const known = [...settingNames.model, ...settingNames.asset];
  expect(Object.keys(variant.set).filter((name) => !known.includes(name))).toEqual([]);
});
