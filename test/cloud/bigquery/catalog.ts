import { randomUUID } from 'node:crypto';
import { ApiError, notFound } from '../http/api-error.ts';
import { normalField } from './field-types.ts';
import type {
  DatasetResource,
  Field,
  Labels,
  TableResource,
  TimePartitioning,
} from './resources.ts';

/** What the server knows of a table beyond its rows, which DuckDB keeps. */
export interface Table {
  readonly dataset: string;
  readonly name: string;
  readonly createdAt: number;
  fields: readonly Field[];
  description: string | undefined;
  friendlyName: string | undefined;
  labels: Labels;
  timePartitioning: TimePartitioning | undefined;
  rangePartitioning: unknown;
  clustering: readonly string[];
  requirePartitionFilter: boolean;
  /** Milliseconds since 1970. */
  expiresAt: number | undefined;
  modifiedAt: number;
  etag: string;
}

export interface Dataset {
  readonly name: string;
  readonly location: string;
  readonly createdAt: number;
  readonly tables: Map<string, Table>;
  description: string | undefined;
  friendlyName: string | undefined;
  labels: Labels;
  defaultTableExpirationMs: number | undefined;
  modifiedAt: number;
  etag: string;
}

/** Datasets and tables by name. DuckDB is changed by those who call it. */
export class Catalog {
  readonly project: string;
  readonly location: string;
  readonly now: () => number;
  readonly datasets = new Map<string, Dataset>();

  constructor(project: string, location: string, now: () => number) {
    this.project = project;
    this.location = location;
    this.now = now;
  }

  dataset(name: string): Dataset {
    const dataset = this.datasets.get(name);
    if (dataset === undefined) throw notFound(`Dataset ${this.project}:${name}`);
    return dataset;
  }

  addDataset(name: string, resource: DatasetResource): Dataset {
    if (!/^\w{1,1024}$/.test(name)) {
      throw new ApiError(
        400,
        'invalid',
        `Invalid dataset ID "${name}". Dataset IDs must be alphanumeric (plus underscores).`,
      );
    }
    if (this.datasets.has(name)) throw duplicate(`Dataset ${this.project}:${name}`);
    const now = this.now();
    const dataset: Dataset = {
      name,
      location: resource.location ?? this.location,
      createdAt: now,
      tables: new Map(),
      description: undefined,
      friendlyName: undefined,
      labels: {},
      defaultTableExpirationMs: undefined,
      modifiedAt: now,
      etag: newEtag(),
    };
    this.datasets.set(name, dataset);
    this.patchDataset(dataset, resource);
    return dataset;
  }

  patchDataset(dataset: Dataset, resource: DatasetResource): void {
    if (resource.description !== undefined) dataset.description = resource.description ?? undefined;
    if (resource.friendlyName !== undefined)
      dataset.friendlyName = resource.friendlyName ?? undefined;
    if (resource.labels !== undefined)
      dataset.labels = patchedLabels(dataset.labels, resource.labels);
    const expiration = resource.defaultTableExpirationMs;
    if (expiration !== undefined) {
      dataset.defaultTableExpirationMs = expiration === null ? undefined : Number(expiration);
    }
    dataset.modifiedAt = this.now();
    dataset.etag = newEtag();
  }

  /** The table if it is there and has not expired. */
  findTable(dataset: string, name: string): Table | undefined {
    const table = this.datasets.get(dataset)?.tables.get(name);
    return table === undefined || this.isExpired(table) ? undefined : table;
  }

  table(dataset: string, name: string): Table {
    this.dataset(dataset);
    const table = this.findTable(dataset, name);
    if (table === undefined) throw notFound(`Table ${this.project}:${dataset}.${name}`);
    return table;
  }

  isExpired(table: Table): boolean {
    return table.expiresAt !== undefined && table.expiresAt <= this.now();
  }

  /** Enters a table, in place of one of the same name. */
  putTable(
    dataset: string,
    name: string,
    fields: readonly Field[],
    resource: TableResource = {},
  ): Table {
    const parent = this.dataset(dataset);
    const now = this.now();
    const expiration = parent.defaultTableExpirationMs;
    const table: Table = {
      dataset,
      name,
      createdAt: now,
      fields: fields.map(normalField),
      description: undefined,
      friendlyName: undefined,
      labels: {},
      timePartitioning: resource.timePartitioning,
      rangePartitioning: resource.rangePartitioning,
      clustering: resource.clustering?.fields ?? [],
      requirePartitionFilter: resource.requirePartitionFilter ?? false,
      expiresAt: expiration === undefined ? undefined : now + expiration,
      modifiedAt: now,
      etag: newEtag(),
    };
    parent.tables.set(name, table);
    this.patchTable(table, resource);
    return table;
  }

  /** Everything but the schema, whose change is DuckDB's too. */
  patchTable(table: Table, resource: TableResource): void {
    if (resource.description !== undefined) table.description = resource.description ?? undefined;
    if (resource.friendlyName !== undefined)
      table.friendlyName = resource.friendlyName ?? undefined;
    if (resource.labels !== undefined) table.labels = patchedLabels(table.labels, resource.labels);
    if (resource.clustering !== undefined) table.clustering = resource.clustering.fields ?? [];
    if (resource.expirationTime !== undefined) {
      const time = Number(resource.expirationTime ?? 0);
      table.expiresAt = time === 0 ? undefined : time;
    }
    this.touch(table);
  }

  /** The table was changed now. */
  touch(table: Table): void {
    table.modifiedAt = Math.max(this.now(), table.modifiedAt + 1);
    table.etag = newEtag();
  }

  removeTable(dataset: string, name: string): void {
    this.datasets.get(dataset)?.tables.delete(name);
  }
}

export function duplicate(what: string): ApiError {
  return new ApiError(409, 'duplicate', `Already Exists: ${what}`);
}

function patchedLabels(before: Labels, changes: Readonly<Record<string, string | null>>): Labels {
  const entries = Object.entries({ ...before, ...changes });
  return Object.fromEntries(
    entries.flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
  );
}

function newEtag(): string {
  return randomUUID().replaceAll('-', '').slice(0, 22);
}
