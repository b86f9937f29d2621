import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AssetEvaluation } from '../../engine/staleness/status.ts';
import { Bench, type Outcome } from './bench.ts';
import { DEMO, type Example, KINDS, LEAGUE, SAMPLE } from './pipelines.ts';
import { show } from './same-values.ts';
import { serviceBinary, skipReason } from './zetasql-binary.ts';
import type { Value } from './zetasql-values.ts';

const isSkipped = serviceBinary.path === undefined;
const EXAMPLES: readonly Example[] = [
  LEAGUE,
  DEMO,
  KINDS,
  ...(SAMPLE === undefined ? [] : [SAMPLE]),
];

describe.skipIf(isSkipped).each(EXAMPLES)(
  `the reference evaluator and DuckDB return the same rows for $title${skipReason}:`,
  (example) => {
    let bench: Bench;
    let assets: readonly Outcome[];

    beforeAll(async () => {
      bench = await Bench.of(example);
      assets = await bench.compareAssets(spread);
    }, 300_000);
    afterAll(() => bench[Symbol.asyncDispose]());

    test('every SQL asset', async () => {
      expect(assets.length).toBe((await bench.made.sqlAssets()).length);
      expectAgreement(assets);
      // What is stored is rounded: the same to the last bit.
      expect(assets.filter(({ inexact }) => inexact > 0)).toEqual([]);
    });

    test('every calendar', async () => {
      const outcomes = await bench.compareCalendars();
      expect(outcomes.map(({ rows }) => rows)).not.toContain(0);
      expectAgreement(outcomes);
    });

    if (example === LEAGUE) {
      test('every statement of a report', async () => {
        const outcomes = await bench.compareReports();
        expect(outcomes.length).toBeGreaterThan(0);
        expect(outcomes.map(({ rows }) => rows)).not.toContain(0);
        expectAgreement(outcomes);
      });
    }

    test('what is compared holds what engines disagree about', () => {
      const empty = assets.filter(({ rows }) => rows === 0).map(({ title }) => title);
      // Two weeks are not enough for profiles and what is made of them.
      if (example === SAMPLE) expect(assets.length - empty.length).toBeGreaterThanOrEqual(8);
      else expect(empty).toEqual([]);
      const nulls = assets.reduce((sum, outcome) => sum + outcome.nulls, 0);
      if (example !== DEMO) expect(nulls).toBeGreaterThan(0);
    });

    // Two weeks of real games are there for their data.
    if (example !== SAMPLE) {
      test('every SQL asset, one partition alone', async () => {
        expectAgreement(await bench.compareAssets(({ expected: { days } }) => [days.length - 1]));
      });

      test('every condition of an empty partition', async () => {
        expectAgreement(await bench.compareConditions(some));
      });

      test('who is expected and has no row', async () => {
        const outcomes = await bench.compareFailures(example === KINDS ? all : some);
        expectAgreement(outcomes);
        if (example !== DEMO) expect(outcomes.some(({ rows }) => rows > 0)).toBe(true);
      });

      test('every check', async () => {
        const outcomes = await bench.compareChecks(example === KINDS ? all : some);
        expect(outcomes.length).toBeGreaterThan(0);
        expectAgreement(outcomes);
        if (example === KINDS) expect(withoutOffenders(outcomes)).toEqual([]);
      }, 180_000);
    }

    if (example === LEAGUE) {
      test('placeholders, first games of a season and ties are among it', () => {
        const sources = columnOf(assets, 'ml_feature_store_v2', 'data_source');
        expect(sources).toContain('early_season');
        expect(new Set(sources).size).toBeGreaterThan(1);
        expect(columnOf(assets, 'upcoming_player_game_context', 'season_games_before')).toContain(
          0n,
        );
        const points = columnOf(assets, 'player_game_summary', 'points');
        expect(new Set(points).size).toBeLessThan(points.length);
      });
    }
  },
);

/** About a dozen partitions over the whole range, the first ones of each period, and the last. */
function spread({ expected: { days, periodIndex } }: AssetEvaluation): readonly number[] {
  const step = Math.max(1, Math.ceil(days.length / 6));
  return [...days.keys()].filter((index) => {
    const isFirst = [1, 2].some((back) => periodIndex[index] !== periodIndex[index - back]);
    return index % step === 0 || isFirst || index === days.length - 1;
  });
}

function all({ expected }: AssetEvaluation): readonly number[] {
  return [...expected.days.keys()];
}

/** The declared checks of the asset that is to fail all of them, that no row offends. */
function withoutOffenders(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes
    .filter(({ title }) => title.startsWith('checked, check') && !/key|required|finite/.test(title))
    .filter(({ reference: { columns, rows } }) => {
      const at = columns.findIndex(({ name }) => name === 'offends');
      return at < 0 ? rows.length === 0 : !rows.some((row) => row[at] === true);
    })
    .map(({ title }) => title);
}

/** Half a dozen partitions. */
function some(of: AssetEvaluation): readonly number[] {
  return spread(of).filter((_, at) => at % 3 === 0);
}

function expectAgreement(outcomes: readonly Outcome[]): void {
  const differing = outcomes.filter(({ differences }) => differences.length > 0);
  expect(differing.map(({ title, differences }) => ({ title, differences }))).toEqual([]);
}

/** The values of one column of an asset's rows. */
function columnOf(outcomes: readonly Outcome[], asset: string, name: string): readonly Value[] {
  const { columns, rows } = outcomes.find(({ title }) => title.startsWith(`${asset},`))
    ?.reference ?? { columns: [], rows: [] };
  const at = columns.findIndex((column) => column.name === name);
  if (at < 0) throw new Error(`${asset} has no ${name}: ${show(columns.map((each) => each.name))}`);
  return rows.map((row) => row[at] ?? null);
}
