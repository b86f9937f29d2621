import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allPlays, health, measuredFiles, validate } from '../health/measured-project.ts';
import { TestProject } from '../support/project.ts';
import { CHROMIUM, WITHOUT_CHROMIUM } from './chromium.ts';

interface Health {
  readonly average: number;
  readonly classes: Readonly<Record<string, number>>;
  readonly worst: readonly {
    readonly date: string;
    readonly score: number;
    readonly reasons: readonly string[];
  }[];
  readonly dates: readonly { readonly date: string; readonly score: number }[];
}

/** 12 dates without plays, two with half of them. */
function faultyPlays() {
  const lost = new Set(
    Array.from({ length: 12 }, (_, at) => `2023-11-${String(4 + at).padStart(2, '0')}`),
  );
  return allPlays().filter(
    ({ date, game }) => !lost.has(date) && !(date.startsWith('2022-12-1') && game % 2 === 0),
  );
}

interface Opened {
  readonly page: Page;
  readonly messages: readonly string[];
  readonly requests: readonly string[];
}

const SCREEN = { width: 1280, height: 800 };

describe.skipIf(CHROMIUM === undefined)(`the health page in a browser${WITHOUT_CHROMIUM}`, () => {
  let browser: Browser;
  let report: Health;
  let findings: { readonly severity: string }[];
  let url: string;
  let project: TestProject;
  let page: Opened;

  beforeAll(async () => {
    const rules =
      'health: { components: { loaded: { ratio: { of: plays.game, per: games } }, made: { complete: [totals, form] } } }\n';
    project = new TestProject(mkdtempSync(join(tmpdir(), 'fastbreak-page-')));
    project.writeAll(measuredFiles({ plays: faultyPlays(), rules }));
    await project.materialize();
    const { out } = await health(project, { html: 'health.html' });
    report = JSON.parse(out) as Health;
    findings = [...(await validate(project)).document.findings];
    url = pathToFileURL(project.path('health.html')).href;
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
    page = await openPage('light');
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(project.root, { recursive: true, force: true });
  });

  async function openPage(colorScheme: 'light' | 'dark'): Promise<Opened> {
    const opened = await browser.newPage({ viewport: SCREEN, colorScheme });
    const [messages, requests]: [string[], string[]] = [[], []];
    opened.on('console', (message) => messages.push(message.text()));
    opened.on('pageerror', (error) => messages.push(String(error)));
    opened.on('request', (request) => requests.push(request.url()));
    await opened.goto(url);
    return { page: opened, messages, requests };
  }

  test('loads without a message on the console and without a request beyond itself', () => {
    expect(page.messages).toEqual([]);
    expect(page.requests).toEqual([url]);
  });

  test('shows the ten worst dates with their scores and reasons on the first screen', async () => {
    const shown = await read<readonly { readonly cells: string[]; readonly bottom: number }[]>(
      page.page,
      `[...document.querySelectorAll('section')]
        .filter((section) => section.textContent.includes('The ten worst dates'))
        .flatMap((section) => [...section.querySelectorAll('tbody tr')])
        .map((row) => ({
          cells: [...row.querySelectorAll('td')].map((cell) => cell.textContent),
          bottom: row.getBoundingClientRect().bottom,
        }))`,
    );
    expect(shown.length).toBe(10);
    expect(shown.map(({ cells }) => cells.slice(1, 3))).toEqual(
      report.worst.map(({ date, score }) => [date, score.toFixed(1)]),
    );
    expect(shown.map(({ cells }) => cells.at(-1))).toEqual(
      report.worst.map(({ reasons }) => reasons.join('; ')),
    );
    expect(Math.max(...shown.map(({ bottom }) => bottom))).toBeLessThanOrEqual(SCREEN.height);
  });

  test('has a cell for every date, coloured by its class, the worst ones framed', async () => {
    const cells = await read<readonly object[]>(
      page.page,
      `[...document.querySelectorAll('svg g[data-day]')].map((group) => ({
        date: group.getAttribute('data-day'),
        tone: group.querySelector('rect').getAttribute('class'),
        isMarked: group.querySelector('rect.mark') !== null,
      }))`,
    );
    const toneOf = (score: number): string =>
      score >= 90 ? 'best' : score >= 70 ? 'good' : score >= 50 ? 'fair' : 'poor';
    const worst = new Set(report.worst.map(({ date }) => date));
    expect(cells).toEqual(
      report.dates.map(({ date, score }) => ({
        date,
        tone: toneOf(score),
        isMarked: worst.has(date),
      })),
    );
    expect(await page.page.locator('svg .title').allTextContents()).toEqual([
      'season 2022',
      'season 2023',
    ]);
  });

  test('says the numbers of the JSON', async () => {
    const tiles = await page.page.locator('.tile b').allTextContents();
    const { excellent, good, fair, poor } = report.classes;
    expect(tiles.slice(0, 5)).toEqual(
      [report.average.toFixed(1), excellent, good, fair, poor].map(String),
    );
    const errors = findings.filter(({ severity }) => severity === 'error').length;
    expect(errors).toBeGreaterThan(0);
    expect(await page.page.locator('.tile').last().textContent()).toContain(
      `validation: ${errors} errors`,
    );
    expect(tiles.at(-1)).toBe('FAILED');
  });

  test('can be read in the dark: text and ground differ, and both are other colours than by day', async () => {
    const colors = (of: Page): Promise<readonly string[]> =>
      read(
        of,
        `(({ color, backgroundColor }) => [color, backgroundColor])(getComputedStyle(document.body))`,
      );
    const { page: dark } = await openPage('dark');
    const [light, night] = [await colors(page.page), await colors(dark)];
    expect(contrast(light)).toBeGreaterThan(7);
    expect(contrast(night)).toBeGreaterThan(7);
    expect(night[1]).not.toBe(light[1]);
  });

  test('fits a telephone: only tables and pictures scroll sideways', async () => {
    await page.page.setViewportSize({ width: 390, height: 800 });
    const width = await read<number>(page.page, 'document.documentElement.scrollWidth');
    await page.page.setViewportSize(SCREEN);
    expect(width).toBe(390);
  });
});

/** What an expression comes to in the page; as text, since the tests know nothing of the browser's types. */
async function read<Value>(page: Page, expression: string): Promise<Value> {
  return (await page.evaluate(expression)) as Value;
}

/** Contrast of two colours as WCAG counts it; 7 is its strictest demand on text. */
function contrast(colors: readonly string[]): number {
  const [a = 0, b = 0] = colors.map(luminance);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map((text) => {
    const part = Number(text) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
