import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Effects, GlobalOptions } from '../../engine/commands/context.ts';
import { commandOptions, parseCommandLine } from '../../engine/commands/arguments.ts';
import { runForget } from '../../engine/commands/forget.ts';
import { runVerify, type VerifyOptions } from '../../engine/commands/verify.ts';
import { openStateStore } from '../../state/sqlite.ts';
import { unsafeRunId } from '../../engine/ids.ts';
import { leagueProject } from '../support/league.ts';
import { GLOBALS, type TestProject } from '../support/project.ts';
import { Rig } from '../support/rig.ts';
import { SHOP } from '../support/shop-project.ts';
import { forgetfulProject, overreachingProject } from '../support/verify-pipelines.ts';

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function verify(
  project: TestProject,
  options: Partial<VerifyOptions & GlobalOptions> = {},
  changes: Partial<Effects> = {},
): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const effects: Effects = {
    ...project.effects(),
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    ...changes,
  };
  const own = { selection: [], exclude: [], sample: 50, all: false, seed: 1 };
  const globals = { ...GLOBALS, json: false, quiet: false };
  const code = await runVerify({ ...globals, ...own, ...options }, effects);
  return { code, out: out.join(''), err: err.join('') };
}

/** Hashes of all files of the home that hold anything. */
function contentOf(project: TestProject): Record<string, string> {
  const names = readdirSync(project.home).filter((name) => /\.(sqlite|duckdb)(\.wal)?$/.test(name));
  return Object.fromEntries(
    names.map((name) => {
      const bytes = readFileSync(join(project.home, name));
      return [name, createHash('sha256').update(bytes).digest('hex')];
    }),
  );
}

describe('fastbreak verify', () => {
  test('finds no difference in a pipeline that keeps its windows apart, and says what it left out', async () => {
    const project = leagueProject();
    await project.materialize();
    const { code, out, err } = await verify(project);
    expect(code).toBe(0);
    expect(out).toBe(
      'left out: 8 of sources, which have no upstream; 3 expected to be empty\n' +
        'verified 21 partitions of 3 assets (seed 1): 0 differences\n',
    );
    expect(err).toBe(
      'daily: 8 partitions, 0 differences\n' +
        'best_before: 7 partitions, 0 differences\n' +
        'season_so_far: 6 partitions, 0 differences\n',
    );
  });

  test('names rows and columns that differ, the SQL to look into and the command to repeat it', async () => {
    const project = overreachingProject();
    await project.materialize();
    const { code, out } = await verify(project, { partitions: '2023-10-24..2023-10-27' });
    expect(code).toBe(1);
    expect(out).toBe(
      `season_so_far: 2 of 2 partitions differ
  2023-10-25: 1 row in the batch, 1 alone
    game_date 2023-10-25: average 160.5 in the batch, 220 alone
    game_date 2023-10-25: dates 2 in the batch, 1 alone
  2023-10-27: 1 row in the batch, 1 alone
    game_date 2023-10-27: average 140 in the batch, 160.5 alone
    game_date 2023-10-27: dates 3 in the batch, 2 alone
  It reads other partitions of the batch, or depends on an order that it does not fix: assets/reports/season_so_far.sql
  fastbreak verify season_so_far --partitions 2023-10-25

left out: 3 of sources, which have no upstream; 1 expected to be empty
verified 8 partitions of 3 assets (seed 1): 2 differences
`,
    );
  });

  test('tells rows that were changed in the warehouse, and how to write them again', async () => {
    const project = leagueProject();
    await project.materialize();
    await project.tamper("UPDATE reports.daily SET best = 7 WHERE game_date = '2023-11-03'");
    const { code, out } = await verify(project, { selection: ['daily'], all: true, quiet: true });
    expect(code).toBe(1);
    expect(out).toBe(
      `daily: 1 of 8 partitions differs
  2023-11-03: 1 row in its table, 1 alone, 1 written
    game_date 2023-11-03: best 7 in its table, 112 alone
  Rows were changed in the warehouse after they were written. To write them again:
  fastbreak forget daily --partitions 2023-11-03 --yes
  fastbreak materialize daily --partitions 2023-11-03

verified 8 partitions of 1 asset: 1 difference
`,
    );
    const globals = { ...GLOBALS, json: false };
    const forgotten = { asset: 'daily', partitions: '2023-11-03', yes: true };
    expect(await runForget({ ...globals, ...forgotten }, project.effects())).toBe(0);
    await project.materialize({ selection: ['daily'], partitions: '2023-11-03' });
    expect((await verify(project, { all: true })).code).toBe(0);
  });

  test('prints one JSON document', async () => {
    const project = forgetfulProject();
    await project.materialize();
    const { code, out } = await verify(project, {
      json: true,
      selection: ['date_number', 'games', 'season_so_far'],
      partitions: '2023-03-01..2023-03-02',
    });
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({
      target: 'local',
      seed: 1,
      verified: 3,
      assets: [
        { name: 'date_number', verified: 2 },
        { name: 'season_so_far', verified: 1 },
      ],
      differences: [
        {
          asset: 'date_number',
          partition: '2023-03-02',
          cause: 'alone',
          rows: 1,
          rows_recorded: 1,
          rows_alone: 1,
          rows_differing: 1,
          examples: [{ key: { game_date: '2023-03-02' }, column: 'number', batch: 2, alone: 1 }],
        },
      ],
      skipped: [
        { asset: 'games', reason: 'source', partitions: 2 },
        { asset: 'season_so_far', reason: 'expected-empty', partitions: 1 },
      ],
      warehouse_as_left: true,
    });
  });

  test('draws as many partitions as asked for, the same for the same seed', async () => {
    const project = forgetfulProject();
    await project.materialize();
    const draw = async (seed: number): Promise<string> => {
      const { out } = await verify(project, { sample: 8, seed, json: true });
      const { differences } = JSON.parse(out) as { differences: { partition: string }[] };
      return differences.map((each) => each.partition).join(' ');
    };
    expect(await draw(3)).toBe(await draw(3));
    const draws = new Set([await draw(3), await draw(4), await draw(5), await draw(6)]);
    expect(draws.size).toBeGreaterThan(1);
  });

  test('shows a bar on a terminal and takes it away', async () => {
    const project = leagueProject();
    await project.materialize();
    const { err } = await verify(project, {}, { isTerminal: true });
    expect(err).toContain('15/21');
    expect(err.endsWith('\r\u001b[2K')).toBe(true);
  });

  test('changes neither the record nor the warehouse, whatever it finds', async () => {
    const project = forgetfulProject();
    await project.materialize();
    const before = contentOf(project);
    expect(Object.keys(before)).toEqual(['state.sqlite', 'warehouse.duckdb']);
    expect((await verify(project, { all: true })).code).toBe(1);
    expect(contentOf(project)).toEqual(before);
    expect(await project.materialize()).toMatchObject({ document: { status: 'nothing-to-do' } });
  });
});

