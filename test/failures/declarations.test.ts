import { describe, expect, test } from 'vitest';
import { compilePipeline } from '../../engine/compile/compile.ts';
import type { CompiledAsset } from '../../engine/compile/compiled.ts';
import { diagnosticsText } from '../../engine/compile/diagnostic-text.ts';
import type { TestProject } from '../support/project.ts';
import { rosterProject } from './roster-project.ts';

async function errorsOf(project: TestProject): Promise<string> {
  const result = await compilePipeline({ file: project.path('pipeline.yaml') });
  return result.ok ? '' : diagnosticsText(result.diagnostics, project.root);
}

/** What the arrows under the line of the file point at. */
function markedIn(text: string): string | undefined {
  const [, line = '', arrows = ''] = text.split('\n');
  return line.slice(arrows.indexOf('^'), arrows.lastIndexOf('^') + 1);
}

async function paidOf(project: TestProject): Promise<CompiledAsset> {
  const result = await compilePipeline({ file: project.path('pipeline.yaml') });
  const paid = result.ok ? result.pipeline.assets.find(({ name }) => name === 'paid') : undefined;
  if (!paid) throw new Error(await errorsOf(project));
  return paid;
}

describe('a mistake in a universe or its failures is told with its place', () => {
  test.each([
    [
      'category: INCOMPLETE_DATA',
      'category: INCOMPLET_DATA',
      'unknown failure category "INCOMPLET_DATA", did you mean "INCOMPLETE_DATA"?',
      'INCOMPLET_DATA',
    ],
    [
      'category: INCOMPLETE_DATA',
      'category: PROCESSING_ERROR',
      'an error fails the partition, never one entity',
      'PROCESSING_ERROR',
    ],
    [
      'category: INCOMPLETE_DATA',
      'category: UNTRACKED',
      'it stands for whoever no rule applies to',
      'UNTRACKED',
    ],
    ['OFF_DUTY: {', 'UNTRACKED: {', 'it stands for whoever no rule applies to', 'UNTRACKED'],
    [
      'when: expected.hours IS NULL, ',
      '',
      'the entry applies to everybody, so that those after it never do',
      '{ category: OFF_DUTY, reason: has the day off }',
    ],
    [
      'when: expected.hours < 1,',
      'when: expected.hourz < 1,',
      'the row "expected" has no column "hourz", did you mean "hours"?',
      'hourz',
    ],
    [
      'when: expected.hours < 1,',
      'when: EXISTS (SELECT 1 FROM rooster AS r),',
      'unknown asset "rooster", did you mean "roster"?',
      'rooster',
    ],
    [
      'when: expected.hours < 1,',
      'when: NOT (expected.hours,',
      'the expression ends too early',
      's',
    ],
    [
      'relation: roster',
      'relation: rostr',
      'unknown upstream "rostr", did you mean "roster"?',
      'rostr',
    ],
    [
      'entity: [worker]',
      'entity: [workr]',
      'unknown column "workr", did you mean "worker"?',
      'workr',
    ],
    ['entity: [worker]', 'entity: [pay]', '"roster" has no column "pay"', 'pay'],
    [
      'roster: same',
      'roster: { before: { days: 3 } }',
      'its rows do not say who is expected on a date',
      'roster',
    ],
    [
      'entity: [worker]',
      'entity: [worker]\n      where: expected.day = partitions.partition_date',
      'the condition reads "partitions"; it can only use columns of the row "expected"',
      'partitions',
    ],
    [
      'relation: roster',
      'sql: SELECT r.worker, r.hours FROM roster AS r',
      'the SELECT does not return "day"',
      'r.worker',
    ],
    [
      'relation: roster\n',
      'relation: roster\n      sql: SELECT r.day, r.worker FROM roster AS r\n',
      'a universe has either relation or sql; this one has both',
      'relation: roster',
    ],
    [
      `universe:
      relation: roster
      entity: [worker]
      counts: { expected: '2', actual: expected.hours }
    `,
      '',
      '"paid" says why somebody may have no row, but not who is expected',
      'failures',
    ],
  ])('%s written as %s', async (from, to, message, marked) => {
    const project = rosterProject([]);
    project.edit('pipeline.yaml', from, to);
    const text = await errorsOf(project);
    expect(text).toContain(message);
    expect(text).toMatch(/^pipeline\.yaml:\d+:\d+ /);
    expect(markedIn(text)).toBe(marked);
  });
});

test('an upstream that only the failures read is read', async () => {
  const project = rosterProject([]);
  project.edit(
    'pipeline.yaml',
    'upstream: { roster: same }',
    'upstream: { roster: same, other: all }',
  );
  project.edit(
    'pipeline.yaml',
    'assets:\n',
    `assets:
  other:
    group: raw
    partitions: none
    source: { path: data/other.csv }
    key: [worker]
    columns: [worker]
`,
  );
  expect(await errorsOf(project)).toContain(
    'declares the upstream "other", but its SQL does not read it',
  );
  project.edit(
    'pipeline.yaml',
    'when: expected.hours < 1,',
    'when: EXISTS (SELECT 1 FROM other AS o WHERE o.worker = expected.worker),',
  );
  expect(await errorsOf(project)).toBe('');
});

describe('the code version', () => {
  test('is another one when somebody else is expected or fails for another reason', async () => {
    const before = await paidOf(rosterProject([]));
    const edits = [
      ['reason: did not come', 'reason: was not there'],
      ['expected.hours < 1,', 'expected.hours < 2,'],
      ['entity: [worker]', 'entity: [worker, day]'],
      ["expected: '2'", "expected: '3'"],
      ['entity: [worker]', 'entity: [worker]\n      where: expected.note IS NULL'],
    ] as const;
    for (const [from, to] of edits) {
      const project = rosterProject([]);
      project.edit('pipeline.yaml', from, to);
      const after = await paidOf(project);
      expect(after.codeVersion, to).not.toBe(before.codeVersion);
      expect({ ...after.codeParts, failures: '' }).toEqual({ ...before.codeParts, failures: '' });
    }
  });

  test('is the same for another severity and other blanks', async () => {
    const before = await paidOf(rosterProject([]));
    const project = rosterProject([]);
    project.edit('pipeline.yaml', 'expected.hours < 1,', 'expected.hours<1,');
    project.edit('pipeline.yaml', 'entity: [worker]', 'entity: [worker]\n      severity: warn');
    expect((await paidOf(project)).codeVersion).toBe(before.codeVersion);
  });
});
