import { describe, expect, test } from 'vitest';
import { dotPlot } from '../../engine/report/html/dot-plot.ts';
import { axisAround, xyChart } from '../../engine/report/html/xy-chart.ts';

const circles = (markup: string) =>
  [...markup.matchAll(/<circle class="(\w+)" cx="([\d.]+)" cy="([\d.]+)"/g)].map(
    ([, name, x, y]) => ({ name, x: Number(x), y: Number(y) }),
  );

describe('an axis around values', () => {
  test('has round ticks that hold them', () => {
    const axis = axisAround([0.913, 1, 1.187], { ticks: 6 });
    expect(axis.ticks.map(({ label }) => label)).toEqual([
      '0.90',
      '0.95',
      '1.00',
      '1.05',
      '1.10',
      '1.15',
      '1.20',
    ]);
    expect(axis.min).toBeCloseTo(0.9, 9);
    expect(axis.max).toBeCloseTo(1.2, 9);
  });

  test('is there for one value, and for none', () => {
    const { min, max } = axisAround([1]);
    expect(min).toBeLessThanOrEqual(1);
    expect(max).toBeGreaterThanOrEqual(1);
    expect(axisAround([])).toEqual({ min: 0, max: 1, ticks: [] });
  });
});

describe('a chart of x and y', () => {
  const axis = { min: 0, max: 1, ticks: [] };
  const point = (x: number, y: number) => ({ x, y, title: '' });

  test('puts larger values to the right and up, in the colour of the series', () => {
    const series = [{ label: 'third', at: 2, points: [point(0.2, 0.1), point(0.8, 0.9)] }];
    const { markup } = xyChart({ title: '', x: axis, y: axis, series });
    const [low, high] = circles(markup);
    expect([low?.name, high?.name]).toEqual(['s3', 's3']);
    expect(high?.x).toBeGreaterThan(low?.x ?? Infinity);
    expect(high?.y).toBeLessThan(low?.y ?? -Infinity);
    expect(markup).toContain('<i class="s3"></i>third');
  });

  test('says so when there is nothing to draw', () => {
    const { markup } = xyChart({ title: '', x: axis, y: axis, series: [] });
    expect(markup).toBe('<p class="note">Nothing to draw.</p>');
  });
});

describe('a dot plot', () => {
  test('keeps what is beyond the axis at its end, and labels are text', () => {
    const { markup } = dotPlot({
      title: '',
      axis: { min: 0, max: 1, ticks: [] },
      rows: [
        {
          label: '<script>',
          dots: [0, 1, 7].map((value) => ({ value, series: 0, title: '' })),
        },
      ],
    });
    const [first, last, beyond] = circles(markup);
    expect(first?.x).toBeLessThan(last?.x ?? -Infinity);
    expect(beyond?.x).toBe(last?.x);
    expect(markup).toContain('&lt;script&gt;');
  });
});
