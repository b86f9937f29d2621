import type { AssetSummary } from '../staleness/summary.ts';
import { formatDay } from '../partitions/date.ts';
import {
  formatCount,
  type Paint,
  renderTable,
  type Style,
  type TableColumn,
  visibleWidth,
} from './text.ts';

export interface LastRun {
  readonly at: string;
  readonly status: string;
}

export interface StatusTableOptions {
  readonly lastRuns: ReadonlyMap<string, LastRun>;
  readonly width: number;
  readonly paint: Paint;
}

type CountKey =
  | 'expected'
  | 'current'
  | 'stale'
  | 'missing'
  | 'failed'
  | 'blocked'
  | 'expectedEmpty'
  | 'running'
  | 'rows';

interface StatusColumn extends TableColumn {
  /** A column of numbers, with its total. */
  readonly count?: CountKey;
  readonly cell: (asset: AssetSummary, options: StatusTableOptions) => string;
}

/** A row per asset and one of totals; columns of zeros, then the less important ones, give way to a narrow terminal. */
export function renderStatusTable(
  summaries: readonly AssetSummary[],
  options: StatusTableOptions,
): string {
  let columns: readonly StatusColumn[] = COLUMNS;
  for (const candidate of candidatesToDrop(summaries)) {
    if (widthOf(draw(summaries, columns, options)) <= options.width) break;
    columns = columns.filter((column) => column.header !== candidate);
  }
  return draw(summaries, columns, options);
}

function draw(
  summaries: readonly AssetSummary[],
  columns: readonly StatusColumn[],
  options: StatusTableOptions,
): string {
  const rows = summaries.map((asset) => columns.map((column) => column.cell(asset, options)));
  if (summaries.length > 1) {
    rows.push(
      columns.map(({ count, header }) => {
        if (header === 'asset') return options.paint('bold', 'total');
        return count === undefined
          ? ''
          : options.paint('bold', formatCount(total(summaries, count)));
      }),
    );
  }
  return renderTable(columns, rows, options.paint);
}

const DROPPABLE: readonly CountKey[] = [
  'running',
  'expectedEmpty',
  'blocked',
  'failed',
  'missing',
  'stale',
];

function candidatesToDrop(summaries: readonly AssetSummary[]): readonly string[] {
  const zeros = DROPPABLE.filter((key) => total(summaries, key) === 0);
  const headers = zeros.flatMap((key) =>
    COLUMNS.filter((column) => column.count === key).map((column) => column.header),
  );
  return [...headers, 'kind', 'group', 'last run', 'rows'];
}

function total(summaries: readonly AssetSummary[], key: CountKey): number {
  return summaries.reduce((sum, asset) => sum + asset[key], 0);
}

function widthOf(table: string): number {
  return Math.max(...table.split('\n').map(visibleWidth));
}

function countColumn(header: string, count: CountKey, style?: Style): StatusColumn {
  return {
    header,
    align: 'right',
    count,
    cell: (asset, { paint }) => {
      const text = formatCount(asset[count]);
      if (asset[count] === 0) return paint('dim', text);
      return style === undefined ? text : paint(style, text);
    },
  };
}

const COLUMNS: readonly StatusColumn[] = [
  { header: 'asset', cell: (asset) => asset.name },
  { header: 'group', cell: (asset) => asset.group },
  { header: 'kind', cell: (asset) => asset.kind },
  countColumn('expected', 'expected'),
  countColumn('current', 'current', 'green'),
  countColumn('stale', 'stale', 'yellow'),
  countColumn('missing', 'missing', 'cyan'),
  countColumn('failed', 'failed', 'red'),
  countColumn('blocked', 'blocked', 'magenta'),
  countColumn('expected-empty', 'expectedEmpty'),
  countColumn('running', 'running', 'blue'),
  {
    header: 'newest',
    cell: (asset) => (asset.newest === undefined ? '-' : formatDay(asset.newest)),
  },
  countColumn('rows', 'rows'),
  {
    header: 'last run',
    cell: (asset, { lastRuns, paint }) => {
      const run = lastRuns.get(asset.name);
      if (!run) return '-';
      return run.status === 'succeeded' ? run.at : `${run.at} ${paint('yellow', run.status)}`;
    },
  },
];
