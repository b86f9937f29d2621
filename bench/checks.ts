import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

import { WITHOUT_MODELS } from './by-hand.ts';
import { measureCli, median, print, ROOT } from './measure.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 3);

/** The settings of pipeline.yaml that this bench takes out, wherever they stand. */
interface Settings {
  checks?: unknown;
  upstream?: Record<string, unknown>;
}

interface PipelineFile {
  readonly groups: Readonly<Record<string, { readonly defaults?: Settings }>>;
  readonly assets: Readonly<Record<string, Settings>>;
}

/**
 * What the declared checks of the flagship cost, on the files of NBA_DATA (or the league that `npm start`
 * simulates): a whole `materialize` with them and without, in turn, in processor time; then `check` of everything.
 */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fastbreak-checks-'));
  try {
    const [declared, without] = [join(folder, 'declared'), join(folder, 'without')];
    for (const each of [declared, without]) copyPipeline(each);
    takeOutChecks(join(without, 'pipeline.yaml'));
    const cpu = new Map<string, number[]>([declared, without].map((each) => [each, []]));
    const checks: { seconds: number; cpu: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const [place, figures] of cpu) {
        for (const file of ['warehouse.duckdb', 'state.sqlite']) {
          rmSync(join(place, 'home', file), { force: true });
        }
        figures.push((await run(place, 'materialize', '--quiet', ...WITHOUT_MODELS)).cpu);
      }
      checks.push(await run(declared, 'check', '--quiet'));
    }
    printFigures(cpu.get(declared) ?? [], cpu.get(without) ?? [], checks);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function copyPipeline(place: string): void {
  cpSync(join(ROOT, 'assets'), join(place, 'assets'), { recursive: true });
  // The example of a module imports the engine by its place.
  symlinkSync(join(ROOT, 'engine'), join(place, 'engine'));
  cpSync(join(ROOT, 'pipeline.yaml'), join(place, 'pipeline.yaml'));
}

function run(place: string, ...command: readonly string[]) {
  const env = { FASTBREAK_HOME: join(place, 'home') };
  return measureCli([...command, '--file', join(place, 'pipeline.yaml')], env);
}

/** Removes the declared checks, and then the upstreams that nothing else reads. */
function takeOutChecks(file: string): void {
  // The repository's own pipeline has that shape.
  const pipeline = parse(readFileSync(file, 'utf8'), { merge: true }) as PipelineFile;
  for (const group of Object.values(pipeline.groups)) delete group.defaults?.checks;
  for (const asset of Object.values(pipeline.assets)) delete asset.checks;
  const write = (): void =>
    writeFileSync(file, stringify(pipeline, { aliasDuplicateObjects: false }));
  write();
  const unread = /"(\w+)" declares the upstream "(\w+)", but its SQL does not read it/g;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'cli.ts'), 'compile', '--file', file],
    { encoding: 'utf8' },
  );
  for (const [, asset = '', upstream = ''] of `${stdout}${stderr}`.matchAll(unread)) {
    delete pipeline.assets[asset]?.upstream?.[upstream];
  }
  write();
}

function printFigures(
  declared: readonly number[],
  without: readonly number[],
  checks: readonly { readonly seconds: number; readonly cpu: number }[],
): void {
  const [all, none] = [median(declared), median(without)];
  print(`materialize everything, with checks     ${all.toFixed(2)} s of CPU`);
  print(`materialize everything, without         ${none.toFixed(2)} s of CPU`);
  print(`on top                                  ${((all / none - 1) * 100).toFixed(1)} %`);
  const cpu = median(checks.map((each) => each.cpu));
  const seconds = median(checks.map((each) => each.seconds));
  print(
    `check everything                        ${seconds.toFixed(2)} s, ${cpu.toFixed(2)} s of CPU`,
  );
}

await main();
