import type { AssetName, RunId } from '../../engine/ids.ts';
import { prepared, type Connection } from '../connection.ts';
import type { NewProfile, ProfileColumnRecord, ProfileRecord } from '../store.ts';

interface ProfileRow {
  readonly id: number;
  readonly runId: RunId;
  readonly at: number;
  readonly isWhole: number;
  readonly firstDay: number | null;
  readonly lastDay: number | null;
  readonly rows: number;
}

type ColumnRow = Omit<ProfileColumnRecord, 'quantiles'> & {
  readonly profile: number;
  readonly quantiles: string;
};

/** Profiles of assets, each with a row per column. */
export function profilesTable(db: Connection) {
  return { ofAsset: readingOf(db), add: addingTo(db) };
}

function readingOf(db: Connection) {
  const ofAsset = prepared<[string, string], ProfileRow>(
    db,
    `SELECT p.id, i.name AS runId, p.at, p.is_whole AS isWhole, p.first_day AS firstDay,
       p.last_day AS lastDay, p.rows
     FROM profiles p JOIN run_ids i ON i.id = p.run
     WHERE p.target = (SELECT id FROM targets WHERE name = ?)
       AND p.asset = (SELECT id FROM assets WHERE name = ?)
     ORDER BY p.id`,
  );
  const columnsOfAsset = prepared<[string, string], ColumnRow>(
    db,
    `SELECT c.profile, c.name, c.type, c.nulls, c.distinct_values AS "distinct", c.minimum AS min,
       c.maximum AS max, c.mean, c.sd, c.quantiles
     FROM profiles p JOIN profile_columns c ON c.profile = p.id
     WHERE p.target = (SELECT id FROM targets WHERE name = ?)
       AND p.asset = (SELECT id FROM assets WHERE name = ?)
     ORDER BY c.profile, c.position`,
  );
  /** Of one asset, oldest first. */
  return (target: string, asset: AssetName): readonly ProfileRecord[] => {
    const columns = Map.groupBy(columnsOfAsset().all(target, asset), ({ profile }) => profile);
    return ofAsset()
      .all(target, asset)
      .map(({ id, isWhole, ...row }) => ({
        ...row,
        isWhole: isWhole === 1,
        columns: (columns.get(id) ?? []).map(columnOf),
      }));
  };
}

function addingTo(db: Connection) {
  const insert = prepared<
    [number, number, number, number, number, number | null, number | null, number]
  >(
    db,
    `INSERT INTO profiles (target, asset, run, at, is_whole, first_day, last_day, rows)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertColumn = prepared<[ColumnRow & { readonly position: number }]>(
    db,
    `INSERT INTO profile_columns (profile, position, name, type, nulls, distinct_values, minimum,
       maximum, mean, sd, quantiles)
     VALUES (@profile, @position, @name, @type, @nulls, @distinct, @min, @max, @mean, @sd, @quantiles)`,
  );
  return (of: ProfileOwner, profile: NewProfile): void => {
    const { at, isWhole, firstDay, lastDay, rows, columns } = profile;
    const { target, asset, run } = of;
    const whole = isWhole ? 1 : 0;
    const { lastInsertRowid } = insert().run(
      target,
      asset,
      run,
      at,
      whole,
      firstDay,
      lastDay,
      rows,
    );
    for (const [position, column] of columns.entries()) {
      const quantiles = JSON.stringify(column.quantiles);
      insertColumn().run({ ...column, profile: Number(lastInsertRowid), position, quantiles });
    }
  };
}

/** Whose profile it is, by number. */
export interface ProfileOwner {
  readonly target: number;
  readonly asset: number;
  readonly run: number;
}

function columnOf(row: ColumnRow): ProfileColumnRecord {
  const { name, type, nulls, distinct, min, max, mean, sd } = row;
  // Written by `addingTo` above from numbers.
  const quantiles = JSON.parse(row.quantiles) as readonly number[];
  return { name, type, nulls, distinct, min, max, mean, sd, quantiles };
}
