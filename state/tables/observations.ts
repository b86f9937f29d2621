import type { AssetName } from '../../engine/ids.ts';
import { prepared, type Connection } from '../connection.ts';
import type { SourceObservation } from '../store.ts';

/** What was last seen of each source's files. */
export function observationsTable(db: Connection) {
  const ofTarget = prepared<[number], SourceObservation>(
    db,
    `SELECT a.name AS asset, o.quick, o.content
     FROM observations o JOIN assets a ON a.id = o.asset WHERE o.target = ?`,
  );
  const save = prepared<[number, number, string, string]>(
    db,
    'INSERT OR REPLACE INTO observations (target, asset, quick, content) VALUES (?, ?, ?, ?)',
  );
  return {
    ofTarget: (target: number): ReadonlyMap<AssetName, SourceObservation> =>
      new Map(
        ofTarget()
          .all(target)
          .map((row) => [row.asset, row]),
      ),
    save: (target: number, asset: number, observation: SourceObservation): void =>
      void save().run(target, asset, observation.quick, observation.content),
  };
}
