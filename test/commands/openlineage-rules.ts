import { Ajv2020 } from 'ajv/dist/2020.js';

/** An array of events as far as tests look at them. */
export interface JobEvent {
  readonly eventTime: string;
  readonly producer: string;
  readonly job: { readonly namespace: string; readonly name: string; readonly facets: Facets };
  readonly inputs: readonly Dataset[];
  readonly outputs: readonly Dataset[];
}

export interface Dataset {
  readonly namespace: string;
  readonly name: string;
  readonly facets?: Facets;
}

export interface Field {
  readonly name: string;
  readonly type?: string;
  readonly description?: string;
}

interface Facets {
  readonly schema?: { readonly fields: readonly Field[] };
  readonly documentation?: { readonly description: string };
  readonly columnLineage?: {
    readonly fields: Readonly<
      Record<string, { readonly inputFields: readonly (Dataset & { readonly field: string })[] }>
    >;
  };
  readonly sql?: { readonly query: string };
  readonly ownership?: { readonly owners: readonly { readonly name: string }[] };
  readonly jobType?: Readonly<Record<string, string>>;
}

const text = { type: 'string' };
const uri = { type: 'string', format: 'uri' };

/** A facet says who made it and which schema, in which version, it follows; then its own fields. */
function facet(
  name: string,
  required: readonly string[],
  properties: Readonly<Record<string, unknown>>,
): object {
  return {
    type: 'object',
    required: ['_producer', '_schemaURL', ...required],
    properties: {
      _producer: uri,
      _schemaURL: {
        type: 'string',
        pattern: `^https://openlineage\\.io/spec/facets/\\d+-\\d+-\\d+/${name}\\.json#/\\$defs/${name}$`,
      },
      ...properties,
    },
    // Stricter than OpenLineage, which lets anybody add fields: a misspelt one is found.
    additionalProperties: false,
  };
}

const fields = {
  type: 'array',
  items: {
    type: 'object',
    required: ['name'],
    properties: { name: text, type: text, description: text },
    additionalProperties: false,
  },
};

const inputField = {
  type: 'object',
  required: ['namespace', 'name', 'field'],
  properties: { namespace: text, name: text, field: text },
  additionalProperties: false,
};

const columns = {
  type: 'object',
  additionalProperties: {
    type: 'object',
    required: ['inputFields'],
    properties: { inputFields: { type: 'array', minItems: 1, items: inputField } },
  },
};

/** A job or a dataset: what it is called, and no other facets than these. */
function named(facets: object): object {
  return {
    type: 'object',
    required: ['namespace', 'name'],
    properties: {
      namespace: { type: 'string', minLength: 1 },
      name: { type: 'string', minLength: 1 },
      facets: { type: 'object', properties: facets, additionalProperties: false },
    },
    additionalProperties: false,
  };
}

const dataset = named({
  schema: facet('SchemaDatasetFacet', ['fields'], { fields }),
  documentation: facet('DocumentationDatasetFacet', ['description'], { description: text }),
  columnLineage: facet('ColumnLineageDatasetFacet', ['fields'], { fields: columns }),
});

const owners = {
  type: 'array',
  items: { type: 'object', required: ['name'], properties: { name: text, type: text } },
};

const job = named({
  sql: facet('SQLJobFacet', ['query'], { query: text }),
  documentation: facet('DocumentationJobFacet', ['description'], { description: text }),
  ownership: facet('OwnershipJobFacet', ['owners'], { owners }),
  jobType: facet('JobTypeJobFacet', ['processingType', 'integration'], {
    processingType: { enum: ['BATCH'] },
    integration: text,
    jobType: text,
  }),
});

/** What OpenLineage 2-0-2 asks of job events, written down anew for these tests. */
const RULES = {
  type: 'array',
  items: {
    type: 'object',
    required: ['eventTime', 'producer', 'schemaURL', 'job', 'inputs', 'outputs'],
    properties: {
      eventTime: { type: 'string', format: 'date-time' },
      producer: uri,
      schemaURL: { const: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent' },
      job,
      inputs: { type: 'array', items: dataset },
      outputs: { type: 'array', items: dataset },
    },
    // An event with a run would be another kind of event.
    additionalProperties: false,
  },
};

/** The events of a document; throws with every rule that it breaks. */
export function readEvents(json: string): readonly JobEvent[] {
  const events = JSON.parse(json) as unknown;
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false });
  ajv.addFormat('uri', (value: string) => URL.canParse(value));
  ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  const follows = ajv.compile<readonly JobEvent[]>(RULES);
  if (!follows(events)) throw new Error(ajv.errorsText(follows.errors));
  return events;
}
