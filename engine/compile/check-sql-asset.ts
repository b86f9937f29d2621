import type { PipelineDocument } from '../config/load.ts';
import { relationOfCheck } from '../config/check.ts';
import type { Asset, Column, Pipeline } from '../config/pipeline.ts';
import type { Diagnostic } from '../diagnostics.ts';
import type { SqlAnalysis } from '../sql/analyze.ts';
import type { Reference } from '../sql/references.ts';
import { didYouMean, nearestName } from '../util/nearest-name.ts';
import { unionColumns } from '../util/union-columns.ts';
import { sqlDiagnostic, type SqlLocation } from './sql-diagnostics.ts';

export interface SqlCheckInput {
  readonly asset: Asset;
  readonly pipeline: Pipeline;
  readonly document: PipelineDocument;
  readonly location: SqlLocation;
}

const PARTITIONS = 'partitions';

/** Holds the relations that a text reads against the asset's declared upstreams. */
export function checkRelations(
  input: SqlCheckInput,
  analysis: SqlAnalysis,
  own: readonly string[] = [],
): readonly Diagnostic[] {
  const declared = new Set([...own, ...input.asset.upstream.map((edge) => edge.relation)]);
  const seen = new Set<string>();
  return analysis.relations.flatMap((reference) => {
    const { name, qualifier } = reference;
    if (qualifier === undefined && (name === PARTITIONS || declared.has(name))) return [];
    if (seen.has(name)) return [];
    seen.add(name);
    return [undeclaredRelation(input, reference, declared)];
  });
}

function undeclaredRelation(
  { asset, pipeline, location }: SqlCheckInput,
  reference: Reference,
  declared: ReadonlySet<string>,
): Diagnostic {
  const { name, qualifier } = reference;
  if (qualifier !== undefined) {
    return sqlDiagnostic(location, {
      ...reference,
      code: 'SQL_QUALIFIED_RELATION',
      message: `"${qualifier}.${name}" names a dataset or an array; relations are bare asset names`,
      hint: `write ${name} for an asset, or UNNEST(${qualifier}.${name}) AS x for an array`,
    });
  }
  const known: readonly string[] = [...pipeline.assets, ...pipeline.unions].map(
    (item) => item.name,
  );
  if (known.includes(name)) {
    const what = pipeline.unions.some((union) => union.name === name) ? 'union' : 'asset';
    return sqlDiagnostic(location, {
      ...reference,
      code: 'UNDECLARED_UPSTREAM',
      message: `"${asset.name}" reads the ${what} "${name}", which is not among its upstreams`,
      hint: `add it under assets.${asset.name}.upstream with its window, e.g. ${name}: same`,
    });
  }
  return sqlDiagnostic(location, {
    ...reference,
    code: 'UNKNOWN_ASSET',
    message: `unknown asset "${name}"${didYouMean(name, [...declared, PARTITIONS, ...known])}`,
    hint: `"${asset.name}" can read ${[...declared, PARTITIONS].join(', ')}`,
  });
}

/** Declared upstreams that no text of the asset reads. */
export function checkUnusedUpstreams(
  input: SqlCheckInput,
  analyses: readonly SqlAnalysis[],
): readonly Diagnostic[] {
  const read = new Set([
    ...analyses.flatMap((analysis) => analysis.relations.map((reference) => reference.name)),
    ...input.asset.checks.flatMap((check) => relationOfCheck(check) ?? []),
    ...relationOfUniverse(input.asset),
  ]);
  const relations = new Set(input.asset.upstream.map((edge) => edge.relation));
  const known = new Set<string>(input.pipeline.assets.map((asset) => asset.name));
  // A mistyped relation is reported where it is read.
  const meant = [...read].flatMap((name) =>
    known.has(name) ? [] : (nearestName(name, relations) ?? []),
  );
  return [...relations]
    .filter((relation) => !read.has(relation) && !meant.includes(relation))
    .map((relation) => ({
      code: 'UNUSED_UPSTREAM',
      message: `"${input.asset.name}" declares the upstream "${relation}", but its SQL does not read it`,
      ...input.document.keyPlace(input.document.settingPath(input.asset, ['upstream', relation])),
      hint: `remove it, or read it in ${input.asset.file ?? 'the SQL'}`,
    }));
}

/** The upstream whose rows say who is expected. */
function relationOfUniverse({ universe }: Asset): readonly string[] {
  return universe?.from.type === 'relation' ? [universe.from.relation] : [];
}

