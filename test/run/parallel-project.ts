import { onTestFinished } from 'vitest';
import { newProject, type TestProject } from '../support/project.ts';
import { good, readings } from './readings-project.ts';

/** What happens inside a module's step; the step goes on when it resolves, and fails when it throws. */
export type During = (step: {
  readonly asset: string;
  readonly dates: readonly string[];
  readonly signal: AbortSignal;
}) => Promise<void> | void;

const HOOK = 'fastbreakDuringModule';

/** Has the modules of the test's projects, which run in this process, do something in the middle of their steps. */
export function duringModules(during: During): void {
  Object.assign(globalThis, { [HOOK]: during });
  onTestFinished(() => void Reflect.deleteProperty(globalThis, HOOK));
}

/** Counts how many steps are in their modules at once; each stays for a while. */
export function countAtOnce(): { readonly most: () => number } {
  let inside = 0;
  let most = 0;
  duringModules(async () => {
    inside++;
    most = Math.max(most, inside);
    await new Promise((resolve) => void setTimeout(resolve, 30));
    inside--;
  });
  return { most: () => most };
}

/** Holds every step until as many are in their modules at once as are to meet. */
export function meeting(count: number): During {
  const { promise, resolve } = Promise.withResolvers<void>();
  let inside = 0;
  return () => {
    inside++;
    if (inside === count) resolve();
    return promise;
  };
}

function moduleOf(asset: string): string {
  return `export async function materialize({ partitions, read, write, signal }) {
  const { day, value } = await read('readings');
  const dates = partitions.map((each) => each.date);
  await globalThis.${HOOK}?.({ asset: '${asset}', dates, signal });
  for (const date of dates) {
    for (const [at, each] of day.entries()) {
      if (each === date) write([{ day: date, value: Number(value[at]) }]);
    }
  }
}
`;
}

interface Options {
  /** Of the target; absent: nothing is said of it. */
  readonly maxParallel?: number;
  /** Under `pools:`. */
  readonly pools?: string;
  /** More settings by asset, as YAML in braces without them. */
  readonly settings?: Readonly<Partial<Record<'first' | 'second' | 'both', string>>>;
  readonly dates?: number;
}

/** readings → first, second (modules that do the same) → both (SQL over the two). */
export function parallelProject(options: Options = {}): TestProject {
  const { maxParallel, pools = '{}', settings = {}, dates = 4 } = options;
  const target = maxParallel === undefined ? '' : `, max_parallel: ${maxParallel}`;
  const asset = (name: 'first' | 'second' | 'both', upstream: string): string => `  ${name}:
    group: reports
    description: The readings as numbers.
    upstream: { ${upstream} }
    columns: [day, { value: { type: INT64, description: What was read } }]
${(settings[name] ?? '').replaceAll(/^(?=.)/gm, '    ')}
`;
  return newProject({
    'pipeline.yaml': `name: parallel
targets:
  local: { warehouse: duckdb, memory_limit: 512MB, threads: 1${target} }
pools: ${pools}
groups:
  raw: {}
  reports: {}
calendars:
  dates: { asset: readings, date: day }
partition_sets:
  dates: { calendar: dates }
columns:
  day: { type: DATE, description: The day of the readings }
defaults:
  partitions: dates
  partition_column: day
  timeout: 5s
  key: [day]
assets:
  readings:
    group: raw
    description: One row per reading.
    source: { path: data/readings.csv }
    columns: [day, { value: { type: INT64, description: What was read } }]
${asset('first', 'readings: same')}${asset('second', 'readings: same')}${asset('both', 'first: same, second: same')}`,
    'data/readings.csv': readings(good(dates)),
    'assets/reports/first.ts': moduleOf('first'),
    'assets/reports/second.ts': moduleOf('second'),
    'assets/reports/both.sql': `SELECT l.day AS day, l.value + r.value AS value
FROM first AS l JOIN second AS r ON r.day = l.day
`,
  });
}
