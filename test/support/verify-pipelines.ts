import { LEAGUE_SQL, leagueProject } from './league.ts';
import type { TestProject } from './project.ts';

/** Adds an asset of the group reports to the league, with its SQL. */
export function withReport(project: TestProject, yaml: string, sql: string): TestProject {
  const name = /^ {2}(\w+):/.exec(yaml)?.[1] ?? '';
  project.edit('pipeline.yaml', 'assets:\n', `assets:\n${yaml}`);
  project.write(`assets/reports/${name}.sql`, sql);
  return project;
}

/** Numbers the dates of a batch, instead of those of the season: right only when all are made at once. */
export function forgetfulProject(): TestProject {
  return withReport(
    leagueProject(),
    `  date_number:
    group: reports
    description: The number of the date, and points so far.
    upstream: { daily: same }
    columns:
      - game_date
      - points: { type: INT64, description: Points of the date }
      - number: { type: INT64, description: Number of the date }
`,
    `SELECT d.game_date AS game_date, d.points AS points,
  ROW_NUMBER() OVER (ORDER BY d.game_date) AS number
FROM daily AS d JOIN partitions AS p ON p.partition_date = d.game_date
`,
  );
}

/** Joins with `<=` where its window is strictly before the date: the date itself is in the batch's range only. */
export function overreachingProject(): TestProject {
  return leagueProject(undefined, {
    'assets/reports/season_so_far.sql': LEAGUE_SQL['assets/reports/season_so_far.sql'].replace(
      'd.game_date < p.partition_date',
      'd.game_date <= p.partition_date',
    ),
  });
}
