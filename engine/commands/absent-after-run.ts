import { isPipelineError, isWarehouseError } from '../errors.ts';
import type { AssetName } from '../ids.ts';
import type { Day } from '../partitions/date.ts';
import type { AbsentEntities, AbsentEntity } from '../report/run-html-absent.ts';
import type { RunContext } from '../run/context.ts';
import type { Execution } from '../run/executor.ts';
import type { FailureCount, RecordedFailure } from '../warehouse/failures.ts';

/** How many entities of an asset are looked up by name, of those that are expected to lack a row and of the others. */
const BY_NAME = 100;
/** And of all assets together. */
const MOST = 500;

/**
 * Who was expected in the partitions that a run made and has no row, for its page: all counted, the newest by name.
 * That they cannot be read is a warning: the rows are published.
 */
export async function absentAfterRun(
  context: RunContext,
  execution: Execution,
): Promise<AbsentEntities | undefined> {
  const names = execution.assets.flatMap(({ name, absent }) => (absent ? [name] : []));
  if (names.length === 0) return undefined;
  try {
    return await readAbsent(context, names);
  } catch (error) {
    if (!isWarehouseError(error) && !isPipelineError(error)) throw error;
    const message = `who has no row could not be read for the page: ${error.message}`;
    context.emit({ type: 'warning', message });
    return undefined;
  }
}

async function readAbsent(
  context: RunContext,
  names: readonly AssetName[],
): Promise<AbsentEntities> {
  const { warehouse } = context;
  const made = madeDays(context, names);
  const days = [...made.values()].flatMap((each) => [...each]).sort((a, b) => a - b);
  const [from, to] = [days[0] ?? 0, days.at(-1) ?? 0];
  const counts = await warehouse.countFailures({ assets: names, days: [{ from, to }] });
  const counted = names.map((asset) => ({
    asset,
    own: counts
      .filter((count) => count.asset === asset && made.get(asset)?.has(count.day) === true)
      .map((count) => ({ ...count, asset })),
  }));
  const listed: AbsentEntity[] = [];
  // Those that are to be looked into come before those that are as they should be.
  for (const isExpected of [false, true]) {
    for (const { asset, own } of counted) {
      const found = await newest(
        context,
        own.filter((count) => count.isExpected === isExpected),
        { asset, isExpected, most: Math.min(BY_NAME, MOST - listed.length) },
      );
      listed.push(...found.map((failure) => ({ ...failure, asset })));
    }
  }
  return { counts: counted.flatMap(({ own }) => own.filter(isAbsent)), listed };
}

/** The partitions of some assets that the run made. */
function madeDays(
  { store, runId }: RunContext,
  names: readonly AssetName[],
): ReadonlyMap<AssetName, ReadonlySet<Day>> {
  const made = new Map(names.map((name) => [name, new Set<Day>()]));
  for (const { asset, day, type } of store.eventsOfRun(runId)) {
    if (type === 'materialized' || type === 'unchanged' || type === 'expected_empty') {
      made.get(asset)?.add(day);
    }
  }
  return made;
}

/** As many as are shown, from the newest partitions. */
async function newest(
  { warehouse }: RunContext,
  counts: readonly FailureCount[],
  how: { readonly asset: AssetName; readonly isExpected: boolean; readonly most: number },
): Promise<readonly RecordedFailure[]> {
  const { asset, isExpected, most } = how;
  const days: Day[] = [];
  let wanted = 0;
  // Also those that have a row by now, which the statement does not leave out.
  let read = 0;
  const byDay = [...Map.groupBy(counts, ({ day }) => day)].sort(([a], [b]) => b - a);
  for (const [day, own] of byDay) {
    if (wanted >= most) break;
    const open = own.filter(isAbsent);
    if (open.length === 0) continue;
    days.push(day);
    wanted += sumOf(open);
    read += sumOf(own);
  }
  if (days.length === 0) return [];
  const ranges = days.map((day) => ({ from: day, to: day }));
  const found = await warehouse.readFailures({ assets: [asset], days: ranges, isExpected }, read);
  return found
    .filter(isAbsent)
    .toSorted((a, b) => b.day - a.day)
    .slice(0, most);
}

function isAbsent({ resolution }: Pick<FailureCount, 'resolution'>): boolean {
  return resolution !== 'RESOLVED';
}

function sumOf(counts: readonly FailureCount[]): number {
  return counts.reduce((sum, { entities }) => sum + entities, 0);
}
