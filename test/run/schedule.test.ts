import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AssetName, unsafeAssetName } from '../../engine/ids.ts';
import { allOver, inGraphOrder, prerequisitesOf } from '../../engine/run/schedule.ts';
import { Slots } from '../../engine/run/slots.ts';
import { executionOrder } from '../../engine/staleness/calendar-state.ts';
import { newProject } from '../support/project.ts';
import { propertyRuns, seededRandom } from '../support/seeded.ts';
import { READINGS_YAML, readings } from './readings-project.ts';

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const name = (index: number): AssetName => unsafeAssetName(`a${index}`);

describe('what an asset waits for', () => {
  async function prerequisites(yaml: string): Promise<Record<string, readonly string[]>> {
    const project = newProject({
      'pipeline.yaml': yaml,
      'data/readings.csv': readings(['1']),
      'assets/reports/numbers.sql': 'SELECT day, CAST(value AS INT64) AS value FROM readings\n',
      'assets/reports/doubled.sql': 'SELECT day, value * 2 AS value FROM numbers\n',
      'assets/reports/before.sql': `SELECT p.partition_date AS day, SUM(n.value) AS value
FROM partitions AS p JOIN numbers AS n ON n.day < p.partition_date GROUP BY 1\n`,
    });
    const { pipeline } = await project.open();
    return Object.fromEntries(prerequisitesOf(pipeline, executionOrder(pipeline)));
  }

  test('is its upstream, and the asset that its calendar is read from', async () => {
    expect(await prerequisites(READINGS_YAML)).toEqual({
      readings: [],
      numbers: ['readings'],
      doubled: ['numbers', 'readings'],
      before: ['numbers', 'readings'],
    });
  });

  test('is not an asset downstream of it, although its calendar is read from that', async () => {
    const yaml = READINGS_YAML.replace('asset: readings', 'asset: numbers');
    expect(await prerequisites(yaml)).toEqual({
      readings: [],
      numbers: ['readings'],
      doubled: ['numbers'],
      before: ['numbers'],
    });
  });

  test('is no calendar where its partitions are of none', async () => {
    const yaml = READINGS_YAML.replace(
      '  dates: { calendar: dates }',
      '  dates: { calendar: dates }\n  daily: { every: day, from: 2024-01-01, to: 2024-01-02 }',
    ).replace('upstream: { numbers: same }', 'partitions: daily\n    upstream: { numbers: same }');
    expect(await prerequisites(yaml)).toMatchObject({ doubled: ['numbers'] });
  });
});

test('the first error in the order of the work is thrown, when all of it is over', async () => {
  const late = Promise.withResolvers<never>();
  let isOver = false;
  const all = allOver([late.promise, Promise.reject(new Error('sooner, but second'))]);
  const seen = all.catch((error: unknown) => {
    isOver = true;
    return error;
  });
  await turn();
  expect(isOver).toBe(false);
  late.reject(new Error('first'));
  expect(await seen).toMatchObject({ message: 'first' });
});

test('where work throws, what depends on it is not begun, and the rest comes to its end', async () => {
  const began: string[] = [];
  const needs = new Map([
    [name(1), [name(0)]],
    [name(3), [name(2)]],
  ]);
  const work = async (asset: AssetName): Promise<void> => {
    began.push(asset);
    await turn();
    if (asset === name(0)) throw new Error('bad');
  };
  const names = [0, 1, 2, 3].map(name);
  await expect(inGraphOrder(names, needs, work)).rejects.toThrow('bad');
  expect(began).toEqual(['a0', 'a2', 'a3']);
});

/** Assets in order, each with the earlier ones that it needs, its steps and its pool; a step may fail. */
interface Shape {
  readonly limit: number;
  readonly assets: readonly {
    readonly needs: readonly number[];
    readonly steps: number;
    readonly pool: number;
    readonly failsAt: number | undefined;
  }[];
  readonly isFailFast: boolean;
  readonly seed: number;
}

const POOLS = [undefined, 'one', 'two', 'four'] as const;
const LIMITS = new Map([
  ['one', 1],
  ['two', 2],
  ['four', 4],
]);

const shapes: fc.Arbitrary<Shape> = fc.record({
  limit: fc.integer({ min: 1, max: 5 }),
  assets: fc
    .array(
      fc.record({
        needs: fc.array(fc.nat(), { maxLength: 3 }),
        steps: fc.nat(5),
        pool: fc.nat(POOLS.length - 1),
        failsAt: fc.option(fc.nat(5), { nil: undefined, freq: 4 }),
      }),
      { minLength: 1, maxLength: 10 },
    )
    .map((assets) =>
      assets.map((asset, at) => ({
        ...asset,
        needs: at === 0 ? [] : [...new Set(asset.needs.map((need) => need % at))],
      })),
    ),
  isFailFast: fc.boolean(),
  seed: fc.nat(),
});

