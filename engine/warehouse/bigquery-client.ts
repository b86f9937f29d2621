import { BigQuery } from '@google-cloud/bigquery';

import { WarehouseError } from '../errors.ts';
import { called } from './google-calls.ts';
import { googleFault } from './google-faults.ts';

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
  try {
    // Without credentials the client sends its calls all the same, and some of them never end.
    await called(() => client.authClient.getAccessToken());
    // Without this the client puts a placeholder into its addresses.
    if (project === '') await called(() => client.getProjectId());
  } catch (error) {
    throw noCredentials(error);
  }
  return client;
}

/** A key file that is missing or no key says so in words of its own. */
function noCredentials(error: unknown): WarehouseError {
  const fault = googleFault(error);
  if (fault.kind !== 'statement') return fault;
  return new WarehouseError(
    `no credentials: ${fault.message}; log in with: gcloud auth application-default login, or name a key file in GOOGLE_APPLICATION_CREDENTIALS`,
    { kind: 'unavailable', category: 'CREDENTIALS_MISSING', cause: error },
  );
}
