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
import type { CheckScope } from './scope.ts';
import { COLUMNS, offendingStatement } from './statements.ts';

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
/** Who is missing is worth a list. */
const MISSING_ROWS = 20;
/** A check that fails nearly everywhere is understood from some of its days. */
const SAMPLED_DAYS = 100;

/** Every check that failed for a partition that has rows, with some of the offending rows. */
export async function findFailures(request: CheckRequest): Promise<readonly CheckFinding[]> {
  const staged = stagedChecks(request.plans);
  const byStatement = await statementFailures(request);
  const findings: CheckFinding[] = [];
  for (const plan of request.plans) {
    const at = plan.test.type === 'rows' ? staged.indexOf(plan.test.staged) : -1;
    const failures =
      plan.test.type === 'statement'
        ? (byStatement.get(plan.test.check) ?? [])
        : await failuresOf(plan.test, request, at);
    findings.push(...failures.map((failure) => toFinding(plan, failure, request)));
  }
  return findings;
}

type CountedTest = Exclude<CheckTest, { readonly type: 'statement' }>;

async function failuresOf(
  test: CountedTest,
  request: CheckRequest,
  at: number,
): Promise<readonly Failure[]> {
  switch (test.type) {
    case 'rows':
      return rowFailures(test, request, at);
    case 'row_count':
      return countFailures(test, request.partitions);
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

/** What one statement for all checks that need one finds. */
async function statementFailures(
  request: CheckRequest,
): Promise<ReadonlyMap<StatementCheck, readonly Failure[]>> {
  const checks = request.plans.flatMap(({ test }) =>
    test.type === 'statement' ? [test.check] : [],
  );
  if (checks.length === 0 || request.partitions.length === 0) return new Map();
  const rows = await offendingRows(checks, request);
  const byCheck = Map.groupBy(rows, (row) => checks[row.check]);
  // Partitions without rows are decided by what is expected of them, not by checks.
  const failures = (check: StatementCheck): readonly Failure[] => {
    const byDay = Map.groupBy(byCheck.get(check) ?? [], (row) => row.day);
    return request.partitions.flatMap((partition): Failure[] => {
      const [first, ...others] = byDay.get(partition.day) ?? [];
      if (first === undefined) return [];
      const sample = [first, ...others].map((row) => row.sample);
      return [{ day: partition.day, rows: partition.rows, failures: first.failures, sample }];
    });
  };
  return new Map(checks.map((check) => [check, failures(check)]));
}

interface OffendingRow {
  readonly check: number;
  readonly day: Day;
  readonly failures: number;
  readonly sample: Readonly<Record<string, unknown>>;
}

async function offendingRows(
  checks: readonly StatementCheck[],
  request: CheckRequest,
): Promise<readonly OffendingRow[]> {
  try {
    return await queryRows(checks, request);
  } catch (error) {
    if (!isWarehouseError(error)) throw error;
    throw (await culprit(checks, error, request)) ?? error;
  }
}

async function queryRows(
  checks: readonly StatementCheck[],
  { warehouse, scope, rows, options }: CheckRequest,
): Promise<readonly OffendingRow[]> {
  const sql = offendingStatement(checks, scope, ({ type }) =>
    type === 'coverage' ? MISSING_ROWS : SAMPLE_ROWS,
  );
  const result = await warehouse.query(sql, {
    ...options,
    functions: rows.functions ?? [],
    purpose: 'check',
  });
  return result.rows.map((row) => {
    const [check, day, failures, sample] = COLUMNS.map((_, at) => row[at]);
    return {
      check: Number(check),
      day: Number(day),
      failures: Number(failures),
      // What the warehouse made of a row as JSON is an object.
      sample: JSON.parse(String(sample)) as Readonly<Record<string, unknown>>,
    };
  });
}

/** Which of several checks makes their statement fail: each by itself tells. */
async function culprit(
  checks: readonly StatementCheck[],
  error: WarehouseError,
  request: CheckRequest,
): Promise<WarehouseError | undefined> {
  const [only, ...others] = checks;
  if (only !== undefined && others.length === 0) return explained(only, error);
  if (error.kind !== 'statement' && error.kind !== 'data') return undefined;
  for (const check of checks) {
    try {
      await queryRows([check], request);
    } catch (single) {
      if (!isWarehouseError(single)) throw single;
      return explained(check, single);
    }
  }
  return undefined;
}

/** A statement that fails says which check it belongs to. */
function explained({ name }: StatementCheck, error: WarehouseError): WarehouseError {
  const { kind, category, retryAfterMs } = error;
  return new WarehouseError(`check "${name}" could not be run: ${error.message}`, {
    kind,
    category,
    cause: error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
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
