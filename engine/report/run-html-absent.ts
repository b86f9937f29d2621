import type { AssetName } from '../ids.ts';
import { type Day, formatDay, UNPARTITIONED } from '../partitions/date.ts';
import { commandText, partitionWords } from './command-text.ts';
import { describeGroupDays } from './failure-groups.ts';
import { type CountedFailure, failureClass } from './failures-text.ts';
import { type Markup, markup } from './html/markup.ts';
import { type Cell, htmlTable } from './html/table.ts';
import type { Tone } from './html/tone.ts';
import type { RunReport } from './run-html.ts';
import { formatCount, plural } from './text.ts';

/** Somebody who was expected in a partition and has no row. */
export interface AbsentEntity {
  readonly asset: AssetName;
  readonly day: Day;
  readonly entity: string;
  readonly category: string;
  readonly reason: string;
  readonly isExpected: boolean;
  readonly isCorrectable: boolean;
}

/** Who has no row in the partitions that a run made. */
export interface AbsentEntities {
  /** All of them, by asset, day and fate. */
  readonly counts: readonly (CountedFailure & { readonly asset: AssetName })[];
  /** Some by name. */
  readonly listed: readonly AbsentEntity[];
}

const TONES: Readonly<Record<string, Tone>> = {
  expected: 'idle',
  correctable: 'fair',
  'to investigate': 'poor',
};

/** Why entities have no row, most of all those that nobody can explain, then some of them by name. */
export function absentTables(absent: AbsentEntities, report: RunReport): Markup {
  return markup`${groupTable(absent, report)}
<h3>By name</h3>
${entityTable(absent)}
${restNote(absent, report)}`;
}

function groupTable({ counts }: AbsentEntities, { daysOf }: RunReport): Markup {
  const groups = Map.groupBy(counts, ({ asset, category, reason }) =>
    JSON.stringify([asset, category, reason]),
  );
  const rows = [...groups.values()].toSorted(worstFirst).flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { asset } = first;
    const days = [...new Set(group.map(({ day }) => day))];
    const dates = days[0] === UNPARTITIONED ? 'all' : describeGroupDays({ asset, days }, daysOf);
    return [
      [
        classBadge(first),
        asset,
        { type: 'markup', body: markup`${dates}`, isNarrow: true },
        { type: 'number', text: formatCount(entitiesOf(group)) },
        first.category,
        first.reason,
      ] as const,
    ];
  });
  return htmlTable({
    columns: ['', 'asset', 'partitions', 'entities', 'category', 'reason'],
    rows,
    whenEmpty: 'Nobody.',
    show: 50,
  });
}

function entityTable({ listed }: AbsentEntities): Markup {
  const toLookInto = listed.filter(({ isExpected }) => !isExpected);
  return htmlTable({
    columns: ['', 'asset', 'date', 'entity', 'category', 'reason'],
    rows: listed.map((each) => [
      classBadge(each),
      each.asset,
      { type: 'date', text: each.day === UNPARTITIONED ? '-' : formatDay(each.day) },
      each.entity,
      each.category,
      each.reason,
    ]),
    whenEmpty: 'Nobody.',
    // Who is rightly absent is mostly folded away.
    show: Math.min(50, Math.max(10, toLookInto.length)),
  });
}

function restNote({ counts, listed }: AbsentEntities, { scope }: RunReport): Markup | undefined {
  const total = entitiesOf(counts);
  const rest = total - listed.length;
  if (rest <= 0) return undefined;
  const names = [...new Set(counts.map(({ asset }) => asset))];
  const words = partitionWords(counts.map(({ day }) => day));
  const all = ['--limit', String(total), '--json'];
  const command = commandText(scope, 'failures', ...names, ...words, ...all);
  return markup`<p class="note">And ${plural(rest, 'more entity', 'more entities')}: <code>${command}</code></p>`;
}

function classBadge(of: Pick<AbsentEntity, 'isExpected' | 'isCorrectable'>): Cell {
  const { text } = failureClass(of);
  return { type: 'badge', text, tone: TONES[text] ?? 'idle' };
}

function worstFirst(a: readonly CountedFailure[], b: readonly CountedFailure[]): number {
  return severityOf(b[0]) - severityOf(a[0]) || entitiesOf(b) - entitiesOf(a);
}

function severityOf(of: CountedFailure | undefined): number {
  if (of === undefined || of.isExpected) return 0;
  return of.isCorrectable ? 1 : 2;
}

function entitiesOf(counts: readonly CountedFailure[]): number {
  return counts.reduce((sum, { entities }) => sum + entities, 0);
}
