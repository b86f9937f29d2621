import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { countsQuery } from '../../engine/health/counts.ts';
import { calendarUnits, validationMeasures } from '../../engine/health/validation-measures.ts';
import { MAX_DAY, MIN_DAY } from '../../engine/partitions/window.ts';
import { brokenLimits } from './bigquery-limits.ts';
import { MadePipeline } from './made-pipeline.ts';
import { catalogOf, declaredTables } from './pipeline-catalog.ts';
import { KINDS, LEAGUE_DATES } from './pipelines.ts';
import { serviceBinary, skipReason } from './zetasql-binary.ts';
import { outputColumns, ZetaSqlService } from './zetasql-service.ts';

test.skipIf(serviceBinary.path === undefined).each([LEAGUE_DATES, KINDS])(
  `Google's analyzer accepts, of $title${skipReason}, the statement that counts an asset's rows`,
  async (example) => {
    const project = await example.make();
    const made = await MadePipeline.of(project);
    const service = await ZetaSqlService.start();
    try {
      const { pipeline } = made;
      const tables = declaredTables(pipeline);
      const catalog = await service.register(catalogOf(tables, pipeline.functions));
      const names = new Set(pipeline.assets.map(({ name }) => name));
      const measures = validationMeasures(pipeline, names, calendarUnits(pipeline, 'bigquery'));
      for (const asset of pipeline.assets) {
        const wanted = [
          ...(measures.get(asset.name) ?? []),
          ...asset.columns
            .slice(0, 1)
            .map(({ name }) => ({ type: 'distinct', column: name }) as const),
        ];
        const ranges = [
          { lo: 19_000, hi: 19_100 },
          { lo: MIN_DAY + 1, hi: MAX_DAY },
        ];
        for (const range of ranges) {
          const resolved = await service.resolve(
            catalog,
            countsQuery(asset, wanted, range, 'bigquery'),
          );
          expect(brokenLimits(resolved)).toEqual([]);
          expect(outputColumns(resolved).map(({ type }) => type)).toEqual([
            'DATE',
            ...wanted.map(() => 'INT64'),
          ]);
        }
      }
      expect(names.size).toBeGreaterThan(2);
    } finally {
      made[Symbol.dispose]();
      await service[Symbol.asyncDispose]();
      rmSync(project.root, { recursive: true, force: true });
    }
  },
  120_000,
);
