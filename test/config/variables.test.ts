import { expect, test } from 'vitest';
import { parseDuration } from '../../engine/config/duration.ts';
import { resolveVariables } from '../../engine/config/variables.ts';

test.each([
  ['${A}/x', { A: 'one' }, 'one/x'],
  ['${A}${B}', { A: '1', B: '2' }, '12'],
  ['${A:-two}/x', {}, 'two/x'],
  ['${A:-two}/x', { A: '' }, 'two/x'],
  ['${A:-two}/x', { A: 'one' }, 'one/x'],
  ['${A:-}', {}, ''],
  ['${A}', { A: '${B}' }, '${B}'],
  ['no variable, $A, {A}', { A: 'one' }, 'no variable, $A, {A}'],
])('%s with %j is %s', (text, env, expected) => {
  expect(resolveVariables(text, env)).toBe(expected);
});

test('a missing variable is an error that names it and how to set it', () => {
  expect(() => resolveVariables('gs://${BUCKET}/data', {})).toThrow(
    expect.objectContaining({
      code: 'MISSING_VARIABLE',
      exitCode: 2,
      message:
        'environment variable BUCKET is not set; pipeline.yaml needs it in "gs://${BUCKET}/data"',
      hint: 'set it (export BUCKET=...), or give a default: ${BUCKET:-value}',
    }),
  );
});

test.each(['${}', '${1A}', '${A-B}', '${A:=x}'])('%s is no variable', (text) => {
  expect(() => resolveVariables(text, { A: '1' })).toThrow(`${text} is not a variable`);
});

test.each([
  ['30s', 30],
  ['10m', 600],
  ['1h', 3600],
  ['1.5h', 5400],
  ['2d', 172_800],
  ['250ms', 0.25],
  ['10', undefined],
  ['10 m', undefined],
  ['m', undefined],
  ['-1s', undefined],
])('the duration %s is %s seconds', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});
