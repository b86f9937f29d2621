import type { Scalar } from 'yaml';

/**
 * Where a character of a scalar's value stands in the file; undefined when escapes or folding
 * leave no simple answer.
 */
export function scalarOffset(node: Scalar, text: string, offset: number): number | undefined {
  const { range, value } = node;
  if (!range || typeof value !== 'string') return undefined;
  const source = text.slice(range[0], range[1]);
  if (source === value) return range[0] + offset;
  if (source.slice(1, -1) === value) return range[0] + 1 + offset;
  const isBlock = source.startsWith('|') || source.startsWith('>');
  return isBlock ? blockOffset(source, value, offset, range[0]) : undefined;
}

/** A block scalar's lines are the value's lines behind a fixed indentation. */
function blockOffset(
  source: string,
  value: string,
  offset: number,
  start: number,
): number | undefined {
  const body = source.indexOf('\n') + 1;
  const indent = /^ */.exec(source.slice(body))?.[0].length ?? 0;
  let position = body;
  let seen = 0;
  for (const line of source.slice(body).split('\n')) {
    const content = line.slice(indent);
    if (value.slice(seen, seen + content.length) !== content) return undefined;
    if (offset <= seen + content.length) return start + position + indent + offset - seen;
    seen += content.length + 1;
    position += line.length + 1;
  }
  return undefined;
}
