import { existsSync, rmSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll } from 'vitest';
import { histories, relive } from '../model/history.ts';
import { type ModelProject, sharedCache, withModel } from '../model/model-project.ts';
import type { CompiledAsset } from '../../engine/compile/compiled.ts';
import { expectAgreement } from '../support/agreement.ts';
import type { TestProject } from '../support/project.ts';
import { propertyTest } from '../support/property.ts';

const cache = sharedCache();
afterAll(cache.remove);

/** Something that happens to the files of a target behind the engine's back. */
const damages = fc.record({
  type: fc.constantFrom(
    ...(['rows', 'some rows', 'more rows', 'claims', 'table', 'warehouse', 'record'] as const),
  ),
  asset: fc.nat(4),
  /** Which days: those whose number leaves this rest. */
  rest: fc.nat(2),
});
type Damage = typeof damages extends fc.Arbitrary<infer T> ? T : never;

async function damage(both: ModelProject, what: Damage): Promise<void> {
  const { project, naive } = both;
  const { pipeline } = naive.model;
  const asset = pipeline.assets[what.asset % pipeline.assets.length];
  if (what.type === 'warehouse') rmSync(project.warehouseFile, { force: true });
  else if (what.type === 'record') removeRecord(project);
  else if (asset && existsSync(project.warehouseFile) && (await hasTable(project, asset.name))) {
    await project.tamper(tampering(what, asset));
  }
}

function removeRecord({ home }: TestProject): void {
  for (const suffix of ['', '-wal', '-shm'])
    rmSync(`${home}/state.sqlite${suffix}`, { force: true });
}

async function hasTable(project: TestProject, name: string): Promise<boolean> {
  const sql = `SELECT 1 FROM duckdb_tables() WHERE table_name = '${name}'`;
  return (await project.query(sql)).length > 0;
}

/** A statement that damages some of an asset's rows or claims. */
function tampering({ type, rest }: Damage, asset: CompiledAsset): string {
  const { name, kind, partitionSet } = asset;
  const table = `${kind === 'source' ? 'raw' : 'reports'}.${name}`;
  const isWhole = partitionSet === undefined;
  const some = isWhole ? 'TRUE' : `(game_date - DATE '2000-01-01') % 3 = ${rest}`;
  switch (type) {
    case 'rows':
      return `DELETE FROM ${table} WHERE ${some}`;
    case 'some rows':
      return `DELETE FROM ${table} WHERE ${some} AND points = (SELECT MIN(points) FROM ${table} WHERE ${some})`;
    case 'more rows':
      return `INSERT INTO ${table} SELECT * FROM ${table} WHERE ${some}`;
    case 'claims':
      return `DELETE FROM _fastbreak_materializations WHERE asset = '${name}' AND day % 3 = ${rest}`;
    default:
      return `DROP TABLE ${table}`;
  }
}

propertyTest(
  'invariant 1',
  'whatever happened to rows, claims, tables or files, after a run they agree, and what is lost is made again',
  {
    cases: fc.record({
      history: histories({ isPlain: true }, 1),
      damage: fc.array(damages, { minLength: 1, maxLength: 2 }),
    }),
    runs: 3,
    secondsPerCase: 5,
    holds: ({ history, damage: list }) =>
      withModel(history.first, cache.path, async (both) => {
        await relive(both, history);
        await both.run(both.everything());
        for (const each of list) await damage(both, each);
        const [, ...assets] = both.everything().assets;
        const { code } = await both.project.materialize({ selection: assets.slice(0, 1) });
        if (code === 0) await expectAgreement(both.project);
        await both.project.materialize();
        await expectAgreement(both.project);
        await both.expectContents();
        await both.expectStatuses(both.everything().assets);
      }),
  },
);
