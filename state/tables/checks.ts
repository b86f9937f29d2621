import type { RunId } from '../../engine/ids.ts';
import { prepared, type Connection } from '../connection.ts';
import type { CheckResult } from '../store.ts';

type CheckRow = Omit<CheckResult, 'blocking'> & { readonly blocking: number };

/** Check results per step and partition. */
export function checksTable(db: Connection) {
  const ofRun = prepared<[string], CheckRow>(
    db,
    `SELECT c.step AS stepId, a.name AS asset, c.day, c.name AS "check", c.severity, c.blocking,
       c.failures, c.sample
     FROM run_ids i JOIN steps s ON s.run = i.id JOIN check_results c ON c.step = s.id
     JOIN assets a ON a.id = c.asset
     WHERE i.name = ? ORDER BY c.id`,
  );
  const insert = prepared<[number, number, number, string, string, number, number, string | null]>(
    db,
    `INSERT INTO check_results (step, asset, day, name, severity, blocking, failures, sample)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return {
    ofRun: (runId: RunId): readonly CheckResult[] =>
      ofRun()
        .all(runId)
        .map((row) => ({ ...row, blocking: row.blocking === 1 })),

    add(asset: number, result: CheckResult): void {
      const { stepId, day, check, severity, blocking, failures, sample } = result;
      insert().run(stepId, asset, day, check, severity, blocking ? 1 : 0, failures, sample);
    },
  };
}