/** The columns of an upstream, of a union those of all members; empty when it is none. */
export function columnsOfUpstream(
  relation: string,
  { upstream }: Asset,
  { assets }: Pick<Pipeline, 'assets'>,
): readonly Column[] {
  const names = upstream.flatMap((edge) => (edge.relation === relation ? edge.asset : []));
  return unionColumns(assets.filter((each) => names.includes(each.name)));
}

/** Holds the output of the SELECT against the declared columns. */
export function checkOutput(input: SqlCheckInput, analysis: SqlAnalysis): readonly Diagnostic[] {
  const { asset, document, location } = input;
  const output = analysis.columns.filter((column) => column.type === 'named');
  // Unnamed columns and stars are reported as such; what they stand for is unknown.
  if (output.length !== analysis.columns.length || output.length === 0) return [];
  const declared = asset.columns.map((column) => column.name);
  const returned = output.map((column) => column.name);
  const undeclared = output
    .filter((column) => !declared.includes(column.name))
    .map((column) => {
      const missing = declared.filter((name) => !returned.includes(name));
      return sqlDiagnostic(location, {
        ...column,
        code: 'UNDECLARED_COLUMN',
        message: `the SELECT returns "${column.name}", which is not among the columns of "${asset.name}"${didYouMean(column.name, missing)}`,
        hint: `add it to the columns of "${asset.name}", or do not return it`,
      });
    });
  // A mistyped column is reported where it is returned.
  const meant = output.flatMap((column) =>
    declared.includes(column.name)
      ? []
      : (nearestName(
          column.name,
          declared.filter((name) => !returned.includes(name)),
        ) ?? []),
  );
  const missing = asset.columns
    .filter((column) => !returned.includes(column.name) && !meant.includes(column.name))
    .map((column) => missingColumn(asset, column.name, returned, document));
  return [...undeclared, ...missing];
}

function missingColumn(
  asset: Asset,
  name: string,
  returned: readonly string[],
  document: PipelineDocument,
): Diagnostic {
  const index = asset.columns.findIndex((column) => column.name === name);
  const path = document.settingPath(asset, ['columns', index]);
  const isPartitionColumn = name === asset.partitionColumn;
  return {
    code: isPartitionColumn ? 'MISSING_PARTITION_COLUMN' : 'MISSING_OUTPUT_COLUMN',
    message: `"${asset.name}" declares the ${isPartitionColumn ? 'partition ' : ''}column "${name}", but its SELECT does not return it${didYouMean(name, returned)}`,
    ...document.place(path),
    hint: `return it from ${asset.file ?? 'the SQL'}, or remove it from the columns`,
  };
}

/** CTEs that hide an asset, a union or `partitions`. */
export function checkCteNames(
  { pipeline, location }: SqlCheckInput,
  analysis: SqlAnalysis,
  own: readonly string[] = [],
): readonly Diagnostic[] {
  const names = [...pipeline.assets, ...pipeline.unions].map((item) => item.name.toLowerCase());
  const taken = new Set([...names, ...own, PARTITIONS]);
  return analysis.ctes
    .filter((cte) => taken.has(cte.name.toLowerCase()))
    .map((cte) =>
      sqlDiagnostic(location, {
        ...cte,
        code: 'SQL_CTE_NAMED_LIKE_ASSET',
        message: `the common table expression "${cte.name}" has the name of a relation of the pipeline`,
        hint: `rename it, e.g. ${cte.name}_rows: the engine puts its own "${cte.name}" around the statement`,
      }),
    );
}

/** Casts of FLOAT64 columns to INT64, which round halves differently on the two warehouses. */
export function checkIntegerCasts(
  { asset, pipeline, location }: SqlCheckInput,
  analysis: SqlAnalysis,
): readonly Diagnostic[] {
  const upstream = new Set<string>(asset.upstream.map((edge) => edge.asset));
  const columns = pipeline.assets
    .filter((candidate) => upstream.has(candidate.name))
    .flatMap((candidate) => candidate.columns);
  return analysis.integerCasts.flatMap((cast) => {
    const types = columns.filter((column) => column.name === cast.name).map((one) => one.type);
    if (types.length === 0 || types.some((type) => type !== 'FLOAT64')) return [];
    return [
      sqlDiagnostic(location, {
        ...cast,
        code: 'SQL_FLOAT_TO_INTEGER',
        message: `"${cast.name}" is FLOAT64: a bare cast to INT64 rounds halves differently on DuckDB`,
        hint: `write CAST(ROUND(${cast.name}) AS INT64), or FLOOR instead of ROUND`,
      }),
    ];
  });
}
