import { isWarehouseError, WarehouseError } from '../errors.ts';
import type { AssetName } from '../ids.ts';
import type { Day } from '../partitions/date.ts';
import type {
  CheckedPartition,
  CheckedRows,
  StatementOptions,
  Warehouse,
} from '../warehouse/warehouse.ts';
import { type CheckPlan, type CheckTest, stagedChecks, type StatementCheck } from './definition.ts';
import { type Failure, failureText } from './failure-text.ts';
import { type CheckScope, DAY, FAILURES, offendingStatement } from './statements.ts';

/** What a check found in one partition. */
export interface CheckFinding {
  readonly asset: AssetName;
  readonly day: Day;
  readonly check: string;
  readonly severity: 'error' | 'warn';
  readonly blocking: boolean;
  /** Number of offending rows. */
  readonly failures: number;
  /** Some of the offending rows, as JSON. */
  readonly sample: string | null;
  /** The whole of it for people. */
  readonly message: string;
}

/** Counted rows, staged or published. */
export interface CheckRequest {
  readonly plans: readonly CheckPlan[];
  readonly rows: CheckedRows;
  readonly partitions: readonly CheckedPartition[];
  readonly scope: CheckScope;
  readonly warehouse: Pick<Warehouse, 'sampleOffending' | 'query'>;
  readonly options: StatementOptions;
}

const SAMPLE_ROWS = 3;
/** A check that fails nearly everywhere is understood from some of its days. */
const SAMPLED_DAYS = 100;

/** Every check that failed for a partition that has rows, with some of the offending rows. */
export async function findFailures(request: CheckRequest): Promise<readonly CheckFinding[]> {
  const staged = stagedChecks(request.plans);
  const findings: CheckFinding[] = [];
  for (const plan of request.plans) {
    const at = plan.test.type === 'rows' ? staged.indexOf(plan.test.staged) : -1;
    const failures = await failuresOf(plan.test, request, at);
    findings.push(...failures.map((failure) => toFinding(plan, failure, request)));
  }
  return findings;
}

async function failuresOf(
  test: CheckTest,
  request: CheckRequest,
  at: number,
): Promise<readonly Failure[]> {
  switch (test.type) {
    case 'rows':
      return rowFailures(test, request, at);
    case 'row_count':
      return countFailures(test, request.partitions);
    case 'statement':
      return statementFailures(test.check, request);
  }
}

async function rowFailures(
  { threshold = 100 }: Extract<CheckTest, { readonly type: 'rows' }>,
  { warehouse, rows, partitions }: CheckRequest,
  at: number,
): Promise<readonly Failure[]> {
  const failed = partitions.filter(({ rows: all, offending }) => {
    const offenders = offending[at] ?? 0;
    return offenders > 0 && (all - offenders) * 100 < threshold * all;
  });
  if (failed.length === 0) return [];
  const days = new Set(failed.slice(0, SAMPLED_DAYS).map((each) => each.day));
  const samples = await warehouse.sampleOffending(rows, at, {
    days: [...days],
    rowsPerDay: SAMPLE_ROWS,
  });
  // Distinct keys are counted by hash, which can take two for one; the rows themselves decide.
  return failed
    .filter(({ day }) => samples.has(day) || !days.has(day))
    .map(({ day, rows: all, offending }) => ({
      day,
      rows: all,
      failures: offending[at] ?? 0,
      sample: samples.get(day),
    }));
}

function countFailures(
  { min = 0, max = Infinity }: Extract<CheckTest, { readonly type: 'row_count' }>,
  partitions: readonly CheckedPartition[],
): readonly Failure[] {
  return partitions
    .filter(({ rows }) => rows < min || rows > max)
    .map(({ day, rows }) => ({
      day,
      rows,
      failures: rows < min ? min - rows : rows - max,
      sample: [{ row_count: rows }],
    }));
}

async function statementFailures(
  check: StatementCheck,
  { warehouse, scope, partitions, rows, options }: CheckRequest,
): Promise<readonly Failure[]> {
  if (partitions.length === 0) return [];
  const result = await explained(check, () =>
    warehouse.query(offendingStatement(check, scope, SAMPLE_ROWS), {
      ...options,
      functions: rows.functions ?? [],
      purpose: 'check',
    }),
  );
  const names = result.columns.map((column) => column.name);
  const [day, count] = [names.indexOf(DAY), names.indexOf(FAILURES)];
  const byDay = Map.groupBy(result.rows, (row) => Number(row[day]));
  // Partitions without rows are decided by what is expected of them, not by checks.
  return partitions.flatMap((partition): Failure[] => {
    const found = byDay.get(partition.day) ?? [];
    if (found.length === 0) return [];
    const sample = found.map((row) => withoutCounts(names, row));
    const failures = Number(found[0]?.[count]);
    return [{ day: partition.day, rows: partition.rows, failures, sample }];
  });
}

function withoutCounts(
  names: readonly string[],
  row: readonly unknown[],
): Readonly<Record<string, unknown>> {
  const entries = names.map((name, at) => [name, row[at]] as const);
  return Object.fromEntries(entries.filter(([name]) => name !== DAY && name !== FAILURES));
}

/** A statement that fails says which check it belongs to. */
async function explained<T>(check: StatementCheck, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isWarehouseError(error)) throw error;
    const { kind, category, retryAfterMs } = error;
    throw new WarehouseError(`check "${check.name}" could not be run: ${error.message}`, {
      kind,
      category,
      cause: error,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
}

function toFinding(plan: CheckPlan, failure: Failure, { scope }: CheckRequest): CheckFinding {
  const { name: check, severity, blocking } = plan;
  const { day, failures, sample } = failure;
  return {
    asset: scope.asset.name,
    day,
    check,
    severity,
    blocking,
    failures,
    sample: sample === undefined ? null : JSON.stringify(sample),
    message: failureText(plan, failure),
  };
}
