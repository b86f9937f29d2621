import { join } from 'node:path';
import { analyzeSql, type SqlAnalysis, type SqlText } from '../sql/analyze.ts';
import { sqlParserVersion } from '../sql/parse.ts';
import { shortHash } from '../util/hash.ts';
import { stableJson } from '../util/stable-json.ts';
import { readIfPresent } from './input-files.ts';
import { writeAtomically } from './write-atomically.ts';

/** To be raised whenever an analysis or a lint rule changes. */
const FORMAT = 11;

/** Analyses of SQL texts, kept on disk so that editing one file analyzes one file. */
export class SqlCache {
  readonly #folder: string;
  readonly #version: string;

  constructor(cacheDir: string) {
    this.#folder = join(cacheDir, 'sql');
    this.#version = `${FORMAT} ${sqlParserVersion()}`;
  }

  async analyze(sql: SqlText): Promise<SqlAnalysis> {
    const key = shortHash(`${this.#version}\n${stableJson(sql)}`);
    const path = join(this.#folder, `${key}.json`);
    const kept = this.#read(path, sql.text);
    if (kept !== undefined) return kept;
    const analysis = await analyzeSql(sql);
    this.#write(path, { text: sql.text, analysis });
    return analysis;
  }

  #read(path: string, text: string): SqlAnalysis | undefined {
    const content = readIfPresent(path);
    if (content === undefined) return undefined;
    try {
      // Written by #write below; anything else fails the comparison of texts.
      const kept = JSON.parse(content) as {
        readonly text?: string;
        readonly analysis: SqlAnalysis;
      };
      return kept.text === text ? kept.analysis : undefined;
    } catch {
      return undefined;
    }
  }

  #write(path: string, content: unknown): void {
    writeAtomically(this.#folder, path, JSON.stringify(content));
  }
}
