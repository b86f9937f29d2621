import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStateStore } from '../../state/sqlite.ts';
import { unsafeRunId } from '../../engine/ids.ts';
import { copyOf, type TestProject } from '../support/project.ts';
import { contentOf, experiment, leagueGames, leagueProject, measured } from './league-project.ts';

const BLIND = 'drop: [form]\n';
const NOTHING = 'drop: []\n';

let project: TestProject;
beforeAll(async () => {
  project = await leagueProject();
  project.writeAll({
    'blind.yaml': BLIND,
    'nothing.yaml': NOTHING,
    'informed.yaml':
      'add: { model_features: [form] }\nset: { trees: 20, roots: [form], seed: 8 }\n',
    'other-model.yaml': 'model: plain\n',
    'minutes.yaml': 'model: minutes\n',
  });
});
afterAll(() => rmSync(project.root, { recursive: true, force: true }));

describe('experiment with settings', () => {
  test('a variant that lacks what matters loses, beyond doubt', async () => {
    const found = await measured(project, 'points_model --model knowing --variant blind.yaml');
    expect(found.verdict).toBe('champion_stays');
    expect(found.champion.name).toBe('knowing as declared');
    expect(found.challenger.name).toBe('blind.yaml');
    expect(found.challenger.settings).toMatchObject({
      models: { knowing: { features: { model_features: ['season_points', 'noise'] }, roots: [] } },
    });
    expect(found.difference).toBeGreaterThan(0.3);
    expect(found.difference).toBeCloseTo(found.challenger_mae - found.champion_mae, 9);
    const [low, high] = found.interval ?? [NaN, NaN];
    expect(low).toBeGreaterThan(0);
    expect(low).toBeLessThan(found.difference);
    expect(high).toBeGreaterThan(found.difference);
    expect(found.challenger_wins).toBe(0);
    // What knows the form is better than the season average, what does not is not.
    expect(found.champion_mae).toBeLessThan((found.baseline_mae ?? 0) - 0.3);
  });

  test('predicts every date from the first cut-off with enough rows on, also after the last one', async () => {
    const found = await measured(project, 'points_model --model knowing --variant nothing.yaml');
    expect(found.cut_offs).toEqual([
      '2024-10-01',
      '2024-11-01',
      '2024-12-01',
      '2025-01-01',
      '2025-02-01',
    ]);
    expect([found.first, found.last]).toEqual(['2024-11-01', '2025-02-27']);
    // October has nothing before it; of each season the first 14 days, and a player's first 5 games, do not count.
    const games = leagueGames();
    const wanted = games.filter(
      ({ date, played, seasonDay, seasonGames }) =>
        date >= '2024-11-01' && played && seasonDay >= 14 && seasonGames >= 5,
    );
    expect(found.rows).toBe(wanted.length);
    expect(found.dates).toBe(new Set(wanted.map(({ date }) => date)).size);
    expect(found.rows_alone).toEqual({ champion: 0, challenger: 0 });
    // The baseline is the mean of the season's games before.
    const errors = wanted.map((game) => {
      const before = games.filter(
        ({ player, played, date }) => played && player === game.player && date < game.date,
      );
      const own = before.slice(before.length - game.seasonGames);
      return Math.abs(own.reduce((sum, { points }) => sum + points, 0) / own.length - game.points);
    });
    const sum = errors.reduce((total, error) => total + error, 0);
    expect(found.baseline_mae).toBeCloseTo(sum / errors.length, 9);
  });

  test('the same settings make no difference at all', async () => {
    const found = await measured(project, 'points_model --model knowing --variant nothing.yaml');
    expect(found).toMatchObject({
      difference: 0,
      interval: [0, 0],
      challenger_wins: 0,
      verdict: 'no_difference',
    });
    for (const group of found.groups) {
      expect(group).toMatchObject({ difference: 0, interval: [0, 0], verdict: 'no_difference' });
    }
  });

  test('groups are the tiers, whose rows add up', async () => {
    const found = await measured(project, 'points_model --model knowing --variant blind.yaml');
    expect(found.groups.map(({ group }) => group).toSorted()).toEqual([
      'BENCH_0_9',
      'ROTATION_10_19',
      'STARTER_20_29',
      'STAR_30PLUS',
    ]);
    const sum = (of: (group: (typeof found.groups)[number]) => number): number =>
      found.groups.reduce((total, group) => total + of(group), 0);
    expect(sum(({ rows }) => rows)).toBe(found.rows);
    expect(sum(({ rows, challenger_mae }) => rows * challenger_mae) / found.rows).toBeCloseTo(
      found.challenger_mae,
      9,
    );
  });

  test('an added feature that matters wins; --fail-unless-better lets only that pass', async () => {
    const better = 'points_model --model plain --variant informed.yaml --fail-unless-better';
    const { code, out } = await experiment(project, better);
    expect(out).toContain('Verdict: challenger wins (significant)');
    expect(code).toBe(0);
    const same = 'points_model --model knowing --variant nothing.yaml';
    expect((await experiment(project, same)).code).toBe(0);
    expect((await experiment(project, `${same} --fail-unless-better`)).code).toBe(1);
  });

  test('two variants are held against each other, and may begin with different models', async () => {
    const line = 'points_model --model plain --variant informed.yaml --variant other-model.yaml';
    const found = await measured(project, line);
    expect(found.champion).toMatchObject({
      name: 'informed.yaml',
      settings: {
        seed: 8,
        models: {
          plain: {
            trees: 20,
            roots: ['form'],
            features: { model_features: ['season_points', 'noise', 'form'] },
          },
        },
      },
    });
    expect(found.challenger.settings).toMatchObject({ seed: 7, models: { plain: { trees: 12 } } });
    expect(found.verdict).toBe('champion_stays');
  });

  test('--partitions and --every choose cut-offs, and dates up to the next one', async () => {
    const range = '--partitions 2024-11-01..2024-12-31';
    const line = 'points_model --model knowing --variant blind.yaml';
    const two = await measured(project, `${line} ${range}`);
    expect(two.cut_offs).toEqual(['2024-11-01', '2024-12-01']);
    expect([two.first, two.last]).toEqual(['2024-11-01', '2024-12-31']);
    const one = await measured(project, `${line} ${range} --every 2`);
    expect(one.cut_offs).toEqual(['2024-11-01']);
    expect([one.first, one.last, one.rows]).toEqual([two.first, two.last, two.rows]);
    // December is predicted by an older model then.
    expect(one.champion_mae).not.toBe(two.champion_mae);
    const november = await measured(project, `${line} --partitions 2024-11-01`);
    expect(november.last).toBe('2024-11-30');
    // Each month is predicted by its own model, whatever other months are trained beside it.
    const december = await measured(project, `${line} --partitions 2024-12-01`);
    const errors = (of: typeof two): number => of.rows * of.champion_mae;
    expect(errors(november) + errors(december)).toBeCloseTo(errors(two), 6);
  });

  test('a model never learns from the dates that it predicts', async () => {
    const line = 'points_model --model knowing --variant blind.yaml --partitions 2024-11-01';
    const before = await measured(project, line);
    const spoiled = await leagueProject();
    try {
      spoiled.write('blind.yaml', BLIND);
      // From the cut-off on everybody scores 1000 more.
      const games = spoiled.read('data/player_game_summary.csv').split('\n');
      const changed = games.map((row) => {
        const [date = '', player, minutes, points] = row.split(',');
        if (!/^2024-1[12]|^2025/.test(date)) return row;
        return [date, player, minutes, 1000 + Number(points)].join(',');
      });
      spoiled.write('data/player_game_summary.csv', changed.join('\n'));
      await spoiled.materialize({ selection: ['player_game_summary'] });
      const after = await measured(spoiled, line);
      // A prediction that knew nothing of it is off by 1000 more than it was over or under.
      expect(after.rows).toBe(before.rows);
      expect(after.champion_mae).toBeGreaterThan(980);
      expect(after.champion_mae - after.challenger_mae).toBeCloseTo(0, -1);
    } finally {
      rmSync(spoiled.root, { recursive: true, force: true });
    }
  });

  test('says the same twice, and draws otherwise with another seed', async () => {
    const line = 'points_model --model knowing --variant blind.yaml --partitions 2024-11-01';
    const first = await experiment(project, line);
    expect((await experiment(project, line)).out).toBe(first.out);
    const [one, two] = [await measured(project, line), await measured(project, `${line} --seed 2`)];
    expect(two.difference).toBe(one.difference);
    expect(two.interval).not.toEqual(one.interval);
  });

  test('writes nothing', async () => {
    const before = contentOf(project.home);
    expect(Object.keys(before)).toContain('warehouse.duckdb');
    expect(Object.keys(before)).toContain('state.sqlite');
    await experiment(project, 'points_model --model knowing --variant blind.yaml');
    await experiment(project, '--systems usual informed');
    expect(contentOf(project.home)).toEqual(before);
  });

  test('shows its progress, and with --quiet nothing but the result', async () => {
    const line = 'points_model --model knowing --variant nothing.yaml --partitions 2024-11-01';
    const shown = await experiment(project, line);
    expect(shown.err).toContain('champion: 1 of 1 models');
    expect(shown.err).toContain('challenger: 1 of 1 models');
    expect((await experiment(project, `${line} --quiet`)).err).toBe('');
  });
});

