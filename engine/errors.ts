/** Exit codes of the command line (design 9). */
export const EXIT = { ok: 0, failed: 1, usage: 2, locked: 3, interrupted: 130 } as const;

export interface PipelineErrorOptions {
  /** Stable upper-snake code, e.g. `UNKNOWN_ASSET`. */
  readonly code: string;
  /** The command or edit that mends it. */
  readonly hint?: string;
  readonly exitCode?: number;
  readonly cause?: unknown;
}

/** An expected failure: printed as one block of text, never as a stack trace. */
export class PipelineError extends Error {
  override readonly name = 'PipelineError';
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: number;

  constructor(message: string, options: PipelineErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? EXIT.usage;
  }
}

export function isPipelineError(error: unknown): error is PipelineError {
  return error instanceof PipelineError;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** True for a file-system error with that code, e.g. `ENOENT`. */
export function hasErrorCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Why a statement failed; decides whether it is retried, split or given up. */
export type FaultKind =
  /** Quota, rate limit, network, lock: may work when tried again. */
  | 'transient'
  /** Some rows cannot be computed: fewer partitions may work. */
  | 'data'
  /** Memory or disk: fewer partitions may work. */
  | 'resources'
  /** The statement itself is wrong. */
  | 'statement'
  | 'timeout'
  | 'interrupted'
  | 'unavailable';

/** Thrown by warehouses; `message` is for the person who reads it. */
export class WarehouseError extends Error {
  override readonly name = 'WarehouseError';
  readonly kind: FaultKind;
  /** Stable upper-snake category, e.g. `DATA_ERROR`. */
  readonly category: string;
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    options: {
      readonly kind: FaultKind;
      readonly category: string;
      readonly cause?: unknown;
      readonly retryAfterMs?: number;
    },
  ) {
    super(message, { cause: options.cause });
    this.kind = options.kind;
    this.category = options.category;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export function isWarehouseError(error: unknown): error is WarehouseError {
  return error instanceof WarehouseError;
}
