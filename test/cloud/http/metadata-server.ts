import type { ApiReply } from './call.ts';

/**
 * The few paths of Compute Engine's metadata server through which Google's auth library finds out that it has
 * default credentials, of what project, and fetches a token. Point it here with `GCE_METADATA_HOST`.
 */
export function metadataReply(path: string, project: string): ApiReply | undefined {
  if (!path.startsWith('/computeMetadata/')) return undefined;
  const headers = { 'metadata-flavor': 'Google' };
  if (path.endsWith('/token')) {
    return { headers, json: { access_token: 'loopback', expires_in: 3600, token_type: 'Bearer' } };
  }
  const text = TEXTS.find(([ending]) => path.endsWith(ending))?.[1] ?? '';
  return { headers, bytes: Buffer.from(path.endsWith('/project-id') ? project : text) };
}

const TEXTS: readonly (readonly [string, string])[] = [
  ['/email', 'tests@loopback.iam.gserviceaccount.com'],
  ['/universe-domain', 'googleapis.com'],
  ['/universe_domain', 'googleapis.com'],
];

/** Variables that let a process find its default credentials at a loopback server. */
export function credentialVariables(
  url: string,
  project: string,
): Readonly<Record<string, string>> {
  return {
    GCE_METADATA_HOST: url.replace('http://', ''),
    METADATA_SERVER_DETECTION: 'assume-present',
    GOOGLE_CLOUD_PROJECT: project,
  };
}
