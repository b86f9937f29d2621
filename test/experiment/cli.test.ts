import { symlink } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { join, resolve } from 'node:path';
import { Rig } from '../support/rig.ts';
import { contentOf, leagueFiles, SOURCES } from './league-project.ts';

const ROOT = resolve(import.meta.dirname, '../..');

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.create({ ...leagueFiles(), 'blind.yaml': 'drop: [form]\n' });
  await symlink(join(ROOT, 'assets/models'), rig.path('assets/models'));
  await symlink(join(ROOT, 'engine'), rig.path('engine'));
});
afterAll(() => rig[Symbol.asyncDispose]());

describe('fastbreak experiment', () => {
  test('says what to make first where nothing is', async () => {
    const never = await rig.run('experiment', 'points_model', '--variant', 'blind.yaml');
    expect(never).toMatchObject({ code: 1, stdout: '' });
    expect(never.stderr).toContain('nothing was ever materialized in target local');
    await rig.run('materialize', 'model_features', '--quiet');
    const half = ['experiment', 'points_model', '--model', 'plain', '--variant', 'blind.yaml'];
    const missing = await rig.run(...half);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain(
      'points_model reads player_game_summary, of which nothing is materialized',
    );
    expect(missing.stderr).toContain('fastbreak materialize +player_game_summary');
    expect((await rig.run('materialize', ...SOURCES, '--quiet')).code).toBe(0);
  });

  test('prints the sides, the rows, a table and a verdict', async () => {
    const line = 'experiment points_model --model knowing --variant blind.yaml --every 2';
    const { code, stdout, stderr } = await rig.run(...line.split(' '));
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(
      'Experiment: points_model in local, 2024-12-01..2025-02-27, 3 cut-offs\n' +
        'champion    knowing as declared\nchallenger  blind.yaml\n',
    );
    expect(stdout).toMatch(/\n1,178 rows of 75 dates that both predicted; 0 more of the champion/);
    expect(stdout).toMatch(
      /\nMAE +rows +champion +challenger +baseline +difference +95 % +challenger wins\nall +1,178 /,
    );
    expect(stdout).toContain('\nVerdict: champion stays: ');
    expect(stderr).toContain('champion: no model of 2024-10-01: 0 rows to train on');
  });

  test('puts one document on stdout with --json, and exits with 1 where only a gain passes', async () => {
    const line = '--systems informed usual --json --fail-unless-better';
    const { code, stdout, stderr } = await rig.run('experiment', ...line.split(' '));
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'systems',
      champion: { name: 'informed', settings: null },
      verdict: 'champion_stays',
    });
    expect([code, stderr]).toEqual([1, '']);
  });

  test('shows a mistake in a variant under its line', async () => {
    await rig.write('wrong.yaml', 'drop:\n  - fomr\n');
    const line = 'experiment points_model --model knowing --variant wrong.yaml';
    const { code, stderr } = await rig.run(...line.split(' '));
    expect(code).toBe(2);
    expect(stderr).toContain('wrong.yaml:2:5 UNKNOWN_FEATURE unknown feature "fomr", did you mean');
    expect(stderr).toContain('  2 |   - fomr\n    |     ^^^^');
    const missing = await rig.run(...line.replace('wrong', 'none').split(' '));
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('expected a variant file, found none at none.yaml');
  });

  test('what the settings do not allow is said by the module', async () => {
    await rig.write('no-tier.yaml', 'drop: [season_points]\n');
    const line = 'experiment points_model --model knowing --variant no-tier.yaml';
    const { code, stderr } = await rig.run(...line.split(' '));
    expect(code).toBe(2);
    expect(stderr).toContain('settings.models.knowing.tier is "season_points"');
  });

  test('Ctrl-C ends it with 130, with no thread left and nothing written', async () => {
    const before = contentOf(rig.home);
    await rig.write('many.yaml', 'set: { trees: 200 }\n');
    const line = 'experiment daily_model --model knowing --variant many.yaml';
    const running = rig.start(line.split(' '));
    await running.printed('champion: 1 of ');
    running.process.kill('SIGINT');
    // The process ends only when its threads have.
    const { code, stderr, stdout } = await running.ended;
    expect(stderr).toContain('the experiment ended early: it was interrupted');
    expect([code, stdout]).toEqual([130, '']);
    expect(contentOf(rig.home)).toEqual(before);
  });

  test('is explained by help', async () => {
    const { stdout } = await rig.run('help', 'experiment');
    expect(stdout).toContain('Usage: fastbreak experiment ASSET | --systems CHAMPION CHALLENGER');
  });
});
