import type { HealthColumn } from '../config/health-rules.ts';
import type { HealthReport } from '../health/health-report.ts';
import { queryCsv } from './query-csv.ts';

/** One row per date, in the declared columns. */
export function healthCsv({ dates }: HealthReport, columns: readonly HealthColumn[]): string {
  return queryCsv({
    columns: columns.map(({ name }) => ({ name, type: 'STRING' })),
    rows: dates.map(({ row }) => columns.map(({ name }) => row.get(name) ?? null)),
  });
}
