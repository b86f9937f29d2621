import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Effects, GlobalOptions } from '../../engine/commands/context.ts';
import { type LineageOptions, runLineage } from '../../engine/commands/lineage.ts';
import { type Dataset, type JobEvent, readEvents } from './openlineage-rules.ts';
import { GLOBALS, newShop, NOW, testEffects } from './shop.ts';

async function openLineage(
  folder: string,
  options: Partial<LineageOptions & GlobalOptions> = {},
  changes: Partial<Effects> = {},
) {
  const effects = testEffects(folder, changes);
  const asked = { selection: [], exclude: [], format: 'openlineage', columns: false };
  const code = await runLineage({ ...GLOBALS, ...asked, ...options }, effects);
  expect(code).toBe(0);
  return { text: effects.out(), events: readEvents(effects.out()), err: effects.err() };
}

function edit(folder: string, from: string, to: string): void {
  const file = join(folder, 'pipeline.yaml');
  const yaml = readFileSync(file, 'utf8');
  expect(yaml).toContain(from);
  writeFileSync(file, yaml.replace(from, to));
}

const nameOf = ({ namespace, name }: Dataset) => `${namespace} ${name}`;
const named = (events: readonly JobEvent[], asset: string): JobEvent => {
  const found = events.find(({ job }) => job.name === `web_shop.${asset}`);
  if (found === undefined) throw new Error(`no event of ${asset}`);
  return found;
};

const ORDERS = 'duckdb://web_shop warehouse.shop_raw.orders';
const REVENUE = 'duckdb://web_shop warehouse.shop_reports.daily_revenue';

