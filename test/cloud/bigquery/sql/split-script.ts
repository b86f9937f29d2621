/** A statement of a script and where it begins. */
export interface ScriptStatement {
  readonly text: string;
  /** From 1, as BigQuery's messages say `at [line:column]`. */
  readonly line: number;
  readonly column: number;
}

/** The statements of a script, cut at semicolons outside of strings, quoted names and comments; empty ones left out. */
export function splitScript(script: string): readonly ScriptStatement[] {
  const statements: ScriptStatement[] = [];
  let start = 0;
  for (const end of [...semicolons(script), script.length]) {
    const raw = script.slice(start, end);
    const offset = start + leadingBlank(raw);
    const text = script.slice(offset, end).trimEnd();
    if (text !== '') statements.push({ text, ...position(script, offset) });
    start = end + 1;
  }
  return statements;
}

/** Everything that hides a semicolon; strings may span lines when they are tripled. */
const HIDDEN =
  /'''(?:\\[\s\S]|(?!''')[\s\S])*'''|"""(?:\\[\s\S]|(?!""")[\s\S])*"""|'(?:\\[\s\S]|[^'\\])*'|"(?:\\[\s\S]|[^"\\])*"|`[^`]*`|--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/|;/g;

function semicolons(script: string): readonly number[] {
  return Array.from(script.matchAll(HIDDEN))
    .filter(([text]) => text === ';')
    .map((match) => match.index);
}

function leadingBlank(text: string): number {
  return /^(?:\s|--[^\n]*(?:\n|$)|#[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(text)?.[0].length ?? 0;
}

function position(
  script: string,
  offset: number,
): { readonly line: number; readonly column: number } {
  const lines = script.slice(0, offset).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
