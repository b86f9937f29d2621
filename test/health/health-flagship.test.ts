import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Flagship } from '../nba/flagship.ts';
import { health } from './measured-project.ts';

interface Scores {
  readonly average: number;
  readonly classes: Readonly<Record<string, number>>;
  readonly dates: readonly {
    readonly date: string;
    readonly score: number;
    readonly components: Readonly<Record<string, number | null>>;
  }[];
}

/** The columns that historical reports have, in their order. */
const COLUMNS = (
  'game_date health_score scheduled_games bdl_box_scores nbac_gamebook player_game_summary ' +
  'team_defense upcoming_context pdc psza pcf mlfs tdza phase4_completion total_predictions ' +
  'unique_players unique_systems total_graded grading_coverage_pct win_rate'
).split(' ');
/** Rows of a historical report. */
const REPORT = `${COLUMNS.join(',')}
2024-10-22,40.0,2,2,2,42,6,68,0,0,0,0,0,0/4,0,0,0,0,0.0,N/A
2024-12-25,80.0,5,5,5,92,10,164,95,393,164,0,30,4/4,434,92,5,0,0.0,N/A
2026-01-05,96.9,8,8,8,169,16,409,184,423,216,0,30,4/4,560,240,5,473,84.5,43.1
`;

describe('the health of the flagship', () => {
  let flagship: Flagship;

  beforeAll(async () => {
    flagship = await Flagship.simulated({ seasons: 1, gamesPerTeam: 20 });
    await flagship.make();
  }, 300_000);
  afterAll(() => flagship[Symbol.dispose]());

  async function scores(options: Parameters<typeof health>[1] = {}): Promise<Scores> {
    return JSON.parse((await health(flagship, options)).out) as Scores;
  }

  test('scores the rows of a historical report as it did', async () => {
    flagship.write('report.csv', REPORT);
    const report = await scores({ counts: 'report.csv' });
    expect(report.dates.map(({ date, score }) => [date, score])).toEqual([
      ['2024-10-22', 40],
      ['2024-12-25', 80],
      ['2026-01-05', 96.9],
    ]);
    expect(report.classes).toEqual({ excellent: 1, good: 1, fair: 0, poor: 1 });
    expect(report.average).toBe(72.3);
  });

  test('is 100 in the first two weeks of a season, and 40 by the legacy formula', async () => {
    const [ours, legacy] = [await scores(), await scores({ legacy: true })];
    const first = ours.dates[0];
    expect(first).toMatchObject({ score: 100, components: { predictions: null, grading: null } });
    expect(legacy.dates[0]).toMatchObject({ date: first?.date, score: 40 });
    expect(ours.dates.at(-1)?.score).toBe(100);
    expect(legacy.dates.at(-1)?.score).toBeGreaterThan(95);
  });

  test('has the columns of the historical reports, then what they lack', async () => {
    const { out } = await health(flagship, { csv: '-', json: false, legacy: true });
    const [header = '', ...lines] = out.trimEnd().split('\n');
    expect(header.split(',').slice(0, 20)).toEqual(COLUMNS);
    expect(header.split(',').slice(20)).toEqual([
      'health_class',
      'expected_empty',
      'what_is_missing',
    ]);
    const last = lines.at(-1)?.split(',') ?? [];
    const value = (name: string): string => last[COLUMNS.indexOf(name)] ?? '';
    const [row] = await flagship.objects(
      `SELECT COUNT(*)::INT AS rows, COUNT(DISTINCT system_id)::INT AS systems, COUNT(actual_points)::INT AS graded
       FROM nba_predictions.prediction_accuracy WHERE game_date = DATE '${last[0]}'`,
    );
    expect(Number(value('total_predictions'))).toBe(row?.['rows']);
    expect(Number(value('unique_systems'))).toBe(row?.['systems']);
    expect(Number(value('total_graded'))).toBe(row?.['graded']);
    expect(value('phase4_completion')).toBe('4/4');
    expect(value('nbac_gamebook')).toBe(value('scheduled_games'));
    expect(Number(value('player_game_summary'))).toBeGreaterThan(16);
  });
});