describe('fastbreak verify ends', () => {
  test('with 1 when nothing is current, saying what there is instead', async () => {
    const project = leagueProject();
    await project.materialize({ selection: ['games'] });
    await expect(verify(project)).rejects.toMatchObject({
      code: 'NOTHING_TO_VERIFY',
      exitCode: 1,
      message: expect.stringMatching(
        /8 of sources, which have no upstream; \d+ missing/,
      ) as unknown,
    });
  });

  test('with 1 when nothing was ever materialized', async () => {
    await expect(verify(leagueProject())).rejects.toMatchObject({
      code: 'NOT_MATERIALIZED',
      exitCode: 1,
    });
  });

  test('with 3 while a run holds the target, naming the run', async () => {
    const project = leagueProject();
    await project.materialize();
    const store = openStateStore(join(project.home, 'state.sqlite'));
    const lease = {
      target: 'local',
      runId: unsafeRunId('20231104T080000-abcd'),
      pid: 4321,
      host: 'elsewhere',
      command: 'backfill',
      now: project.effects().now(),
      staleMs: 30_000,
    };
    expect(store.acquireLease(lease).acquired).toBe(true);
    store.close();
    await expect(verify(project)).rejects.toMatchObject({
      code: 'TARGET_HELD',
      exitCode: 3,
      message: expect.stringContaining('20231104T080000-abcd (backfill, process 4321') as unknown,
    });
  });

  test('with 3 when another process has the warehouse open to write', async () => {
    await using rig = await Rig.create(SHOP);
    expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
    await rig.write('hold.mjs', HOLD);
    const { pathname } = new URL(
      '../../node_modules/@duckdb/node-api/lib/index.js',
      import.meta.url,
    );
    const { spawn } = await import('node:child_process');
    const file = rig.path('home', 'warehouse.duckdb');
    const holder = spawn(process.execPath, [rig.path('hold.mjs'), pathname, file]);
    try {
      await new Promise((resolve) => holder.stdout.once('data', resolve));
      const { code, stderr } = await rig.run('verify');
      expect(stderr).toContain('lock');
      expect(code).toBe(3);
    } finally {
      holder.kill('SIGKILL');
    }
    expect(await rig.run('verify')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('verified 11 partitions of 2 assets') as unknown,
    });
  });

  test('with 130 after Ctrl-C', async () => {
    const project = leagueProject();
    await project.materialize();
    const signal = AbortSignal.abort();
    await expect(verify(project, {}, { signal })).rejects.toMatchObject({ exitCode: 130 });
  });

  test('with 2 for --sample together with --all', () => {
    const invocation = parseCommandLine(['verify', '--all', '--sample', '3']);
    if (invocation.type !== 'run') throw new Error('it is a command');
    expect(() => commandOptions('verify', invocation.values)).toThrow('--sample or --all');
  });
});

const HOLD = `const { DuckDBInstance } = await import(process.argv[2]);
const instance = await DuckDBInstance.create(process.argv[3]);
await instance.connect();
process.stdout.write('held');
setInterval(() => instance, 1000);
`;
