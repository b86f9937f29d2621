import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { loadCompiledPipeline } from '../engine/compile/load-compiled.ts';
import { formatDay } from '../engine/partitions/date.ts';
import { evaluateGraph } from '../engine/staleness/status.ts';
import { openStateReader } from '../state/sqlite.ts';
import { bareReader } from './bare-reader.ts';
import {
  assetName,
  changePartition,
  dayAt,
  fillRecord,
  type Shape,
  writePipeline,
} from './generate.ts';
import { measureCli, type Measured, measureNode, medianOf, print } from './measure.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
const WINDOWS = [1, 10, 100, 1000];
const SIZES: readonly Shape[] = [
  { assets: 12, dates: 1000 },
  { assets: 100, dates: 1000 },
  { assets: 100, dates: 10_000 },
  { assets: 1000, dates: 1000 },
];

type Cost = Omit<Measured, 'stdout'>;

/**
 * What commands take that read the record and have nothing to do, on pipelines of which every partition is
 * current, from the start of the process to its end; then with one changed upstream partition. Medians.
 */
async function main(): Promise<void> {
  const only = process.argv.slice(2);
  const sizes = SIZES.filter((size) => only.length === 0 || only.includes(sizeName(size)));
  print(row(['command', 'assets x dates', 'seconds', 'CPU s', 'peak MB', 'us/partition']));
  const bare = await medianOf(ROUNDS, () => measureNode(['--eval', '0']));
  print(row(['node, doing nothing', '', ...figures(bare)]));
  const status: (Cost & { readonly partitions: number })[] = [];
  for (const size of sizes) {
    const cost = await measureSize(size, bare);
    status.push({ ...cost, partitions: size.assets * size.dates });
  }
  printGrowth(status, bare);
  if (only.length === 0) await measureWindows();
}

async function measureSize(size: Shape, bare: Cost): Promise<Cost> {
  return withPipeline(size, async (file) => {
    const name = sizeName(size);
    const measure = async (label: string, run: () => Promise<Measured>): Promise<Cost> => {
      const cost = await medianOf(ROUNDS, run);
      const each = ((cost.cpu - bare.cpu) / (size.assets * size.dates)) * 1e6;
      print(row([label, name, ...figures(cost), each.toFixed(2)]));
      return cost;
    };
    // The record that was filled, whatever home the environment names.
    const env = { FASTBREAK_HOME: join(file, '..', '.fastbreak') };
    const cli = (...args: readonly string[]) => measureCli([...args, '--file', file], env);
    await cli('status');
    const status = await measure('status', () => cli('status'));
    await measure('materialize, nothing to do', () => cli('materialize', '--quiet'));
    await measure('bare node, the same reads', () => measureNode(bareReads(file)));
    const middle = size.dates >> 1;
    await changePartition(file, 0, dayAt(middle));
    await measure('stale, one upstream changed', () => cli('stale', '--json'));
    const partition = [assetName(10), formatDay(dayAt(middle + 1))];
    await measure('why, one upstream changed', () => cli('why', ...partition));
    return status;
  });
}

/** How the cost of `status`, less the start of Node, grows with the number of partitions. */
function printGrowth(costs: readonly (Cost & { readonly partitions: number })[], bare: Cost): void {
  const [first, ...others] = costs;
  if (!first) return;
  for (const each of others) {
    const times = ((each.cpu - bare.cpu) / (first.cpu - bare.cpu)).toFixed(1);
    print(
      `status: ${(each.partitions / first.partitions).toFixed(1)} x partitions, ${times} x CPU`,
    );
  }
}

/** The evaluation alone, in one process, with wider and wider windows. */
async function measureWindows(): Promise<void> {
  print(row(['evaluation', 'window', 'ns / (asset, partition, upstream)']));
  for (const window of WINDOWS) {
    const shape = { assets: 100, dates: 1000 };
    const windows = [`{ before: { partitions: ${window} } }`];
    await withPipeline({ ...shape, windows }, async (file) => {
      const { pipeline, snapshot } = await readAll(file);
      const edges = pipeline.assets.reduce((sum, asset) => sum + asset.upstream.length, 0);
      let best = Infinity;
      for (let round = 0; round < ROUNDS * 6; round++) {
        const before = process.cpuUsage();
        evaluateGraph({ pipeline, snapshot, today: 0 });
        best = Math.min(best, process.cpuUsage(before).user);
      }
      const each = (best * 1000) / (edges * shape.dates);
      print(row(['100 x 1,000', `${window} partitions`, each.toFixed(0)]));
    });
  }
}

async function readAll(file: string) {
  const home = join(file, '..', '.fastbreak');
  const pipeline = await loadCompiledPipeline({ file, cacheDir: join(home, 'cache') });
  const reader = openStateReader(join(home, 'state.sqlite'));
  if (!reader) throw new Error(`no state in ${home}`);
  try {
    return { pipeline, snapshot: reader.snapshot('local') };
  } finally {
    reader.close();
  }
}

/** A script without the engine that reads the very bytes that `status` reads. */
function bareReads(file: string): string[] {
  const home = join(file, '..', '.fastbreak');
  const cache = join(home, 'cache');
  const compiled = readdirSync(cache).find((name) => name.startsWith('compiled-'));
  const paths = [join(home, 'state.sqlite'), join(cache, compiled ?? ''), join(file, '..')];
  return ['--input-type=module', '--eval', bareReader(), '--', ...paths];
}

async function withPipeline<T>(shape: Shape, use: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'fastbreak-bookkeeping-'));
  try {
    const file = writePipeline(folder, shape);
    await fillRecord(file);
    return await use(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sizeName({ assets, dates }: Shape): string {
  return `${assets} x ${dates.toLocaleString('en-US')}`;
}

function figures(cost: Cost): string[] {
  return [cost.seconds.toFixed(3), cost.cpu.toFixed(2), cost.peakMb.toFixed(0)];
}

function row([first = '', second = '', ...others]: readonly string[]): string {
  return first.padEnd(30) + second.padEnd(18) + others.map((text) => text.padStart(13)).join('');
}

await main();
