import { describe, expect, test } from 'vitest';
import type { CompiledAsset } from '../../engine/compile/compiled.ts';
import { unsafeAssetName } from '../../engine/ids.ts';
import { formatDay, UNPARTITIONED } from '../../engine/partitions/date.ts';
import { daySetOf } from '../../engine/partitions/subset.ts';
import { buildPlan, isNothingToDo } from '../../engine/plan/build.ts';
import type { PlanRequest } from '../../engine/plan/plan.ts';
import { LiveSnapshot } from '../../engine/run/live.ts';
import { packInputs } from '../../engine/staleness/input-version.ts';
import { evaluateGraph } from '../../engine/staleness/status.ts';
import { calendarOf, day } from '../partitions/shapes.ts';
import { codeOf, compiledAsset, compiledPipeline, reads } from '../staleness/pipelines.ts';

const CALENDAR = calendarOf([
  ['2024-01-01', 's'],
  ['2024-01-02', 's'],
  ['2024-01-03', 's'],
  ['2024-01-05', 's'],
]);

const SCHEDULE = compiledAsset('schedule', { kind: 'source' });
const SUMMARY = compiledAsset('summary', { upstream: [reads('schedule', { type: 'same' })] });
const RUNNING = compiledAsset('running', {
  upstream: [reads('summary', { type: 'before_period' })],
  expectedEmpty: [{ type: 'first_days_of_period', days: 1, reason: 'opening' }],
});
const CHAIN = [SCHEDULE, SUMMARY, RUNNING];

class Planner {
  readonly live = new LiveSnapshot({
    codeVersions: [],
    records: new Map(),
    calendars: new Map([['dates', { ...CALENDAR, name: 'dates', fingerprint: '' }]]),
    observations: new Map(),
  });
  assets: readonly CompiledAsset[];

  constructor(assets: readonly CompiledAsset[] = CHAIN) {
    this.assets = assets;
  }

  evaluate() {
    const pipeline = compiledPipeline(this.assets);
    return evaluateGraph({ pipeline, snapshot: this.live, today: 0 });
  }

  make(name: string, dates: readonly string[], data = 1): void {
    const of = this.evaluate().assets.get(unsafeAssetName(name));
    if (!of) throw new Error(`no asset ${name}`);
    const outcomes = dates.map((date) => {
      const index = of.expected.days.indexOf(date === 'all' ? UNPARTITIONED : day(date));
      return {
        type: 'materialized' as const,
        day: of.expected.days[index] ?? 0,
        rows: 1,
        data: { hi: data, lo: data },
        input: { hi: of.inputHi[index] ?? 0, lo: of.inputLo[index] ?? 0 },
        inputs: packInputs(
          of.edges.map((edge) => edge.sums),
          index,
        ),
      };
    });
    this.live.apply(
      of.asset.name,
      of.asset.codeVersion,
      outcomes,
      outcomes.map(() => 1),
    );
  }

  makeAll(): void {
    for (const { name } of this.assets) {
      const of = this.evaluate().assets.get(name);
      const dates = Array.from(of?.expected.days ?? [], formatDay);
      this.make(name, name === 'running' ? dates.slice(1) : dates);
    }
  }

  plan(request: Partial<PlanRequest> = {}) {
    const assets = request.assets ?? new Set(this.assets.map((asset) => asset.name));
    const all = { days: undefined, force: false, only: undefined, ...request, assets };
    return buildPlan(this.evaluate(), all);
  }

  /** `asset from..to reasons` per step. */
  steps(request: Partial<PlanRequest> = {}): string[] {
    return this.plan(request).steps.map((step) => {
      const reasons = Object.entries(step.reasons)
        .filter(([, count]) => count > 0)
        .map(([reason, count]) => `${count} ${reason}`);
      return `${step.asset} ${step.days.map(formatDay).join(' ')}: ${reasons.join(', ')}`;
    });
  }
}

const names = (...list: readonly string[]) => new Set(list.map(unsafeAssetName));

