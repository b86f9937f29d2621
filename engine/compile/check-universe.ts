import type { YamlPath } from '../config/load.ts';
import type { Asset, Universe } from '../config/pipeline.ts';
import type { Diagnostic } from '../diagnostics.ts';
import type { SqlAnalysis } from '../sql/analyze.ts';
import { didYouMean } from '../util/nearest-name.ts';
import {
  checkCteNames,
  checkRelations,
  columnsOfUpstream,
  type SqlCheckInput,
} from './check-sql-asset.ts';
import { sqlDiagnostic } from './sql-diagnostics.ts';

/** A text of a universe, and where it stands below its asset. */
export interface UniverseText {
  readonly text: string;
  /** A whole SELECT, or an expression over the row `expected`. */
  readonly use: 'universe_sql' | 'universe' | 'universe_where';
  readonly setting: YamlPath;
}

/** Every SQL text of an asset's universe and failures. */
export function universeTexts({ universe }: Asset): readonly UniverseText[] {
  if (universe === undefined) return [];
  const { from, where, counts, failures } = universe;
  const expressions: readonly (readonly [string | undefined, YamlPath])[] = [
    [counts.expected, ['universe', 'counts', 'expected']],
    [counts.actual, ['universe', 'counts', 'actual']],
    [counts.missingDates, ['universe', 'counts', 'missing_dates']],
    ...failures.map((rule, at) => [rule.when, ['failures', at, 'when']] as const),
  ];
  const select =
    from.type === 'sql'
      ? [{ text: from.sql, use: 'universe_sql', setting: ['universe', 'sql'] } as const]
      : [];
  const setting = ['universe', 'where'];
  const condition =
    where === undefined ? [] : ({ text: where, use: 'universe_where', setting } as const);
  return [
    ...select,
    ...[condition].flat(),
    ...expressions.flatMap(([text, setting]) =>
      text === undefined ? [] : { text, use: 'universe' as const, setting },
    ),
  ];
}

/** Everything that is wrong with the SELECT that says who is expected. */
export function checkUniverseSelect(
  input: SqlCheckInput,
  analysis: SqlAnalysis,
): readonly Diagnostic[] {
  const { asset, location } = input;
  const findings = analysis.findings.map((finding) => sqlDiagnostic(location, finding));
  if (analysis.normalHash === '') return findings;
  const returned = columnsOf(analysis);
  const missing = wantedColumns(asset).filter((name) => returned && !returned.includes(name));
  const [first] = analysis.columns;
  return [
    ...findings,
    ...checkRelations(input, analysis),
    ...checkCteNames(input, analysis),
    ...missing.map((name) =>
      sqlDiagnostic(location, {
        start: first?.start ?? 0,
        end: first?.end ?? 1,
        code: 'UNIVERSE_COLUMN',
        message: `the SELECT does not return "${name}"${didYouMean(name, returned ?? [])}: who is expected when is unknown`,
        hint: `return ${wantedColumns(asset).join(', ')}`,
      }),
    ),
  ];
}

/** Everything that is wrong with a condition or a count over the row `expected`. */
export function checkUniverseExpression(
  input: SqlCheckInput &
    Omit<UniverseText, 'setting'> & { readonly select: SqlAnalysis | undefined },
  analysis: SqlAnalysis,
): readonly Diagnostic[] {
  const { location, text } = input;
  const findings = analysis.findings.map((finding) => sqlDiagnostic(location, finding));
  if (analysis.normalHash === '') return findings;
  const known = rowColumns(input, input.select);
  const unknown = analysis.columnUses.filter(
    (use) =>
      known !== undefined &&
      use.name !== '*' &&
      /\bexpected\s*\.\s*$/i.test(text.slice(0, use.start)) &&
      !known.some((name) => name.toLowerCase() === use.name.toLowerCase()),
  );
  return [
    ...findings,
    ...(input.use === 'universe_where'
      ? readsMoreThanTheRow(input, analysis)
      : checkRelations(input, analysis)),
    ...unknown.map((use) =>
      sqlDiagnostic(location, {
        ...use,
        code: 'UNKNOWN_COLUMN',
        message: `the row "expected" has no column "${use.name}"${didYouMean(use.name, known ?? [])}`,
      }),
    ),
  ];
}

/** Who is expected is decided row by row; whether he failed may depend on more. */
function readsMoreThanTheRow(
  { location, text }: SqlCheckInput & Pick<UniverseText, 'text'>,
  analysis: SqlAnalysis,
): readonly Diagnostic[] {
  const inText = /\bpartitions\b/i.exec(text);
  const found =
    inText === null
      ? analysis.relations
      : [{ name: 'partitions', start: inText.index, end: inText.index + inText[0].length }];
  return found.map((reference) =>
    sqlDiagnostic(location, {
      ...reference,
      code: 'SQL_CONDITION_READS_RELATION',
      message: `the condition reads "${reference.name}"; it can only use columns of the row "expected"`,
      hint: 'write a SELECT under universe: sql instead',
    }),
  );
}

/** Entity columns that the rows of the relation lack. */
export function checkUniverseRelation(
  input: Pick<SqlCheckInput, 'asset' | 'pipeline' | 'document'>,
): readonly Diagnostic[] {
  const { asset, document } = input;
  const { universe } = asset;
  if (universe?.from.type !== 'relation') return [];
  const { relation } = universe.from;
  const known = relationColumns(input, relation);
  if (known === undefined) return [];
  return universe.entity.flatMap((name, at) =>
    known.includes(name)
      ? []
      : {
          code: 'UNIVERSE_COLUMN',
          message: `"${relation}" has no column "${name}"${didYouMean(name, known)}`,
          ...document.place(document.settingPath(asset, ['universe', 'entity', at])),
          hint: 'name columns that both have, or rename one in a SELECT under universe: sql',
        },
  );
}

function wantedColumns({ partitionColumn, partitionSet, universe }: Asset): readonly string[] {
  const day = partitionSet === undefined ? undefined : partitionColumn;
  return [day ?? [], ...(universe?.entity ?? [])].flat();
}

/** Undefined when some are unknown. */
function columnsOf({ columns }: SqlAnalysis): readonly string[] | undefined {
  const names = columns.flatMap((column) => (column.type === 'named' ? column.name : []));
  return names.length === columns.length ? names : undefined;
}

/** The columns of the row `expected`; undefined when they are not known. */
function rowColumns(
  input: SqlCheckInput,
  select: SqlAnalysis | undefined,
): readonly string[] | undefined {
  const from: Universe['from'] | undefined = input.asset.universe?.from;
  if (from?.type === 'relation') return relationColumns(input, from.relation);
  return select && columnsOf(select);
}

function relationColumns(
  { asset, pipeline }: Pick<SqlCheckInput, 'asset' | 'pipeline'>,
  relation: string,
): readonly string[] | undefined {
  const columns = columnsOfUpstream(relation, asset, pipeline);
  return columns.length === 0 ? undefined : columns.map((column) => column.name);
}
