import { BigQuery } from '@google-cloud/bigquery';

import { called } from './google-calls.ts';

/** Where and as whom to talk to BigQuery. */
export interface ClientSettings {
  /** Project that owns the datasets and pays; the environment's own when empty. */
  readonly project: string;
  readonly location: string;
}

/**
 * The client, with the application default credentials. It does not retry by itself: `called` does, so that what is
 * tried again, and how often, is decided in one place.
 */
export async function bigqueryClient({ project, location }: ClientSettings): Promise<BigQuery> {
  const client = new BigQuery({
    location,
    ...(project === '' ? {} : { projectId: project }),
    retryOptions: { autoRetry: false },
    userAgent: 'fastbreak',
  });
  // Without this the client puts a placeholder into its addresses.
  if (project === '') await called(() => client.getProjectId());
  return client;
}
