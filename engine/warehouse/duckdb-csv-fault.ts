const AT_LINE = /CSV Error on Line: (\d+)\nOriginal Line: ([^\n]*)\n/;
const LONGEST_LINE = 200;

/** What is wrong with a CSV file in one sentence, from DuckDB's page about it; undefined for other errors. */
export function csvFault(text: string): string | undefined {
  const file = /\n\s*file = (.*)/.exec(text)?.[1];
  const place = AT_LINE.exec(text);
  if (!place) {
    return text.includes('CSV Parser state machine') ? `${file}: this is no CSV text` : undefined;
  }
  const [, line, content = ''] = place;
  return `${file}, line ${line}: ${reason(text)}, found: ${shorten(content)}`;
}

function reason(text: string): string {
  const columns = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(text);
  if (columns) {
    const isMore = Number(columns[2]) > Number(columns[1]);
    return `expected ${columns[1]} values, not ${isMore ? 'more' : columns[2]}`;
  }
  if (text.includes('unterminated quote')) return 'expected an end of the quoted value';
  if (text.includes('Invalid unicode')) return 'expected UTF-8 text';
  return (
    text
      .replace(AT_LINE, '')
      .replace(/^[^:]*Error: /, '')
      .split('\n')[0] ?? ''
  );
}

function shorten(line: string): string {
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
}
