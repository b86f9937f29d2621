import type { AssetName } from '../ids.ts';
import type { Asset, Calendar } from './pipeline.ts';
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
