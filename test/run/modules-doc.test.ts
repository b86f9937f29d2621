import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { countsOf, GLOBALS, newProject } from '../support/project.ts';
import { runVerify } from '../../engine/commands/verify.ts';

const DOC = resolve(import.meta.dirname, '../../docs/modules.md');

/** The files of the example, by the comment that their first line is. */
function filesOfExample(): Record<string, string> {
  const blocks = readFileSync(DOC, 'utf8').matchAll(/^```\w+\n(?:#|\/\/|--) (\S+)\n([^]*?)^```$/gm);
  return Object.fromEntries([...blocks].map(([, path = '', text = '']) => [path, text]));
}

const SALES = `day,product,sold
2024-01-30,cup,3
2024-01-30,pot,8
2024-01-31,cup,
2024-02-01,cup,9
2024-02-10,cup,5
2024-02-10,pan,1
2024-02-10,pot,2
`;

test('the example of the documentation does what it says', async () => {
  const files = filesOfExample();
  expect(Object.keys(files)).toEqual([
    'pipeline.yaml',
    'assets/models/sales_model.ts',
    'assets/reports/forecast.sql',
  ]);
  const project = newProject({
    ...files,
    'data/sales.csv': SALES,
    'models/priors.json': '{ "cup": 1 }',
  });
  const outcome = await project.materialize();
  expect(outcome.document.failures).toEqual([]);
  expect(countsOf(outcome, 'sales_model')).toEqual({ materialized: 1, expected_empty: 1 });
  // Five days of prior sales of 1 and a day of 3; of 0 and a day of 8.
  expect(await project.query('SELECT product, rate FROM models.sales_model ORDER BY 1')).toEqual([
    ['cup', 1.333333],
    ['pot', 1.333333],
  ]);
  const forecast = 'SELECT product, expected FROM reports.forecast WHERE day = DATE ';
  expect(await project.query(`${forecast}'2024-01-30' ORDER BY 1`)).toEqual([
    ['cup', null],
    ['pot', null],
  ]);
  expect(await project.query(`${forecast}'2024-02-10' ORDER BY 1`)).toEqual([
    ['cup', 1.33],
    ['pan', null],
    ['pot', 1.33],
  ]);
  const options = { ...GLOBALS, selection: [], exclude: [], sample: 9, all: true, seed: 1 };
  expect(await runVerify(options, project.effects())).toBe(0);
});

test('every name in the table of the context is one that modules get', () => {
  const types = readFileSync(join(DOC, '../../engine/assets/module-context.ts'), 'utf8');
  const declared = types.slice(types.indexOf('export interface ModuleContext'));
  const names = [...declared.matchAll(/^ {2}readonly (\w+):/gm)].map(([, name]) => name);
  const table = readFileSync(DOC, 'utf8').split('| `context.`')[1]?.split('\n\n')[0] ?? '';
  const documented = [...table.matchAll(/^\| (.+?) +\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)/g)].map(([, name]) => name),
  );
  expect(new Set(documented)).toEqual(new Set(names));
});
