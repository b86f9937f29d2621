import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runVerify } from '../../engine/commands/verify.ts';
import { countsOf, GLOBALS } from '../support/project.ts';
import type { Flagship } from './flagship.ts';
import {
  FIRST_CUT_OFF,
  lineupsChangedOn,
  modelHashes,
  outcomesShuffledFrom,
  smallLeague,
  SYSTEMS_OF,
  TRAINED_SYSTEMS,
  versionsUpTo,
} from './trained-league.ts';

const SLOW = 300_000;
const MIDDLE_OF_A_MONTH = '2023-12-14';
const CUT_OFF = '2024-01-01';
const PREDICTIONS = [
  ...TRAINED_SYSTEMS,
  'ensemble_v1',
  'ensemble_v2',
  'player_prop_predictions',
  'pra_predictions',
];
const MODELS = Object.keys(SYSTEMS_OF);

/** Everything is made. */
let flagship: Flagship;
/** The models of points and what they are trained on, and the systems without models. */
let modelled: Flagship;

beforeAll(async () => {
  modelled = await smallLeague();
  const { code } = await modelled.materialize({ selection: ['+points_model', '+ensemble_v1'] });
  expect(code).toBe(0);
  flagship = modelled.copy();
  await flagship.make();
}, SLOW);
afterAll(() => {
  flagship?.[Symbol.dispose]();
  modelled?.[Symbol.dispose]();
});

test.each([
  ['in the middle of a month', MIDDLE_OF_A_MONTH],
  ['at a cut-off', CUT_OFF],
])(
  'shuffled outcomes from a date %s on change no prediction up to it, and some after',
  async (_, date) => {
    using changed = flagship.unmade();
    await changed.rewrite(outcomesShuffledFrom(date));
    expect((await changed.materialize()).document.failures).toEqual([]);
    const assets = [...PREDICTIONS, ...MODELS];
    const [before, after] = [
      await versionsUpTo(flagship, assets, date),
      await versionsUpTo(changed, assets, date),
    ];
    expect(after).toEqual(before);
    // Otherwise nothing was shuffled and the test would prove nothing.
    const [all, allAfter] = [await flagship.allVersions(), await changed.allVersions()];
    for (const asset of assets) {
      const isMonthly = MODELS.includes(asset);
      const day = isMonthly ? `${date.slice(0, 7)}-01` : date;
      expect(Object.keys(before[asset] ?? {}), asset).toContain(day);
      const later = Object.keys(all[asset] ?? {}).filter((each) => each > date);
      expect(later, asset).not.toEqual([]);
      // Who plays on the next two dates may have rested on this one.
      const differing = later.filter((each) => all[asset]?.[each] !== allAfter[asset]?.[each]);
      expect(differing, asset).toEqual(expect.arrayContaining(later.slice(isMonthly ? 0 : 2)));
    }
  },
  SLOW,
);

test(
  'who plays and who starts on a date changes what knows lineups, and nothing else',
  async () => {
    const date = MIDDLE_OF_A_MONTH;
    // The best of each team.
    const absent = await flagship.query(
      `SELECT CAST(arg_max(player_id, points) AS INTEGER) FROM nba_analytics.player_game_summary AS g
        WHERE game_date = DATE '${date}' GROUP BY team_abbr`,
    );
    using changed = flagship.copy();
    await changed.rewrite(lineupsChangedOn(date, absent.flat().map(Number)));
    expect((await changed.materialize()).document.failures).toEqual([]);
    const rowsOf = async (project: Flagship, system: string) => {
      const rows = await project.query(
        `SELECT player_lookup, * EXCLUDE (player_lookup) FROM nba_predictions.${system}
          WHERE game_date = DATE '${date}'`,
      );
      return new Map(rows.map(([player, ...values]) => [player, values]));
    };
    for (const system of TRAINED_SYSTEMS) {
      const [before, after] = [await rowsOf(flagship, system), await rowsOf(changed, system)];
      expect(after.size, system).toBe(before.size - absent.length);
      const others = [...after].filter(([player, row]) => !equal(row, before.get(player)));
      // All have other mates.
      expect(others.length, system).toBe(system.includes('lineups') ? after.size : 0);
    }
  },
  SLOW,
);