interface Running {
  readonly asset: number;
  readonly pool: string | undefined;
  readonly end: () => void;
}

/** Runs a graph whose steps end one at a time, in random order; tells what began and what was wrong meanwhile. */
class Simulation {
  readonly began: string[] = [];
  readonly notBegun: string[] = [];
  readonly wrong: string[] = [];
  readonly #shape: Shape;
  readonly #running = new Map<string, Running>();
  readonly #over = new Set<number>();
  readonly #slots: Slots;
  #hasFailed = false;

  constructor(shape: Shape) {
    this.#shape = shape;
    const mayBegin = (): boolean => !(shape.isFailFast && this.#hasFailed);
    this.#slots = new Slots({ limit: shape.limit, pools: LIMITS, mayBegin });
  }

  async run(): Promise<void> {
    const { assets, seed } = this.#shape;
    const needs = new Map(assets.map((asset, at) => [name(at), asset.needs.map(name)]));
    let isDone = false;
    const names = assets.map((_, at) => name(at));
    const done = inGraphOrder(names, needs, (asset) => this.#asset(names.indexOf(asset))).then(
      () => (isDone = true),
    );
    const random = seededRandom(seed);
    for (let idle = 0; !isDone && idle < 20;) {
      await turn();
      const running = [...this.#running.keys()];
      const chosen = running[Math.floor(random() * running.length)];
      // What runs may be none for a moment; never for long.
      idle = chosen === undefined ? idle + 1 : 0;
      if (chosen !== undefined) this.#running.get(chosen)?.end();
    }
    if (!isDone) this.wrong.push('nothing runs, but not all is done');
    else await done;
  }

  async #asset(at: number): Promise<void> {
    const { needs = [], steps = 0, pool } = this.#shape.assets[at] ?? {};
    if (needs.some((need) => !this.#over.has(need))) this.wrong.push(`a${at} before its upstream`);
    const inPool = POOLS[pool ?? 0];
    await Promise.all(
      Array.from({ length: steps }, async (_, step) => {
        const which = `a${at} ${step}`;
        const place = { order: at, pool: inPool };
        const result = await this.#slots.run(place, () => this.#step(at, step, inPool));
        if (result === undefined) this.notBegun.push(which);
      }),
    );
    this.#over.add(at);
  }

  async #step(asset: number, step: number, pool: string | undefined): Promise<object> {
    const which = `a${asset} ${step}`;
    this.began.push(which);
    if (this.#shape.isFailFast && this.#hasFailed) this.wrong.push(`${which} after a failure`);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#running.set(which, { asset, pool, end: resolve });
    const running = [...this.#running.values()];
    if (running.length > this.#shape.limit) this.wrong.push('more than the limit');
    const ofPool = running.filter((each) => each.pool === pool).length;
    if (pool !== undefined && ofPool > (LIMITS.get(pool) ?? 0)) this.wrong.push(`pool ${pool}`);
    await promise;
    this.#running.delete(which);
    if (this.#shape.assets[asset]?.failsAt === step) this.#hasFailed = true;
    return {};
  }
}

test('random graphs: within the limits, upstream first, everything done, nothing new after a failure', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, async (shape) => {
      const simulation = new Simulation(shape);
      await simulation.run();
      expect(simulation.wrong).toEqual([]);
      const all = shape.assets.flatMap(({ steps }, at) =>
        Array.from({ length: steps }, (_, step) => `a${at} ${step}`),
      );
      expect([...simulation.began, ...simulation.notBegun].toSorted()).toEqual(all.toSorted());
      const hasFailure = shape.assets.some(({ failsAt = 9, steps }) => failsAt < steps);
      if (!shape.isFailFast || !hasFailure) expect(simulation.notBegun).toEqual([]);
    }),
    propertyRuns(200),
  );
});

test('random graphs with a limit of 1 run in the given order', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, async (shape) => {
      const simulation = new Simulation({ ...shape, limit: 1, isFailFast: false });
      await simulation.run();
      const inOrder = shape.assets.flatMap(({ steps }, at) =>
        Array.from({ length: steps }, (_, step) => `a${at} ${step}`),
      );
      expect(simulation.began).toEqual(inOrder);
    }),
    propertyRuns(100),
  );
});
