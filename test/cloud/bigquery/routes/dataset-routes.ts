import { ApiError } from '../../http/api-error.ts';
import { jsonBody } from '../../http/call.ts';
import { quoted } from '../field-types.ts';
import type { DatasetResource } from '../resources.ts';
import { pageOf } from './paging.ts';
import { datasetResource } from './resources.ts';
import type { Route } from './router.ts';

export const DATASET_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    pattern: '/datasets',
    handle: ({ backend, request }) => {
      const { catalog } = backend.store;
      const sorted = [...catalog.datasets.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
      const page = pageOf(sorted, request.call.query, backend.pageRows);
      const datasets = page.items.map((each) => datasetResource(each, catalog));
      return {
        json: {
          kind: 'bigquery#datasetList',
          ...(datasets.length === 0 ? {} : { datasets }),
          ...(page.next === undefined ? {} : { nextPageToken: page.next }),
        },
      };
    },
  },
  {
    method: 'POST',
    pattern: '/datasets',
    handle: async ({ backend, request }) => {
      const { store } = backend;
      const resource = jsonBody<DatasetResource>(request);
      const dataset = store.catalog.addDataset(
        resource.datasetReference?.datasetId ?? '',
        resource,
      );
      await store.run(`CREATE SCHEMA IF NOT EXISTS ${quoted(dataset.name)}`);
      return { json: datasetResource(dataset, store.catalog) };
    },
  },
  {
    method: 'GET',
    pattern: '/datasets/*',
    handle: ({ backend, names: [name = ''] }) => {
      const { catalog } = backend.store;
      return { json: datasetResource(catalog.dataset(name), catalog) };
    },
  },
  {
    method: 'PATCH',
    pattern: '/datasets/*',
    handle: ({ backend, request, names: [name = ''] }) => {
      const { catalog } = backend.store;
      const dataset = catalog.dataset(name);
      requireMatch(request.headers['if-match'], dataset.etag);
      catalog.patchDataset(dataset, jsonBody<DatasetResource>(request));
      return { json: datasetResource(dataset, catalog) };
    },
  },
  {
    method: 'DELETE',
    pattern: '/datasets/*',
    handle: async ({ backend, request, names: [name = ''] }) => {
      const { store } = backend;
      const { tables } = store.catalog.dataset(name);
      if (tables.size > 0 && request.call.query.get('deleteContents') !== 'true') {
        throw new ApiError(
          400,
          'resourceInUse',
          `Dataset ${store.catalog.project}:${name} is still in use`,
        );
      }
      await store.run(`DROP SCHEMA IF EXISTS ${quoted(name)} CASCADE`);
      store.catalog.datasets.delete(name);
      return { status: 204 };
    },
  },
];

/** Refuses with 412 what was meant for another version of a resource. */
export function requireMatch(wanted: string | undefined, etag: string): void {
  if (wanted === undefined || wanted === '*' || wanted.replaceAll('"', '') === etag) return;
  throw new ApiError(412, 'conditionNotMet', 'Precondition check failed.', {
    location: 'If-Match',
  });
}
