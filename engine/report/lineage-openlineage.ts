import type { CompiledAsset } from '../compile/compiled.ts';
import type { Column } from '../config/pipeline.ts';
import type { AssetName } from '../ids.ts';
import type { LineageAsset } from './lineage-asset.ts';

/** How OpenLineage names a dataset: where it is, and what it is called there. */
export interface DatasetName {
  readonly namespace: string;
  readonly name: string;
}

/** What the events are about, and the names that the target gives to it. */
export interface OpenLineageSubject {
  readonly pipeline: string;
  readonly target: string;
  /** Milliseconds since 1970 at which the graph was read. */
  readonly at: number;
  /** Version of the engine. */
  readonly version: string;
  /** One event each, in this order. */
  readonly assets: readonly LineageAsset[];
  readonly assetOf: (name: AssetName) => CompiledAsset;
  readonly tableOf: (asset: CompiledAsset) => DatasetName;
  /** Of sources. */
  readonly filesOf: (asset: CompiledAsset) => DatasetName;
}

const CORE = 'https://openlineage.io/spec/2-0-2/OpenLineage.json';
const FACETS = 'https://openlineage.io/spec/facets';

/** Versions of the facets' own schemas, which change apart from the one of events. */
const FACET_VERSIONS = {
  SchemaDatasetFacet: '1-1-1',
  DocumentationDatasetFacet: '1-0-1',
  ColumnLineageDatasetFacet: '1-2-0',
  SQLJobFacet: '1-0-1',
  DocumentationJobFacet: '1-0-1',
  OwnershipJobFacet: '1-0-1',
  JobTypeJobFacet: '2-0-3',
} as const;

type FacetType = keyof typeof FACET_VERSIONS;
type Facet = Readonly<Record<string, unknown>>;
type Facets = Readonly<Record<string, Facet>>;

/** OpenLineage 2-0-2: an array of job events, one per asset, as text that ends with a newline. */
export function lineageOpenLineage(subject: OpenLineageSubject): string {
  const made = new Set(subject.assets.map(({ asset }) => asset.name));
  const facet = facetsOf(producerOf(subject));
  const events = subject.assets.map((each) => ({
    eventTime: new Date(subject.at).toISOString(),
    producer: producerOf(subject),
    schemaURL: `${CORE}#/$defs/JobEvent`,
    job: {
      // Another target is another schedule of the same work on other tables, so another job.
      namespace: `fastbreak-${subject.target}`,
      name: `${subject.pipeline}.${each.asset.name}`,
      facets: jobFacets(each.asset, facet),
    },
    inputs: inputsOf(each, subject, made, facet),
    outputs: [
      {
        ...subject.tableOf(each.asset),
        facets: { ...datasetFacets(each.asset, facet), ...columnFacet(each, subject, facet) },
      },
    ],
  }));
  return `${JSON.stringify(events, null, 2)}\n`;
}

type MakeFacet = (type: FacetType, fields: Readonly<Record<string, unknown>>) => Facet;

function producerOf({ version }: OpenLineageSubject): string {
  return `pkg:generic/fastbreak@${version}`;
}

function facetsOf(producer: string): MakeFacet {
  return (type, fields) => ({
    _producer: producer,
    _schemaURL: `${FACETS}/${FACET_VERSIONS[type]}/${type}.json#/$defs/${type}`,
    ...fields,
  });
}

const JOB_TYPES: Readonly<Record<CompiledAsset['kind'], string>> = {
  sql: 'QUERY',
  module: 'MODULE',
  source: 'LOAD',
};

function jobFacets(asset: CompiledAsset, facet: MakeFacet): Facets {
  const { kind, description, owner } = asset;
  const query = kind === 'sql' ? asset.sql?.googleSql : undefined;
  return {
    jobType: facet('JobTypeJobFacet', {
      processingType: 'BATCH',
      integration: 'FASTBREAK',
      jobType: JOB_TYPES[kind],
    }),
    ...(description === ''
      ? {}
      : { documentation: facet('DocumentationJobFacet', { description }) }),
    ...(query === undefined ? {} : { sql: facet('SQLJobFacet', { query }) }),
    ...(owner === undefined
      ? {}
      : { ownership: facet('OwnershipJobFacet', { owners: [{ name: owner }] }) }),
  };
}

function inputsOf(
  { asset, reads }: LineageAsset,
  subject: OpenLineageSubject,
  made: ReadonlySet<AssetName>,
  facet: MakeFacet,
): readonly object[] {
  if (asset.kind === 'source') {
    return [{ ...subject.filesOf(asset), facets: { schema: fileSchema(asset, facet) } }];
  }
  return reads.map((read) => {
    const upstream = subject.assetOf(read.asset);
    // The event that makes a table describes it; a table that no event makes is described where it is read.
    const facets = made.has(read.asset) ? {} : { facets: datasetFacets(upstream, facet) };
    return { ...subject.tableOf(upstream), ...facets };
  });
}

function datasetFacets(asset: CompiledAsset, facet: MakeFacet): Facets {
  const { columns, description } = asset;
  const fields = columns.map((column) => ({
    name: column.name,
    type: column.type,
    ...described(column),
  }));
  return {
    schema: facet('SchemaDatasetFacet', { fields }),
    ...(description === ''
      ? {}
      : { documentation: facet('DocumentationDatasetFacet', { description }) }),
  };
}

/** The columns that are read from a source's files; of which types they are there, only the files say. */
function fileSchema({ columns }: CompiledAsset, facet: MakeFacet): Facet {
  return facet('SchemaDatasetFacet', {
    fields: columns.map((column) => ({ name: column.from ?? column.name, ...described(column) })),
  });
}

function described({ description, unit }: Column): { readonly description?: string } {
  const parts = [description, unit === undefined ? '' : `unit: ${unit}`];
  const text = parts.filter((part) => part !== '').join('; ');
  return text === '' ? {} : { description: text };
}

function columnFacet(
  { asset, origins }: LineageAsset,
  subject: OpenLineageSubject,
  facet: MakeFacet,
): Facets {
  const fields = asset.columns.flatMap(({ name, from }) => {
    const inputFields =
      asset.kind === 'source'
        ? [{ ...subject.filesOf(asset), field: from ?? name }]
        : (origins?.get(name) ?? []).map((origin) => ({
            ...subject.tableOf(subject.assetOf(origin.asset)),
            field: origin.column,
          }));
    return inputFields.length === 0 ? [] : [[name, { inputFields }] as const];
  });
  if (fields.length === 0) return {};
  return {
    columnLineage: facet('ColumnLineageDatasetFacet', { fields: Object.fromEntries(fields) }),
  };
}
