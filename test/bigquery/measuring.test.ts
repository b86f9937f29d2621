import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { leagueFiles, linkModels, SOURCES } from '../experiment/league-project.ts';
import { guessesFiles } from '../report-accuracy/guesses-project.ts';
import { equalOn } from './both-targets.ts';
import { cloudFor, type Machine, machineWith } from './cloud.ts';
import { smallPipeline, TARGETS } from './small-pipeline.ts';

/** A project of files that know one target, on both. */
function onBoth(files: Readonly<Record<string, string>>): Machine {
  const yaml = (files['pipeline.yaml'] ?? '').replace(/targets: \{.*\n/, () => TARGETS);
  expect(yaml).toContain('warehouse: bigquery');
  return machineWith({ ...files, 'pipeline.yaml': yaml });
}

test('how good systems are comes out the same', async () => {
  await cloudFor();
  const machine = onBoth(guessesFiles());
  await equalOn(machine, 'materialize');
  const whole = await equalOn(machine, 'report accuracy');
  expect(whole).toMatchObject({ comparisons: [{ name: 'values' }] });
  const some = await equalOn(machine, 'report accuracy --from 2024-01-01 --to 2024-01-31');
  expect(some).toMatchObject({ comparisons: [{ rows: 2 }] });
});

test('experiments with settings and with systems come out the same', async () => {
  await cloudFor();
  const machine = onBoth(leagueFiles());
  linkModels(machine.project.root);
  machine.project.write('blind.yaml', 'drop: [form]\n');
  await equalOn(machine, ['materialize', ...SOURCES]);
  const settings = await equalOn(
    machine,
    'experiment points_model --model knowing --variant blind.yaml',
  );
  expect(settings).toMatchObject({ verdict: 'champion_stays' });
  const systems = await equalOn(machine, 'experiment --systems usual informed');
  expect(systems).toMatchObject({ verdict: 'challenger_wins' });
}, 120_000);

test('validation and health come out the same, also where rows were taken away', async () => {
  const server = await cloudFor();
  const machine = machineWith(smallPipeline());
  await equalOn(machine, 'materialize');
  const sound = await equalOn(machine, 'validate');
  await equalOn(machine, 'health');
  const loss = `DELETE FROM reports.daily WHERE game_date = DATE '2023-10-25'`;
  await server.duckdb(loss);
  await inFile(join(machine.home, 'warehouse.duckdb'), loss);
  const found = await equalOn(machine, 'validate', 1);
  expect(JSON.stringify(found)).toContain('2023-10-25');
  expect(found).not.toEqual(sound);
  await equalOn(machine, 'health');
});

async function inFile(path: string, sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  try {
    const connection = await instance.connect();
    await connection.run(sql);
    connection.disconnectSync();
  } finally {
    instance.closeSync();
  }
}
