import fc from 'fast-check';
import { expect } from 'vitest';
import type { CompiledAsset } from '../../engine/compile/compiled.ts';
import { type Day, UNPARTITIONED } from '../../engine/partitions/date.ts';
import { daySet } from '../../engine/partitions/subset.ts';
import { planAsset, REASON_NAMES } from '../../engine/plan/plan.ts';
import { assetsOf, Both, histories } from '../staleness/histories.ts';
import type { Model } from '../staleness/model.ts';
import { propertyTest } from '../support/property.ts';

/** What a run may be asked for. */
const requests = fc.record({
  force: fc.boolean(),
  thaw: fc.boolean(),
  only: fc.option(fc.subarray(['missing', 'stale', 'failed'] as const, { minLength: 1 }), {
    nil: undefined,
  }),
  range: fc.option(
    fc.record({ lo: fc.integer({ min: 19_720, max: 19_800 }), length: fc.nat(60) }),
    { nil: undefined },
  ),
});
type Request = typeof requests extends fc.Arbitrary<infer T> ? T : never;

/** What is to become of one partition, in the words of the command line's options. */
function naivePlan(model: Model, asset: CompiledAsset, index: number, request: Request): string {
  if (!isAskedFor(request, model.dayAt(asset, index))) return 'not asked for';
  if (model.isEmptyByCalendar(asset, index)) return 'expected to be empty';
  const status = model.status(asset, index);
  const reason = reasonOf(model, asset, index, request);
  if (reason === undefined) return status === 'expected-empty' ? 'expected to be empty' : 'skipped';
  return model.isBlocked(asset, index) ? 'blocked' : reason;
}

/** Why a partition is wanted; undefined where it is not. */
function reasonOf(
  model: Model,
  asset: CompiledAsset,
  index: number,
  { force, thaw, only }: Request,
): string | undefined {
  const status = model.status(asset, index);
  const { content } = model.partition(asset.name, model.dayAt(asset, index));
  const isFrozen = asset.freeze === 'once' && status === 'current' && content === 'rows';
  if (force) return isFrozen && !thaw ? undefined : 'forced';
  if (status === 'current' || status === 'expected-empty') return undefined;
  // One that is blocked is missing or stale besides.
  const besides = content === 'none' ? 'missing' : 'stale';
  const reason = status === 'blocked' ? besides : status;
  return only && !only.some((each) => each === reason) ? undefined : reason;
}

function isAskedFor({ range }: Request, day: Day): boolean {
  if (!range || day === UNPARTITIONED) return true;
  return range.lo <= day && day < range.lo + range.length;
}

propertyTest(
  'plans against the model',
  'after any history, what any request is to make, skips, leaves empty or finds blocked is what the model says',
  {
    cases: fc.record({ of: histories, request: requests }),
    runs: 1000,
    holds: ({ of: { list, calendar, history }, request }) => {
      const both = new Both(assetsOf(list), calendar);
      for (const edit of history) both.apply(edit);
      const evaluations = both.evaluate();
      const { force, thaw, only, range } = request;
      const days = range && daySet([{ lo: range.lo, hi: range.lo + range.length }]);
      const wanted = { assets: new Set(evaluations.keys()), days, force, thaw };
      const asked = { ...wanted, only: only && new Set(only) };
      for (const of of evaluations.values()) {
        const plan = planAsset(of, asked, new Map(), evaluations);
        const indexes = [...of.expected.days.keys()];
        const naive = indexes.map((index) => naivePlan(both.model, of.asset, index, request));
        const made = indexes.map((index) =>
          plan.blocked[index] === 1 ? 'blocked' : (REASON_NAMES[plan.reasons[index] ?? 0] ?? ''),
        );
        const left = ['skipped', 'expected to be empty', 'not asked for'];
        const notMade = naive.map((each) => (left.includes(each) ? 'none' : each));
        expect([of.asset.name, ...made]).toEqual([of.asset.name, ...notMade]);
        const count = (text: string): number => naive.filter((each) => each === text).length;
        expect([plan.skipped, plan.expectedEmpty]).toEqual([
          count('skipped'),
          count('expected to be empty'),
        ]);
      }
    },
  },
);
