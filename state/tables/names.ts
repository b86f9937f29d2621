import { prepared, type Connection } from '../connection.ts';

/** A table that gives names small numbers, so that millions of rows can refer to them. */
export function namesTable(db: Connection, table: 'assets' | 'code_versions' | 'run_ids') {
  const find = prepared<[string], { readonly id: number }>(
    db,
    `SELECT id FROM ${table} WHERE name = ?`,
  );
  const insert = prepared<[string], { readonly id: number }>(
    db,
    `INSERT INTO ${table} (name) VALUES (?)`,
  );
  const all = prepared<[], { readonly id: number; readonly name: string }>(
    db,
    `SELECT id, name FROM ${table} ORDER BY id`,
  );
  return {
    /** The number of a name, given to it now if it is new. */
    intern: (name: string): number =>
      find().get(name)?.id ?? Number(insert().run(name).lastInsertRowid),
    all: (): readonly { readonly id: number; readonly name: string }[] => all().all(),
  };
}
