import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { runInit } from '../../engine/commands/init.ts';
import { type LineageOptions, runLineage } from '../../engine/commands/lineage.ts';
import { GLOBALS, testEffects } from '../commands/shop.ts';
import { CHROMIUM, WITHOUT_CHROMIUM } from '../html/chromium.ts';

const NASTY = `</script><b id="planted">bold</b> "quoted" & 'more' <img src=x onerror="alert(1)">`;

/** The shop with one more upstream that is optional, and a description that tries to be markup. */
async function shopWithMore(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'fastbreak-lineage-page-'));
  await runInit({ ...GLOBALS, dir: '.' }, testEffects(folder));
  const file = join(folder, 'pipeline.yaml');
  const yaml = readFileSync(file, 'utf8')
    .replace(
      'description: One row per order, as the shop exports them.',
      `description: ${JSON.stringify(NASTY)}`,
    )
    .replace(
      '      daily_revenue: { before: { days: 7 } }\n',
      '      daily_revenue: { before: { days: 7 } }\n      orders: { window: same, optional: true }\n',
    )
    .replace('key: [order_date, category]', 'key: [order_date, category]\n    owner: team:shop');
  const alone = `
  countries:
    group: raw
    description: Where the shop sends to.
    partitions: none
    source: { path: data/countries.csv }
    key: [country]
    columns:
      - country: { type: STRING, from: ISO2, description: ISO code }
`;
  writeFileSync(file, `${yaml}${alone}`);
  writeFileSync(
    join(folder, 'assets/reports/revenue_trend.sql'),
    `SELECT p.partition_date AS trend_date, d.category, COUNT(*) AS days,
       AVG(d.revenue) AS revenue_7d_avg, MAX(d.revenue) AS revenue_7d_max
     FROM partitions AS p
     JOIN daily_revenue AS d ON d.order_date < p.partition_date
     LEFT JOIN orders AS o ON o.order_date = p.partition_date
     GROUP BY p.partition_date, d.category\n`,
  );
  return folder;
}

async function writePage(
  folder: string,
  name: string,
  options: Partial<LineageOptions> = {},
): Promise<string> {
  const asked = { selection: [], exclude: [], format: 'text', columns: true, out: name };
  expect(await runLineage({ ...GLOBALS, ...asked, ...options }, testEffects(folder))).toBe(0);
  return pathToFileURL(join(folder, name)).href;
}

const node = (name: string) => `a.node[data-name=${name}]`;

async function highlighted(page: Page): Promise<readonly string[]> {
  return page.evaluate<readonly string[]>(
    `[...document.querySelectorAll('a.node.on')].map((each) => each.dataset.name)`,
  );
}