describe('lineage --format openlineage', () => {
  test('one event per asset, from what it reads to the table that it makes', async () => {
    const folder = await newShop();
    const { events } = await openLineage(folder);
    expect(
      events.map(({ job, inputs, outputs }) => [
        `${job.namespace} ${job.name}`,
        inputs.map(nameOf),
        outputs.map(nameOf),
      ]),
    ).toEqual([
      ['fastbreak-local web_shop.orders', [`file ${join(folder, 'data/orders.csv')}`], [ORDERS]],
      ['fastbreak-local web_shop.daily_revenue', [ORDERS], [REVENUE]],
      [
        'fastbreak-local web_shop.revenue_trend',
        [REVENUE],
        ['duckdb://web_shop warehouse.shop_reports.revenue_trend'],
      ],
    ]);
    expect(events[0]?.eventTime).toBe(new Date(NOW).toISOString());
    const { version } = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    ) as { readonly version: string };
    expect(events[0]?.producer).toBe(`pkg:generic/fastbreak@${version}`);
  });

  test('no path of this machine but the names of files', async () => {
    const folder = await newShop();
    const { text } = await openLineage(folder);
    const files = text.split('\n').filter((line) => line.includes(folder));
    const wanted = JSON.stringify(join(folder, 'data/orders.csv'));
    expect(new Set(files.map((line) => line.trim().replace(/,$/, '')))).toEqual(
      new Set([`"name": ${wanted}`]),
    );
  });

  test('a table has its columns with type, unit and description', async () => {
    const { events } = await openLineage(await newShop());
    const [output] = named(events, 'daily_revenue').outputs;
    expect(output?.facets?.documentation?.description).toBe(
      'One row per day and category with the revenue of its completed orders.',
    );
    expect(output?.facets?.schema?.fields.slice(2, 4)).toEqual([
      { name: 'orders', type: 'INT64', description: 'Completed orders' },
      { name: 'pieces', type: 'INT64', description: 'Pieces sold; unit: pieces' },
    ]);
  });

  test('columns lead to the columns that they are made from, with --columns and without', async () => {
    const folder = await newShop();
    const { events, text } = await openLineage(folder);
    const fields = named(events, 'daily_revenue').outputs[0]?.facets?.columnLineage?.fields ?? {};
    const from = (column: string) =>
      fields[column]?.inputFields.map((each) => `${nameOf(each)} ${each.field}`);
    expect(from('revenue')).toEqual([`${ORDERS} quantity`, `${ORDERS} unit_price`]);
    expect(from('category')).toEqual([`${ORDERS} category`]);
    expect((await openLineage(folder, { columns: true })).text).toBe(text);
  });

  test('a source leads to the columns of its files, by the names that they have there', async () => {
    const folder = await newShop();
    edit(folder, 'product: { type: STRING,', 'product: { type: STRING, from: Artikel,');
    const { events } = await openLineage(folder, { selection: ['orders'] });
    const { inputs, outputs, job } = named(events, 'orders');
    const file = { namespace: 'file', name: join(folder, 'data/orders.csv') };
    expect(outputs[0]?.facets?.columnLineage?.fields['product']).toEqual({
      inputFields: [{ ...file, field: 'Artikel' }],
    });
    expect(inputs[0]?.facets?.schema?.fields[2]).toEqual({
      name: 'Artikel',
      description: 'Name of the product',
    });
    expect(job.facets.jobType?.['jobType']).toBe('LOAD');
    expect(job.facets.sql).toBeUndefined();
  });

  test('a job has its SQL as it was written, its description and its owner', async () => {
    const folder = await newShop();
    edit(
      folder,
      'key: [order_date, category]',
      'key: [order_date, category]\n    owner: team:shop',
    );
    const { events } = await openLineage(folder);
    const { facets } = named(events, 'daily_revenue').job;
    expect(facets.sql?.query).toBe(
      readFileSync(join(folder, 'assets/reports/daily_revenue.sql'), 'utf8'),
    );
    expect(facets.documentation?.description).toMatch(/^One row per day and category/);
    expect(facets.ownership?.owners).toEqual([{ name: 'team:shop' }]);
    expect(facets.jobType?.['jobType']).toBe('QUERY');
    expect(named(events, 'revenue_trend').job.facets.ownership).toBeUndefined();
  });

  test('what was not asked for is no job, but still an input, and described there', async () => {
    const { events } = await openLineage(await newShop(), { selection: ['daily_revenue'] });
    expect(events.map(({ job }) => job.name)).toEqual(['web_shop.daily_revenue']);
    const [orders] = events[0]?.inputs ?? [];
    expect(orders === undefined ? '' : nameOf(orders)).toBe(ORDERS);
    expect(orders?.facets?.schema?.fields).toHaveLength(8);
    // In the whole graph the event that makes the table says so, once.
    const whole = await openLineage(await newShop());
    expect(named(whole.events, 'daily_revenue').inputs[0]?.facets).toBeUndefined();
  });

  test('on BigQuery tables are project.dataset.table, and files in a bucket lie there', async () => {
    const folder = await newShop();
    const prod = "prod: { warehouse: bigquery, project: '${PROJECT:-}', dataset_prefix: stage_ }";
    edit(folder, '{ warehouse: duckdb }', `{ warehouse: duckdb }\n  ${prod}`);
    edit(folder, 'path: data/orders.csv', "path: '${SHOP_DATA}/orders.csv', format: csv");
    const env = { PROJECT: 'acme-1', SHOP_DATA: 'gs://acme-shop/exports' };
    const { events } = await openLineage(folder, { target: 'prod' }, { env });
    const { job, inputs, outputs } = named(events, 'orders');
    expect(job.namespace).toBe('fastbreak-prod');
    expect(inputs.map(nameOf)).toEqual(['gs://acme-shop exports/orders.csv']);
    expect(outputs.map(nameOf)).toEqual(['bigquery acme-1.stage_shop_raw.orders']);
    const without = openLineage(folder, { target: 'prod' }, { env: { ...env, PROJECT: '' } });
    await expect(without).rejects.toThrow(
      'expected the id of a Google Cloud project at targets.prod.project, found none',
    );
  });

  test('says which columns could not be followed, and leaves their lineage out', async () => {
    const folder = await newShop();
    edit(folder, 'key: [trend_date, category]', 'key: [trend_date, kind]');
    edit(
      folder,
      '- category\n      - days',
      '- kind: { type: STRING, description: Kind }\n      - days',
    );
    const file = join(folder, 'assets/reports/revenue_trend.sql');
    writeFileSync(
      file,
      `SELECT p.partition_date AS trend_date, 'all' AS kind, 1 AS days, 1e0 AS revenue_7d_avg,
         1e0 AS revenue_7d_max
       FROM partitions AS p
       WHERE EXISTS (SELECT 1 FROM daily_revenue AS d WHERE d.order_date < p.partition_date)\n`,
    );
    const { events, err } = await openLineage(folder);
    expect(err).toContain('the columns of revenue_trend could not be followed');
    expect(named(events, 'revenue_trend').outputs[0]?.facets?.columnLineage).toBeUndefined();
  });

  test('an empty selection is an empty array', async () => {
    const asked = { selection: ['orders'], exclude: ['orders'] };
    expect((await openLineage(await newShop(), asked)).text).toBe('[]\n');
  });
});
