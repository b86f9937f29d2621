import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runPage } from '../../engine/report/run-html.ts';
import { unsafeAssetName } from '../../engine/ids.ts';
import { CHROMIUM, WITHOUT_CHROMIUM } from '../html/chromium.ts';
import { beforeEvery } from '../run/warehouse-spy.ts';
import { newProject, type RunRequest, type TestProject } from '../support/project.ts';
import { ORDERS_CSV, SHOP } from '../support/shop-project.ts';
import { day } from '../partitions/shapes.ts';
import { tableUnder, textOf } from './page-tables.ts';
import { assetResult, failure, runResult } from './run-fixture.ts';

const OPEN = { ...SHOP, 'data/orders.csv': ORDERS_CSV };

/** A day on which the shop was open and nothing was sold. */
const GAP = { ...SHOP, 'data/orders.csv': ORDERS_CSV.replace(/^3,.*\n/m, '') };

/** Runs the command with a page; returns what JSON and page say. */
async function paged(project: TestProject, request: RunRequest = {}) {
  const outcome = await project.materialize({ html: 'run.html', ...request });
  return { ...outcome, page: readFileSync(project.path('run.html'), 'utf8') };
}

function cellsOf(page: string): Readonly<Record<string, string>> {
  const found = page.matchAll(/<g data-day="([^"]+)"><title>([^<]*)<\/title><rect class="(\w+)"/g);
  return Object.fromEntries([...found].map(([, date = '', , tone = '']) => [date, tone] as const));
}

