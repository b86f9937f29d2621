import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { errorPlace } from '../../engine/assets/error-place.ts';

function folderWith(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'fastbreak place (1) '));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

/** What the real import of a file, and calling its `run`, throws. */
async function thrownBy(root: string, file: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(join(root, file)).href)) as { run: () => unknown };
    await module.run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

const FIT = 'export function fit() {\n\n  throw new Error("bad fit");\n}\n';

test('the innermost file of the pipeline is named with its line', async () => {
  const root = folderWith({
    'assets/fit.ts': FIT,
    'assets/model.ts': "import { fit } from './fit.ts';\nexport const run = () => fit();\n",
  });
  expect(errorPlace(await thrownBy(root, 'assets/model.ts'), root)).toBe(' (assets/fit.ts:3)');
});

test('a package, the engine and Node are left out', async () => {
  const engine = pathToFileURL(join(import.meta.dirname, '../../engine/partitions/date.ts')).href;
  const root = folderWith({
    'node_modules/fit.mjs': FIT,
    'assets/model.ts':
      "import { fit } from '../node_modules/fit.mjs';\nexport const run = () =>\n  fit();\n",
    'assets/engine.ts': `import { formatDay } from '${engine}';\nexport const run = () => formatDay(NaN);\n`,
    'assets/node.ts': "export const run = () =>\n  JSON.parse('{');\n",
  });
  expect(errorPlace(await thrownBy(root, 'assets/model.ts'), root)).toBe(' (assets/model.ts:3)');
  expect(errorPlace(await thrownBy(root, 'assets/engine.ts'), root)).toBe(' (assets/engine.ts:2)');
  expect(errorPlace(await thrownBy(root, 'assets/node.ts'), root)).toBe(' (assets/node.ts:2)');
});

test('a pipeline that is reached by a link is the same pipeline', async () => {
  const root = folderWith({
    'real/assets/model.ts': 'export const run = () => { throw new Error("x"); };\n',
  });
  symlinkSync(join(root, 'real'), join(root, 'link'));
  const error = await thrownBy(join(root, 'link'), 'assets/model.ts');
  expect(errorPlace(error, join(root, 'link'))).toBe(' (assets/model.ts:1)');
});

test('without a stack, or with files of others only, there is nothing to say', () => {
  const root = folderWith({});
  expect(errorPlace('bad luck', root)).toBe('');
  expect(errorPlace(new Error('here'), root)).toBe('');
  const odd = new Error('odd');
  odd.stack = 'Error: odd\n    at file:///%E0%A4%A:3:1\n';
  expect(errorPlace(odd, root)).toBe('');
});
