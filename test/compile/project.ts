import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compilePipeline } from '../../engine/compile/compile.ts';
import type { CompiledAsset, CompiledPipeline } from '../../engine/compile/compiled.ts';
import { diagnosticsText } from '../../engine/compile/diagnostic-text.ts';

export type Files = Readonly<Record<string, string>>;

/** A small pipeline that compiles; tests change one thing in it. */
export const GAMES: Files = {
  'pipeline.yaml': `name: games
timezone: America/New_York
targets:
  local: { warehouse: duckdb }
groups:
  raw: { dataset: raw }
  stats: { dataset: stats }
calendars:
  game_days:
    asset: box
    date: day
    where: points >= 0
    period: { name: season, column: season, start: points > 0 }
partition_sets:
  game_days: { calendar: game_days }
functions:
  half_up:
    description: Rounded half away from zero
    arguments: { x: FLOAT64, n: INT64 }
    sql: SIGN(x) * FLOOR(ABS(x) * POW(10, n) + 0.5e0 + 1e-7) / POW(10, n)
  tenth:
    arguments: { x: FLOAT64 }
    sql: half_up(x, 1)
columns:
  day: { type: DATE, description: The day }
  season: { type: INT64, description: The season }
  player: { type: STRING, description: Who }
  points: { type: INT64, description: Points scored, unit: points }
  average: { type: FLOAT64, round: 1, description: Mean of the points }
defaults:
  partitions: game_days
  partition_column: day
assets:
  box:
    group: raw
    source: { path: '\${DATA:-data}/box.parquet' }
    key: [day, player]
    columns: [day, season, player, points]
  form:
    group: stats
    key: [day, player]
    upstream: { box: { before: season } }
    columns: [day, player, average]
`,
  'assets/stats/form.sql': `WITH hist AS (SELECT b.day, b.player, b.points FROM box AS b)
SELECT q.partition_date AS day, h.player, tenth(AVG(h.points)) AS average
FROM partitions AS q
JOIN hist AS h ON h.day < q.partition_date
GROUP BY 1, 2
`,
};

/** A pipeline in a folder of its own, removed by `using`. */
export class Project implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'fastbreak-compile-'));
  readonly file = join(this.root, 'pipeline.yaml');
  readonly cacheDir = join(this.root, '.fastbreak', 'cache');

  constructor(files: Files = GAMES) {
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  write(path: string, text: string): void {
    this.writeBytes(path, Buffer.from(text));
  }

  writeBytes(path: string, bytes: Uint8Array): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), bytes);
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true });
  }

  /** Replaces a text that must be in the file. */
  edit(path: string, from: string, to: string, files: Files = GAMES): void {
    const text = files[path] ?? '';
    if (!text.includes(from)) throw new Error(`${path} does not contain ${from}`);
    this.write(path, text.replace(from, to));
  }

  async compile(): Promise<CompiledPipeline> {
    const result = await compilePipeline({ file: this.file });
    if (!result.ok) throw new Error(diagnosticsText(result.diagnostics, this.root));
    return result.pipeline;
  }

  async compiledAsset(name: string): Promise<CompiledAsset> {
    const asset = (await this.compile()).assets.find((candidate) => candidate.name === name);
    if (asset === undefined) throw new Error(`no asset ${name}`);
    return asset;
  }

  /** What the user reads when it does not compile. */
  async errors(): Promise<string> {
    const result = await compilePipeline({ file: this.file });
    return result.ok ? '' : diagnosticsText(result.diagnostics, this.root);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
