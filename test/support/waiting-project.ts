import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Rig, type RigFiles } from './rig.ts';
import { SHOP, SHOP_YAML } from './shop-project.ts';

/** Two dates per step; the step that holds 2024-01-04 says that it waits, and waits for a file named `go`. */
const WAITING_TS = `import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export async function materialize(context) {
  const root = new URL('../../', import.meta.url);
  const orders = await context.read('orders');
  for (const { date } of context.partitions) {
    if (date === '2024-01-04') {
      writeFileSync(new URL('waiting', root), 'yes');
      while (!existsSync(new URL('go', root)) && !context.signal.aborted) await sleep(20);
    }
    const count = orders.day.filter((day) => day === date).length;
    context.write([{ day: date, orders: count }]);
  }
}
`;

const WAITING_ASSET = `
  counted:
    group: reports
    description: Orders per day, counted slowly.
    key: [day]
    batch: 2
    upstream: { orders: same }
    columns:
      - day
      - orders: { type: INT64, description: Number of orders }
`;

/** The shop with an asset that a test can hold in the middle of its second step. */
export const WAITING_SHOP: RigFiles = {
  ...SHOP,
  'pipeline.yaml': SHOP_YAML + WAITING_ASSET,
  'assets/reports/counted.ts': WAITING_TS,
};

/** Waits until the held step has begun. */
export async function untilWaiting(rig: Rig): Promise<void> {
  for (let tries = 0; !existsSync(rig.path('waiting')); tries++) {
    if (tries > 1500) throw new Error('the step that waits never began');
    await sleep(20);
  }
}

export async function letGo(rig: Rig): Promise<void> {
  await rig.write('go', 'yes');
}
