import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type AssetPlan,
  findBlocker,
  planAsset,
  type PlanRequest,
  REASON,
  stepsOf,
} from '../../engine/plan/plan.ts';
import { isBlocking, STATUS } from '../../engine/staleness/status.ts';
import { assetsOf, Both, histories } from '../staleness/histories.ts';
import { propertyRuns } from '../support/seeded.ts';

/** The plan of every asset as a run makes it, its upstream being done, after a random history. */
function plansAfter(
  history: Parameters<Parameters<typeof histories.map>[0]>[0],
  change: Partial<PlanRequest> = {},
) {
  const both = new Both(assetsOf(history.list), history.calendar);
  for (const edit of history.history) both.apply(edit);
  const evaluations = both.evaluate();
  const assets = new Set(evaluations.keys());
  const request = { assets, days: undefined, force: false, only: undefined, ...change };
  const plans = Array.from(evaluations.values(), (of) =>
    planAsset(of, request, new Map(), evaluations),
  );
  return { plans, evaluations, model: both.model };
}

function plannedOf(plan: AssetPlan): number[] {
  return [...plan.reasons.keys()].filter((index) => plan.reasons[index] !== REASON.none);
}

test('every expected partition is to be made, blocked, skipped or expected to be empty: one of them', () => {
  fc.assert(
    fc.property(histories, fc.boolean(), (history, force) => {
      for (const plan of plansAfter(history, { force }).plans) {
        const blocked = plan.blocked.filter(Boolean).length;
        const sum = plannedOf(plan).length + blocked + plan.skipped + plan.expectedEmpty;
        expect(sum).toBe(plan.evaluation.expected.days.length);
        expect(plannedOf(plan).filter((index) => plan.blocked[index] === 1)).toEqual([]);
      }
    }),
    propertyRuns(150),
  );
});

test('what is missing, stale or failed is made unless it is blocked, and nothing else is', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const { plans, model } = plansAfter(history);
      for (const plan of plans) {
        const { asset, status } = plan.evaluation;
        const wanted = [...status.keys()].filter(
          (index) =>
            status[index] === STATUS.missing ||
            status[index] === STATUS.stale ||
            (status[index] === STATUS.failed && !model.isBlocked(asset, index)),
        );
        expect(plannedOf(plan)).toEqual(wanted);
      }
    }),
    propertyRuns(150),
  );
});

test('what is blocked names a required upstream partition in its window that is in the way', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const { plans, evaluations } = plansAfter(history);
      for (const plan of plans) {
        for (const index of plan.blocked.keys()) {
          if (plan.blocked[index] === 0) continue;
          const blocker = findBlocker(plan.evaluation, index, evaluations);
          expect(blocker && isBlocking(blocker.status)).toBe(true);
          const edge = plan.evaluation.edges.find(
            (each) =>
              each.upstream.asset === blocker?.asset &&
              !each.upstream.optional &&
              (blocker.orBefore ||
                ((each.ranges.lo[index] ?? 0) <= blocker.day &&
                  blocker.day < (each.ranges.hi[index] ?? 0))),
          );
          expect(edge).toBeDefined();
        }
      }
    }),
    propertyRuns(150),
  );
});

test('the steps of an asset hold exactly the partitions that are to be made', () => {
  fc.assert(
    fc.property(histories, (history) => {
      for (const plan of plansAfter(history, { force: true }).plans) {
        const steps = stepsOf(plan);
        expect(steps.flatMap((step) => step.indexes)).toEqual(plannedOf(plan));
        for (const step of steps) {
          const { missing, stale, failed, forced, mayChange } = step.reasons;
          expect(missing + stale + failed + forced + mayChange).toBe(step.days.length);
        }
      }
    }),
    propertyRuns(100),
  );
});
