import type { AssetName } from '../ids.ts';
import type { Asset, Calendar, Union } from './pipeline.ts';
import type { Problems } from './problems.ts';

/** `references` of columns lead to columns that exist. */
export function checkReferences(
  assets: readonly Asset[],
  complete: ReadonlySet<AssetName>,
  problems: Problems,
): void {
  const names = assets.map((asset) => asset.name);
  for (const asset of assets) {
    for (const column of asset.columns) {
      if (column.references === undefined) continue;
      const [target = '', targetColumn = ''] = column.references.split('.');
      const path = ['assets', asset.name, 'columns'];
      const referenced = assets.find((candidate) => candidate.name === target);
      if (referenced === undefined) {
        problems.unknown({ what: 'asset', name: target, known: names, path });
      } else if (complete.has(referenced.name)) {
        const known = referenced.columns.map((candidate) => candidate.name);
        if (known.includes(targetColumn)) continue;
        problems.unknown({ what: 'column', name: targetColumn, known, path });
      }
    }
  }
}

/** Calendars read columns that their asset has. */
export function checkCalendarColumns(
  calendars: readonly Calendar[],
  assets: readonly Asset[],
  complete: ReadonlySet<AssetName>,
  problems: Problems,
): void {
  for (const calendar of calendars) {
    const asset = assets.find((candidate) => candidate.name === calendar.asset);
    if (asset === undefined || !complete.has(asset.name)) continue;
    const known = asset.columns.map((column) => column.name);
    const { name, dateColumn, periodColumn } = calendar;
    const path = ['calendars', name, 'date'];
    const date = asset.columns.find((column) => column.name === dateColumn);
    if (date === undefined) {
      problems.unknown({ what: 'column', name: dateColumn, known, path });
    } else if (date.type !== 'DATE') {
      const message = `the date column "${dateColumn}" of calendar "${name}" is ${date.type}; it must be DATE`;
      problems.add({ code: 'CALENDAR_COLUMN_TYPE', message, path });
    }
    if (periodColumn === undefined || known.includes(periodColumn)) continue;
    const periodPath = ['calendars', name, 'period', 'column'];
    problems.unknown({ what: 'column', name: periodColumn, known, path: periodPath });
  }
}

/** The members of a union have the same columns. */
export function checkUnionColumns(
  unions: readonly Union[],
  assets: readonly Asset[],
  complete: ReadonlySet<AssetName>,
  problems: Problems,
): void {
  const shape = (asset: Asset) =>
    asset.columns.map((column) => `${column.name} ${column.type}`).sort();
  for (const union of unions) {
    const members = assets.filter(
      (asset) => union.members.includes(asset.name) && complete.has(asset.name),
    );
    const [first, ...others] = members;
    if (first === undefined) continue;
    for (const other of others) {
      const differing = difference(shape(first), shape(other));
      if (differing.length === 0) continue;
      problems.add({
        code: 'UNION_COLUMNS_DIFFER',
        message: `members of the union "${union.name}" differ in columns: "${first.name}" and "${other.name}" do not both have ${differing.join(', ')}`,
        path: ['unions', union.name],
        atKey: true,
        hint: 'give all members the same columns, e.g. through the defaults of their group',
      });
    }
  }
}

function difference(left: readonly string[], right: readonly string[]): readonly string[] {
  return [
    ...left.filter((one) => !right.includes(one)),
    ...right.filter((one) => !left.includes(one)),
  ];
}
