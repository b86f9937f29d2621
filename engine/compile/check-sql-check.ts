import type { Asset } from '../config/pipeline.ts';
import type { Diagnostic } from '../diagnostics.ts';
import type { SqlAnalysis } from '../sql/analyze.ts';
import type { LintFinding } from '../sql/lint-finding.ts';
import { didYouMean } from '../util/nearest-name.ts';
import { checkCteNames, checkRelations, type SqlCheckInput } from './check-sql-asset.ts';
import { sqlDiagnostic } from './sql-diagnostics.ts';

/** The name under which a check reads the asset's rows. */
const THIS = 'this';
const PARTITION_COLUMNS = ['partition_date', 'period', 'period_start'];

/** Everything that is wrong with a check written as a SELECT. */
export function checkSqlCheck(input: SqlCheckInput, analysis: SqlAnalysis): readonly Diagnostic[] {
  const { asset, location } = input;
  const findings = analysis.findings.map((finding) =>
    sqlDiagnostic(location, forCheck(finding, asset)),
  );
  if (analysis.normalHash === '') return findings;
  return [
    ...findings,
    ...checkReads(input, analysis),
    ...checkCteNames(input, analysis, [THIS]),
    ...checkColumns(input, analysis),
    ...checkPartitionColumn(input, analysis),
  ];
}

/** Columns are spelled out for another reason than in an asset. */
function forCheck(finding: LintFinding, asset: Asset): LintFinding {
  if (finding.code !== 'SQL_SELECT_STAR') return finding;
  const useful = [asset.partitionColumn ?? [], ...asset.key].flat();
  const hint = `list the columns that tell where an offending row is: ${[...new Set(useful)].join(', ')}`;
  return { ...finding, hint };
}

function checkReads(input: SqlCheckInput, analysis: SqlAnalysis): readonly Diagnostic[] {
  const { asset, location } = input;
  const isOwn = (name: string): boolean => name === asset.name;
  const own = analysis.relations
    .filter(({ name, qualifier }) => qualifier === undefined && isOwn(name))
    .map((reference) =>
      sqlDiagnostic(location, {
        ...reference,
        code: 'SQL_CHECK_READS_TABLE',
        message: `the check reads the table "${asset.name}", not the rows that are about to be published`,
        hint: 'write FROM this',
      }),
    );
  const others = analysis.relations.filter(({ name }) => !isOwn(name));
  return [...own, ...checkRelations(input, { ...analysis, relations: others }, [THIS])];
}

/** Columns that nothing in reach has: neither the relations, nor an alias of the statement. */
function checkColumns(
  { asset, pipeline, location }: SqlCheckInput,
  analysis: SqlAnalysis,
): readonly Diagnostic[] {
  const read = new Set(analysis.relations.map((reference) => reference.name));
  const own = asset.columns.map((column) => column.name);
  const upstream = asset.upstream
    .filter((edge) => read.has(edge.relation))
    .flatMap((edge) => pipeline.assets.find((each) => each.name === edge.asset)?.columns ?? [])
    .map((column) => column.name);
  if (own.length === 0) return [];
  const names = [...own, ...upstream, ...PARTITION_COLUMNS, ...analysis.aliases];
  const known = new Set(names.map((name) => name.toLowerCase()));
  return analysis.columnUses
    .filter((use) => use.name !== '*' && !known.has(use.name.toLowerCase()))
    .map((use) =>
      sqlDiagnostic(location, {
        ...use,
        code: 'UNKNOWN_COLUMN',
        message: `nothing that the check reads has a column "${use.name}"${didYouMean(use.name, names)}`,
      }),
    );
}

/** Without the partition column nobody could say which partitions fail. */
function checkPartitionColumn(
  { asset, location }: SqlCheckInput,
  analysis: SqlAnalysis,
): readonly Diagnostic[] {
  const column = asset.partitionColumn;
  const { columns } = analysis;
  if (asset.partitionSet === undefined || column === undefined) return [];
  if (columns.some((each) => each.name === column || each.type === 'star')) return [];
  const [first] = columns;
  return [
    sqlDiagnostic(location, {
      start: first?.start ?? 0,
      end: first?.end ?? 1,
      code: 'MISSING_PARTITION_COLUMN',
      message: `the check does not return "${column}"${didYouMean(
        column,
        columns.map((each) => each.name),
      )}: which partition an offending row belongs to is unknown`,
      hint: `return ${column} as well`,
    }),
  ];
}
