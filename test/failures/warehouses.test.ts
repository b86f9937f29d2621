import { describe, expect, test } from 'vitest';
import type { FailuresRequest, Warehouse } from '../../engine/warehouse/warehouse.ts';
import { KINDS } from '../warehouse/kinds.ts';
import {
  FIRST,
  publishing,
  rowsOf,
  SECOND,
  stageAndPublish,
  staging,
  TABLE,
  TWO_DAYS,
} from '../warehouse/orders.ts';

const KIND = {
  isExpected: true,
  isCorrectable: false,
  canRetry: false,
  resolution: 'PERMANENT',
} as const;
const KINDS_OF_FAILURE = [
  { ...KIND, category: 'CLOSED', reason: "it's closed" },
  { ...KIND, category: 'UNTRACKED', reason: 'nobody knows', isExpected: false },
] as const;

/** Orders of which some are missing: day, order and kind. */
function failing(
  warehouse: Warehouse,
  found: readonly (readonly [number, string, number])[],
  changes: Partial<FailuresRequest> = {},
): FailuresRequest {
  const isGoogle = warehouse.capabilities.dialect === 'bigquery';
  const [int, text] = isGoogle ? ['INT64', 'STRING'] : ['BIGINT', 'VARCHAR'];
  const rows = found.map(
    ([day, entity, kind]) =>
      `SELECT ${day} AS day, '${entity}' AS entity, ${kind} AS kind, CAST(4 AS ${int}) AS expected_count, CAST(NULL AS ${int}) AS actual_count, CAST(NULL AS ${text}) AS missing_dates`,
  );
  const day = isGoogle ? 'UNIX_DATE(day)' : `CAST(day - DATE '1970-01-01' AS INTEGER)`;
  const relation = warehouse.stagedRelation(TABLE, 'step');
  return {
    table: TABLE,
    stage: 'step',
    asset: 'orders',
    runId: 'run-1',
    codeVersion: 'c0de',
    at: 1000,
    days: [FIRST, SECOND],
    functions: [],
    leading: `WITH _found AS (${rows.join(' UNION ALL ')}),
_present AS (SELECT ${day} AS day, CAST(id AS ${text}) AS entity FROM ${relation})`,
    kinds: KINDS_OF_FAILURE,
    ...changes,
  };
}

const OF_ORDERS = { assets: ['orders'] };

async function linesOf(warehouse: Warehouse): Promise<readonly string[]> {
  const failures = await warehouse.readFailures(OF_ORDERS, 100);
  return failures.map(
    ({ day, entity, category, resolution, runId }) =>
      `${day} ${entity} ${category} ${resolution} ${runId}`,
  );
}

describe.each(KINDS)('failures in $name', ({ place }) => {
  test('are nobody’s business before they are published, and then as they were found', async () => {
    const warehouse = await (await place()).open();
    const request = staging(warehouse, TWO_DAYS);
    const staged = await warehouse.stage(request, {});
    const found = await warehouse.stageFailures(
      failing(warehouse, [
        [FIRST, 'nine', 0],
        [FIRST, 'ten', 1],
        [SECOND, '77', -1],
      ]),
      {},
    );
    expect([...found.counts].sort((a, b) => a.entities - b.entities || a.day - b.day)).toEqual(
      expect.arrayContaining([
        { day: FIRST, category: 'CLOSED', isExpected: true, entities: 1, sample: ['nine'] },
        { day: FIRST, category: 'UNTRACKED', isExpected: false, entities: 1, sample: ['ten'] },
        { day: SECOND, category: undefined, isExpected: false, entities: 1, sample: ['77'] },
      ]),
    );
    expect(found.changed).toEqual([FIRST]);
    expect(await linesOf(warehouse)).toEqual([]);
    await warehouse.publish(publishing(request, staged, { failures: [FIRST] }), {});
    const [nine, ten] = await warehouse.readFailures(OF_ORDERS, 100);
    expect(nine).toEqual({
      asset: 'orders',
      day: FIRST,
      entity: 'nine',
      ...KINDS_OF_FAILURE[0],
      expectedCount: 4,
      actualCount: undefined,
      missingDates: [],
      runId: 'run-1',
      codeVersion: 'c0de',
      recordedAt: 1000,
      resolvedAt: undefined,
    });
    expect(ten).toMatchObject({ entity: 'ten', category: 'UNTRACKED', isExpected: false });
  });

  test('that are found again are left as they are, and resolved once there is a row', async () => {
    const warehouse = await (await place()).open();
    await stageAndPublishWith(
      warehouse,
      [
        [FIRST, 'nine', 0],
        [SECOND, '3', 1],
      ],
      { rows: TWO_DAYS.slice(0, 2), run: 'run-1' },
    );
    const again = await stageAndPublishWith(warehouse, [[FIRST, 'nine', 0]], {
      rows: TWO_DAYS,
      run: 'run-2',
    });
    expect(again).toEqual([SECOND]);
    expect(await linesOf(warehouse)).toEqual([
      `${FIRST} nine CLOSED PERMANENT run-1`,
      `${SECOND} 3 UNTRACKED RESOLVED run-1`,
    ]);
    expect(await warehouse.countFailures({ ...OF_ORDERS, onlyOpen: true })).toEqual([]);
    expect(await warehouse.countFailures({ ...OF_ORDERS, isExpected: true })).toMatchObject([
      { day: FIRST, category: 'CLOSED', entities: 1, first: 'nine' },
    ]);
    expect(await warehouse.countFailures({ assets: ['others'] })).toEqual([]);
  });

  test('go with the rows: a publish that cannot write one of them writes neither', async () => {
    const warehouse = await (await place()).open();
    await stageAndPublish(warehouse, staging(warehouse, TWO_DAYS.slice(0, 2)));
    const request = staging(warehouse, TWO_DAYS);
    const staged = await warehouse.stage(request, {});
    // No failures were staged.
    const publish = warehouse.publish(publishing(request, staged, { failures: [FIRST] }), {});
    await expect(publish).rejects.toThrow();
    expect(await rowsOf(warehouse)).toHaveLength(2);
    expect(await warehouse.readMaterializations()).toHaveLength(1);
  });

  test('are removed with their partitions', async () => {
    const warehouse = await (await place()).open();
    await stageAndPublishWith(
      warehouse,
      [
        [FIRST, 'nine', 0],
        [SECOND, 'ten', 0],
      ],
      { rows: TWO_DAYS, run: 'run-1' },
    );
    await warehouse.remove(TABLE, 'orders', [FIRST]);
    expect(await linesOf(warehouse)).toEqual([`${SECOND} ten CLOSED PERMANENT run-1`]);
  });
});

/** Stages and publishes rows with failures; returns the days whose failures changed. */
async function stageAndPublishWith(
  warehouse: Warehouse,
  found: Parameters<typeof failing>[1],
  { rows, run }: { readonly rows: typeof TWO_DAYS; readonly run: string },
): Promise<readonly number[]> {
  const request = staging(warehouse, rows);
  const staged = await warehouse.stage(request, {});
  const { changed } = await warehouse.stageFailures(failing(warehouse, found, { runId: run }), {});
  const days = changed.toSorted((a, b) => a - b);
  await warehouse.publish(publishing(request, staged, { runId: run, failures: days }), {});
  return days;
}
