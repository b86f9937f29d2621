import type { SettingValue } from '../config/pipeline.ts';

export type { SettingValue } from '../config/pipeline.ts';

/** One partition that a module is asked for. */
export interface ModulePartition {
  /** `YYYY-MM-DD`, or `all` for an unpartitioned asset. */
  readonly date: string;
  readonly period: string | undefined;
  /** `YYYY-MM-DD` of the period's start. */
  readonly periodStart: string | undefined;
}

export type ModuleRow = Readonly<Record<string, unknown>>;

/** Rows column by column, as `readColumns` gives them. */
export interface ModuleColumns {
  readonly rows: number;
  /**
   * INT64, FLOAT64, BOOL (1 and 0) and DATE (days since 1970-01-01) are numbers, NULL being NaN; everything else is text,
   * an array as JSON.
   */
  readonly columns: Record<string, Float64Array | readonly (string | null)[]>;
  /** A column of numbers; throws PipelineError where it is one of texts, or was not read. */
  readonly numbers: (column: string) => Float64Array;
  /** A column of texts; throws PipelineError where it is one of numbers, or was not read. */
  readonly texts: (column: string) => readonly (string | null)[];
}

/** The values of a column to be written. NaN and null are NULL; a DATE may be days since 1970-01-01 or `YYYY-MM-DD`. */
export type ModuleColumn = Float64Array | readonly (string | number | boolean | null)[];

/** A column as its asset declares it. */
export interface ModuleColumnInfo {
  readonly name: string;
  readonly type: string;
  readonly unit: string | undefined;
  readonly description: string;
}

/** What a window of an upstream asset held when a module read it. */
export interface ModuleInput {
  /** The name that `read` takes: the asset's own, or that of a union. */
  readonly relation: string;
  readonly asset: string;
  /** How many partitions with rows. */
  readonly partitions: number;
  /** `YYYY-MM-DD` of the first and the last of them (`all` for an unpartitioned asset); undefined where there are none. */
  readonly first: string | undefined;
  readonly last: string | undefined;
  /** 16 hex digits that change whenever any row in the window does: what an input version is made of. */
  readonly hash: string;
}

/** How a module says that one of its partitions failed. */
export interface ModuleFailure {
  /** Stable upper-snake category. Default: `MODULE_ERROR`. */
  readonly category?: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** What a module asset gets: its partitions, its upstream cut to their windows, and a place for its rows. */
export interface ModuleContext {
  readonly partitions: readonly ModulePartition[];
  /** The asset's `settings:`, frozen; empty where it has none. */
  readonly settings: Readonly<Record<string, SettingValue>>;
  /** Absolute paths of the asset's `files:`, by the paths as declared. */
  readonly files: Readonly<Record<string, string>>;
  /** The version of the asset's code: its module, settings, files, windows and columns. */
  readonly codeVersion: string;
  /**
   * Reads an upstream relation, cut to the union of the partitions' windows, column by column. Rows come in the order
   * of the upstream's key, whatever the order in which they are stored.
   */
  readonly read: (
    relation: string,
    columns?: readonly string[],
  ) => Promise<Readonly<Record<string, readonly unknown[]>>>;
  /** The same as typed arrays, in the same order: much faster where there are many rows. */
  readonly readColumns: (relation: string, columns?: readonly string[]) => Promise<ModuleColumns>;
  /** The declared columns of an upstream relation, of a union those of all its members. */
  readonly columnsOf: (relation: string) => readonly ModuleColumnInfo[];
  /** Adds rows; may be called often. Dates as `YYYY-MM-DD`. */
  readonly write: (rows: readonly ModuleRow[]) => void;
  /** Adds rows column by column, all columns being equally long; those left out are NULL. May be called often. */
  readonly writeColumns: (columns: Readonly<Record<string, ModuleColumn>>) => void;
  /** What is read for all partitions together: per upstream the range from the earliest to the latest of the windows. */
  readonly inputs: readonly ModuleInput[];
  /** What is read for one of the partitions, by its date. */
  readonly inputsOf: (date: string) => readonly ModuleInput[];
  /** Fails one of the partitions; whatever was written for it is not published, and the others go on. */
  readonly fail: (date: string, message: string, failure?: ModuleFailure) => void;
  /** Says how far the work is, e.g. `progress(3, 40, 'trees')`; may be called often. */
  readonly progress: (done: number, total: number, what?: string) => void;
  readonly log: (message: string) => void;
  /** Aborted at Ctrl-C and at the asset's timeout. */
  readonly signal: AbortSignal;
}

/** The function that a module asset exports as `materialize`. */
export type MaterializeFunction = (context: ModuleContext) => Promise<void> | void;
