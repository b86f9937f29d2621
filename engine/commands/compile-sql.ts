import { sqlAssetSelect } from '../assets/sql-asset.ts';
import type { CompiledAsset, CompiledPipeline } from '../compile/compiled.ts';
import { everyDay } from '../partitions/calendar.ts';
import { formatDay } from '../partitions/date.ts';
import type { SqlDialect } from '../sql/quote.ts';
import { evaluationOf } from '../staleness/causes.ts';
import { evaluateGraph, type GraphEvaluation } from '../staleness/status.ts';
import type { StateSnapshot } from '../../state/store.ts';
import type { Project } from './context.ts';

/** The statement that would make the newest partition of an asset in one kind of warehouse. */
export interface AssetStatement {
  readonly dialect: SqlDialect;
  /** The targets that run it. */
  readonly targets: readonly string[];
  readonly partition: string;
  readonly functions: readonly string[];
  readonly sql: string;
}

/** What `--show sql` shows: one statement per kind of warehouse among the targets. */
export function statementsOf(
  project: Project,
  asset: CompiledAsset,
  evaluation: GraphEvaluation,
): readonly AssetStatement[] {
  if (asset.kind !== 'sql') return [];
  const { pipeline } = project;
  const of = evaluationOf(evaluation, asset.name);
  const newest = of.expected.days.length - 1;
  const assets = new Map(pipeline.assets.map((each) => [each.name, each]));
  const byDialect = Map.groupBy(pipeline.targets, (target) => target.warehouse);
  return Array.from(byDialect, ([dialect, targets]) => ({
    dialect,
    targets: targets.map((target) => target.name),
    partition: formatDay(of.expected.days[newest] ?? project.today),
    functions: functionStatements(pipeline, asset, dialect),
    sql: sqlAssetSelect({ evaluation: of, indexes: [newest] }, assets, dialect),
  }));
}

/** The graph as recorded; a calendar that was never read holds just today, so that there is a partition to show. */
export function evaluateForShow(project: Project, snapshot: StateSnapshot): GraphEvaluation {
  const { pipeline, today } = project;
  const calendars = new Map(snapshot.calendars);
  for (const { name } of pipeline.calendars) {
    const isEmpty = (calendars.get(name)?.days.length ?? 0) === 0;
    if (isEmpty) calendars.set(name, { ...everyDay(today, today + 1), name, fingerprint: '' });
  }
  return evaluateGraph({ pipeline, snapshot: { ...snapshot, calendars }, today });
}

function functionStatements(
  pipeline: CompiledPipeline,
  asset: CompiledAsset,
  dialect: SqlDialect,
): readonly string[] {
  const statements = dialect === 'duckdb' ? pipeline.duckdbFunctions : pipeline.googleFunctions;
  return (asset.sql?.functions ?? []).map((name) => statements[name] ?? '');
}
