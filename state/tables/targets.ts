import { prepared, type Connection } from '../connection.ts';

interface TargetRow {
  readonly id: number;
  readonly fingerprint: string | null;
}

/** Targets by name, with the identity of the warehouse as the last writer left it. */
export function targetsTable(db: Connection) {
  const find = prepared<[string], TargetRow>(
    db,
    'SELECT id, warehouse_fingerprint AS fingerprint FROM targets WHERE name = ?',
  );
  const insert = prepared<[string]>(db, 'INSERT INTO targets (name) VALUES (?)');
  const update = prepared<[string | null, number]>(
    db,
    'UPDATE targets SET warehouse_fingerprint = ? WHERE id = ?',
  );
  return {
    find: (name: string): number | undefined => find().get(name)?.id,
    /** The number of a target, given to it now if it is new. */
    intern: (name: string): number =>
      find().get(name)?.id ?? Number(insert().run(name).lastInsertRowid),
    fingerprint: (name: string): string | undefined => find().get(name)?.fingerprint ?? undefined,
    saveFingerprint: (id: number, fingerprint: string | null): void =>
      void update().run(fingerprint, id),
  };
}
