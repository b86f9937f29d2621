import { expect, test, vi } from 'vitest';
import * as status from '../../engine/staleness/status.ts';
import { countsOf } from '../support/project.ts';
import { good, READINGS_YAML, readingsProject } from './readings-project.ts';

vi.mock('../../engine/staleness/status.ts', async (load) => {
  const actual = await load<typeof status>();
  return { ...actual, evaluateAsset: vi.fn(actual.evaluateAsset) };
});

/** How often a run evaluates an asset, when every partition is a step of its own. */
async function evaluations(partitions: number): Promise<number> {
  const project = readingsProject(good(partitions));
  project.write('pipeline.yaml', READINGS_YAML.replace('defaults:', 'defaults:\n  batch: 1'));
  const evaluate = vi.mocked(status.evaluateAsset);
  evaluate.mockClear();
  const outcome = await project.materialize();
  expect(countsOf(outcome, 'doubled')).toMatchObject({ materialized: partitions });
  return evaluate.mock.calls.length;
}

test('how often assets are evaluated does not depend on the number of steps', async () => {
  const few = await evaluations(3);
  expect(few).toBeGreaterThan(0);
  expect(await evaluations(12)).toBe(few);
});
