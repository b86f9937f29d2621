import fc from 'fast-check';
import { afterAll, expect } from 'vitest';
import { formatDay } from '../../engine/partitions/date.ts';
import { type ModelProject, sharedCache, withModel } from '../model/model-project.ts';
import { allowed, type AssetSpec, type World, worlds } from '../model/world.ts';
import { propertyTest } from '../support/property.ts';

const cache = sharedCache();
afterAll(cache.remove);

/** A world whose assets leave many rows out and have none of their own. */
const thinWorlds = fc
  .record({ world: worlds(), least: fc.array(fc.nat(9), { minLength: 4, maxLength: 4 }) })
  .map(({ world, least }): World => {
    const thin = (asset: AssetSpec, at: number): AssetSpec => ({
      ...asset,
      hasOwnRow: false,
      readsNotes: false,
      least: least[at] ?? 0,
    });
    return allowed({ ...world, assets: world.assets.map(thin) });
  });

/** By date of each asset how many rows there are. */
async function rowCounts(both: ModelProject, name: string): Promise<Map<string, number>> {
  const { asset } = await evaluationOf(both, name);
  const date = asset.partitionSet === undefined ? `'all'` : 'CAST(game_date AS VARCHAR)';
  const known = await both.project.query(
    `SELECT 1 FROM duckdb_tables() WHERE schema_name = 'reports' AND table_name = '${name}'`,
  );
  if (known.length === 0) return new Map();
  const rows = await both.project.query(
    `SELECT ${date}, CAST(COUNT(*) AS INTEGER) FROM reports.${name} GROUP BY ALL`,
  );
  return new Map(rows.map(([day, count]) => [String(day), Number(count)]));
}

async function evaluationOf(both: ModelProject, name: string) {
  const { evaluation } = await both.project.evaluate();
  const found = [...evaluation.assets.values()].find(({ asset }) => asset.name === name);
  if (!found) throw new Error(`no asset ${name}`);
  return found;
}

propertyTest(
  'invariant 3',
  'a partition without rows fails with EMPTY_RESULT unless a rule says so, and none counts as current',
  {
    cases: thinWorlds,
    runs: 4,
    secondsPerCase: 5,
    holds: (world) =>
      withModel(world, cache.path, async (both) => {
        const outcome = await both.run(both.everything());
        for (const spec of world.assets) {
          const counts = await rowCounts(both, spec.name);
          const statuses = await both.project.status(spec.name);
          const { expected } = await evaluationOf(both, spec.name);
          for (const day of expected.days) {
            const date = formatDay(day);
            const isPresent = (counts.get(date) ?? 0) > 0;
            const where = [spec.name, date, statuses[date]];
            expect([...where, isPresent]).toEqual([...where, statuses[date] === 'current']);
            if (statuses[date] === 'expected-empty')
              expect([...where, spec.rule]).not.toContain('none');
            if (statuses[date] !== 'failed') continue;
            const failure = outcome?.document.failures.find(
              (each) => each.asset === spec.name && each.partition === date,
            );
            expect([...where, failure?.category]).toEqual([...where, 'EMPTY_RESULT']);
          }
        }
      }),
  },
);
