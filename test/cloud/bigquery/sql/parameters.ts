import type { SqlToken } from '../../../../engine/sql/parse.ts';
import { quoteText } from '../../../../engine/sql/quote.ts';
import { ApiError } from '../../http/api-error.ts';
import type { ParameterType, ParameterValue, QueryParameter } from '../resources.ts';
import type { Edit } from './rewrite.ts';

/** `@name` and `?` replaced by the values that came with the query. */
export function parameterEdits(
  tokens: readonly SqlToken[],
  parameters: readonly QueryParameter[],
): readonly Edit[] {
  let position = 0;
  return tokens.flatMap((token) => {
    const isNamed = token.kind === 'VAR' && token.text.startsWith('@');
    const isPositional = token.text === '?' && !token.kind.includes('STRING');
    if (!isNamed && !isPositional) return [];
    const name = token.text.slice(1).toLowerCase();
    const found = isNamed
      ? parameters.find((each) => each.name?.toLowerCase() === name)
      : parameters[position++];
    if (found === undefined) {
      throw new ApiError(400, 'invalidQuery', `Query parameter '${name}' not found`, {
        location: 'query',
      });
    }
    const text = literal(found.parameterType ?? { type: 'STRING' }, found.parameterValue ?? {});
    return [{ start: token.start, end: token.end, text }];
  });
}

function literal(type: ParameterType, value: ParameterValue): string {
  if (type.type === 'ARRAY') {
    const element = type.arrayType ?? { type: 'STRING' };
    const items = (value.arrayValues ?? []).map((each) => literal(element, each));
    return `CAST([${items.join(', ')}] AS ARRAY<${element.type}>)`;
  }
  // The client sends numbers and booleans as such.
  const given: unknown = value.value ?? null;
  if (given === null) return `CAST(NULL AS ${type.type})`;
  const text = String(given);
  if (type.type === 'DATE' || type.type === 'TIMESTAMP' || type.type === 'DATETIME') {
    return `${type.type} ${quoteText(text, 'bigquery')}`;
  }
  return type.type === 'STRING'
    ? quoteText(text, 'bigquery')
    : `CAST(${quoteText(text, 'bigquery')} AS ${type.type})`;
}
