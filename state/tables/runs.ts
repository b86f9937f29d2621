import type { AssetName, RunId } from '../../engine/ids.ts';
import { prepared, type Connection } from '../connection.ts';
import type { RunRecord, RunStatus } from '../store.ts';

export interface LastRun {
  readonly runId: RunId;
  readonly at: number;
  readonly status: string;
}

const COLUMNS = `SELECT i.name AS id, t.name AS target, r.command, r.status, r.started_at AS startedAt,
    r.ended_at AS endedAt, r.message
  FROM runs r JOIN run_ids i ON i.id = r.run JOIN targets t ON t.id = r.target`;

/** The newest step of each asset by index, then its run; a run that is still going counts from its newest step. */
const LAST_RUNS = `SELECT a.name AS asset, i.name AS runId, r.status,
    coalesce(r.ended_at, s.ended_at, s.started_at) AS at
  FROM targets t
  CROSS JOIN assets a
  CROSS JOIN steps s ON s.id = (SELECT max(id) FROM steps WHERE target = t.id AND asset = a.id)
  JOIN runs r ON r.run = s.run
  JOIN run_ids i ON i.id = r.run
  WHERE t.name = ?`;

/** One row per command that wrote. */
export function runsTable(db: Connection) {
  const newest = prepared<[string, number], RunRecord>(
    db,
    `${COLUMNS} WHERE t.name = ? ORDER BY r.started_at DESC, r.run DESC LIMIT ?`,
  );
  const byId = prepared<[string], RunRecord>(db, `${COLUMNS} WHERE i.name = ?`);
  const last = prepared<[string], LastRun & { readonly asset: AssetName }>(db, LAST_RUNS);
  const insert = prepared<[number, number, string, number]>(
    db,
    `INSERT INTO runs (run, target, command, status, started_at) VALUES (?, ?, ?, 'running', ?)`,
  );
  const end = prepared<[RunStatus, number, string | null, string]>(
    db,
    `UPDATE runs SET status = ?, ended_at = ?, message = ?
     WHERE run = (SELECT id FROM run_ids WHERE name = ?)`,
  );
  const unfinished = prepared<[string, string], { readonly run: number; readonly id: RunId }>(
    db,
    `SELECT r.run, i.name AS id FROM runs r JOIN run_ids i ON i.id = r.run
     WHERE r.status = 'running' AND r.target = (SELECT id FROM targets WHERE name = ?)
       AND i.name <> ? ORDER BY r.started_at, r.run`,
  );
  const find = prepared<[string], { readonly run: number; readonly target: number }>(
    db,
    'SELECT run, target FROM runs WHERE run = (SELECT id FROM run_ids WHERE name = ?)',
  );
  return {
    newest: (target: string, limit: number): readonly RunRecord[] => newest().all(target, limit),
    byId: (id: string): RunRecord | undefined => byId().get(id),
    start: (run: number, target: number, command: string, startedAt: number): void =>
      void insert().run(run, target, command, startedAt),
    end: (id: RunId, status: RunStatus, endedAt: number, message: string | null): void =>
      void end().run(status, endedAt, message, id),
    /** The numbers of a run that was started, and of its target. */
    get(id: RunId): { readonly run: number; readonly target: number } {
      const row = find().get(id);
      if (!row) throw new Error(`Internal error: run ${id} was never started`);
      return row;
    },
    /** Runs of a target without an end, other than one. */
    unfinished: (target: string, except: RunId) => unfinished().all(target, except),

    lastByAsset(target: string): ReadonlyMap<AssetName, LastRun> {
      const rows = last().all(target);
      return new Map(rows.map(({ asset, runId, at, status }) => [asset, { runId, at, status }]));
    },
  };
}
