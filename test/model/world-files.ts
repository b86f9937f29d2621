import { type AssetSpec, kindOf, taggedAssets, type World } from './world.ts';

/** The files of a world: the source `games` with its calendar, and the assets that count and add up. */
export function filesOf(world: World): Record<string, string> {
  const files: Record<string, string> = {
    'pipeline.yaml': yamlOf(world),
    'data/games.csv': csvOf(world),
  };
  for (const each of world.assets) files[`assets/reports/${each.name}.sql`] = sqlOf(world, each);
  return files;
}

export function seasonOf({ cut }: World, date: string): string {
  return date < cut ? 'early' : 'late';
}

export function csvOf(world: World): string {
  const lines = world.rows.map(
    ({ id, date, points, isBroken }) =>
      `${id},${date},${seasonOf(world, date)},${points},${isBroken ? 'many' : '0'}`,
  );
  return ['game_id,game_date,season,points,note', ...lines, ''].join('\n');
}

const HEAD = `name: random
timezone: UTC
default_target: local
targets:
  local: { warehouse: duckdb, memory_limit: 256MB, threads: 1 }
groups:
  raw: { dataset: raw }
  reports: { dataset: reports }
calendars:
  dates: { asset: games, date: game_date, period: { name: season, column: season } }
partition_sets:
  dates: { calendar: dates }
  months: { every: month, calendar: dates }
  days: { every: day, from: 2024-01-01, to: 2024-01-12 }
columns:
  game_date: { type: DATE, description: The date of the games }
  side: { type: INT64, description: Even or odd }
  number: { type: INT64, description: Number of rows }
  points: { type: INT64, description: Sum of points }
defaults:
  partitions: dates
  partition_column: game_date
  retry: { attempts: 3, base_delay: 1ms, max_delay: 1ms }
`;

const GAMES = `  games:
    group: raw
    description: One row per game.
    source: { path: data/games.csv }
    key: [game_id]
    columns:
      - game_id: { type: INT64, description: Number of the game }
      - game_date
      - season: { type: STRING, description: The season }
      - points
      - note: { type: STRING, description: A number as a text }
`;

function yamlOf(world: World): string {
  const reports = world.assets.map((asset) => assetYaml(world, asset)).join('');
  const unions = taggedAssets(world).length > 0 ? 'unions:\n  tagged: { tag: part }\n' : '';
  const batch = world.batch === undefined ? '' : `  batch: ${world.batch}\n`;
  return `${HEAD}${batch}${unions}assets:\n${GAMES}${reports}`;
}

function assetYaml(world: World, asset: AssetSpec): string {
  const { name, set, edges, isGreedy, isFrozen } = asset;
  const upstream = edges.map((edge) => {
    const { yaml } = kindOf(world, asset, edge);
    return edge.optional
      ? `${edge.upstream}: { window: ${yaml}, optional: true }`
      : `${edge.upstream}: ${yaml}`;
  });
  const lines = [
    `  ${name}:`,
    `    group: reports`,
    `    description: Counts and sums of what it reads.`,
    `    partitions: ${set}`,
    `    upstream: { ${upstream.join(', ')} }`,
    `    columns: [${set === 'none' ? '' : 'game_date, '}side, number, points]`,
    `    key: [${set === 'none' ? '' : 'game_date, '}side]`,
    ...(taggedAssets(world).includes(asset) ? ['    tags: [part]'] : []),
    ...(isGreedy ? ['    batch: 1'] : []),
    ...(isFrozen ? ['    freeze: once'] : []),
    ...ruleYaml(world, asset),
    '',
  ];
  return lines.join('\n');
}

function ruleYaml(world: World, asset: AssetSpec): string[] {
  switch (asset.rule) {
    case 'none':
      return [];
    case 'first days':
      return ['    expected_empty: [{ first_days_of_period: 2, reason: it begins }]'];
    case 'nothing to read':
      return [
        '    expected_empty:',
        `      - condition: ${conditionOf(world, asset)}`,
        '        reason: nothing to read',
      ];
  }
}

/** That the window of the first upstream holds no rows. */
export function conditionOf(world: World, asset: AssetSpec): string {
  const [edge] = asset.edges;
  if (!edge) return 'FALSE';
  const { on = 'TRUE' } = kindOf(world, asset, edge);
  const where = asset.isGreedy ? 'TRUE' : on.replaceAll('p.', 'partitions.');
  return `NOT EXISTS (SELECT 1 FROM ${edge.upstream} AS u WHERE ${where})`;
}

/** The same SQL whatever its layout: what decides the code version. */
export function sqlOf(world: World, asset: AssetSpec): string {
  return (LAYOUTS[asset.layout] ?? String)(plainSql(world, asset));
}

export function plainSql(world: World, asset: AssetSpec): string {
  const { edges, set, least, hasOwnRow, readsNotes, factor, isGreedy } = asset;
  const parts = edges.map((edge, at) => {
    const kind = kindOf(world, asset, edge);
    const isNewest = kind.isNewest === true && !isGreedy;
    const day = set === 'none' ? '' : 'p.partition_date AS day, ';
    const note = readsNotes && edge.upstream === 'games' ? ' + CAST(u.note AS INT64)' : '';
    const place = isNewest
      ? 'DENSE_RANK() OVER (PARTITION BY p.partition_date ORDER BY u.game_date DESC)'
      : '1';
    const on = isGreedy ? 'TRUE' : (kind.on ?? 'TRUE');
    const from =
      set === 'none'
        ? `${edge.upstream} AS u`
        : `partitions AS p JOIN ${edge.upstream} AS u ON ${on}`;
    const columns = [...(set === 'none' ? [] : ['day']), 'raw', 'points', 'place'];
    return `  SELECT ${columns.map((column) => `x${at}.${column}`).join(', ')} FROM (
    SELECT ${day}u.points${note} AS raw, (u.points${note}) * ${factor + at} AS points, ${place} AS place
    FROM ${from}
  ) AS x${at} WHERE x${at}.place <= 1 AND x${at}.raw >= ${least}`;
  });
  const day = set === 'none' ? '' : 'p.partition_date AS day, ';
  if (hasOwnRow)
    parts.push(`  SELECT ${day}0 AS raw, 1 AS points, 1 AS place FROM partitions AS p`);
  const group = set === 'none' ? '' : 'r.day, ';
  return `WITH reads AS (
${parts.join('\n  UNION ALL\n')}
)
SELECT ${set === 'none' ? '' : 'r.day AS game_date, '}MOD(r.points, 2) AS side, SUM(1) AS number, SUM(r.points) AS points
FROM reads AS r GROUP BY ${group}MOD(r.points, 2)
`;
}

/** Ways to write the same SQL. */
export const LAYOUTS: readonly ((sql: string) => string)[] = [
  (sql) => sql,
  (sql) =>
    `-- Counts and sums.\n${sql.replaceAll(/\s+/g, '\n  ').replaceAll('SELECT', 'SELECT /* rows */')} /* the end */\n`,
  (sql) =>
    sql
      .replaceAll(/\breads\b/g, 'gathered')
      .replaceAll(/\b(SELECT|FROM|WHERE|JOIN|GROUP BY|WITH)\b/g, (word) => word.toLowerCase()),
];