describe.skipIf(CHROMIUM === undefined)(
  `the page of the graph in a browser${WITHOUT_CHROMIUM}`,
  () => {
    let browser: Browser;
    let folder: string;
    let url: string;
    const pages: Page[] = [];

    beforeAll(async () => {
      folder = await shopWithMore();
      url = await writePage(folder, 'graph.html');
      browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
    }, 120_000);
    afterEach(async () => {
      for (const page of pages.splice(0)) await page.close();
    });
    afterAll(async () => {
      await browser?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    async function open(options: BrowserContextOptions = {}, address = url) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
      pages.push(page);
      const [messages, requests]: [string[], string[]] = [[], []];
      page.on('console', (message) => messages.push(message.text()));
      page.on('pageerror', (error) => messages.push(String(error)));
      page.on('request', (request) => requests.push(request.url()));
      await page.goto(address);
      return { page, messages, requests };
    }

    test('needs nothing but itself, and runs no script but its own', async () => {
      const { page, messages, requests } = await open();
      expect(messages).toEqual([]);
      expect(requests).toEqual([url]);
      await page.evaluate(`document.body.append(Object.assign(document.createElement('script'),
      { textContent: 'document.title = "taken over"' }))`);
      expect(await page.title()).toBe('web_shop: assets and what they are made from');
      expect(messages.join()).toContain('Content Security Policy');
    });

    test('says what was declared, whatever it looks like', async () => {
      const { page } = await open();
      expect(await page.locator('#planted').count()).toBe(0);
      expect(await page.locator('main img').count()).toBe(0);
      await page.locator(node('orders')).click();
      expect(await page.locator('.chosen p').first().textContent()).toBe(NASTY);
    });

    test('draws every asset and edge, those that may be absent dashed', async () => {
      const { page } = await open();
      const edges = await page.evaluate<readonly (readonly string[])[]>(
        `[...document.querySelectorAll('path.edge')].map((edge) => [edge.dataset.from, edge.dataset.to,
        edge.querySelector('title').textContent, getComputedStyle(edge).strokeDasharray])`,
      );
      expect(edges).toEqual([
        ['orders', 'daily_revenue', 'orders → daily_revenue: same', 'none'],
        ['daily_revenue', 'revenue_trend', 'daily_revenue → revenue_trend: before 7 days', 'none'],
        ['orders', 'revenue_trend', 'orders → revenue_trend: same, optional', '5px, 4px'],
      ]);
      const box = async (name: string) => (await page.locator(node(name)).boundingBox())!;
      const [orders, revenue, trend] = await Promise.all(
        ['orders', 'daily_revenue', 'revenue_trend'].map(box),
      );
      expect(orders!.x + orders!.width).toBeLessThan(revenue!.x);
      expect(revenue!.x + revenue!.width).toBeLessThan(trend!.x);
    });

    test('names fit into their boxes', async () => {
      const { page } = await open();
      const over = await page.evaluate<readonly string[]>(
        `[...document.querySelectorAll('a.node text')].filter((text) => text.getBBox().x + text.getBBox().width
        > text.parentNode.querySelector('.box').getBBox().x + text.parentNode.querySelector('.box').getBBox().width)
        .map((text) => text.textContent)`,
      );
      expect(over).toEqual([]);
    });

    test('pointing at an asset shows what it is made from and what is made from it', async () => {
      const { page } = await open();
      await page.locator(node('daily_revenue')).hover();
      expect(await highlighted(page)).toEqual(['orders', 'daily_revenue', 'revenue_trend']);
      // The edge past the asset is no part of its story.
      expect(await page.locator('path.edge.on').count()).toBe(2);
      await page.locator(node('countries')).hover();
      expect(await highlighted(page)).toEqual(['countries']);
      await page.mouse.move(2, 2);
      expect(await highlighted(page)).toEqual([]);
      expect(await page.locator('svg.marked').count()).toBe(0);
    });

    test('choosing an asset shows what is declared of it and where its columns come from', async () => {
      const { page } = await open();
      const panel = page.locator('.chosen');
      expect(await panel.isVisible()).toBe(false);
      await page.locator(node('daily_revenue')).click();
      const facts = await panel.locator('dt, dd').allTextContents();
      expect(facts.join('|')).toBe(
        'Kind|sql|Group|reports|Table|shop_reports.daily_revenue|Made by|assets/reports/daily_revenue.sql' +
          '|Partitions|order_dates, by order_date|Key|order_date, category|Owner|team:shop',
      );
      const rows = await page.evaluate<readonly (readonly string[])[]>(
        `[...[...document.querySelectorAll('.chosen table')].at(-1).tBodies[0].rows]
          .map((row) => [...row.cells].map((cell) => cell.textContent))`,
      );
      expect(rows[4]).toEqual([
        'revenue',
        'FLOAT64, may be NULL',
        'EUR',
        'Pieces times price',
        'orders: quantity, unit_price',
      ]);
      expect(await panel.textContent()).toContain('Read by revenue_trend.');
      expect(page.url()).toBe(`${url}#asset-daily_revenue`);
      // What is chosen stays highlighted when the pointer leaves.
      await page.mouse.move(2, 2);
      expect(await page.locator('a.node.self').getAttribute('data-name')).toBe('daily_revenue');
      await panel.locator('a', { hasText: 'revenue_trend' }).first().click();
      expect(await panel.locator('h3').textContent()).toBe('revenue_trend');
      expect(await panel.textContent()).toContain('before 7 days');
      await panel.locator('button').click();
      expect(await panel.isVisible()).toBe(false);
      expect(page.url()).toBe(url);
    });

    test('a link to an asset opens it, and one to none opens nothing', async () => {
      const { page } = await open({}, `${url}#asset-countries`);
      expect(await page.locator('.chosen').textContent()).toContain(`the files' ISO2`);
      const other = await open({}, `${url}#asset-nobody`);
      expect(await other.page.locator('.chosen').isVisible()).toBe(false);
      expect(other.messages).toEqual([]);
    });

    test('the keyboard reaches everything', async () => {
      const { page } = await open();
      const focused = () => page.evaluate<string>(`document.activeElement.dataset.name ?? ''`);
      await page.locator('input').focus();
      // The part that scrolls is a stop of its own, so that arrow keys can scroll it.
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.className')).toBe('scroll graph');
      await page.keyboard.press('Tab');
      expect(await focused()).toBe('countries');
      await page.keyboard.press('Tab');
      expect(await focused()).toBe('orders');
      expect(await highlighted(page)).toEqual(['orders', 'daily_revenue', 'revenue_trend']);
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      expect(await focused()).toBe('revenue_trend');
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('Enter');
      expect(await page.locator('.chosen h3').textContent()).toBe(await focused());
      await page.keyboard.press('Escape');
      expect(await page.locator('.chosen').isVisible()).toBe(false);
      await page.locator(node('orders')).focus();
      await page.keyboard.press('ArrowDown');
      const below = await focused();
      await page.keyboard.press('ArrowUp');
      expect([below, await focused()].sort()).toEqual(['countries', 'orders']);
    });

    test('search finds names, descriptions and columns', async () => {
      const { page } = await open();
      const hits = () =>
        page.evaluate<readonly string[]>(
          `[...document.querySelectorAll('a.node.hit')].map((each) => each.dataset.name)`,
        );
      const search = page.locator('input[type=search]');
      await search.fill('UNIT_price');
      expect(await hits()).toEqual(['orders']);
      expect(await page.locator('[role=status]').textContent()).toBe('1 of 4 assets');
      expect(await page.locator('.assets > details:visible').count()).toBe(1);
      await search.fill('reports revenue_7d');
      expect(await hits()).toEqual(['revenue_trend']);
      await page.keyboard.press('Enter');
      expect(await page.locator('.chosen h3').textContent()).toBe('revenue_trend');
      await search.fill('nothing like it');
      expect(await page.locator('[role=status]').textContent()).toBe('0 of 4 assets');
      await page.keyboard.press('Escape');
      expect(await search.inputValue()).toBe('');
      expect(await page.locator('.assets > details:visible').count()).toBe(4);
    });

    test('without scripts it is a picture and a list that links lead into', async () => {
      const { page } = await open({ javaScriptEnabled: false });
      expect(await page.locator(node('orders')).isVisible()).toBe(true);
      expect(await page.locator('input').isVisible()).toBe(false);
      expect(await page.locator('.chosen').isVisible()).toBe(false);
      await page.locator(node('countries')).click();
      expect(page.url()).toBe(`${url}#asset-countries`);
      const item = page.locator('#asset-countries');
      await item.locator('summary').click();
      expect(await item.locator('.about').isVisible()).toBe(true);
      expect(await item.locator('.about').textContent()).toContain('Where the shop sends to.');
    });

    test('groups are told apart by colour, alike in graph and legend, in light and dark', async () => {
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page } = await open({ colorScheme });
        const [tints = [], swatches = [], [card] = []] = await page.evaluate<readonly string[][]>(
          `(() => {
          const style = (selector, key) => [...document.querySelectorAll(selector)].map((each) => getComputedStyle(each)[key]);
          return [['orders', 'daily_revenue'].map((name) => style('a.node[data-name=' + name + '] .tint', 'fill')[0]),
            style('.legend i.swatch', 'backgroundColor'), style('#graph', 'backgroundColor')];
        })()`,
        );
        expect(tints).toEqual(swatches);
        expect(new Set([...tints, card]).size).toBe(3);
      }
    });

    test('does not scroll sideways on a phone', async () => {
      const { page } = await open({ viewport: { width: 375, height: 800 } });
      await page.locator(node('daily_revenue')).click();
      const width = await page.evaluate<number>('document.documentElement.scrollWidth');
      expect(width).toBeLessThanOrEqual(375);
    });

    test('shows the selection, with names in place of links to what it leaves out', async () => {
      const part = await writePage(folder, 'part.html', {
        selection: ['daily_revenue'],
        columns: false,
      });
      const { page } = await open({}, part);
      expect(await page.locator('a.node').count()).toBe(1);
      expect(await page.locator('path.edge').count()).toBe(0);
      expect(await page.locator('header p').textContent()).toContain('1 of 4 assets.');
      await page.locator(node('daily_revenue')).click();
      const panel = page.locator('.chosen');
      expect(await panel.textContent()).toContain('orders');
      expect(await panel.locator('a').count()).toBe(0);
      expect(await panel.textContent()).not.toContain('Made from');
    });

    test('says so when nothing is selected', async () => {
      const none = await writePage(folder, 'none.html', {
        selection: ['orders'],
        exclude: ['orders'],
      });
      const { page, messages } = await open({}, none);
      expect(await page.locator('main').textContent()).toContain('No asset is selected.');
      expect(messages).toEqual([]);
    });
  },
);
