import type { AccuracyComparison, ProbabilityBin } from '../health/accuracy.ts';
import { betText, signed, verdict } from './accuracy-words.ts';
import { dotPlot } from './html/dot-plot.ts';
import { type Markup, markup } from './html/markup.ts';
import type { Section } from './html/page.ts';
import { SERIES_COLORS } from './html/series.ts';
import { htmlTable } from './html/table.ts';
import { type Axis, axisAround, xyChart } from './html/xy-chart.ts';
import { formatCount } from './text.ts';

const MOST_FEATURES = 20;
/** Rows of a bin below which its share is drawn no more. */
const LEAST_IN_BIN = 30;

const number = (text: string) => ({ type: 'number', text }) as const;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Whether quantiles and probabilities mean what they say; nothing where no system states any. */
export function calibrationSection(of: AccuracyComparison): readonly Section[] {
  const { title, name } = of.comparison;
  const states = of.compared.some(
    ({ measures, bins }) => measures.quantiles.length > 0 || bins.length > 0,
  );
  if (!states) return [];
  return [
    {
      heading: `${title}: calibration`,
      id: `${name}-calibration`,
      note: 'A calibrated quantile has its own percentage of outcomes below it. Pinball losses and Brier scores are better when smaller; a probability of one half for all has a Brier score of 0.25.',
      body: markup`${quantileTable(of)}${tierTable(of)}${reliability(of)}`,
    },
  ];
}

function quantileTable({ comparison, compared }: AccuracyComparison): Markup {
  const levels = comparison.quantiles.map(({ level }) => level);
  const shown = levels.map((level) => String(Math.round(100 * level)));
  return htmlTable({
    columns: [
      'System',
      ...shown.map((level) => `Below ${level} %`),
      'In interval',
      ...shown.map((level) => `Pinball ${level}`),
      'Brier',
    ],
    rows: compared
      .filter(({ measures }) => measures.quantiles.length > 0 || measures.brier !== undefined)
      .map(({ system, measures }) => {
        const at = (level: number) => measures.quantiles.find((each) => each.level === level);
        const below = levels.map((level) => at(level)?.below);
        return [
          system,
          ...below.map((share) => number(share === undefined ? 'N/A' : percent(share))),
          number(measures.inside === undefined ? 'N/A' : percent(measures.inside)),
          ...levels.map((level) => number(at(level)?.pinball.toFixed(3) ?? 'N/A')),
          number(measures.brier?.toFixed(4) ?? 'N/A'),
        ];
      }),
    whenEmpty: 'No system states quantiles.',
  });
}

/** How much of what happened lies in the interval, by every declared dimension. */
function tierTable({ comparison, compared, parts }: AccuracyComparison): Markup | undefined {
  const systems = compared.filter(({ measures }) => measures.inside !== undefined);
  if (systems.length === 0) return undefined;
  const rows = comparison.by.flatMap(({ name }) =>
    [...(parts.get(`by ${name}`) ?? [])].map(([value, measures]) => [
      name.replaceAll('_', ' '),
      value,
      ...systems.map(({ system }) => {
        const inside = measures.get(system)?.inside;
        return number(inside === undefined ? '' : percent(inside));
      }),
    ]),
  );
  return markup`<h3>In the interval, by part</h3>${htmlTable({
    columns: ['', '', ...systems.map(({ system }) => system)],
    rows,
    whenEmpty: 'No parts.',
    show: 4,
  })}`;
}

/** Stated probabilities against how often it happened, one chart per origin of the threshold. */
function reliability(of: AccuracyComparison): Markup | undefined {
  const bins = of.compared.flatMap((each) => each.bins);
  if (bins.length === 0) return undefined;
  const origins = [...new Set(bins.map(({ origin }) => origin))];
  const charts = origins.map((origin) => {
    const isEstimated = of.comparison.probability?.estimated.includes(origin) ?? false;
    const said = isEstimated
      ? `${origin}: an estimated line. It says nothing about bets.`
      : origin === ''
        ? 'the one of the row.'
        : `${origin}.`;
    return markup`<h3>Probability of going over, against how often it happened</h3><p class="note">Threshold: ${said} Bins of fewer than ${LEAST_IN_BIN} rows are in the table only.</p>
${reliabilityChart(of, origin)}${binTable(of, origin)}`;
  });
  return markup`${charts}`;
}

function reliabilityChart({ compared }: AccuracyComparison, origin: string): Markup {
  const series = compared
    .slice(0, SERIES_COLORS)
    .map(({ system, bins }, at) => ({ label: system, at, bins: ofOrigin(bins, origin) }))
    .filter(({ bins }) => bins.length > 0);
  const axis: Axis = {
    min: 0,
    max: 1,
    ticks: [0, 0.2, 0.4, 0.6, 0.8, 1].map((at) => ({ at, label: at.toFixed(1) })),
  };
  return xyChart({
    title: 'Stated probability (across) and share that happened (up)',
    x: axis,
    y: axis,
    hasDiagonal: true,
    width: 520,
    height: 360,
    series: series.map(({ label, at, bins }) => ({
      label,
      at,
      points: bins
        .filter(({ rows }) => rows >= LEAST_IN_BIN)
        .map(({ expected, happened, rows }) => ({
          x: expected,
          y: happened,
          title: `${label}: stated ${percent(expected)}, happened ${percent(happened)} of ${formatCount(rows)}`,
        })),
    })),
  });
}

