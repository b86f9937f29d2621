import { expect, test } from 'vitest';
import { parseDay } from '../../engine/partitions/date.ts';
import { heatMap } from '../../engine/report/html/heat-map.ts';
import { lineChart } from '../../engine/report/html/line-chart.ts';
import { markup } from '../../engine/report/html/markup.ts';
import { htmlPage } from '../../engine/report/html/page.ts';
import { htmlTable } from '../../engine/report/html/table.ts';

const EVIL = `<script>alert("1")</script>'&`;
const ESCAPED = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;';

function day(text: string): number {
  return parseDay(text) ?? NaN;
}

test('everything that is put into a page is escaped, once', () => {
  const page = htmlPage({
    title: EVIL,
    lead: EVIL,
    tiles: [{ label: EVIL, value: EVIL }],
    sections: [
      {
        heading: EVIL,
        note: EVIL,
        body: markup`${htmlTable({
          columns: [EVIL],
          rows: [
            [EVIL],
            [{ type: 'code', text: EVIL }],
            [{ type: 'badge', text: EVIL, tone: 'best' }],
          ],
          whenEmpty: '',
        })}${heatMap({ title: EVIL, cells: [{ day: 0, tone: 'best', title: EVIL }] })}`,
      },
    ],
    footer: EVIL,
  });
  expect(page).not.toContain('<script');
  expect(page.split(ESCAPED).length - 1).toBe(15);
  expect(page).not.toContain('&amp;lt;');
});

test('a page asks for nothing beyond itself', () => {
  const page = htmlPage({ title: 't', lead: '', tiles: [], sections: [], footer: '' });
  expect(page).toContain(`default-src 'none'; style-src 'unsafe-inline'`);
  expect(page).not.toMatch(/https?:|url\(|@import|<link rel="stylesheet"/);
  expect(page).toContain('prefers-color-scheme: dark');
});

test('a heat map has a column per week, Monday first', () => {
  const days = ['2024-01-01', '2024-01-07', '2024-01-08', '2024-02-05'].map(day);
  const { markup: svg } = heatMap({
    title: 'x',
    cells: days.map((each) => ({ day: each, tone: 'good', title: '', isMarked: each === days[1] })),
  });
  const places = [...svg.matchAll(/<rect class="good" x="(\d+)" y="(\d+)"/g)].map(
    ([, x, y]) => [Number(x), Number(y)] as const,
  );
  const [first, sunday, next, fifth] = places;
  if (!first || !sunday || !next || !fifth) throw new Error(`expected four cells: ${svg}`);
  const step = next[0] - first[0];
  expect(step).toBeGreaterThan(0);
  expect(sunday).toEqual([first[0], first[1] + 6 * step]);
  expect(next[1]).toBe(first[1]);
  expect(fifth).toEqual([first[0] + 5 * step, first[1]]);
  expect(svg.match(/class="mark"/g)?.length).toBe(1);
  expect(svg).toContain('>Jan<');
  expect(svg).toContain('>Feb<');
});

test('a line breaks where dates are missing for long', () => {
  const points = ['2024-01-01', '2024-01-02', '2024-06-01', '2024-06-02'].map((text) => ({
    day: day(text),
    value: 50,
  }));
  const { markup: svg } = lineChart({
    title: 'x',
    min: 0,
    max: 100,
    ticks: [0, 100],
    series: [{ label: 'a', points, shape: 'line' }],
  });
  const path = / d="([^"]+)"/.exec(svg)?.[1] ?? '';
  expect(path.match(/[ML]/g)).toEqual(['M', 'L', 'M', 'L']);
});

test('a long table folds its rest away, and an empty one says so', () => {
  const rows = Array.from({ length: 12 }, (_, at) => [`row ${at}`]);
  const { markup: folded } = htmlTable({ columns: ['a'], rows, whenEmpty: 'none', show: 10 });
  expect(folded).toContain('<summary>2 more</summary>');
  expect(folded.indexOf('row 9')).toBeLessThan(folded.indexOf('<details>'));
  expect(folded.indexOf('row 10')).toBeGreaterThan(folded.indexOf('<details>'));
  expect(htmlTable({ columns: ['a'], rows: [], whenEmpty: 'none at all' }).markup).toContain(
    'none at all',
  );
});
