import { describe, expect, test } from 'vitest';
import { UNPARTITIONED } from '../../engine/partitions/date.ts';
import type { Warehouse } from '../../engine/warehouse/warehouse.ts';
import { KINDS, type Place } from './kinds.ts';
import {
  column,
  FIRST,
  publishing,
  rowsOf,
  SECOND,
  stageAndPublish,
  staging,
  TABLE,
  TWO_DAYS,
} from './orders.ts';

const UNPARTITIONED_TABLE = { ...TABLE, partitionColumn: undefined };

describe.each(KINDS)('publishing in $name', ({ place }) => {
  test.each([false, true])(
    'replaces the partitions given, the table taken over: %s',
    async (replacesAll) => {
      const warehouse = await (await place()).open();
      await stageAndPublish(warehouse, staging(warehouse, TWO_DAYS, { replacesAll }));
      expect(await rowsOf(warehouse)).toEqual(TWO_DAYS);
      await stageAndPublish(warehouse, staging(warehouse, [['2024-01-02', 4, 4]]));
      expect(await rowsOf(warehouse)).toEqual([TWO_DAYS[0], TWO_DAYS[1], ['2024-01-02', 4, 4]]);
    },
  );

  test('leaves out staged partitions that are not to be replaced', async () => {
    const warehouse = await (await place()).open();
    const only = { replace: [SECOND], materializations: [] };
    await stageAndPublish(warehouse, staging(warehouse, TWO_DAYS), only);
    expect(await rowsOf(warehouse)).toEqual([TWO_DAYS[2]]);
    expect(await warehouse.readMaterializations()).toEqual([]);
  });

  test('empties partitions for which nothing was staged, and says why they are empty', async () => {
    const warehouse = await (await place()).open();
    await stageAndPublish(warehouse, staging(warehouse, TWO_DAYS));
    const none = staging(warehouse, TWO_DAYS);
    const request = { ...none, select: `SELECT * FROM (${none.select}) AS _a WHERE id > 99` };
    const zero = { hi: 0, lo: 0 };
    const row = { day: SECOND, rows: 0, data: zero, input: zero, inputs: new Uint8Array() };
    await stageAndPublish(warehouse, request, {
      replace: [SECOND],
      materializations: [{ ...row, reason: `nobody's "turn"` }],
    });
    expect(await rowsOf(warehouse)).toEqual([TWO_DAYS[0], TWO_DAYS[1]]);
    const claim = (await warehouse.readMaterializations()).find((each) => each.day === SECOND);
    expect(claim).toMatchObject({ rows: 0, reason: `nobody's "turn"` });
  });

  test('of rows that came out the same renews their claims only', async () => {
    const warehouse = await (await place()).open();
    await stageAndPublish(warehouse, staging(warehouse, TWO_DAYS));
    // What would be written again is told by rows that differ.
    const others = staging(warehouse, [['2024-01-01', 9, 9]]);
    await stageAndPublish(warehouse, others, { replace: [], runId: 'run-2' });
    expect(await rowsOf(warehouse)).toEqual(TWO_DAYS);
    const claims = await warehouse.readMaterializations();
    expect(claims.find((each) => each.day === FIRST)?.runId).toBe('run-2');
  });

  test('writes all of an unpartitioned table anew', async () => {
    const warehouse = await (await place()).open();
    const table = UNPARTITIONED_TABLE;
    await stageAndPublish(warehouse, staging(warehouse, TWO_DAYS, { table }));
    await stageAndPublish(warehouse, staging(warehouse, [['2024-01-03', 7, 7]], { table }));
    expect(await rowsOf(warehouse)).toEqual([['2024-01-03', 7, 7]]);
    expect(await warehouse.countRows([table])).toEqual(
      new Map([['orders', new Map([[UNPARTITIONED, 1]])]]),
    );
  });

  test('writes one claim per partition, with all that was said of it', async () => {
    const warehouse = await (await place()).open();
    await stageAndPublish(warehouse, staging(warehouse, TWO_DAYS));
    const again = staging(warehouse, [['2024-01-02', 4, 4]]);
    const source = { quick: `it's\n"quick" \\ ünd`, content: 'c' };
    const changes = { runId: 'run-2', at: 1_700_000_000_123, codeVersion: 'c2', source };
    const [staged] = await warehouse.stage(again, {});
    await warehouse.publish(publishing(again, staged ? [staged] : [], changes), {});
    const claims = (await warehouse.readMaterializations()).toSorted((a, b) => a.day - b.day);
    expect(claims).toMatchObject([
      { asset: 'orders', day: FIRST, rows: 2, runId: 'run-1', at: 1000, codeVersion: 'c0de' },
      {
        day: SECOND,
        rows: 1,
        data: staged?.data,
        input: { hi: 7, lo: 1 },
        inputs: Uint8Array.of(1, 255, 0),
        runId: 'run-2',
        at: 1_700_000_000_123,
        codeVersion: 'c2',
        source,
      },
    ]);
    expect(claims.map(({ marked, reason }) => [marked, reason])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });

  test.each([false, true])(
    'is all or nothing when it is interrupted, taken over: %s',
    async (replacesAll) => {
      const warehouse = await (await place()).open();
      await stageAndPublish(warehouse, staging(warehouse, TWO_DAYS));
      const request = staging(warehouse, [['2024-01-01', 9, 9]], { replacesAll });
      const staged = await warehouse.stage(request, {});
      const publish = warehouse.publish(publishing(request, staged, { replacesAll }), {
        signal: AbortSignal.abort(),
      });
      await expect(publish).rejects.toMatchObject({ kind: 'interrupted' });
      await warehouse.discard(TABLE, 'step');
      expect(await rowsOf(warehouse)).toEqual(TWO_DAYS);
      expect(await warehouse.readMaterializations()).toHaveLength(2);
    },
  );

  test('is there for the next process, and what was only staged is not published', async () => {
    const here = await place();
    const first = await here.open();
    await stageAndPublish(first, staging(first, TWO_DAYS));
    const rows = [['2024-01-05', 5, 5]] as const;
    await first.stage(staging(first, rows, { replacesAll: true }), {});
    await first.close();
    expect(await rowsOf(await here.open())).toEqual(TWO_DAYS);
  });
});

describe.each(KINDS)('what $name keeps beside the rows', ({ place }) => {
  const definition = {
    asset: 'orders',
    codeVersion: 'c0de',
    parts: `{"sql":"SELECT 'it''s'\\n\\u00fc"}`,
    upstream: ['a', 'b'],
  };

  test('definitions are kept once per code version', async () => {
    const here = await place();
    const warehouse = await here.open();
    await stageAndPublish(warehouse, staging(warehouse, TWO_DAYS), { definition });
    await stageAndPublish(warehouse, staging(warehouse, TWO_DAYS), { definition });
    const second = { ...definition, codeVersion: 'other', parts: '{}', upstream: [] };
    const later = await here.open();
    if (later.capabilities.dialect === 'bigquery') {
      await stageAndPublish(later, staging(later, TWO_DAYS), { definition });
    }
    await stageAndPublish(later, staging(later, TWO_DAYS), { definition: second });
    const kept = await later.readDefinitions();
    expect(kept.toSorted((a, b) => (a.codeVersion < b.codeVersion ? -1 : 1))).toEqual([
      definition,
      second,
    ]);
  });

  test('a calendar replaces the one that was read before', async () => {
    const warehouse = await (await place()).open();
    const document = JSON.stringify({ dates: ['2024-01-01'], note: `it's "quoted" \\ \n ü` });
    await warehouse.saveCalendar({ name: 'dates', document: '{}' });
    await warehouse.saveCalendar({ name: 'others', document: '[]' });
    await warehouse.saveCalendar({ name: 'dates', document });
    const found = (await warehouse.readCalendars()).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    expect(found).toEqual([
      { name: 'dates', document },
      { name: 'others', document: '[]' },
    ]);
  });

  test('marking gives claims new inputs, touches no row, and no claim of others', async () => {
    const warehouse = await (await place()).open();
    await stageAndPublish(warehouse, staging(warehouse, TWO_DAYS));
    const mark = { hi: 4_294_967_295, lo: 5 };
    const partitions = [{ day: SECOND, input: mark, inputs: Uint8Array.of(9) }];
    const marked = { ...definition, codeVersion: 'new' };
    const source = { quick: 'q', content: 'c' };
    const request = { asset: 'orders', runId: 'run-9', codeVersion: 'new', at: 5000 };
    await warehouse.mark({ ...request, partitions, definition: marked, source });
    expect(await rowsOf(warehouse)).toEqual(TWO_DAYS);
    const [first, second] = (await warehouse.readMaterializations()).toSorted(
      (a, b) => a.day - b.day,
    );
    expect(first).toMatchObject({ codeVersion: 'c0de', marked: undefined });
    expect(second).toMatchObject({
      codeVersion: 'new',
      runId: 'run-1',
      at: 1000,
      input: mark,
      inputs: Uint8Array.of(9),
      marked: { runId: 'run-9', at: 5000 },
      source,
    });
    expect(await warehouse.readDefinitions()).toContainEqual(marked);
  });

  test('the fingerprint changes with what is written, and only then', async () => {
    const here = await place();
    const first = await here.open();
    await stageAndPublish(first, staging(first, TWO_DAYS));
    await first.close();
    const before = await first.fingerprint();
    expect(before).toBeDefined();
    const reader = await here.open({ readOnly: true });
    expect(await rowsOf(reader)).toHaveLength(3);
    await reader.close();
    expect(await reader.fingerprint()).toBe(before);
    const second = await here.open();
    await stageAndPublish(second, staging(second, [['2024-01-05', 5, 5]]));
    await second.close();
    expect(await second.fingerprint()).not.toBe(before);
  });
});

describe.each(KINDS)(
  'a table in $name whose declaration changed since it was made',
  ({ place }) => {
    async function reopened(rows = TWO_DAYS): Promise<{ warehouse: Warehouse; here: Place }> {
      const here = await place();
      const first = await here.open();
      await stageAndPublish(first, staging(first, rows));
      await first.close();
      return { warehouse: await here.open(), here };
    }

    test('gets a declared column that it lacks, and is written to with it', async () => {
      const { warehouse } = await reopened();
      const table = { ...TABLE, columns: [...TABLE.columns, column('note', 'STRING')] };
      await warehouse.ensureTable(table);
      const notes = async (): Promise<unknown> =>
        (await warehouse.query('SELECT note FROM shop.orders ORDER BY id', {})).rows;
      expect(await notes()).toEqual([[null], [null], [null]]);
      await stageAndPublish(warehouse, staging(warehouse, [['2024-01-02', 3, 1, 'x']], { table }));
      expect(await notes()).toEqual([[null], [null], ['x']]);
    });

    test.each([
      [
        'a column that is no longer declared',
        [column('day', 'DATE'), column('id', 'INT64')],
        'price',
      ],
      ['a column of another type', TABLE.columns.with(1, column('id', 'STRING')), 'id'],
      ['a list instead of a value', TABLE.columns.with(1, column('id', 'ARRAY<INT64>')), 'id'],
    ])('is refused with %s, with its name and the way out', async (_, columns, name) => {
      const { warehouse } = await reopened();
      await expect(warehouse.ensureTable({ ...TABLE, columns })).rejects.toMatchObject({
        code: 'SCHEMA_DRIFT',
        message: expect.stringMatching(new RegExp(`shop.orders.*column "?${name}"?`)) as unknown,
        hint: expect.stringMatching(/orders --force|fastbreak forget orders/) as unknown,
      });
      expect(await rowsOf(warehouse)).toEqual(TWO_DAYS);
    });

    test('ensured twice at once is made once', async () => {
      const warehouse = await (await place()).open();
      await Promise.all([warehouse.ensureTable(TABLE), warehouse.ensureTable(TABLE)]);
      expect(await rowsOf(warehouse)).toEqual([]);
    });
  },
);

describe.each(KINDS)('removing partitions from $name', ({ place }) => {
  test('takes their rows and their claims, no others', async () => {
    const warehouse = await (await place()).open();
    await stageAndPublish(warehouse, staging(warehouse, TWO_DAYS));
    await warehouse.remove(TABLE, 'orders', []);
    await warehouse.remove(TABLE, 'orders', [FIRST]);
    expect(await rowsOf(warehouse)).toEqual([TWO_DAYS[2]]);
    expect((await warehouse.readMaterializations()).map((claim) => claim.day)).toEqual([SECOND]);
    const other = { ...TABLE, name: 'never_made' };
    expect(await warehouse.countRows([TABLE, other])).toEqual(
      new Map([['orders', new Map([[SECOND, 1]])]]),
    );
  });

  test('whose table is gone takes their claims', async () => {
    const warehouse = await (await place()).open();
    await stageAndPublish(warehouse, staging(warehouse, TWO_DAYS));
    await warehouse.execute('DROP TABLE shop.orders', {});
    await warehouse.remove(TABLE, 'orders', [FIRST, SECOND]);
    expect(await warehouse.readMaterializations()).toEqual([]);
    expect(await warehouse.countRows([TABLE])).toEqual(new Map());
  });
});
