import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FILES, openFiles, tinyLeague } from './tiny-league.ts';

const SAMPLE = join(process.env['NBA_DATA'] ?? '../shared/data', 'sample');
const missing = !existsSync(join(SAMPLE, 'schedule.parquet'));
const reason = missing ? ` (skipped: no files in ${SAMPLE})` : '';

test.skipIf(missing)(`the files have the columns and types of the sample${reason}`, async () => {
  await using league = await tinyLeague();
  const sample = await openFiles(SAMPLE);
  for (const name of FILES) {
    const query = `SELECT column_name, column_type FROM (DESCRIBE ${name})`;
    expect(await league.rows(query), name).toEqual(await sample.rows(query));
  }
  sample.close();
});

test.skipIf(missing)(
  `labels of zones, areas and ranges are those of the sample${reason}`,
  async () => {
    await using league = await tinyLeague();
    const sample = await openFiles(SAMPLE);
    const combinations = 'SELECT DISTINCT zone_basic, zone_area, zone_range, shot_value FROM shots';
    const known = (await sample.rows(combinations)).map((row) => JSON.stringify(row));
    const unknown = (await league.rows(combinations))
      .map((row) => JSON.stringify(row))
      .filter((text) => !known.includes(text));
    expect(unknown).toEqual([]);
    const actions = 'SELECT DISTINCT action_type FROM shots';
    const knownActions = (await sample.rows(actions)).map((row) => row['action_type']);
    const own = (await league.rows(actions)).map((row) => row['action_type']);
    expect(own.filter((action) => !knownActions.includes(action))).toEqual([]);
    sample.close();
  },
);

test('the files are compressed with zstd', async () => {
  await using league = await tinyLeague();
  for (const name of FILES) {
    const path = join(league.summary.outDir, `${name}.parquet`);
    const query = `SELECT DISTINCT compression FROM parquet_metadata('${path}')`;
    expect(await league.rows(query), name).toEqual([{ compression: 'ZSTD' }]);
  }
});

const ORDER: Readonly<Record<(typeof FILES)[number], string>> = {
  schedule: 'game_date, game_id',
  player_box: 'game_date, game_id, team_id, starter DESC, minutes DESC, player_id',
  shots: 'game_date, game_id, period, seconds_remaining DESC, event_num',
  closing_lines: 'game_date, game_id',
  player_pra_lines: 'game_date, game_id, source_player_name, bookmaker, line',
  players: 'player_id',
  teams: 'team',
};

test('rows are sorted like the reference data', async () => {
  await using league = await tinyLeague();
  for (const name of FILES) {
    const [row] = await league.rows(`
      SELECT count(*)::INT AS n FROM (
        SELECT file_row_number AS written, row_number() OVER (ORDER BY ${ORDER[name]}) - 1 AS expected
        FROM ${name}_rows
      ) WHERE written <> expected`);
    expect(row?.['n'], name).toBe(0);
  }
});
