import type { Catalog, Dataset, Table } from '../catalog.ts';
import type { Store } from '../store.ts';

/** A dataset as the API answers it. */
export function datasetResource(
  dataset: Dataset,
  { project }: Catalog,
): Readonly<Record<string, unknown>> {
  const { name, description, friendlyName, labels, defaultTableExpirationMs: expiration } = dataset;
  return {
    kind: 'bigquery#dataset',
    etag: dataset.etag,
    id: `${project}:${name}`,
    datasetReference: { projectId: project, datasetId: name },
    location: dataset.location,
    type: 'DEFAULT',
    creationTime: String(dataset.createdAt),
    lastModifiedTime: String(dataset.modifiedAt),
    ...(description === undefined ? {} : { description }),
    ...(friendlyName === undefined ? {} : { friendlyName }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(expiration === undefined ? {} : { defaultTableExpirationMs: String(expiration) }),
  };
}

/** A table as tables.get answers it. */
export async function tableResource(
  table: Table,
  store: Store,
): Promise<Readonly<Record<string, unknown>>> {
  const { description, friendlyName } = table;
  return {
    ...tableListItem(table, store.catalog),
    kind: 'bigquery#table',
    etag: table.etag,
    location: store.catalog.dataset(table.dataset).location,
    schema: { fields: table.fields },
    numRows: String(await store.countRows(table)),
    numBytes: String(await store.countBytes(table)),
    numLongTermBytes: '0',
    creationTime: String(table.createdAt),
    lastModifiedTime: String(table.modifiedAt),
    ...(description === undefined ? {} : { description }),
    ...(friendlyName === undefined ? {} : { friendlyName }),
    ...(table.requirePartitionFilter ? { requirePartitionFilter: true } : {}),
  };
}

/** A table as tables.list answers it. */
export function tableListItem(
  table: Table,
  { project }: Catalog,
): Readonly<Record<string, unknown>> {
  const { dataset, name, timePartitioning, rangePartitioning, clustering, expiresAt } = table;
  return {
    kind: 'bigquery#table',
    id: `${project}:${dataset}.${name}`,
    tableReference: { projectId: project, datasetId: dataset, tableId: name },
    type: 'TABLE',
    creationTime: String(table.createdAt),
    ...(expiresAt === undefined ? {} : { expirationTime: String(expiresAt) }),
    ...(Object.keys(table.labels).length === 0 ? {} : { labels: table.labels }),
    ...(timePartitioning === undefined ? {} : { timePartitioning }),
    ...(rangePartitioning === undefined ? {} : { rangePartitioning }),
    ...(clustering.length === 0 ? {} : { clustering: { fields: clustering } }),
  };
}