describe('the page of a run', () => {
  test('that failed says in one line what the text says, why, and how to go on', async () => {
    const project = newProject(GAP);
    const { code, document, page } = await paged(project);
    expect(code).toBe(1);
    expect(textOf(page)).toMatch(/Run \S+ failed: 18 materialized, 1 expected-empty, 1 failed/);
    expect(textOf(page)).toContain(
      'Retry what failed: fastbreak materialize orders+ --partitions 2024-01-03..2024-01-06',
    );
    const [failed, ...blocked] = tableUnder(page, 'What failed, and what was blocked');
    expect(failed?.slice(0, 3)).toEqual(['failed', 'orders', '1 2024-01-03']);
    expect(failed?.[3]).toContain('EMPTY_RESULT');
    expect(failed?.[3]).toContain('declare an expected_empty rule');
    expect(blocked.map(([type, asset]) => [type, asset])).toEqual(
      expect.arrayContaining([
        ['blocked', 'daily'],
        ['blocked', 'trend'],
      ]),
    );
    expect(document.failures.length).toBeGreaterThan(2);
  });

  test('has every asset with the counts of the JSON', async () => {
    const { document, page } = await paged(newProject(GAP));
    const shown = tableUnder(page, 'Assets').map(([name, outcomes, rows]) => [
      name,
      outcomes,
      Number(rows),
    ]);
    expect(shown).toEqual(
      document.assets.map(({ name, rows, ...asset }) => {
        const counts = [
          [asset.materialized, 'materialized'],
          [asset.unchanged, 'unchanged'],
          [asset.expected_empty, 'expected-empty'],
          [asset.skipped, 'skipped'],
          [asset.failed, 'failed'],
          [asset.blocked, 'blocked'],
        ] as const;
        const some = counts.filter(([count]) => count > 0).map((words) => words.join(' '));
        return [name, some.join(', '), rows];
      }),
    );
    expect(shown.some(([, outcomes]) => String(outcomes).includes('1 failed'))).toBe(true);
  });

  test('colours every date by its worst outcome', async () => {
    const { document, page } = await paged(newProject(GAP));
    const blocked = document.failures.filter(({ status }) => status === 'blocked');
    const dates = [
      '2024-01-02',
      '2024-01-03',
      '2024-01-04',
      '2024-01-05',
      '2024-01-06',
      '2024-01-08',
    ];
    const expected = dates.map((date) => {
      if (date === '2024-01-03') return [date, 'poor'];
      return [date, blocked.some(({ partition }) => partition === date) ? 'fair' : 'best'];
    });
    expect(cellsOf(page)).toEqual(Object.fromEntries(expected));
    expect(page).toContain('2024-01-03: 1 failed (orders), ');
  });

  test('has a bar for every recorded step with its dates, and a lane for every asset', async () => {
    const project = newProject(GAP);
    const { document, page } = await paged(project);
    const reader = await project.reader();
    const [run] = reader.runs('local', 1);
    expect(run?.id).toBe(document.run_id);
    const steps = run ? reader.steps(run.id) : [];
    const bars = [...page.matchAll(/<g class="step"><title>([^<]*)<\/title>/g)].map(([, t]) => t);
    expect(bars).toHaveLength(steps.length);
    expect(bars.filter((title) => title?.startsWith('daily 2024-01-02..2024-01-08')).length).toBe(
      steps.filter(({ asset, partitions }) => asset === 'daily' && partitions > 1).length,
    );
    expect(
      bars.every((title) => /(succeeded|failed|skipped), [\d.]+ s, \d+ rows?$/.test(title ?? '')),
    ).toBe(true);
  });

  test('tells of checks that failed although the rows were published', async () => {
    const project = newProject(OPEN);
    project.edit(
      'pipeline.yaml',
      'description: Revenue per day.',
      'description: Revenue per day.\n    checks:\n      - { range: { column: orders, max: 1 }, severity: warn }',
    );
    const { page, document } = await paged(project);
    expect(document.status).toBe('succeeded');
    const [check] = tableUnder(page, 'Checks that failed');
    expect(check?.slice(0, 2)).toEqual(['warn', 'daily']);
    expect(page).not.toContain('What failed, and what was blocked');
  });

  test('of a run that had nothing to do says so', async () => {
    const project = newProject(OPEN);
    await project.materialize();
    const { page } = await paged(project);
    expect(textOf(page)).toContain('Nothing to do: everything asked for is current in local.');
    expect(tableUnder(page, 'Assets').map(([name]) => name)).toContain('daily');
    expect(page).not.toContain('Timeline');
  });

  test('of a run that was interrupted has what was done until then', async () => {
    const project = newProject(OPEN);
    const controller = new AbortController();
    await beforeEvery('stage', (call) => {
      if (call === 3) controller.abort();
    });
    const { code, page } = await paged(project, { signal: controller.signal });
    expect(code).toBe(130);
    expect(textOf(page)).toMatch(/Run \S+ was interrupted: \d+ materialized/);
    expect(textOf(page)).toContain('run the same command again to carry on');
    expect(cellsOf(page)['2024-01-02']).toBe('best');
  });

  test('of a run that an error ended is written from the record', async () => {
    const project = newProject(OPEN);
    await beforeEvery('publish', (call) => {
      if (call === 3) throw new Error('something that nobody thought of');
    });
    await expect(paged(project)).rejects.toThrow('something that nobody thought of');
    const page = readFileSync(project.path('run.html'), 'utf8');
    expect(textOf(page)).toContain('It ended early: something that nobody thought of');
    const [days] = tableUnder(page, 'Assets');
    expect(days?.[0]).toBe('days');
    expect(days?.[1]).toBe('6 materialized');
  });

  test('of a backfill is called so, with what it was billed for', () => {
    const result = runResult({
      assets: [
        assetResult('box', { materialized: 4, rows: 9, seconds: 1, bytesBilled: 20_000_000 }),
      ],
    });
    const page = runPage({ ...REPORT, result, command: 'backfill' });
    expect(page).toContain('<h1>shop: backfill 20240210T0800-ab12</h1>');
    expect(page).toContain('<b>20 MB</b><span>billed for</span>');
    expect(tableUnder(page, 'Assets')[0]?.at(-1)).toBe('20 MB');
  });

  test('says why it began nothing new, where the pipeline says when', async () => {
    const project = newProject(GAP);
    project.edit('pipeline.yaml', '\nassets:\n', '\nstop_after: { failures: 1 }\nassets:\n');
    const { document, page } = await paged(project);
    expect(document.stopped).toMatch(/^1 partition\(s\) failed/);
    expect(textOf(page)).toContain(`It stopped early: ${document.stopped}.`);
  });

  test('escapes what messages and names hold', () => {
    const failures = [failure('box', '2024-01-02', { message: '<script>alert("1")</script>' })];
    const page = runPage({ ...REPORT, result: runResult({ status: 'failed', failures }) });
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)');
  });

  test('gives steps of one asset that ran at once lanes of their own', () => {
    const step = {
      asset: unsafeAssetName('box'),
      firstDay: day('2024-01-02'),
      lastDay: day('2024-01-02'),
      partitions: 1,
      status: 'succeeded',
      rows: 1,
    };
    const steps = [
      { ...step, startedAt: 0, endedAt: 1000 },
      { ...step, startedAt: 500, endedAt: null },
      { ...step, startedAt: 1000, endedAt: 1500 },
    ];
    const page = runPage({ ...REPORT, result: runResult(), steps, at: 2000 });
    const bars = page.matchAll(/<g class="step">.*?x="([\d.]+)" y="(\d+)" width="([\d.]+)"/gs);
    const [first, third, second] = [...bars].map(([, ...numbers]) => numbers.map(Number));
    expect(first?.[1]).toBe(third?.[1]);
    expect(second?.[1]).toBeGreaterThan(first?.[1] ?? Infinity);
    // What is not over reaches to when the page was made: three times as long as the last one.
    expect((second?.[2] ?? 0) / (third?.[2] ?? 1)).toBeCloseTo(3, 1);
  });
});

