import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runByHand, WITHOUT_MODELS } from './by-hand.ts';
import { measureCli, median, print } from './measure.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 3);

interface EngineRun {
  readonly seconds: number;
  readonly cpu: number;
  readonly peakMb: number;
  readonly assets: ReadonlyMap<string, number>;
}

interface HandRun {
  readonly cpu: number;
  readonly assets: ReadonlyMap<string, number>;
}

interface RunDocument {
  readonly assets: readonly { readonly name: string; readonly seconds: number }[];
}

/**
 * The main job, without trained models and their features, against the same compiled statements by hand, in turn, on the files of NBA_DATA (or the league
 * that `npm start` simulates); then the commands that people wait for. Medians; compare ratios, not seconds.
 */
async function main(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'fastbreak-bench-'));
  const env = { FASTBREAK_HOME: home };
  try {
    await measureCli(['compile', '--quiet'], env);
    const engine: EngineRun[] = [];
    const hand: HandRun[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      rmSync(join(home, 'warehouse.duckdb'), { force: true });
      rmSync(join(home, 'state.sqlite'), { force: true });
      const run = await measureCli(['materialize', '--json', '--quiet', ...WITHOUT_MODELS], env);
      const { assets } = JSON.parse(run.stdout) as RunDocument;
      const seconds = new Map(assets.map((asset) => [asset.name, asset.seconds]));
      engine.push({ ...run, assets: seconds });
      const warehouse = join(home, `hand-${round}.duckdb`);
      const before = process.cpuUsage();
      const byHand = await runByHand(home, warehouse);
      const { user, system } = process.cpuUsage(before);
      hand.push({ cpu: (user + system) / 1e6, assets: byHand });
      rmSync(warehouse, { force: true });
    }
    printComparison(engine, hand);
    await printCommands(env);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function printComparison(engine: readonly EngineRun[], hand: readonly HandRun[]): void {
  print(`asset${' '.repeat(31)}engine s  by hand s   ratio`);
  for (const name of hand[0]?.assets.keys() ?? []) {
    const ours = median(engine.map((run) => run.assets.get(name) ?? 0));
    const theirs = median(hand.map((run) => run.assets.get(name) ?? 0));
    print(row(name, ours, theirs));
  }
  const total = median(engine.map((run) => run.seconds));
  const byHand = median(hand.map((run) => [...run.assets.values()].reduce((a, b) => a + b, 0)));
  print(row('whole command / all statements', total, byHand));
  // What counts on a machine that does other things meanwhile.
  const cpu = median(engine.map((run) => run.cpu));
  print(row('the same in seconds of CPU', cpu, median(hand.map((run) => run.cpu))));
  print(`peak memory ${median(engine.map((run) => run.peakMb)).toFixed(0)} MB`);
}

function row(name: string, ours: number, theirs: number): string {
  const figures = [ours.toFixed(3), theirs.toFixed(3), (ours / theirs).toFixed(2)];
  return name.padEnd(34) + figures.map((text) => text.padStart(10)).join('');
}

async function printCommands(env: Readonly<Record<string, string>>): Promise<void> {
  const date = ['--partitions', '2024-01-15'];
  const commands: readonly (readonly [string, readonly string[]])[] = [
    ['materialize with nothing to do', ['materialize', '--quiet', ...WITHOUT_MODELS]],
    [
      'one date forced through all assets',
      ['materialize', '--force', '--quiet', ...date, ...WITHOUT_MODELS],
    ],
    ['status', ['status']],
    ['--help', ['--help']],
  ];
  for (const [name, args] of commands) {
    const seconds: number[] = [];
    for (let round = 0; round < ROUNDS + 2; round++) {
      seconds.push((await measureCli(args, env)).seconds);
    }
    print(`${name.padEnd(40)}${median(seconds).toFixed(3)} s`);
  }
}

await main();
