import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runByHand } from './by-hand.ts';
import { type Shape, writePipeline } from './generate.ts';
import { measureCli, median, print } from './measure.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 5);

interface Cost {
  readonly seconds: number;
  readonly cpu: number;
}

/**
 * What the engine itself costs per partition: a whole `materialize` of a generated pipeline whose statements are
 * trivial, from the start of the process to its end with everything recorded, less the same statements by hand.
 * Process and statements in turn; medians.
 */
async function main(): Promise<void> {
  print(
    `${'what'.padEnd(44)}${['total s', 'hand s', 'ms each', 'CPU ms each', 'hand CPU ms'].map(padded).join('')}`,
  );
  await compare('in batches: 12 assets x 1,000 dates', { assets: 12, dates: 1000 });
  await compare('one by one: 2 assets x 250 dates', { assets: 2, dates: 250, batch: 1 });
  await compare('one by one: 2 assets x 1,000 dates', { assets: 2, dates: 1000, batch: 1 });
}

async function compare(name: string, shape: Shape): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fastbreak-overhead-'));
  try {
    const file = writePipeline(folder, shape);
    const home = join(folder, '.fastbreak');
    await measureCli(['compile', '--quiet', '--file', file]);
    const totals: Cost[] = [];
    const hands: Cost[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const each of ['state.sqlite', 'warehouse.duckdb', 'hand.duckdb']) {
        for (const end of ['', '-wal', '-shm', '.wal'])
          rmSync(join(home, each + end), { force: true });
      }
      totals.push(await measureCli(['materialize', '--quiet', '--file', file]));
      hands.push(await byHand(home, file, shape));
    }
    printCost(name, shape.assets * shape.dates, totals, hands);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function byHand(home: string, file: string, { batch }: Shape): Promise<Cost> {
  const before = process.cpuUsage();
  const seconds = await runByHand(home, join(home, 'hand.duckdb'), { file, singly: batch === 1 });
  const { user, system } = process.cpuUsage(before);
  return {
    seconds: [...seconds.values()].reduce((sum, each) => sum + each, 0),
    cpu: (user + system) / 1e6,
  };
}

function printCost(
  name: string,
  partitions: number,
  totals: readonly Cost[],
  hands: readonly Cost[],
): void {
  const total = middle(totals);
  const hand = middle(hands);
  const each = (key: keyof Cost): string =>
    (((total[key] - hand[key]) / partitions) * 1000).toFixed(3);
  const byHand = ((hand.cpu / partitions) * 1000).toFixed(3);
  const seconds = [total.seconds.toFixed(2), hand.seconds.toFixed(2)];
  const figures = [...seconds, each('seconds'), each('cpu'), byHand];
  print(name.padEnd(44) + figures.map(padded).join(''));
}

function middle(costs: readonly Cost[]): Cost {
  return {
    seconds: median(costs.map((cost) => cost.seconds)),
    cpu: median(costs.map((cost) => cost.cpu)),
  };
}

function padded(text: string): string {
  return text.padStart(13);
}

await main();