test('a run that holds the target is named, and waited for by whoever asks', async () => {
  const held = copyOf(project);
  const store = openStateStore(join(held.home, 'state.sqlite'));
  const taken = store.acquireLease({
    target: 'local',
    runId: unsafeRunId('20241104T080000-abcd'),
    pid: 4321,
    host: 'elsewhere',
    command: 'backfill',
    now: held.effects().now(),
    staleMs: 30_000,
  });
  store.close();
  expect(taken.acquired).toBe(true);
  await expect(experiment(held, '--systems usual informed')).rejects.toMatchObject({
    code: 'TARGET_HELD',
    exitCode: 3,
    message: expect.stringContaining('20241104T080000-abcd (backfill') as string,
    hint: expect.stringContaining('experiment again when it is over') as string,
  });
});

describe('experiment refuses', () => {
  const fails = async (line: string, message: RegExp): Promise<void> => {
    const failure = expect(experiment(project, line)).rejects;
    await failure.toMatchObject({
      name: 'PipelineError',
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(/./) as string,
    });
  };

  test('what is no asset, no module, or cannot be evaluated', async () => {
    await fails('pointsmodel --variant blind.yaml', /did you mean "points_model"/);
    await fails('guesses --variant blind.yaml', /expected a module asset .* found guesses/);
    await fails(
      'silent_model --model plain --variant blind.yaml',
      /expected assets\/silent\.ts or assets\/silent\.evaluate\.ts to export a function `evaluate`/,
    );
  });

  test('a model that is not chosen, or that nothing has', async () => {
    await fails('points_model --variant blind.yaml', /has 3 models: knowing, plain and minutes/);
    await fails('points_model --model plane --variant blind.yaml', /did you mean "plain"/);
  });

  test('sides that predict something else', async () => {
    await fails(
      'points_model --model knowing --variant minutes.yaml',
      /the sides disagree about what happened: 2024-11-01 p0/,
    );
  });

  test('ranges without cut-offs, or without rows to predict', async () => {
    const line = 'points_model --model knowing --variant blind.yaml --partitions';
    await fails(`${line} 2023-01-01..2023-12-31`, /no partition in the wanted range; it has 5/);
    await fails(`${line} 2024-10-01`, /no row is common to both sides/);
  });

  test('options that do not go together', async () => {
    await fails('points_model', /expected one variant file or two, found 0/);
    await fails('points_model --variant a --variant b --variant c', /found 3/);
    await fails('a b --variant x', /expected one asset, found a b/);
    await fails('points_model --variant a --from 2024-01-01', /--from is for --systems/);
    await fails('--systems a b --every 2', /--every is for the settings of an asset/);
    await fails('--systems a', /expected the names of two systems/);
  });
});

