import { PipelineError } from './errors.ts';

/** A place in a file; lines and columns count from 1. */
export interface FileRange {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Number of characters to underline; 1 if unknown. */
  readonly length?: number;
}

/** One thing that is wrong in pipeline.yaml or in an asset's file. */
export interface Diagnostic {
  /** Stable upper-snake code, e.g. `UNKNOWN_ASSET`. */
  readonly code: string;
  readonly message: string;
  readonly range?: FileRange;
  /** Path inside the document, e.g. `assets.player_box.upstream`. */
  readonly path?: string;
  /** The edit or command that mends it. */
  readonly hint?: string;
}

/** Thrown with all diagnostics of a compilation at once; `text` is what the user reads. */
export class DiagnosticsError extends PipelineError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[], text: string) {
    super(text, { code: diagnostics[0]?.code ?? 'INVALID_PIPELINE' });
    this.diagnostics = diagnostics;
  }
}