function binTable({ compared }: AccuracyComparison, origin: string): Markup {
  const rows = compared.flatMap(({ system, bins }) =>
    ofOrigin(bins, origin).map(({ from, to, rows: count, expected, happened }) => [
      system,
      number(`${from.toFixed(1)}–${to.toFixed(1)}`),
      number(formatCount(count)),
      number(percent(expected)),
      number(percent(happened)),
      number(signed(100 * (happened - expected), 1)),
    ]),
  );
  const table = htmlTable({
    columns: ['System', 'Stated', 'Rows', 'Mean stated', 'Happened', 'Difference'],
    rows,
    whenEmpty: 'No system states probabilities.',
  });
  return markup`<details><summary>The ten bins of each system</summary>${table}</details>`;
}

function ofOrigin(bins: readonly ProbabilityBin[], origin: string): readonly ProbabilityBin[] {
  return bins.filter((bin) => bin.origin === origin);
}

/** What bets at the prices of the rows would have returned, and what may be concluded. */
export function betSection(of: AccuracyComparison): readonly Section[] {
  const bettors = of.compared.filter(({ measures }) => measures.bets !== undefined);
  if (bettors.length === 0) return [];
  const { title, name } = of.comparison;
  const ends = bettors.flatMap(({ measures, yieldInterval }) => [
    measures.bets?.yield ?? 0,
    yieldInterval?.low ?? 0,
    yieldInterval?.high ?? 0,
  ]);
  const plot = dotPlot({
    title: 'Return per unit at stake by system, with 95 % intervals',
    axis: axisAround([0, ...ends], { ticks: 6 }),
    mark: 0,
    rows: bettors.map(({ system, measures, yieldInterval }) => {
      const value = measures.bets?.yield ?? 0;
      const series = of.compared.findIndex((each) => each.system === system);
      const dot = { value, series, interval: yieldInterval, title: `${system}: ${percent(value)}` };
      return { label: system, dots: [dot] };
    }),
  });
  return [
    {
      heading: `${title}: bets at real prices`,
      id: `${name}-bets`,
      note: 'One unit at stake per recommendation, at a price that was offered. The dashed line is no profit and no loss.',
      body: markup`${plot}${sideTable(of)}
${bettors.map(({ system, measures, yieldInterval }) => measures.bets && markup`<p><b>${system}</b>: ${betText(measures.bets, yieldInterval)}.</p>`)}`,
    },
  ];
}

function sideTable({ compared, parts }: AccuracyComparison): Markup {
  const sides = [...(parts.get('side') ?? [])];
  const rows = compared.flatMap(({ system, measures: all, yieldInterval }) =>
    [['all', all] as const, ...sides.map(([side, of]) => [side, of.get(system)] as const)].flatMap(
      ([side, measures]) => {
        const bets = measures?.bets;
        if (bets === undefined) return [];
        const counts = [bets.count, bets.won, bets.lost, bets.pushed].map(formatCount).map(number);
        const rate = bets.won + bets.lost === 0 ? 0 : bets.won / (bets.won + bets.lost);
        const says = side === 'all' ? verdict(yieldInterval) : '';
        const figures = [percent(rate), signed(bets.profit, 1), `${signed(100 * bets.yield, 1)} %`];
        return [[system, side, ...counts, ...figures.map(number), says]];
      },
    ),
  );
  return htmlTable({
    columns: [
      'System',
      'Side',
      'Bets',
      'Won',
      'Lost',
      'Pushed',
      'Win rate',
      'Profit',
      'Return',
      '',
    ],
    rows,
    whenEmpty: 'No bets.',
  });
}

/** The features that matter most to the newest models. */
export function importanceSections(of: AccuracyComparison): readonly Section[] {
  const { title, name } = of.comparison;
  if (of.importances.length === 0) return [];
  const bodies = of.importances.map(({ model, newest, features }) => {
    const most = features[0]?.value ?? 1;
    return markup`<h3>${model}, ${newest}</h3>${htmlTable({
      columns: ['Feature', 'Share'],
      rows: features.slice(0, MOST_FEATURES).map((feature) => [
        feature.name,
        {
          type: 'bar',
          percent: (100 * feature.value) / Math.max(1e-9, most),
          text: feature.value.toFixed(3),
          tone: 'good',
        },
      ]),
      whenEmpty: 'No feature matters.',
    })}`;
  });
  return [
    {
      heading: `${title}: what the models look at`,
      id: `${name}-importances`,
      note: `The ${MOST_FEATURES} features that matter most to the newest of each model.`,
      body: markup`${bodies}`,
    },
  ];
}