describe('experiment with systems', () => {
  test('compares what is materialized, on the rows that count and both have', async () => {
    const found = await measured(project, '--systems usual informed');
    expect(found.verdict).toBe('challenger_wins');
    expect(found.challenger_wins).toBe(1);
    expect(found.rows).toBe(150 * 16);
    expect(found.groups.map(({ group }) => group).toSorted()).toEqual(['high', 'low']);
    expect(found.champion_mae).toBe(found.baseline_mae);
    const [own] = await project.query(
      `SELECT AVG(ABS(guess - actual)) FILTER (system = 'informed'),
       AVG(ABS(guess - actual)) FILTER (system = 'usual') FROM reports.guesses WHERE counts`,
    );
    expect(found.challenger_mae).toBeCloseTo(Number(own?.[0]), 9);
    expect(found.champion_mae).toBeCloseTo(Number(own?.[1]), 9);
  });

  test('says how many rows each has alone, and takes dates', async () => {
    const found = await measured(project, '--systems usual partial --from 2025-01-01');
    expect(found.rows).toBe(58);
    expect(found.rows_alone).toEqual({ champion: 58 * 15, challenger: 0 });
    expect(found.first).toBe('2025-01-01');
    expect(found).toMatchObject({ difference: 0, interval: [0, 0], verdict: 'no_difference' });
  });

  test('refuses systems, comparisons and dimensions that nothing has', async () => {
    const of = (line: string) => experiment(project, line);
    await expect(of('--systems usual informd')).rejects.toThrow(/did you mean "informed"/);
    await expect(of('--systems usual same --of gessing')).rejects.toThrow(
      /did you mean "guessing"/,
    );
    await expect(of('--systems usual same --by teir')).rejects.toThrow(/did you mean "tier"/);
    await expect(of('--systems usual off')).rejects.toThrow(/no row is common/);
  });
});
