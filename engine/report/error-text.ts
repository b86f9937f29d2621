import { DiagnosticsError } from '../diagnostics.ts';
import { isPipelineError, messageOf } from '../errors.ts';
import { jsonText } from './json.ts';
import { categoryHint } from './messages.ts';
import type { Paint } from './text.ts';

const REPORT =
  'This is a bug in Fastbreak, not in your pipeline. Please report it with this output';

/** What goes to stderr for anything that was thrown: one block for what a user can mend, a stack only on demand. */
export function errorText(error: unknown, paint: Paint, showStack: boolean): string {
  if (isPipelineError(error)) {
    const hint = error.hint === undefined ? '' : `${paint('dim', error.hint)}\n`;
    const stack = showStack ? causeStack(error) : '';
    return `${paint('red', 'error:')} ${error.message.trimEnd()}\n${hint}${stack}`;
  }
  if (isCategorized(error)) {
    const hint = categoryHint(error.category);
    const next = hint === undefined ? '' : `${paint('dim', hint)}\n`;
    return `${paint('red', 'error:')} ${error.category}: ${error.message.trimEnd()}\n${next}`;
  }
  const message = error instanceof Error ? error.message : String(error);
  const text = message.startsWith('Internal error') ? message : `Internal error: ${message}`;
  if (!showStack)
    return `${paint('red', text)}\n${REPORT} and that of the same command with --debug.\n`;
  return `${paint('red', text)}\n${stackOf(error)}${REPORT}.\n`;
}

/** The document of a command with `--json` that came to no answer: `{error: {code, message, hint}, errors}`. */
export function errorJson(error: unknown): string {
  const { code, hint } = codeAndHint(error);
  return jsonText({
    error: { code, message: messageOf(error).trimEnd(), ...(hint === undefined ? {} : { hint }) },
    ...(error instanceof DiagnosticsError ? { errors: error.diagnostics } : {}),
  });
}

function codeAndHint(error: unknown): {
  readonly code: string;
  readonly hint?: string | undefined;
} {
  if (isPipelineError(error)) return { code: error.code, hint: error.hint };
  if (isCategorized(error)) return { code: error.category, hint: categoryHint(error.category) };
  return { code: 'INTERNAL_ERROR', hint: REPORT };
}

/** Errors of a warehouse: what it says is about the data or the connection, not a bug. */
function isCategorized(error: unknown): error is Error & { readonly category: string } {
  return error instanceof Error && 'category' in error && typeof error.category === 'string';
}

function causeStack(error: Error): string {
  return error.cause === undefined ? '' : `caused by: ${stackOf(error.cause)}`;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return `${error.stack ?? error.message}\n${causeStack(error)}`;
}
