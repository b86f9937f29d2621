import type { RunId } from '../engine/ids.ts';
import { prepared, type Connection } from './connection.ts';
import { isAtWork } from './holder.ts';
import type { LeaseHolder, StateStore } from './store.ts';

type LeaseRequest = Parameters<StateStore['acquireLease']>[0];
type LeaseAnswer = ReturnType<StateStore['acquireLease']>;

const HOLDER = `SELECT run AS runId, pid, host, command, acquired_at AS acquiredAt,
    heartbeat_at AS heartbeatAt
  FROM leases WHERE target = (SELECT id FROM targets WHERE name = ?)`;

/** One writer per target: a row that its holder refreshes, and that others take over when it no longer does. */
export function leasesTable(db: Connection) {
  const holder = prepared<[string], LeaseHolder>(db, HOLDER);
  const take = prepared<[LeaseRequest & { readonly targetId: number }]>(
    db,
    `INSERT OR REPLACE INTO leases (target, run, pid, host, command, acquired_at, heartbeat_at)
     VALUES (@targetId, @runId, @pid, @host, @command, @now, @now)`,
  );
  const beat = prepared<[number, string, string]>(
    db,
    `UPDATE leases SET heartbeat_at = ?
     WHERE target = (SELECT id FROM targets WHERE name = ?) AND run = ?`,
  );
  const release = prepared<[string, string]>(
    db,
    'DELETE FROM leases WHERE target = (SELECT id FROM targets WHERE name = ?) AND run = ?',
  );
  const heartbeat = (target: string, runId: RunId, now: number): boolean =>
    beat().run(now, target, runId).changes > 0;

  return {
    holder: (target: string): LeaseHolder | undefined => holder().get(target),
    heartbeat,
    release: (target: string, runId: RunId): void => void release().run(target, runId),

    acquire(targetId: number, request: LeaseRequest): LeaseAnswer {
      const current = holder().get(request.target);
      if (current && !mayTakeOver(current, request)) {
        // From a clock that ran ahead: counted from now on, so that a dead holder does expire. A live one beats on.
        if (current.heartbeatAt > request.now) {
          heartbeat(request.target, current.runId, request.now);
        }
        return { acquired: false, holder: current };
      }
      take().run({ ...request, targetId });
      return { acquired: true, from: current?.runId === request.runId ? undefined : current };
    },
  };
}

function mayTakeOver(holder: LeaseHolder, request: LeaseRequest): boolean {
  return holder.runId === request.runId || !isAtWork(holder, request);
}
