import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { referenceData } from '../support/data.ts';
import { Flagship, type Rewrites } from '../nba/flagship.ts';
import { briefly, tamper, validate, type ValidationDocument } from './measured-project.ts';

const real = referenceData();

interface Example {
  readonly title: string;
  readonly make: () => Promise<Flagship>;
  /** A month of its middle, with the first date of it that is played. */
  readonly month: readonly [string, string];
}

const EXAMPLES: readonly Example[] = [
  {
    title: 'the simulated league',
    make: () => Flagship.simulated({ teams: 16, gamesPerTeam: 60, seasons: 1 }),
    month: ['2023-12-01', '2023-12-31'],
  },
  ...(real === undefined
    ? []
    : [
        {
          title: 'a season of real games',
          make: () => Flagship.since('2024-10-01', real),
          month: ['2024-12-01', '2024-12-31'] as const,
        },
      ]),
];

/** After the last game. */
const NOW = Date.UTC(2025, 6, 1);
const SOURCES = ['player_box', 'player_game_summary', 'shots', 'team_offense_game_summary'];

describe.each(EXAMPLES)('faults planted in $title', ({ make, month: [from, to] }) => {
  let sound: Flagship;

  beforeAll(async () => {
    sound = await make();
    await sound.materialize({ selection: SOURCES.map((name) => `+${name}`) });
  }, 300_000);
  afterAll(() => sound[Symbol.dispose]());

  /** Validates a copy whose source files were rewritten and loaded again. */
  async function withFault(rewrites: Rewrites): Promise<ValidationDocument> {
    using copy = sound.copy();
    await copy.rewrite(rewrites);
    await copy.materialize({ selection: SOURCES.map((name) => `+${name}`) });
    return (await validate(copy, { selection: SOURCES }, NOW)).document;
  }

  test('none, without a false alarm', async () => {
    const { document, code } = await validate(sound, { selection: SOURCES }, NOW);
    expect(briefly(document)).toEqual([]);
    expect(document.verdict).toBe('PASSED');
    expect(code).toBe(0);
    for (const { coverage, duplicates } of document.assets) {
      expect(coverage['percent']).toBe(100);
      expect(duplicates).toBe(0);
    }
  }, 120_000);

  test('a column of the shots NULL for a month', async () => {
    const isHit = `game_date BETWEEN DATE '${from}' AND DATE '${to}'`;
    const document = await withFault({
      shots: `SELECT * REPLACE (CASE WHEN ${isHit} THEN NULL ELSE block_player_id END AS block_player_id) FROM f`,
    });
    const found = document.findings.find(({ column }) => column === 'block_player_id');
    expect(found).toMatchObject({ asset: 'shots', kind: 'unusual_nulls', severity: 'warn' });
    expect(inside(found?.from, found?.to)).toBe(true);
    // The month less the days without games at its ends.
    expect(found?.partitions).toBeGreaterThan(20);
  }, 120_000);

  test('a date of box scores lost', async () => {
    const lost = await dateInside();
    const document = await withFault({
      player_box: `SELECT * FROM f WHERE game_date <> DATE '${lost}'`,
    });
    // What was made from the rows of before is as good as they were, until the date is loaded again.
    const gaps = document.findings.filter(({ kind }) => kind === 'gap');
    expect(gaps.map(({ asset, from: first, to: last }) => [asset, first, last])).toEqual([
      ['player_box', lost, lost],
    ]);
    expect(gaps[0]).toMatchObject({ found: '1 partition is failed, 1 with older rows' });
    expect(gaps[0]?.cause).toMatch(/^EMPTY_RESULT/);
    expect(gaps[0]?.downstream.map(({ asset }) => asset)).toContain('player_game_summary');
  }, 120_000);

  test('half of the rows of a date lost', async () => {
    const hit = await dateInside();
    const document = await withFault({
      player_box: `SELECT * FROM f WHERE game_date <> DATE '${hit}' OR player_id % 2 = 0`,
    });
    const found = document.findings.filter(
      ({ kind, severity }) => kind === 'few_rows' && severity !== 'info',
    );
    const places = found.map(({ asset, from: first, to: last }) => `${asset} ${first} ${last}`);
    expect(places).toContain(`player_box ${hit} ${hit}`);
    expect(places).toContain(`player_game_summary ${hit} ${hit}`);
    const summary = found.find(({ asset }) => asset === 'player_game_summary');
    expect(summary?.cause ?? '').toMatch(/^of player_box: |^$/);
  }, 120_000);

  test('a fifth of the rows lost from a date on', async () => {
    const document = await withFault({
      shots: `SELECT * FROM f WHERE game_date < DATE '${from}' OR event_num % 5 <> 0`,
    });
    const drop = document.findings.find(({ kind }) => kind === 'drop');
    expect(drop).toMatchObject({ asset: 'shots', severity: 'warn' });
    // The first date of games in the month.
    expect(drop?.from).toBe(await firstDate());
    expect(drop?.found).toMatch(/(19|20|21)% fewer than before$/);
  }, 120_000);

  test('rows removed from the warehouse by hand', async () => {
    using copy = sound.copy();
    const hit = await dateInside();
    await tamper(
      copy,
      `DELETE FROM nba_analytics.player_game_summary WHERE game_date = DATE '${hit}'`,
    );
    const { document, code } = await validate(copy, { selection: SOURCES }, NOW);
    expect(briefly(document)).toContain(`error lost_rows player_game_summary ${hit}`);
    expect(code).toBe(1);
  }, 120_000);

  function inside(first: string | null | undefined, last: string | null | undefined): boolean {
    return (first ?? '') >= from && (last ?? '9') <= to;
  }

  /** A date with several games. */
  async function dateInside(): Promise<string> {
    return oneDate(`GROUP BY game_date HAVING COUNT(*) > 3 ORDER BY game_date LIMIT 1 OFFSET 5`);
  }

  async function firstDate(): Promise<string> {
    return oneDate(`GROUP BY game_date ORDER BY game_date LIMIT 1`);
  }

  async function oneDate(rest: string): Promise<string> {
    const rows = await sound.objects(
      `SELECT CAST(game_date AS VARCHAR) AS date FROM nba_raw.schedule WHERE game_date >= DATE '${from}' ${rest}`,
    );
    return String(rows[0]?.['date']);
  }
});
