import fc from 'fast-check';
import { expect } from 'vitest';
import { propertyTest } from '../support/property.ts';
import type { TestProject } from '../support/project.ts';
import { failuresOf, rosterProject, setShifts, type Shift } from './roster-project.ts';

const DAYS = ['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-05'] as const;
const WORKERS = ['anna', 'ben', 'cleo', "d'ora"] as const;

const shifts: fc.Arbitrary<readonly Shift[]> = fc
  .uniqueArray(
    fc.record({
      day: fc.constantFrom(...DAYS),
      worker: fc.constantFrom(...WORKERS),
      hours: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
      note: fc.option(fc.constantFrom('lost' as const, 'ghost' as const), {
        nil: undefined,
        freq: 4,
      }),
    }),
    { selector: ({ day, worker }) => `${day} ${worker}`, minLength: 1, maxLength: 12 },
  )
  .map((found) =>
    found.map(({ day, worker, hours, note }) => ({
      day,
      worker,
      ...(hours !== undefined && { hours }),
      ...(note !== undefined && { note }),
    })),
  );

/** What should become of somebody, worked out by hand. */
function fateOf({ hours, note }: Shift): string {
  if (hours === undefined) return 'OFF_DUTY';
  if (hours < 1) return 'INSUFFICIENT_DATA';
  if (hours < 2) return 'INCOMPLETE_DATA';
  return note === undefined ? 'row' : 'UNTRACKED';
}

const EXCUSED = new Set(['OFF_DUTY', 'INSUFFICIENT_DATA']);

/** Everybody of the partitions that are good, by day and worker. */
function fatesOf(all: readonly Shift[]): readonly string[] {
  return [...Map.groupBy(all, ({ day }) => day)].flatMap(([, found]) => {
    const fates = found.map(fateOf);
    const hasRows = fates.includes('row') || found.some(({ note }) => note === 'ghost');
    // Nothing is recorded of a partition without rows that not everybody is excused from.
    if (!hasRows && !fates.every((fate) => EXCUSED.has(fate))) return [];
    return found.map((shift) => `${shift.day} ${shift.worker} ${fateOf(shift)}`);
  });
}

async function foundIn(project: TestProject): Promise<readonly string[]> {
  const { failures } = await failuresOf(project);
  const tables = await project.query(`SELECT 1 FROM duckdb_tables() WHERE table_name = 'paid'`);
  // Without a good partition there is no table.
  const rows =
    tables.length === 0
      ? []
      : await project.query(
          `SELECT CAST(day AS VARCHAR), worker FROM reports.paid WHERE NOT ends_with(worker, '_ghost')`,
        );
  return [
    ...rows.map(([day, worker]) => `${day} ${worker} row`),
    ...failures
      .filter((failure) => failure.resolution_status !== 'RESOLVED')
      .map(({ partition, entity, category }) => `${partition} ${entity} ${category}`),
  ];
}

propertyTest(
  'universe = rows + failures',
  'everybody expected has a row or the failure that the rules say, made once and made again from other data',
  {
    cases: fc.record({ first: shifts, second: shifts, batch: fc.constantFrom(1, 2, 5000) }),
    runs: 12,
    secondsPerCase: 4,
    holds: async ({ first, second, batch }) => {
      const project = rosterProject(first);
      project.edit(
        'pipeline.yaml',
        'description: Who is paid.',
        `description: Who is paid.\n    batch: ${batch}`,
      );
      await project.materialize();
      expect([...(await foundIn(project))].sort()).toEqual([...fatesOf(first)].sort());
      setShifts(project, second);
      await project.materialize({ prune: true });
      const good = new Set(
        Object.entries(await project.status('paid'))
          .filter(([, status]) => status !== 'failed')
          .map(([day]) => day),
      );
      const ofGood = (lines: readonly string[]): readonly string[] =>
        lines.filter((line) => good.has(line.slice(0, 10))).sort();
      // A partition that failed keeps what it had.
      expect(ofGood(await foundIn(project))).toEqual(ofGood(fatesOf(second)));
    },
  },
);
