import { expect, test } from 'vitest';
import { PipelineError } from '../../engine/errors.ts';
import { errorText } from '../../engine/report/error-text.ts';
import { categoryHint, categoryTitle } from '../../engine/report/messages.ts';
import { paintFor } from '../../engine/report/text.ts';

const paint = paintFor(false);

test('what a user can mend is a message and a hint, without a stack', () => {
  const error = new PipelineError('unknown asset "a"', { code: 'UNKNOWN_ASSET', hint: 'try b' });
  expect(errorText(error, paint, false)).toBe('error: unknown asset "a"\ntry b\n');
});

test('the cause of an error is shown when the stack is asked for', () => {
  const cause = new Error('disk is gone');
  const error = new PipelineError('cannot read', { code: 'X', cause });
  expect(errorText(error, paint, true)).toMatch(/caused by: Error: disk is gone\n {4}at /);
});

test('the error of a warehouse is its category, its message and what to do', () => {
  const error = Object.assign(new Error('table is gone'), { category: 'RELATION_NOT_FOUND' });
  expect(errorText(error, paint, false)).toBe(
    'error: RELATION_NOT_FOUND: table is gone\nmaterialize the upstream asset first\n',
  );
});

test('a bug says that it is one, and how to report it', () => {
  const bug = new TypeError('x is not a function');
  const text = errorText(bug, paint, false);
  expect(text).toMatch(/^Internal error: x is not a function\nThis is a bug in Fastbreak/);
  expect(text).not.toMatch(/\n {4}at /);
  expect(errorText(bug, paint, true)).toMatch(/\n {4}at /);
  expect(errorText(new Error('Internal error: no edge'), paint, false)).toMatch(
    /^Internal error: no edge\n/,
  );
  expect(errorText('text', paint, false)).toMatch(/^Internal error: text\n/);
});

test('every category has a title, a known one also a hint', () => {
  expect(categoryTitle('EMPTY_RESULT')).toBe('no rows where the calendar expects some');
  expect(categoryHint('EMPTY_RESULT')).toContain('expected_empty');
  expect(categoryTitle('SOMETHING_NEW')).toBe('something new');
  expect(categoryHint('SOMETHING_NEW')).toBeUndefined();
});
