import type { AccuracyComparison } from '../health/accuracy.ts';
import { breakdownSections, timeSection } from './accuracy-html-parts.ts';
import { betSection, calibrationSection, importanceSections } from './accuracy-html-more.ts';
import type { AccuracyAbout } from './accuracy-text.ts';
import { rowsText, signed } from './accuracy-words.ts';
import { dotPlot } from './html/dot-plot.ts';
import { type Markup, markup } from './html/markup.ts';
import { htmlPage, type Section, type Tile } from './html/page.ts';
import { htmlTable } from './html/table.ts';
import { axisAround } from './html/xy-chart.ts';
import { formatCount } from './text.ts';

/** The whole report as one page: what to know first, then each comparison with plots and tables. */
export function accuracyPage(
  about: AccuracyAbout,
  { made, range }: { readonly made: string; readonly range: string },
): string {
  const sections = about.comparisons.flatMap(comparisonSections);
  return htmlPage({
    title: about.title,
    lead: `${about.pipeline} in ${about.target}, ${range}`,
    tiles: about.comparisons.flatMap(tilesOf),
    sections: [readingSection(about, sections), ...sections],
    footer: `Made ${made} by fastbreak report.`,
  });
}

function tilesOf({ comparison, compared }: AccuracyComparison): readonly Tile[] {
  const [best] = compared;
  if (best === undefined) return [];
  const share = best.measures.share;
  return [
    {
      label: `${comparison.title}: MAE of ${best.system}`,
      value: best.measures.mae.toFixed(3),
      tone: 'idle',
    },
    {
      label: `of ${comparison.baseline.name}'s error, ${formatCount(best.measures.rows)} rows`,
      value: share?.toFixed(3) ?? 'N/A',
      tone: share !== undefined && share < 1 ? 'good' : 'fair',
    },
  ];
}

function readingSection(
  { comparisons, leftOut }: AccuracyAbout,
  sections: readonly Section[],
): Section {
  const links = sections.map(
    ({ id, heading }) => markup`<li><a href="#${id ?? ''}">${heading}</a></li>`,
  );
  const rows = comparisons.map(
    (each) => markup`<p><b>${each.comparison.title}.</b> ${rowsText(each)}</p>`,
  );
  const missing = leftOut.map((reason) => markup`<p><b>Left out:</b> ${reason}.</p>`);
  return {
    heading: 'What is measured',
    id: 'reading',
    body: markup`${rows}${missing}
<p>The choice of rows moves the mean absolute error (MAE) more than any system does. What tells systems apart is the <b>share</b>:
their MAE divided by the baseline's on the same rows; below 1 is better. Bias is predicted minus actual. Intervals hold 95 % of 2,000
draws of whole dates with replacement. <b>No edge is claimed where an interval of returns holds 0.</b></p>
<nav><ul>${links}</ul></nav>`,
  };
}

function comparisonSections(of: AccuracyComparison): readonly Section[] {
  return [
    systemsSection(of),
    timeSection(of),
    ...breakdownSections(of),
    ...calibrationSection(of),
    ...betSection(of),
    ...importanceSections(of),
  ];
}

function systemsSection(of: AccuracyComparison): Section {
  const { title, name, baseline } = of.comparison;
  return {
    heading: `${title}: the systems`,
    id: `${name}-systems`,
    note: `Share of the ${baseline.name}'s MAE with its 95 % interval; the dashed line is the ${baseline.name} itself.`,
    body: markup`${systemsPlot(of)}${systemsTable(of)}`,
  };
}

function systemsPlot({ comparison, compared }: AccuracyComparison): Markup {
  const values = compared.flatMap(({ measures: { share }, shareInterval }) =>
    share === undefined ? [] : [share, shareInterval?.low ?? share, shareInterval?.high ?? share],
  );
  return dotPlot({
    title: `Share of the ${comparison.baseline.name}'s error by system`,
    axis: axisAround([1, ...values], { ticks: 6 }),
    mark: 1,
    rows: compared.map(({ system, measures, shareInterval }, at) => ({
      label: system,
      dots:
        measures.share === undefined
          ? []
          : [
              {
                value: measures.share,
                series: at,
                interval: shareInterval,
                title: `${system}: ${measures.share.toFixed(4)}`,
              },
            ],
    })),
  });
}

function systemsTable({ comparison, compared }: AccuracyComparison): Markup {
  const { baseline, within } = comparison;
  const number = (text: string) => ({ type: 'number', text }) as const;
  return htmlTable({
    columns: [
      'System',
      'MAE',
      `Share of ${baseline.name}'s`,
      '95 %',
      'RMSE',
      'Bias',
      'Bias of mean',
      ...within.map((distance) => `Within ${distance}`),
    ],
    rows: compared.map(({ system, measures, shareInterval: interval }) => [
      system,
      number(measures.mae.toFixed(3)),
      number(measures.share?.toFixed(4) ?? 'N/A'),
      number(
        interval === undefined ? 'N/A' : `${interval.low.toFixed(4)}–${interval.high.toFixed(4)}`,
      ),
      number(measures.rmse.toFixed(3)),
      number(signed(measures.bias, 3)),
      number(signed(measures.meanBias, 3)),
      ...measures.within.map((share) => number(`${(100 * share).toFixed(1)} %`)),
    ]),
    whenEmpty: 'No system has rows.',
  });
}
