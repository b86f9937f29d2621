import { readFileSync } from 'node:fs';
import { ApiServer } from '../http/api-server.ts';
import type { Call } from '../http/call.ts';
import { Faults } from '../http/faults.ts';
import { credentialVariables } from '../http/metadata-server.ts';
import { ResumableUploads } from '../http/resumable.ts';
import { type NewObject, Objects, type StoredObject } from './objects.ts';
import { type ObjectMetadata, storageReply } from './routes.ts';

export interface StorageServerOptions {
  readonly project?: string;
  /** Buckets to begin with. */
  readonly buckets?: readonly string[];
  /** Objects of a page at most, however many are asked for. */
  readonly pageItems?: number;
  /** Milliseconds since 1970, for generations and times. */
  readonly now?: () => number;
}

/** A running server. */
export interface StorageServer {
  readonly url: string;
  readonly project: string;
  /** Every call that arrived, in order. */
  readonly calls: readonly Call[];
  readonly faults: Faults;
  /** For a process whose client finds everything in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Puts an object there without a call. */
  put(object: NewObject): StoredObject;
  /** Puts a file there without a call. */
  putFile(bucket: string, name: string, path: string): StoredObject;
  /** Removes an object without a call. */
  remove(bucket: string, name: string): void;
  /** What load jobs of the BigQuery server read, `*` in a name standing for anything. */
  readonly readObject: (bucket: string, name: string) => readonly Buffer[];
  stop(): Promise<void>;
}

/** Starts a server that speaks enough of Cloud Storage's JSON API for the client library. */
export async function startStorageServer(
  options: StorageServerOptions = {},
): Promise<StorageServer> {
  const { project = 'loopback', buckets = [], now = Date.now, pageItems = 1000 } = options;
  const objects = new Objects(now);
  for (const bucket of buckets) objects.addBucket(bucket);
  const faults = new Faults();
  const calls: Call[] = [];
  const backend = { objects, uploads: new ResumableUploads<ObjectMetadata>(), pageItems };
  const server = await ApiServer.start({
    project,
    faults,
    calls,
    prefix: /\/storage\/v1(?=\/)/g,
    describe: () => ({}),
    handle: (request) => storageReply(backend, request),
  });
  return {
    url: server.url,
    project,
    calls,
    faults,
    env: { STORAGE_EMULATOR_HOST: server.url, ...credentialVariables(server.url, project) },
    put: (object) => objects.put(object),
    putFile: (bucket, name, path) => objects.put({ bucket, name, bytes: readFileSync(path) }),
    remove: (bucket, name) => objects.remove(bucket, name),
    readObject(bucket, name) {
      const pattern = name.split('*');
      const found = [...objects.bucket(bucket).values()].filter((object) =>
        matchesGlob(object.name, pattern),
      );
      return found.map((object) => object.bytes);
    },
    stop: () => server.stop(),
  };
}

function matchesGlob(name: string, parts: readonly string[]): boolean {
  const [first = '', ...rest] = parts;
  const last = rest.at(-1);
  if (last === undefined) return name === first;
  return name.startsWith(first) && name.endsWith(last) && name.length >= first.length + last.length;
}
