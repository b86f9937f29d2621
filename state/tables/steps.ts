import type { AssetName, RunId } from '../../engine/ids.ts';
import { prepared, type Connection } from '../connection.ts';
import type { StepRecord, StepStatus, StepSummary } from '../store.ts';

export interface NewStep {
  readonly run: number;
  readonly target: number;
  readonly asset: number;
  readonly firstDay: number;
  readonly lastDay: number;
  readonly partitions: number;
  readonly startedAt: number;
}

export interface StepEnd {
  readonly id: number;
  readonly status: StepStatus;
  readonly endedAt: number;
  readonly rows: number;
  readonly summary: StepSummary;
}

/** How many of an asset's newest succeeded steps an estimate rests on. */
const STEPS_PER_ESTIMATE = 5;

const OF_RUN = `SELECT s.id, i.name AS runId, a.name AS asset, s.first_day AS firstDay,
    s.last_day AS lastDay, s.partitions, s.status, s.started_at AS startedAt,
    s.ended_at AS endedAt, s.rows, s.summary
  FROM run_ids i JOIN steps s ON s.run = i.id JOIN assets a ON a.id = s.asset
  WHERE i.name = ? ORDER BY s.id`;

const SECONDS = `WITH recent AS (
    SELECT a.name AS asset, s.ended_at - s.started_at AS ms,
      s.partitions - coalesce(json_extract(s.summary, '$.skipped'), 0) AS done
    FROM targets t
    CROSS JOIN assets a
    CROSS JOIN steps s ON s.id IN (
      SELECT id FROM steps WHERE target = t.id AND asset = a.id AND status = 'succeeded'
      ORDER BY id DESC LIMIT ${STEPS_PER_ESTIMATE})
    WHERE t.name = ?)
  SELECT asset, sum(ms) / 1000.0 / sum(done) AS seconds
  FROM recent WHERE done > 0 GROUP BY asset`;

/** One row per asset × batch of a run. */
export function stepsTable(db: Connection) {
  const ofRun = prepared<[string], Omit<StepRecord, 'summary'> & { summary: string | null }>(
    db,
    OF_RUN,
  );
  const find = prepared<[number], { readonly run: number; readonly target: number }>(
    db,
    'SELECT run, target FROM steps WHERE id = ?',
  );
  const seconds = prepared<[string], { readonly asset: AssetName; readonly seconds: number }>(
    db,
    SECONDS,
  );
  const insert = prepared<[NewStep]>(
    db,
    `INSERT INTO steps (run, target, asset, first_day, last_day, partitions, status, started_at)
     VALUES (@run, @target, @asset, @firstDay, @lastDay, @partitions, 'running', @startedAt)`,
  );
  const end = prepared<[StepStatus, number, number, string, number]>(
    db,
    'UPDATE steps SET status = ?, ended_at = ?, rows = ?, summary = ? WHERE id = ?',
  );
  const crash = prepared<[number, number]>(
    db,
    `UPDATE steps SET status = 'crashed', ended_at = ? WHERE run = ? AND status = 'running'`,
  );
  return {
    ofRun: (runId: RunId): readonly StepRecord[] =>
      ofRun()
        .all(runId)
        // Written by `end` below from a StepSummary.
        .map((row) => ({
          ...row,
          summary: JSON.parse(row.summary ?? 'null') as StepSummary | null,
        })),
    start: (step: NewStep): number => Number(insert().run(step).lastInsertRowid),
    end: (step: StepEnd): void =>
      void end().run(step.status, step.endedAt, step.rows, JSON.stringify(step.summary), step.id),
    crash: (run: number, now: number): void => void crash().run(now, run),

    /** The run and target of a step that was started. */
    get(id: number): { readonly run: number; readonly target: number } {
      const step = find().get(id);
      if (!step) throw new Error(`Internal error: step ${id} was never started`);
      return step;
    },

    secondsPerPartition: (target: string): ReadonlyMap<AssetName, number> =>
      new Map(
        seconds()
          .all(target)
          .map((row) => [row.asset, row.seconds]),
      ),
  };
}
