import { hostname } from 'node:os';

import { openStateStore } from '../../state/sqlite.ts';
import { EXIT, PipelineError } from '../errors.ts';
import { jsonText } from '../report/json.ts';
import { plural } from '../report/text.ts';
import { pullRecord } from '../run/reconcile.ts';
import { type Effects, type GlobalOptions, openProject } from './context.ts';
import { assetsByName, newRunId } from './held-target.ts';
import { holdLease } from './lease.ts';
import { openReadable } from './open-readable.ts';

/**
 * `fastbreak state pull`: makes this machine's record of a shared target what the target's own table says. Nothing is
 * written to the target, so that it works while somebody else's run goes on.
 */
export async function runStatePull(options: GlobalOptions, effects: Effects): Promise<number> {
  const project = await openProject(options, effects);
  const { name: target, warehouse: kind } = project.target;
  if (kind !== 'bigquery') {
    throw new PipelineError(
      `target ${target} is a file of this machine: there is nothing to pull`,
      {
        code: 'TARGET_NOT_SHARED',
        hint: 'name a shared target with --target, or make the record anew with: fastbreak state rebuild',
      },
    );
  }
  const store = openStateStore(project.statePath);
  try {
    const runId = newRunId(effects.now());
    const { now } = effects;
    const lease = holdLease(store, { target, runId, host: hostname(), command: 'state pull', now });
    const warehouse = await openReadable(project, effects).catch((error: unknown) => {
      lease.release();
      throw error;
    });
    try {
      const context = { assets: assetsByName(project), warehouse, store, target, runId, now };
      // Before the rows: what is published meanwhile must look like news to the next run.
      const fingerprint = await warehouse.fingerprint();
      const { adopted, removed } = await pullRecord(context, store.snapshot(target));
      store.saveWarehouseFingerprint(target, fingerprint ?? null);
      const records = [...store.snapshot(target).records.values()];
      const partitions = records.reduce((sum, each) => sum + each.days.length, 0);
      effects.stdout(
        options.json
          ? jsonText({ target, partitions, adopted, removed })
          : `Pulled the record of ${target}: ${plural(partitions, 'partition')}, ${adopted} of them new or changed, ${removed} gone.\n`,
      );
      return EXIT.ok;
    } finally {
      await warehouse.close();
      lease.release();
    }
  } finally {
    store.close();
  }
}
