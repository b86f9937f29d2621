import type { ProfileColumnRecord } from '../../state/store.ts';
export type { ProfileColumnRecord, ProfileRecord } from '../../state/store.ts';
import type { AssetProfile, ColumnProfile } from './column-profile.ts';

/** What is kept of a profile, column by column. */
export function columnRecords({ columns }: AssetProfile): readonly ProfileColumnRecord[] {
  return columns.map(columnRecord);
}

function columnRecord(column: ColumnProfile): ProfileColumnRecord {
  const { name, type, nulls, distinct, min, max, mean, sd, quantiles } = column;
  return {
    name,
    type,
    nulls,
    distinct: distinct ?? null,
    min: min ?? null,
    max: max ?? null,
    mean: mean ?? null,
    sd: sd ?? null,
    quantiles,
  };
}
