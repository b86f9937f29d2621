import type { Day } from '../engine/partitions/date.ts';
import { isSameContent, materialized, recordContent } from './record-partitions.ts';
import { CONTENT, type StateStore, type WarehouseMaterialization } from './store.ts';
import type { NewEvent } from './tables/events.ts';
import { NO_CONTENT, type PartitionContent } from './tables/partitions.ts';
import type { Tables } from './tables.ts';

/** Records what the warehouse holds where the record says otherwise; sequence numbers follow the order given. */
export function adopt(
  tables: Tables,
  target: number,
  rows: readonly WarehouseMaterialization[],
): void {
  const contents = new Map<string, Map<Day, PartitionContent>>();
  for (const [name, ofAsset] of Map.groupBy(rows, (row) => row.asset)) {
    const days = ofAsset.map((row) => row.day);
    contents.set(name, tables.partitions.contents(target, tables.assets.intern(name), days));
  }
  for (const row of rows) {
    const contentByDay = contents.get(row.asset) ?? new Map<Day, PartitionContent>();
    const code = tables.codeVersions.intern(row.codeVersion);
    const content = contentOf(row, code);
    if (isSameContent(content, contentByDay.get(row.day))) continue;
    const asset = tables.assets.intern(row.asset);
    const { runId, at } = row.marked ?? row;
    const run = tables.runIds.intern(runId);
    const happening = { target, asset, day: row.day, run, at, code };
    recordContent(tables, happening, { event: eventOf(row), content, contentByDay });
  }
}

/** Records new inputs for partitions whose content stays. */
export function markCurrent(
  tables: Tables,
  request: Parameters<StateStore['markCurrent']>[0],
): void {
  const { at, reason } = request;
  const target = tables.targets.intern(request.target);
  const asset = tables.assets.intern(request.asset);
  const code = tables.codeVersions.intern(request.codeVersion);
  const run = tables.runIds.intern(request.runId);
  const days = request.partitions.map((partition) => partition.day);
  const contentByDay = tables.partitions.contents(target, asset, days);
  for (const { day, input, inputs } of request.partitions) {
    const before = contentByDay.get(day);
    if (before === undefined || before.content === CONTENT.none) continue;
    const content = { ...before, inputHi: input.hi, inputLo: input.lo, code };
    const event = { type: 'marked' as const, inputs, message: reason };
    const happening = { target, asset, day, run, at, code };
    recordContent(tables, happening, { event, content, contentByDay });
  }
}

function contentOf(row: WarehouseMaterialization, code: number): PartitionContent {
  if (!isEmpty(row)) return materialized(row, code);
  const { hi: inputHi, lo: inputLo } = row.input;
  return { ...NO_CONTENT, content: CONTENT.expectedEmpty, inputHi, inputLo, code };
}

function eventOf(row: WarehouseMaterialization): Pick<NewEvent, 'type' | 'inputs' | 'message'> {
  const { inputs } = row;
  if (isEmpty(row)) return { type: 'expected_empty', inputs, message: row.reason ?? null };
  if (row.marked === undefined) return { type: 'materialized', inputs, message: null };
  return { type: 'marked', inputs, message: 'declared current, not made again' };
}

function isEmpty({ rows, reason }: WarehouseMaterialization): boolean {
  return rows === 0 && reason !== undefined;
}
