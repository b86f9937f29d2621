import type { RunId } from '../../engine/ids.ts';
import { prepared, type Connection } from '../connection.ts';
import type { AttemptRecord } from '../store.ts';

/** Every try of a step, in the order of their recording. */
export function attemptsTable(db: Connection) {
  const ofRun = prepared<[string], AttemptRecord>(
    db,
    `SELECT a.step AS stepId, a.number, a.started_at AS startedAt, a.ended_at AS endedAt,
       a.category, a.message
     FROM run_ids i JOIN steps s ON s.run = i.id JOIN attempts a ON a.step = s.id
     WHERE i.name = ? ORDER BY a.id`,
  );
  const insert = prepared<[AttemptRecord]>(
    db,
    `INSERT INTO attempts (step, number, started_at, ended_at, category, message)
     VALUES (@stepId, @number, @startedAt, @endedAt, @category, @message)`,
  );
  return {
    ofRun: (runId: RunId): readonly AttemptRecord[] => ofRun().all(runId),
    add: (attempt: AttemptRecord): void => void insert().run(attempt),
  };
}
