import type { AssetProfile, ColumnProfile } from '../health/column-profile.ts';
import { figureText, numberText, shareText, spreadText } from './figure-text.ts';
import { type Markup, markup } from './html/markup.ts';
import { htmlPage } from './html/page.ts';
import { badge, type Cell, htmlTable } from './html/table.ts';
import { notesOf, type ProfileAbout, scopeText, shownValue } from './profile-text.ts';
import { formatCount, listOf } from './text.ts';

/** A profile as one page that needs nothing else. `made` says when. */
export function profilePage(
  profile: AssetProfile,
  about: ProfileAbout & { readonly made: string },
): string {
  const { rows, columns } = profile;
  const withNulls = columns.filter(({ nulls }) => nulls > 0);
  const empty = columns.filter(({ nulls }) => nulls === rows);
  const constant = columns.filter(
    ({ min, max, measured }) => measured !== 'length' && min !== undefined && min === max,
  );
  return htmlPage({
    title: `Profile of ${about.asset}`,
    lead: `${scopeText(profile, about)} in target ${about.target}`,
    tiles: [
      { label: 'rows', value: formatCount(rows) },
      { label: 'columns', value: formatCount(columns.length) },
      { label: 'columns with nulls', value: formatCount(withNulls.length) },
      toneTile('columns without any value', empty.length),
      toneTile('columns of one value', constant.length),
    ],
    sections: [
      { heading: 'Shape', note: notesOf(profile, about).join(' '), body: shapeTable(profile) },
      {
        heading: 'Figures',
        note: 'Percentages are the share of the rows below a value.',
        body: figureTable(profile),
      },
      {
        heading: 'Most frequent values',
        note: 'Shares are of all rows.',
        body: frequentTable(profile),
      },
    ],
    footer: `Made by fastbreak ${about.made} from what is published in ${about.target}.`,
  });
}

function toneTile(label: string, count: number) {
  const tone = count > 0 ? ('fair' as const) : ('idle' as const);
  return { label, value: formatCount(count), tone };
}

const number = (text: string): Cell => ({ type: 'number', text });
const narrow = (body: Markup): Cell => ({ type: 'markup', body, isNarrow: true });

function shapeTable({ rows, months, columns }: AssetProfile): Markup {
  return htmlTable({
    columns: ['column', 'nulls', 'distinct', 'histogram', 'mean by month', 'nulls by month'],
    whenEmpty: 'No column.',
    rows: columns.map((column) => {
      const { name, type, nulls, distinct } = column;
      const nullText = `${formatCount(nulls)} (${shareText(nulls / rows)})`;
      return [
        narrow(markup`${name}<br><code>${type}</code>`),
        narrow(nulls === 0 ? markup`0` : badge(nullText, nulls === rows ? 'poor' : 'fair')),
        number(distinct === undefined ? '-' : formatCount(distinct)),
        narrow(histogram(column)),
        narrow(meanByMonth(column)),
        narrow(nullsByMonth(column, months)),
      ];
    }),
  });
}

function figureTable({ columns }: AssetProfile): Markup {
  return htmlTable({
    columns: ['column', 'mean', 'sd', 'min', '5%', '25%', '50%', '75%', '95%', 'max'],
    whenEmpty: 'No column.',
    rows: columns.map(({ name, measured, mean, sd, min, max, quantiles }) => [
      name,
      number(figureText(mean, measured)),
      number(spreadText(sd, measured)),
      number(figureText(min, measured)),
      ...[0, 1, 2, 3, 4].map((at) => number(figureText(quantiles[at], measured))),
      number(figureText(max, measured)),
    ]),
  });
}

const WIDTH = 176;
const HEIGHT = 34;

/** Bars over the bins; the text says where they begin and end. */
function histogram({ name, bins, min, max, measured }: ColumnProfile): Markup {
  if (bins.length === 0) return markup``;
  const most = Math.max(...bins);
  const step = WIDTH / bins.length;
  const bars = bins.map((share, at) => {
    const height = most === 0 ? 0 : Math.max(share > 0.002 ? 1 : 0, (share / most) * HEIGHT);
    return markup`<rect class="swatch-1" x="${fixed(at * step)}" y="${fixed(HEIGHT - height)}" width="${fixed(step - 1)}" height="${fixed(height)}"><title>${shareText(share)}</title></rect>`;
  });
  const label = `histogram of ${name} from ${figureText(min, measured)} to ${figureText(max, measured)}`;
  return svg(label, markup`${bars}`);
}

function meanByMonth({ name, months, measured }: ColumnProfile): Markup {
  if (measured === 'day' || measured === 'instant') return markup``;
  const values = months.map(({ mean }) => mean);
  const known = values.filter((value) => value !== undefined);
  if (known.length < 2) return markup``;
  const [min, max] = [Math.min(...known), Math.max(...known)];
  return line(`mean of ${name} by month, from ${numberText(min)} to ${numberText(max)}`, values, {
    min,
    max,
    line: 'line-1',
  });
}

function nullsByMonth({ name, nulls, months }: ColumnProfile, of: AssetProfile['months']): Markup {
  if (nulls === 0 || months.length < 2) return markup``;
  const shares = months.map((month, at) => month.nulls / Math.max(1, of[at]?.rows ?? 0));
  return line(`share of nulls of ${name} by month, from 0% to 100%`, shares, {
    min: 0,
    max: 1,
    line: 'line-2',
  });
}

/** A line that breaks where there is no value. */
function line(
  label: string,
  values: readonly (number | undefined)[],
  { min, max, line: style }: { readonly min: number; readonly max: number; readonly line: string },
): Markup {
  let path = '';
  let isOpen = false;
  for (const [at, value] of values.entries()) {
    if (value !== undefined) {
      const x = (at / (values.length - 1)) * WIDTH;
      const y =
        max === min ? HEIGHT / 2 : HEIGHT - 2 - ((value - min) / (max - min)) * (HEIGHT - 4);
      path += `${isOpen ? 'L' : 'M'}${fixed(x)} ${fixed(y)}`;
    }
    isOpen = value !== undefined;
  }
  return svg(label, markup`<path class="${style}" d="${path}"/>`);
}

function svg(label: string, body: Markup): Markup {
  return markup`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${label}"><title>${label}</title>${body}</svg>`;
}

function frequentTable({ rows, columns }: AssetProfile): Markup {
  return htmlTable({
    columns: ['column', 'values'],
    whenEmpty: 'No text or truth column has a value.',
    rows: columns
      .filter(({ top }) => top.length > 0)
      .map(({ name, top }) => [
        name,
        listOf(top.map(({ value, count }) => `${shownValue(value)} (${shareText(count / rows)})`)),
      ]),
  });
}

function fixed(value: number): string {
  return value.toFixed(1);
}
