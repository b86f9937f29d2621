import { expect, test } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { type Game, leagueProject } from '../support/league.ts';
import { seededRandom } from '../support/seeded.ts';

/** Some weeks of games with uneven numbers of them, so that averages have long decimals. */
function manyGames(): Game[] {
  const random = seededRandom(7);
  const games: Game[] = [];
  let time = Date.UTC(2023, 9, 24);
  for (let id = 1; games.length < 60; time += Math.ceil(random() * 3) * 86_400_000) {
    const date = new Date(time).toISOString().slice(0, 10);
    for (let n = 0; n <= random() * 4; n++) {
      games.push({ id: id++, date, points: 150 + Math.floor(random() * 100) });
    }
  }
  return games;
}

/** Reports with floats, whose sums depend on the order in the last bits. */
const FLOATS = `assets:
  pace:
    group: reports
    description: A float per date with many decimals.
    upstream: { daily: { before: all }, games: same }
    columns:
      - game_date
      - pace: { type: FLOAT64, round: 6, description: Points per game of all dates before }
    expected_empty:
      - condition: NOT EXISTS (SELECT 1 FROM daily AS d WHERE d.game_date < partitions.partition_date)
        reason: no date before
`;
const PACE = `SELECT p.partition_date AS game_date, SUM(d.points / d.games / 3) / SUM(d.games / 7) AS pace
FROM partitions AS p JOIN daily AS d ON d.game_date < p.partition_date
WHERE EXISTS (SELECT 1 FROM games AS g WHERE g.game_date = p.partition_date)
GROUP BY p.partition_date
`;

test('all at once, in small batches and date by date give the same content', async () => {
  const games = manyGames();
  const dates = [...new Set(games.map((game) => game.date))];
  const projects = ['whole', 'batches', 'dates'].map(() => {
    const project = leagueProject(games, { 'assets/reports/pace.sql': PACE });
    project.edit('pipeline.yaml', 'assets:\n', FLOATS);
    return project;
  });
  const [whole, batches, parts] = projects;
  if (!whole || !batches || !parts) throw new Error('there are three');
  expect((await whole.materialize()).code).toBe(0);
  batches.edit('pipeline.yaml', '  retry:', '  batch: 4\n  retry:');
  expect((await batches.materialize()).code).toBe(0);
  for (const date of dates) {
    expect((await parts.materialize({ partitions: date })).code).toBe(0);
  }
  expect(await batches.allVersions()).toEqual(await whole.allVersions());
  expect(await parts.allVersions()).toEqual(await whole.allVersions());
  for (const project of projects) await expectAgreement(project);
}, 120_000);

test('dates in any order of the request give the same content', async () => {
  const whole = leagueProject();
  await whole.materialize();
  const parts = leagueProject();
  await parts.materialize({ selection: ['+daily'] });
  for (const date of ['2023-11-03', '2023-03-02', '2023-10-28', '2023-10-25']) {
    await parts.materialize({ partitions: date });
  }
  await parts.materialize();
  expect(await parts.allVersions()).toEqual(await whole.allVersions());
});

test('a batch with gaps in it gives the same content as the whole', async () => {
  const project = leagueProject();
  await project.materialize();
  const before = await project.allVersions();
  const dates = ['2023-03-02', '2023-10-27', '2023-11-03'];
  await project.materialize({ dates, force: true });
  expect(await project.allVersions()).toEqual(before);
  await expectAgreement(project);
});

test('what one step makes of several batches is what the record and the table hold', async () => {
  const project = leagueProject();
  project.edit('pipeline.yaml', '  retry:', '  batch: 3\n  retry:');
  const outcome = await project.materialize();
  expect(outcome.code).toBe(0);
  const reader = await project.reader();
  const [run] = reader.runs('local', 1);
  const steps = run ? reader.steps(run.id).filter((step) => step.asset === 'daily') : [];
  expect(steps.map((step) => step.partitions)).toEqual([3, 3, 2]);
  await expectAgreement(project);
});
