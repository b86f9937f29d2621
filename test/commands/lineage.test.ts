import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runLineage } from '../../engine/commands/lineage.ts';
import type { LineageOptions } from '../../engine/commands/lineage.ts';
import type { GlobalOptions } from '../../engine/commands/context.ts';
import { PipelineError } from '../../engine/errors.ts';
import { GLOBALS, newShop, testEffects } from './shop.ts';

const ALL = { selection: [], exclude: [], format: 'text', columns: false } as const;

async function lineage(folder: string, options: Partial<LineageOptions & GlobalOptions> = {}) {
  const effects = testEffects(folder);
  const code = await runLineage({ ...GLOBALS, ...ALL, ...options }, effects);
  return { code, out: effects.out(), err: effects.err() };
}

describe('fastbreak lineage', () => {
  test('prints a tree with windows', async () => {
    const { code, out } = await lineage(await newShop());
    expect(code).toBe(0);
    expect(out).toBe(
      [
        'orders  raw · source · order_dates',
        '└── daily_revenue  [same]  reports · sql · order_dates',
        '    └── revenue_trend  [before 7 days]  reports · sql · order_dates',
        '',
      ].join('\n'),
    );
  });

  test('shows only the selection, and how to see more of one asset', async () => {
    const folder = await newShop();
    const { out, err } = await lineage(folder, { selection: ['daily_revenue'] });
    expect(out).toBe('daily_revenue  reports · sql · order_dates\n');
    expect(err).toContain('fastbreak lineage +daily_revenue+');
    const more = await lineage(folder, { selection: ['+revenue_trend'], exclude: ['orders'] });
    expect(more.out.split('\n').map((line) => line.split('  ')[0])).toEqual([
      'daily_revenue',
      '└── revenue_trend',
      '',
    ]);
  });

  test('follows columns through the SQL', async () => {
    const { out } = await lineage(await newShop(), { columns: true, json: true });
    const { edges } = JSON.parse(out) as { edges: { source: string; target: string }[] };
    const into = (target: string) =>
      edges.filter((edge) => edge.target === target).map((edge) => edge.source);
    expect(into('daily_revenue.revenue')).toEqual(['orders.quantity', 'orders.unit_price']);
    expect(into('revenue_trend.revenue_7d_max')).toEqual(['daily_revenue.revenue']);
  });

  test('follows columns through a union into each of its members', async () => {
    const folder = await newShop();
    addUnion(folder);
    const { out } = await lineage(folder, { columns: true, json: true });
    const { edges } = JSON.parse(out) as { edges: { source: string; target: string }[] };
    const into = edges.filter((edge) => edge.target === 'combined.amount');
    expect(into.map((edge) => edge.source).sort()).toEqual(['north.amount', 'south.amount']);
  });

  test('follows a column only into the members of the union that have it', async () => {
    const folder = await newShop();
    addUnion(folder);
    const file = join(folder, 'pipeline.yaml');
    const yaml = readFileSync(file, 'utf8').replace(
      'halves: { tag: half }',
      'halves: { tag: half, columns: all }',
    );
    // The last member, south, has pieces instead of an amount.
    const at = yaml.lastIndexOf('  south:');
    const south = yaml.slice(at).replace('- amount:', '- pieces:');
    writeFileSync(file, yaml.slice(0, at) + south);
    const sql = join(folder, 'assets/reports/south.sql');
    writeFileSync(sql, readFileSync(sql, 'utf8').replace('AS amount', 'AS pieces'));
    const { out } = await lineage(folder, { columns: true, json: true });
    const { edges } = JSON.parse(out) as { edges: { source: string; target: string }[] };
    const into = (target: string) =>
      edges.filter((edge) => edge.target === target).map((edge) => edge.source);
    expect(into('combined.amount')).toEqual(['north.amount']);
    expect(into('combined.order_id').sort()).toEqual(['north.order_id', 'south.order_id']);
  });

  test('writes a file whose ending names the format', async () => {
    const folder = await newShop();
    const { out, err } = await lineage(folder, { out: 'graph.gexf' });
    expect(out).toBe('');
    expect(err).toMatch(/^3 assets, .* in graph\.gexf\n$/);
    expect(readFileSync(join(folder, 'graph.gexf'), 'utf8')).toMatch(/^<\?xml/);
    expect(readdirSync(folder).filter((name) => name.includes('.tmp'))).toEqual([]);
  });

  test('names the nearest format', async () => {
    const failing = lineage(await newShop(), { format: 'mermiad' });
    await expect(failing).rejects.toThrow('unknown format "mermiad", did you mean "mermaid"?');
    await expect(failing).rejects.toMatchObject({
      hint: 'formats: text, dot, mermaid, json, gexf, openlineage, html',
    });
  });

  test('says which folder is not there', async () => {
    const failing = lineage(await newShop(), { out: 'no/such/graph.dot' });
    await expect(failing).rejects.toThrow(/there is no folder .*no\/such/);
    await expect(failing).rejects.toBeInstanceOf(PipelineError);
  });
});

function addUnion(folder: string): void {
  const file = join(folder, 'pipeline.yaml');
  const member = (name: string) => `
  ${name}:
    group: reports
    description: Half of the orders.
    key: [order_id]
    tags: [half]
    upstream: { orders: same }
    columns:
      - order_id: { type: INT64, description: Order }
      - order_date
      - amount: { type: INT64, description: Pieces }
`;
  const yaml = readFileSync(file, 'utf8').replace(
    'assets:\n',
    'unions:\n  halves: { tag: half }\n\nassets:\n',
  );
  const combined = member('combined').replace(
    'tags: [half]\n    upstream: { orders: same }',
    'upstream: { halves: same }',
  );
  writeFileSync(file, `${yaml}${member('north')}${member('south')}${combined}`);
  mkdirSync(join(folder, 'assets/reports'), { recursive: true });
  const write = (name: string, relation: string, column: string) =>
    writeFileSync(
      join(folder, `assets/reports/${name}.sql`),
      `SELECT o.order_id, p.partition_date AS order_date, o.${column} AS amount
       FROM partitions AS p JOIN ${relation} AS o ON o.order_date = p.partition_date\n`,
    );
  write('north', 'orders', 'quantity');
  write('south', 'orders', 'quantity');
  write('combined', 'halves', 'amount');
}
