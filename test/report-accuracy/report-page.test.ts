import { rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, WITHOUT_CHROMIUM } from '../html/chromium.ts';
import { keptProject, type TestProject } from '../support/project.ts';
import { type Guess, GUESSES, guessesFiles, report } from './guesses-project.ts';

/** Enough rows of one month and one bin for them to be drawn. */
const MANY: readonly Guess[] = Array.from({ length: 120 }, (_, at) => ({
  day: '2024-01-10',
  who: `<b>${at}`,
  actual: 10,
  usual: 12,
  season: 2023,
  counts: true,
  chance: 0.6,
  over: at % 2 === 0,
  line_from: at < 60 ? 'real' : 'guessed',
})).flatMap((row) => [
  { ...row, system: 'good', guess: 9 },
  { ...row, system: 'bad', guess: 7 },
]);
const NO_BREAKDOWN = ['        by: { who: who }\n', ''] as const;

interface Opened {
  readonly page: Page;
  readonly messages: readonly string[];
  readonly requests: readonly string[];
}

describe.skipIf(CHROMIUM === undefined)(`the page in a browser${WITHOUT_CHROMIUM}`, () => {
  let browser: Browser;
  let project: TestProject;
  let url: string;
  let opened: Opened;

  beforeAll(async () => {
    project = keptProject(guessesFiles([...GUESSES, ...MANY]));
    project.edit('pipeline.yaml', ...NO_BREAKDOWN);
    await project.materialize();
    await report(project, { html: 'page.html' });
    url = pathToFileURL(project.path('page.html')).href;
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
    opened = await open('light');
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(project.root, { recursive: true, force: true });
  });

  async function open(colorScheme: 'light' | 'dark', width = 1280): Promise<Opened> {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    const [messages, requests]: [string[], string[]] = [[], []];
    page.on('console', (message) => messages.push(message.text()));
    page.on('pageerror', (error) => messages.push(String(error)));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(url);
    return { page, messages, requests };
  }

  test('needs nothing but itself', () => {
    expect(opened.messages).toEqual([]);
    expect(opened.requests).toEqual([url]);
  });

  test('every entry of the contents leads to a section', async () => {
    const { page } = opened;
    const targets = await page.evaluate<readonly string[]>(
      `[...document.querySelectorAll('nav a')].map((link) => link.getAttribute('href').slice(1))`,
    );
    const ids = await page.evaluate<readonly string[]>(
      `[...document.querySelectorAll('section[id]')].map(({ id }) => id)`,
    );
    expect(targets).toEqual(ids.slice(1));
    expect(targets).toEqual([
      'values-systems',
      'values-time',
      'values-calibration',
      'values-bets',
      'values-importances',
    ]);
  });

  test('says the figures of the systems, best first', async () => {
    const rows = await opened.page.evaluate<readonly (readonly string[])[]>(
      `[...document.querySelectorAll('#values-systems tbody tr')]
        .map((row) => [...row.children].map((cell) => cell.textContent))`,
    );
    // 120 errors of 1 with 1, 2, 4, and 120 of 3 with 3, 5, 0; the usual value misses by 246 in all.
    const figures = rows.map(([system, mae, share]) => [system, mae, share]);
    expect(figures).toEqual([
      ['good', (127 / 123).toFixed(3), (127 / 246).toFixed(4)],
      ['bad', (368 / 123).toFixed(3), (368 / 246).toFixed(4)],
    ]);
  });

  test('draws months and probabilities that have rows enough', async () => {
    const titles = async (section: string): Promise<string[]> =>
      opened.page.locator(`${section} svg circle title`).allTextContents();
    // 124 rows of January are wrong by 123 in all and by 368; February has one row.
    expect(await titles('#values-time')).toEqual([
      `2024-01, good: ${(123 / 246).toFixed(3)}`,
      `2024-01, bad: ${(368 / 246).toFixed(3)}`,
    ]);
    expect(await titles('#values-calibration')).toEqual(
      // Of each origin one bin of 60 rows for either system.
      ['good', 'bad', 'good', 'bad'].map((name) => `${name}: stated 60.0 %, happened 50.0 % of 60`),
    );
  });

  test('says that estimated lines are no bets and that no edge is claimed', async () => {
    const { page } = opened;
    const calibration = await page.locator('#values-calibration').textContent();
    expect(calibration).toContain(
      'Threshold: guessed: an estimated line. It says nothing about bets.',
    );
    expect(calibration).toContain('Threshold: real.');
    const bets = await page.locator('#values-bets').textContent();
    expect(bets).toContain('no edge, the interval holds 0');
    expect(await page.locator('#reading').textContent()).toContain(
      'No edge is claimed where an interval of returns holds 0.',
    );
  });

  test('series are told apart by colour, alike in plot and legend, in light and dark', async () => {
    for (const scheme of ['light', 'dark'] as const) {
      const { page } = await open(scheme);
      const shown = await page.evaluate<readonly string[][]>(`(() => {
        const section = document.querySelector('#values-time');
        const style = (selector, key) => [...section.querySelectorAll(selector)].map((each) => getComputedStyle(each)[key]);
        return [style('svg circle', 'fill'), style('.legend i', 'backgroundColor'), [getComputedStyle(section).backgroundColor]];
      })()`);
      const [dots = [], legend = [], [background] = []] = shown;
      expect(dots).toEqual(legend);
      expect(new Set(dots).size).toBe(2);
      expect(dots).not.toContain(background);
      await page.close();
    }
  });

  test('does not scroll sideways on a phone', async () => {
    const { page } = await open('light', 375);
    const width = await page.evaluate<number>('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(375);
    await page.close();
  });
});
