import type { Asset, Pipeline } from '../config/pipeline.ts';
import type { CodeVersion } from '../ids.ts';

/** What the compiler learned from an asset's SQL text. */
export interface CompiledSql {
  /** The file's text, as BigQuery runs it. */
  readonly googleSql: string;
  /** The same statement in DuckDB's dialect; empty when the default target never runs on DuckDB. */
  readonly duckdbSql: string;
  /** Project functions that the statement calls, also those called by these, in definition order. */
  readonly functions: readonly string[];
  /** True when the statement reads `partitions.period_start` or `partitions.period`. */
  readonly readsPeriod: boolean;
  /** Transpiled texts of `expected_empty` rules, universes and `checks`, by their GoogleSQL text. */
  readonly duckdbConditions: Readonly<Record<string, string>>;
}

/** Hashes of the things that decide an asset's rows, kept apart so that a change can be named. */
export interface CodeParts {
  readonly source: string;
  readonly functions: string;
  readonly windows: string;
  readonly columns: string;
  /** Of assets with a universe. */
  readonly failures?: string;
  /** Of modules with settings, by their outermost keys. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Of modules with files, by their declared paths. */
  readonly files?: Readonly<Record<string, string>>;
}

export type CompiledAsset = Asset & {
  readonly codeVersion: CodeVersion;
  readonly codeParts: CodeParts;
  /** Present for `sql` assets; sources have one that holds conditions only. */
  readonly sql?: CompiledSql;
};

/** Conditions of a calendar in DuckDB's dialect; their GoogleSQL texts are those of the pipeline's calendar. */
export interface CompiledCalendar {
  readonly duckdbWhere?: string;
  readonly duckdbPeriodStartWhere?: string;
}

/** A file that the compilation read, with the hash that tells whether it must run again. */
export interface CompiledInput {
  readonly path: string;
  readonly sha256: string;
}

/** A valid pipeline, ready to plan and run; plain JSON, kept in the cache. Assets in topological order. */
export interface CompiledPipeline extends Omit<Pipeline, 'assets'> {
  readonly format: number;
  /** Absolute path of pipeline.yaml. */
  readonly file: string;
  /** Absolute path of its folder. */
  readonly root: string;
  readonly assets: readonly CompiledAsset[];
  readonly compiledCalendars: Readonly<Record<string, CompiledCalendar>>;
  /** DuckDB `CREATE MACRO` statements by function name. */
  readonly duckdbFunctions: Readonly<Record<string, string>>;
  /** BigQuery `CREATE TEMP FUNCTION` statements by function name, in declared order. */
  readonly googleFunctions: Readonly<Record<string, string>>;
  /** Environment variables used, in `targets` and in sources' paths. */
  readonly variables: readonly { readonly name: string; readonly hasDefault: boolean }[];
  readonly inputs: readonly CompiledInput[];
}
