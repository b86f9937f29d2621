import {
  importancesQuery,
  measuresQuery,
  reliabilityQuery,
  systemsQuery,
} from '../../engine/health/accuracy-queries.ts';
import { systemNamesQuery, systemRowsQuery } from '../../engine/health/system-rows.ts';
import type { Comparison } from '../../engine/config/report-rules.ts';
import { dayOf } from '../../engine/partitions/date.ts';
import type { EngineStatement } from './engine-statements.ts';
import type { MadePipeline } from './made-pipeline.ts';

/** Longer than any example. */
const RANGE = { lo: dayOf(2000, 1, 1), hi: dayOf(2100, 1, 1) };

/** The comparisons of all reports. */
export function comparisonsOf({ pipeline }: MadePipeline): readonly Comparison[] {
  return pipeline.reports.flatMap(({ comparisons }) => comparisons);
}

/** What a comparison asks the warehouse, about some systems. */
export function comparisonStatements(
  made: MadePipeline,
  comparison: Comparison,
  systems: readonly string[],
): readonly EngineStatement[] {
  const asset = made.assets.get(comparison.asset);
  if (asset === undefined) throw new Error(`no asset ${comparison.asset}`);
  const request = { comparison, asset, range: RANGE };
  const title = `report on ${comparison.name}`;
  return [
    {
      title: `${title}, systems`,
      key: ['_system'],
      sql: (dialect) => systemsQuery(request, dialect),
    },
    {
      title: `${title}, figures`,
      key: ['_dimension', '_value', '_system'],
      sql: (dialect) => measuresQuery(request, systems, dialect),
    },
    ...(comparison.probability === undefined
      ? []
      : [
          {
            title: `${title}, probabilities`,
            key: ['_system', '_origin', '_bin'],
            sql: (dialect: 'duckdb' | 'bigquery') => reliabilityQuery(request, systems, dialect),
          },
        ]),
  ];
}

/** How the importances of the newest models are read; nothing where a comparison has none. */
export function importanceStatements(
  made: MadePipeline,
  { name, importances }: Comparison,
): readonly EngineStatement[] {
  const asset = importances && made.assets.get(importances.asset);
  if (importances === undefined || asset === undefined) return [];
  return [
    {
      title: `report on ${name}, importances`,
      key: ['_model'],
      sql: (dialect) => importancesQuery(importances, asset, dialect),
    },
  ];
}

/** What an experiment with two systems asks; its rows are too many for the reference evaluator. */
export function experimentStatements(
  made: MadePipeline,
  comparison: Comparison,
  systems: readonly string[],
): readonly EngineStatement[] {
  const asset = made.assets.get(comparison.asset);
  if (asset === undefined) throw new Error(`no asset ${comparison.asset}`);
  const request = { comparison, asset, range: RANGE, group: comparison.by[0]?.column };
  return [
    {
      title: `experiment on ${comparison.name}, systems`,
      key: ['_system'],
      sql: (dialect) => systemNamesQuery(request, dialect),
    },
    {
      title: `experiment on ${comparison.name}, rows`,
      key: ['_day', ...comparison.entity.map((_, at) => `_entity_${at}`), '_system'],
      sql: (dialect) => systemRowsQuery(request, systems, dialect).select,
    },
  ];
}
