import { relative } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { propertyRuns } from './seeded.ts';

export interface PropertySpec<T> {
  readonly cases: fc.Arbitrary<T>;
  /** How many cases a normal run tries; PROPERTY_RUNS and PROPERTY_RUNS_FACTOR change it. */
  readonly runs: number;
  /** What a case may take on a slow machine; bounds the test. */
  readonly secondsPerCase?: number;
  readonly holds: (value: T) => void | Promise<void>;
}

/**
 * A test that something holds for random cases. Prints how many cases it tried and from which seed, which is random
 * unless PROPERTY_SEED says it; a failure prints how to run that very case again. PROPERTY_SHRINK=no
 * shows the first failure without looking for a smaller one.
 */
export function propertyTest<T>(group: string, title: string, spec: PropertySpec<T>): void {
  const { numRuns } = propertyRuns(spec.runs);
  const timeLimit = 60_000 + numRuns * (spec.secondsPerCase ?? 0.1) * 1000;
  test(
    title,
    async () => {
      const details = await fc.check(
        fc.asyncProperty(spec.cases, async (value) => spec.holds(value)),
        // Ends before the test's own limit, so that a failure that is still being shrunk is shown with its seed.
        { numRuns, ...repetition(), interruptAfterTimeLimit: timeLimit - 20_000 },
      );
      const tried = details.numRuns.toLocaleString('en');
      const rest = details.interrupted
        ? `, out of time before ${numRuns.toLocaleString('en')}`
        : '';
      console.log(`${group}: ${tried} cases, seed ${details.seed}${rest}`);
      if (details.failed) throw failure(details);
    },
    timeLimit,
  );
}

function repetition(): fc.Parameters<unknown> {
  const { PROPERTY_SEED: seed, PROPERTY_PATH: path, PROPERTY_SHRINK: shrink } = process.env;
  return {
    ...(shrink === 'no' && { endOnFailure: true }),
    ...(seed !== undefined && { seed: Number(seed) }),
    ...(path !== undefined && { path, endOnFailure: true }),
  };
}

function failure(details: fc.RunDetails<unknown>): Error {
  const { currentTestName = '', testPath = '' } = expect.getState();
  const { seed, counterexamplePath, counterexample, errorInstance, numRuns } = details;
  const cause = errorInstance instanceof Error ? errorInstance : new Error(String(errorInstance));
  const again = `PROPERTY_SEED=${seed} PROPERTY_PATH=${counterexamplePath ?? ''}`;
  const file = relative(process.cwd(), testPath);
  const text = [
    `failed in case ${numRuns}, seed ${seed}; that very case again:`,
    `  ${again} npx vitest run ${file} -t ${JSON.stringify(currentTestName)}`,
    `the smallest case found: ${fc.stringify(counterexample)}`,
    cause.message,
  ].join('\n');
  // The error itself is changed and not wrapped, so that what was expected and found is shown as ever.
  cause.message = text;
  return cause;
}
