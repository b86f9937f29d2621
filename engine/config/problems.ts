import type { Diagnostic } from '../diagnostics.ts';
import { didYouMean } from '../util/nearest-name.ts';
import type { PipelineDocument, YamlPath } from './load.ts';

export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly path: YamlPath;
  readonly hint?: string;
  /** Point at the key rather than at its value. */
  readonly atKey?: boolean;
}

/** Collects what is wrong in a document, each with its place. */
export class Problems {
  readonly document: PipelineDocument;
  readonly diagnostics: Diagnostic[] = [];

  constructor(document: PipelineDocument) {
    this.document = document;
  }

  add(problem: Problem): void {
    const { code, message, path, hint } = problem;
    const place = problem.atKey ? this.document.keyPlace(path) : this.document.place(path);
    this.diagnostics.push({ code, message, ...place, ...(hint === undefined ? {} : { hint }) });
  }

  /** Reports a name that is not declared, e.g. `unknown asset "plyer_box", did you mean "player_box"?`. */
  unknown(options: {
    readonly what: string;
    readonly name: string;
    readonly known: readonly string[];
    readonly path: YamlPath;
    readonly atKey?: boolean;
  }): void {
    const { what, name, known, path, atKey = false } = options;
    const choices = known.length > 50 ? undefined : `there are: ${list(known)}`;
    const hint = known.length === 0 ? `no ${what} is declared` : choices;
    this.add({
      code: `UNKNOWN_${what.toUpperCase().replaceAll(' ', '_')}`,
      message: `unknown ${what} "${name}"${didYouMean(name, known)}`,
      path,
      atKey,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 12).join(', ');
  return names.length > 12 ? `${shown} and ${names.length - 12} more` : shown;
}
