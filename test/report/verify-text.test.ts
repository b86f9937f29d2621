import { describe, expect, test } from 'vitest';
import type { CompiledAsset } from '../../engine/compile/compiled.ts';
import type { Difference, Verification } from '../../engine/health/verify.ts';
import { unsafeAssetName } from '../../engine/ids.ts';
import { paintFor } from '../../engine/report/text.ts';
import { renderVerification } from '../../engine/report/verify-text.ts';

const ASSET = unsafeAssetName('trend');
const DAY = 19_737;

function difference(changes: Partial<Difference>): Difference {
  return {
    asset: ASSET,
    day: DAY,
    cause: 'alone',
    rows: 5,
    rowsRecorded: 5,
    rowsAlone: 5,
    differing: undefined,
    message: undefined,
    ...changes,
  };
}

function render(differences: readonly Difference[], changes: Partial<Verification> = {}): string {
  const result: Verification = {
    target: 'local',
    seed: 7,
    verified: new Map([[ASSET, 30]]),
    differences,
    leftOut: [],
    isAsLastRunLeftIt: true,
    ...changes,
  };
  return renderVerification(result, {
    scope: { file: undefined, target: undefined },
    paint: paintFor(false),
    quiet: false,
    // Only its file matters to the text.
    assetOf: () => ({ file: 'assets/reports/trend.sql' }) as CompiledAsset,
  });
}

describe('the report of a verification', () => {
  test('is one line when nothing differs and nothing was left out', () => {
    expect(render([])).toBe('verified 30 partitions of 1 asset (seed 7): 0 differences\n');
  });

  test('names the place in a list where its values begin to differ', () => {
    const batch = Array.from({ length: 80 }, (_, at) => at);
    const values = { batch, alone: batch.with(70, -1) };
    const example = { type: 'value', key: { id: 'a' }, column: 'features', ...values } as const;
    const text = render([difference({ differing: { keys: 3, examples: [example] } })]);
    expect(text).toContain('    id a: features[70] 70 in the batch, -1 alone\n');
    expect(text).toContain('    and 2 more rows\n');
  });

  test('names rows that only one side has', () => {
    const example = { type: 'row', key: { id: null, n: 4 }, onlyIn: 'alone' } as const;
    const text = render([difference({ differing: { keys: 1, examples: [example] } })]);
    expect(text).toContain('    id NULL, n 4: only alone\n');
  });

  test('lists a few partitions of an asset and counts the others', () => {
    const text = render(Array.from({ length: 12 }, (_, at) => difference({ day: DAY + at })));
    expect(text).toContain('trend: 12 of 30 partitions differ\n  2024-01-15: 5 rows');
    expect(text).toContain('  and 7 more partitions, all of them with --json\n');
  });

  test('says why a partition could not be made alone', () => {
    const unknown = { rows: undefined, rowsAlone: undefined };
    const text = render([difference({ cause: 'failed', message: 'division by zero', ...unknown })]);
    expect(text).toContain('  2024-01-15: it cannot be made alone: division by zero\n');
    expect(text).toContain('this partition alone could not: assets/reports/trend.sql\n');
  });

  test('suspects upstream rows too when something else than a run wrote to the warehouse', () => {
    const text = render([difference({})], { isAsLastRunLeftIt: false });
    expect(text).toContain('or rows upstream were changed in the warehouse since the last run\n');
  });

  test('tells a wrong record from wrong rows', () => {
    const text = render([difference({ cause: 'record' })]);
    expect(text).toContain('5 alone, the same ones; another data version is recorded\n');
    expect(text).toContain('fastbreak materialize trend --partitions 2024-01-15 --force\n');
  });
});