describe('a plan', () => {
  test('from nothing makes everything in topological order, expected-empty dates left out', () => {
    expect(new Planner().steps()).toEqual([
      'schedule 2024-01-01 2024-01-02 2024-01-03 2024-01-05: 4 missing',
      'summary 2024-01-01 2024-01-02 2024-01-03 2024-01-05: 4 missing',
      'running 2024-01-02 2024-01-03 2024-01-05: 3 missing',
    ]);
  });

  test('with everything current holds nothing', () => {
    const planner = new Planner();
    planner.makeAll();
    expect(planner.steps()).toEqual([]);
    expect(isNothingToDo(planner.plan())).toBe(true);
  });

  test('holds what a changed partition feeds as may-change, from its window on only', () => {
    const planner = new Planner();
    planner.makeAll();
    planner.make('schedule', ['2024-01-02'], 2);
    expect(planner.steps()).toEqual([
      'summary 2024-01-02: 1 stale',
      'running 2024-01-03 2024-01-05: 2 mayChange',
    ]);
  });

  test('does not hold partitions whose required upstream is missing and not in the plan', () => {
    const planner = new Planner();
    planner.make('schedule', ['2024-01-01', '2024-01-02']);
    const plan = planner.plan({ assets: names('summary') });
    expect(plan.steps.map((step) => step.days.map(formatDay))).toEqual([
      ['2024-01-01', '2024-01-02'],
    ]);
    expect([...(plan.assets.get(unsafeAssetName('summary'))?.blocked ?? [])]).toEqual([0, 0, 1, 1]);
    expect(isNothingToDo(plan)).toBe(false);
  });

  test('counts a missing upstream that is in the plan as to be made', () => {
    const plan = new Planner().plan({ assets: names('schedule', 'summary') });
    expect([...(plan.assets.get(unsafeAssetName('summary'))?.blocked ?? [])]).toEqual([0, 0, 0, 0]);
  });

  test('of a range holds the partitions in it only', () => {
    const days = daySetOf([day('2024-01-02'), day('2024-01-04'), day('2024-01-05')]);
    expect(new Planner().steps({ days, assets: names('schedule') })).toEqual([
      'schedule 2024-01-02 2024-01-05: 2 missing',
    ]);
  });

  test('of a range holds unpartitioned assets too, of which a range says nothing', () => {
    const { partitionSet: _, partitionColumn: __, ...lookup } = compiledAsset('lookup', {});
    const days = daySetOf([day('2024-01-02')]);
    expect(new Planner([SCHEDULE, lookup]).steps({ days })).toEqual([
      'schedule 2024-01-02: 1 missing',
      'lookup all: 1 missing',
    ]);
  });

  test('with force holds what is current too, but not what is expected to be empty', () => {
    const planner = new Planner();
    planner.makeAll();
    expect(planner.steps({ force: true, assets: names('running') })).toEqual([
      'running 2024-01-02 2024-01-03 2024-01-05: 3 forced',
    ]);
  });

  test('with only missing leaves stale partitions alone', () => {
    const planner = new Planner();
    planner.makeAll();
    planner.assets = [SCHEDULE, { ...SUMMARY, codeVersion: codeOf(9) }, RUNNING];
    planner.live.remove(unsafeAssetName('summary'), new Set([day('2024-01-05')]));
    expect(planner.steps({ only: new Set(['missing']), assets: names('summary') })).toEqual([
      'summary 2024-01-05: 1 missing',
    ]);
    expect(planner.steps({ only: new Set(['stale']), assets: names('summary') })).toEqual([
      'summary 2024-01-01 2024-01-02 2024-01-03: 3 stale',
    ]);
  });

  test('never holds a frozen partition that has content', () => {
    const frozen = { ...SUMMARY, freeze: 'once' as const };
    const planner = new Planner([SCHEDULE, frozen]);
    planner.makeAll();
    planner.make('schedule', ['2024-01-02'], 2);
    planner.assets = [
      { ...SCHEDULE, codeVersion: codeOf(5) },
      { ...frozen, codeVersion: codeOf(6) },
    ];
    expect(planner.steps({ assets: names('schedule', 'summary') })).toEqual([
      'schedule 2024-01-01 2024-01-02 2024-01-03 2024-01-05: 4 stale',
    ]);
  });

  test('cuts an asset into batches of the size that it declares', () => {
    const planner = new Planner([{ ...SCHEDULE, batch: 3 }]);
    expect(planner.plan().steps.map((step) => step.days.length)).toEqual([3, 1]);
  });

  test('asked twice is the same, and asking changes nothing', () => {
    const planner = new Planner();
    planner.make('schedule', ['2024-01-01']);
    const before = structuredClone(planner.live.records);
    expect(planner.steps()).toEqual(planner.steps());
    expect(planner.live.records).toEqual(before);
  });
});
