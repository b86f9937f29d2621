import type { Catalog } from '../catalog.ts';
import type { JobConfiguration, TableReference } from '../resources.ts';
import { missingDataset } from '../sql/translate.ts';

/** Where a job runs that does not say it: the location of the first dataset which it names. */
export function inferredLocation(configuration: JobConfiguration, catalog: Catalog): string {
  const { query, load, copy } = configuration;
  const target = load?.destinationTable ?? copy?.destinationTable ?? query?.defaultDataset;
  const name = target?.datasetId ?? mentionedDataset(query?.query ?? '', catalog);
  return catalog.datasets.get(name)?.location ?? catalog.location;
}

function mentionedDataset(statement: string, catalog: Catalog): string {
  const names = [...catalog.datasets.keys()];
  return names.find((name) => new RegExp(`\\b${name}\`?\\s*\\.`).test(statement)) ?? '';
}

/** A job does not see datasets of other locations. */
export function requireLocation(
  location: string,
  table: TableReference | undefined,
  catalog: Catalog,
): void {
  const dataset = catalog.datasets.get(table?.datasetId ?? '');
  if (dataset === undefined || sameLocation(dataset.location, location)) return;
  throw missingDataset(dataset.name, catalog, location);
}

export function sameLocation(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