function equal(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

test(
  'training again by force, a month alone or all at once, gives the same models',
  async () => {
    using again = flagship.copy();
    const before = await modelHashes(again);
    expect(Object.keys(before)).toHaveLength(9);
    const forced = await again.materialize({ selection: MODELS, force: true });
    expect(countsOf(forced, 'points_model')).toEqual({ unchanged: 5 });
    expect(countsOf(forced, 'pra_model')).toEqual({ unchanged: 5 });
    const month = await again.materialize({
      selection: ['points_model'],
      partitions: '2024-01-10',
      force: true,
    });
    expect(countsOf(month, 'points_model')).toEqual({ unchanged: 1 });
    expect(await modelHashes(again)).toEqual(before);
    const options = { ...GLOBALS, selection: MODELS, exclude: [], sample: 9, all: true, seed: 1 };
    expect(await runVerify(options, again.effects())).toBe(0);
  },
  SLOW,
);

test('a month with too few rows says so, and its dates are expected to be empty for that', async () => {
  const rows = await flagship.query(
    `SELECT CAST(cut_off AS VARCHAR), not_trained, model IS NULL AND model_sha256 IS NULL
      FROM nba_models.points_model WHERE cut_off < DATE '${FIRST_CUT_OFF}' AND model_id = 'points_v1' ORDER BY 1`,
  );
  const reason = '0 rows to train on, fewer than 600';
  expect(rows).toEqual([
    ['2023-10-01', reason, true],
    ['2023-11-01', reason, true],
  ]);
  for (const system of TRAINED_SYSTEMS) {
    const statuses = Object.entries(await flagship.status(system));
    const empty = statuses.filter(([, status]) => status === 'expected-empty');
    expect(empty, system).toEqual(statuses.filter(([day]) => day < FIRST_CUT_OFF));
    expect(flagship.command('why', system, '2023-11-29'), system).toMatchObject({
      reason: 'there were too few rows to train a model on',
    });
  }
});

test(
  'a feature that is too often stood in for leaves its model untrained, and no other',
  async () => {
    using spoiled = modelled.copy();
    spoiled.edit(
      'assets/features/contract_features.sql',
      '  k.fatigue_score,',
      '  CAST(NULL AS FLOAT64) AS fatigue_score,',
    );
    const { code, document } = await spoiled.materialize({
      selection: ['+points_model', ...SYSTEMS_OF.points_model],
    });
    expect(code).toBe(1);
    const months = [FIRST_CUT_OFF, CUT_OFF, '2024-02-01'];
    const rows = await spoiled.query(
      `SELECT CAST(cut_off AS VARCHAR), model_id FROM nba_models.points_model
        WHERE model IS NULL AND refused_for = 'TOO_MANY_DEFAULTS' ORDER BY 1`,
    );
    expect(rows).toEqual(months.map((month) => [month, 'boosted_21_v1']));
    const failed = document.failures.filter(({ status }) => status === 'failed');
    expect(new Set(failed.map(({ asset }) => asset))).toEqual(new Set(['boosted_21_v1']));
    expect(failed.length).toBeGreaterThan(30);
    expect(new Set(failed.map(({ category }) => category))).toEqual(new Set(['TOO_MANY_DEFAULTS']));
    expect(failed[0]?.message).toContain(
      'fatigue_score is not known in 100.0 % of the training rows, at most 5.0 % may be stood in for',
    );
  },
  SLOW,
);

/** The statement that changes a model behind the engine's back. */
function spoil(model: string, cutOff: string, set: string): string {
  return `UPDATE nba_models.points_model SET ${set}
    WHERE model_id = '${model}' AND cut_off = DATE '${cutOff}'`;
}

/** A model that says of itself that its first two features come the other way round. */
async function reordered(project: Flagship, model: string, cutOff: string): Promise<string> {
  const [[text] = []] = await project.query(
    `SELECT model FROM nba_models.points_model WHERE model_id = '${model}' AND cut_off = DATE '${cutOff}'`,
  );
  const stored = JSON.parse(String(text)) as { readonly features: readonly string[] };
  const [first = '', second = '', ...others] = stored.features;
  const changed = JSON.stringify({ ...stored, features: [second, first, ...others] });
  const sha256 = createHash('sha256').update(changed).digest('hex');
  return `model = '${changed}', model_sha256 = '${sha256}'`;
}

async function contributors(project: Flagship, month: string): Promise<ReadonlySet<string>> {
  const rows = await project.query(
    `SELECT DISTINCT UNNEST(string_split(contributing_systems, ',')) FROM nba_predictions.player_prop_predictions
      WHERE system_id = 'ensemble_v2' AND strftime(game_date, '%Y-%m') = '${month}'`,
  );
  return new Set(
    rows
      .flat()
      .map(String)
      .filter((system) => TRAINED_SYSTEMS.includes(system)),
  );
}

test(
  'a damaged, changed or missing model fails its dates and no others, and training by force mends it',
  async () => {
    using broken = modelled.copy();
    await broken.tamper(
      spoil('boosted_21_v1', FIRST_CUT_OFF, 'model = NULL'),
      spoil('points_v1', FIRST_CUT_OFF, "model = replace(model, 'points_ewma_3', 'points_ewma_4')"),
      spoil('points_lineups_v1', FIRST_CUT_OFF, "feature_version = 'rich_0+lineups_2'"),
      spoil('points_v1', CUT_OFF, await reordered(broken, 'points_v1', CUT_OFF)),
    );
    const { code, document } = await broken.materialize({ exclude: MODELS });
    expect(code).toBe(1);
    const failed = document.failures.filter(({ status }) => status === 'failed');
    const found = new Map<string, string>();
    for (const { asset, partition, category, message } of failed) {
      if (!SYSTEMS_OF.points_model.includes(asset)) continue;
      found.set(`${asset} ${partition.slice(0, 7)}`, `${category} ${message}`);
    }
    const again = (asset: string, cutOff: string): string =>
      `(fastbreak materialize ${asset} --partitions ${cutOff} --force trains it again)`;
    expect(Object.fromEntries(found)).toEqual({
      'boosted_21_v1 2023-12': `MODEL_MISSING boosted_21_v1 of 2023-12-01: it has no content ${again('points_model', FIRST_CUT_OFF)}`,
      'points_v1 2023-12': `MODEL_CORRUPT points_v1 of 2023-12-01: its content does not have the recorded SHA-256 ${again('points_model', FIRST_CUT_OFF)}`,
      'points_lineups_v1 2023-12': `MODEL_MISMATCH points_lineups_v1 of 2023-12-01: it was trained on features of version rich_0+lineups_2, these are of version rich_2+lineups_2 ${again('points_model', FIRST_CUT_OFF)}`,
      'points_v1 2024-01': `MODEL_MISMATCH points_v1 of 2024-01-01: its feature 0 is "points_ewma_3", in the contract that is "points_from_minutes_3" ${again('points_model', CUT_OFF)}`,
    });
    // No model of PRA was made at all.
    const without = failed.filter(({ asset }) => SYSTEMS_OF.pra_model.includes(asset));
    expect(without.length).toBeGreaterThan(100);
    for (const { category, message } of without) {
      expect(category).toBe('MODEL_MISSING');
      expect(message).toContain('there is no model at or before the date');
      expect(message).toContain('fastbreak materialize pra_model --partitions');
    }
    // Every date of the months, and nothing else.
    const dates = Object.keys(await broken.status('points_v1'));
    for (const [system, months] of [
      ['boosted_21_v1', ['2023-12']],
      ['points_v1', ['2023-12', '2024-01']],
      ['points_lineups_v1', ['2023-12']],
    ] as const) {
      const of = failed.filter(({ asset }) => asset === system).map(({ partition }) => partition);
      const wanted = dates.filter((date) => months.some((month) => date.startsWith(month)));
      expect(of.toSorted(), system).toEqual(wanted);
    }
    expect(await contributors(broken, '2023-12')).toEqual(new Set());
    expect(await contributors(broken, '2024-01')).toEqual(
      new Set(['boosted_21_v1', 'points_lineups_v1']),
    );
    expect(await contributors(broken, '2024-02')).toEqual(new Set(SYSTEMS_OF.points_model));
    const made = await broken.status('player_prop_predictions');
    expect(new Set(Object.values(made))).toEqual(new Set(['current', 'expected-empty']));

    await broken.materialize({ selection: ['points_model'], force: true });
    await broken.make();
    expect(await broken.allVersions()).toEqual(await flagship.allVersions());
  },
  SLOW,
);

test(
  'a model whose row is gone is trained again by the next run',
  async () => {
    using broken = flagship.copy();
    const before = await modelHashes(broken);
    await broken.tamper(
      `DELETE FROM nba_models.points_model WHERE model_id = 'points_v1' AND cut_off = DATE '${CUT_OFF}'`,
    );
    const outcome = await broken.materialize();
    expect(outcome.document.failures).toEqual([]);
    expect(await modelHashes(broken)).toEqual(before);
    expect(await broken.allVersions()).toEqual(await flagship.allVersions());
  },
  SLOW,
);
