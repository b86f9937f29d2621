import type { ValueFormat } from '../row-values.ts';

/** How a call wants its timestamps: `formatOptions.useInt64Timestamp` or `.timestampOutputFormat`. */
export function wantedFormat(query: URLSearchParams): ValueFormat {
  return {
    useInt64Timestamp:
      query.get('formatOptions.useInt64Timestamp') === 'true' ||
      query.get('formatOptions.timestampOutputFormat') === 'INT64',
  };
}