const REPORT = {
  result: runResult(),
  command: 'materialize',
  pipeline: 'shop',
  scope: { file: undefined, target: undefined },
  steps: [],
  outcomes: [],
  began: '2024-02-10 08:00',
  made: '2024-02-10 08:01',
  at: 0,
};

describe('--html', () => {
  test('is refused with --dry-run, and where no file can be, before anything runs', async () => {
    const project = newProject(OPEN);
    const both = await project.error({ html: 'run.html', dryRun: true });
    expect(both.message).toBe('expected --html or --dry-run, found both');
    expect((await project.error({ html: 'no/run.html' })).code).toBe('OUTPUT_UNWRITABLE');
    expect(existsSync(project.path('.fastbreak/state.sqlite'))).toBe(false);
  });

  test('leaves no page of a run that could not start', async () => {
    const project = newProject(OPEN);
    await project.error({ html: 'run.html', selection: ['no_such_asset'] });
    expect(existsSync(project.path('run.html'))).toBe(false);
  });
});

describe.skipIf(CHROMIUM === undefined)(`the page of a run in a browser${WITHOUT_CHROMIUM}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  }, 60_000);
  afterAll(() => browser.close());

  async function opened(url: string, colorScheme: 'light' | 'dark', width: number) {
    const page: Page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const [messages, requests]: [string[], string[]] = [[], []];
    page.on('console', (message) => messages.push(message.text()));
    page.on('pageerror', (error) => messages.push(String(error)));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(url);
    const read = async <Value>(expression: string): Promise<Value> =>
      (await page.evaluate(expression)) as Value;
    return { messages, requests, read };
  }

  test('asks nobody for anything, is as wide as the screen, and its bars have the colours of their outcome', async () => {
    const project = newProject(GAP);
    await paged(project);
    const url = pathToFileURL(project.path('run.html')).href;
    const grounds = new Set<string>();
    for (const [scheme, width] of [
      ['light', 1280],
      ['dark', 1280],
      ['light', 390],
    ] as const) {
      const { messages, requests, read } = await opened(url, scheme, width);
      expect(messages).toEqual([]);
      expect(requests).toEqual([url]);
      expect(await read('document.documentElement.scrollWidth')).toBe(width);
      grounds.add(await read(`getComputedStyle(document.body).backgroundColor`));
      // Every part of an asset's bar is seen, and as wide as its share of the partitions.
      const parts = await read<
        { readonly tone: string; readonly width: number; readonly color: string }[][]
      >(
        `[...document.querySelectorAll('.track[role=img]')].map((track) => [...track.children].map((part) => ({
          tone: part.className, width: part.getBoundingClientRect().width,
          color: getComputedStyle(part).backgroundColor })))`,
      );
      expect(parts.length).toBe(4);
      for (const part of parts.flat()) expect(part.width).toBeGreaterThan(1);
      const orders = parts[1] ?? [];
      expect(orders.map(({ tone }) => tone)).toEqual(['best', 'poor']);
      expect((orders[0]?.width ?? 0) / (orders[1]?.width ?? 1)).toBeCloseTo(5, 0);
      expect(new Set(orders.map(({ color }) => color)).size).toBe(2);
    }
    expect(grounds.size).toBe(2);
  }, 60_000);
});
