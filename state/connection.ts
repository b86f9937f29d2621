import Database from 'better-sqlite3';

/** One open SQLite connection. */
export type Connection = Database.Database;

/** How long a write waits for another process's write, which takes milliseconds. */
const BUSY_TIMEOUT_MS = 10_000;

/** Opens a file for writing, creating it; does not touch its content. */
export function connect(path: string): Connection {
  return new Database(path, { timeout: BUSY_TIMEOUT_MS });
}

/**
 * Opens an existing file for reading. In WAL mode readers and the writer never wait for each other. SQLite keeps
 * the index of the WAL in a `-shm` file, which it makes when no writer has one open: the only trace of a reader.
 */
export function connectReadOnly(path: string): Connection {
  return new Database(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
}

/**
 * WAL, so that readers are never locked out. `synchronous = NORMAL`: a commit is handed to the operating system
 * before it returns, so it outlives the death of the process (kill -9); only a power cut can lose the newest
 * commits, whole, and then the next run reconciles the record with the warehouse as after any crash. FULL would
 * add an fsync to each of thousands of small facts and guard against nothing that reconciling does not mend.
 */
export function configureForWriting(db: Connection): void {
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
}

/**
 * A statement prepared at its first use: a command uses few of them, and preparing all would cost more than they do.
 * `Row` states the columns of the SQL text: the one cast between SQLite and the types; STRICT tables keep it true.
 */
export function prepared<Parameters extends unknown[], Row = unknown>(
  db: Connection,
  sql: string,
): () => Database.Statement<Parameters, Row> {
  let statement: Database.Statement<Parameters, Row> | undefined;
  return () => (statement ??= db.prepare<Parameters, Row>(sql));
}

/** Several reads of one state of the database. */
export function readAtOnce<T>(db: Connection, work: () => T): T {
  return db.transaction(work).deferred();
}

/** One recorded fact: all of it or nothing. Takes the write lock first, so that reading before writing is safe. */
export function record<T>(db: Connection, work: () => T): T {
  return db.transaction(work).immediate();
}
