import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CompiledAsset } from '../../engine/compile/compiled.ts';
import type { TestProject } from '../support/project.ts';
import { brokenLimits } from './bigquery-limits.ts';
import {
  calendarStatement,
  checkStatements,
  conditionStatements,
  failureStatements,
  profileStatements,
  type EngineStatement,
  rowsStatement,
} from './engine-statements.ts';
import { MadePipeline } from './made-pipeline.ts';
import { catalogOf, declaredTables } from './pipeline-catalog.ts';
import { DEMO, KINDS, LEAGUE_DATES } from './pipelines.ts';
import {
  comparisonsOf,
  comparisonStatements,
  experimentStatements,
  importanceStatements,
} from './report-statements.ts';
import { assetStatements, ledgerStatements, warehouseTables } from './warehouse-statements.ts';
import { serviceBinary, skipReason } from './zetasql-binary.ts';
import { type AnalyzedColumn, outputColumns, ZetaSqlService } from './zetasql-service.ts';

const isSkipped = serviceBinary.path === undefined;
/** What the analyzer said of each text; some are made many times. */
const analyzed = new Map<string, readonly AnalyzedColumn[]>();

afterAll(() => {
  if (!isSkipped) process.stdout.write(`${analyzed.size} statements of the engine were analyzed\n`);
});

describe.skipIf(isSkipped).each([LEAGUE_DATES, DEMO, KINDS])(
  `Google's analyzer accepts, of $title${skipReason},`,
  (example) => {
    let project: TestProject;
    let made: MadePipeline;
    let service: ZetaSqlService;
    let catalog = '';
    const refused: string[] = [];

    beforeAll(async () => {
      project = await example.make();
      made = await MadePipeline.of(project);
      service = await ZetaSqlService.start();
      catalog = await service.register(
        catalogOf(
          [...declaredTables(made.pipeline), ...warehouseTables(made)],
          made.pipeline.functions,
        ),
      );
    }, 120_000);
    afterAll(async () => {
      made[Symbol.dispose]();
      await service[Symbol.asyncDispose]();
      rmSync(project.root, { recursive: true, force: true });
    });

    async function analyze(statement: EngineStatement): Promise<readonly AnalyzedColumn[]> {
      const sql = statement.sql('bigquery');
      const known = analyzed.get(sql);
      if (known) return known;
      const resolved = await service.resolve(catalog, sql).catch((error: unknown) => {
        throw new Error(`${statement.title}: ${String(error)}\n${sql}`);
      });
      refused.push(...brokenLimits(resolved).map((limit) => `${statement.title}: ${limit}`));
      const columns = outputColumns(resolved);
      analyzed.set(sql, columns);
      return columns;
    }

    test('every SQL asset, for no, one and many partitions, with the columns that it declares', async () => {
      const assets = sqlAssets(made);
      for (const asset of assets) {
        const expected = asset.columns.map(({ name, type }) => ({ name, type }));
        for (const size of [0, 1, Infinity]) {
          const batch = made.batch(asset, ({ expected: { days } }) =>
            [...days.keys()].slice(0, size),
          );
          const columns = await analyze(rowsStatement(made, batch));
          expect({ asset: asset.name, columns }).toEqual({ asset: asset.name, columns: expected });
        }
      }
      expect(assets.length).toBeGreaterThan(1);
      expect(analyzed.size).toBeGreaterThan(2 * assets.length);
    });

    test('the tables that it reads are those of its upstream', async () => {
      for (const asset of sqlAssets(made)) {
        const read = await service.tableNames(
          rowsStatement(made, made.batch(asset)).sql('bigquery'),
        );
        expect([...new Set(read)].toSorted()).toEqual(upstreamTables(asset, made).toSorted());
      }
    });

    test('every condition of an empty partition and of a calendar', async () => {
      const statements = made.pipeline.assets
        .flatMap((asset) => conditionStatements(made, made.batch(asset)))
        .concat(made.pipeline.calendars.map((calendar) => calendarStatement(made, calendar)));
      for (const statement of statements) await analyze(statement);
      expect(statements.length).toBe(
        made.pipeline.calendars.length +
          count(made, (asset) => asset.expectedEmpty.filter(isCondition).length),
      );
    });

    test('the profile of every asset', async () => {
      for (const asset of made.pipeline.assets) {
        for (const statement of profileStatements(made.batch(asset))) await analyze(statement);
      }
    });

    test('every statement of a report', async () => {
      const statements = comparisonsOf(made).flatMap((comparison) => [
        ...comparisonStatements(made, comparison, ['one', "the other's"]),
        ...importanceStatements(made, comparison),
        ...experimentStatements(made, comparison, ['one', "the other's"]),
      ]);
      for (const statement of statements) await analyze(statement);
      expect(statements.length > 0).toBe(made.pipeline.reports.length > 0);
    });

    test('who is expected and has no row', async () => {
      for (const asset of made.pipeline.assets) {
        for (const statement of failureStatements(made, made.batch(asset)))
          await analyze(statement);
      }
    });

    test('every check', async () => {
      const statements = made.pipeline.assets.flatMap((asset) =>
        checkStatements(made, made.batch(asset)),
      );
      for (const statement of statements) await analyze(statement);
      const declared = count(
        made,
        (asset) => asset.checks.filter((check) => !COUNTED.includes(check.type)).length,
      );
      const perUpstream = count(
        made,
        (asset) => asset.checks.filter((check) => check.type === 'row_count' && check.per).length,
      );
      expect(declared).toBeGreaterThan(0);
      expect(statements.length).toBeGreaterThanOrEqual(declared + perUpstream);
    });

    test('every statement that the warehouse runs for an asset, and for its own records', async () => {
      const before = analyzed.size;
      for (const asset of made.pipeline.assets) {
        for (const sql of assetStatements(made, asset)) {
          await analyze({ title: asset.name, sql: () => sql });
        }
      }
      // Of each asset: staging and publishing in several statements, counting, marking, removing.
      expect(analyzed.size - before).toBeGreaterThanOrEqual(8 * made.pipeline.assets.length);
      for (const sql of ledgerStatements()) await analyze({ title: 'ledger', sql: () => sql });
    });

    test('every function, as a temporary one', async () => {
      const statements = Object.entries(made.pipeline.googleFunctions);
      for (const [name, sql] of statements) {
        await analyze({ title: name, sql: () => sql });
      }
      expect(statements.map(([name]) => name)).toEqual(
        made.pipeline.functions.map(({ name }) => name),
      );
    });

    // The pipeline of all kinds joins as DuckDB alone can, on purpose.
    if (example !== KINDS) {
      test('and none has a join that BigQuery would refuse nevertheless', () => {
        expect(refused).toEqual([]);
      });
    }
  },
);

function sqlAssets(made: MadePipeline): readonly CompiledAsset[] {
  return made.pipeline.assets.filter(({ kind }) => kind === 'sql');
}

/** Checks that the warehouse answers by counting. */
const COUNTED: readonly string[] = ['row_count', 'unique'];

function isCondition({ type }: CompiledAsset['expectedEmpty'][number]): boolean {
  return type === 'condition';
}

function count(made: MadePipeline, of: (asset: CompiledAsset) => number): number {
  return made.pipeline.assets.reduce((sum, asset) => sum + of(asset), 0);
}

function upstreamTables(asset: CompiledAsset, made: MadePipeline): readonly string[] {
  const names = asset.upstream.map((edge) => {
    const upstream = made.assets.get(edge.asset);
    return `${upstream?.dataset}.${edge.asset}`;
  });
  return [...new Set(names)];
}
