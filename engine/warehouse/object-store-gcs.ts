import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { CRC32C, type File, Storage } from '@google-cloud/storage';

import { PipelineError, WarehouseError } from '../errors.ts';
import { shortHash } from '../util/hash.ts';
import { called } from './google-calls.ts';
import { googleFault } from './google-faults.ts';
import type { ObjectStore, SourceObject } from './object-store.ts';

const ADDRESS = /^gs:\/\/([^/]+)\/?(.*)$/;

/**
 * Objects of Cloud Storage. The generation is the version and the service's own checksum the hash, so that an
 * unchanged object is never downloaded; a downloaded one is kept in the cache folder under its generation.
 */
export function gcsObjectStore(cacheDir: string): ObjectStore {
  const storage = storageClient();
  return {
    async list(address, ending) {
      const { bucket, name } = parse(address);
      const [files] = await called(() => storage.bucket(bucket).getFiles({ prefix: name }));
      return files
        .filter((file) => file.name === name || isInFolder(file.name, name, ending))
        .map((file) => ({
          address: `gs://${bucket}/${file.name}`,
          bytes: Number(file.metadata.size ?? 0),
          version: `${file.metadata.generation ?? ''}:${file.metadata.crc32c ?? ''}`,
        }))
        .sort((a, b) => (a.address < b.address ? -1 : 1));
    },

    hasFolderOf: () => Promise.resolve(true),

    hash: (object) => Promise.resolve(checksumOf(object)),

    async localPath(object) {
      const folder = join(cacheDir, 'objects');
      const path = join(folder, localName(object));
      if (existsSync(path)) return path;
      mkdirSync(folder, { recursive: true });
      await once(path, async () => {
        const { bucket, name } = parse(object.address);
        const generation = object.version.split(':')[0] ?? '';
        const file = storage.bucket(bucket).file(name, { generation });
        // Named by what is downloaded: what is there of it is a beginning of the same bytes.
        await download(file, object, `${path}.part`);
        renameSync(`${path}.part`, path);
      });
      return path;
    },
  };
}

const downloading = new Map<string, Promise<void>>();

/** Steps at once need the same object: two downloads into one file would spoil each other. */
async function once(path: string, download: () => Promise<void>): Promise<void> {
  const started = downloading.get(path) ?? download().finally(() => downloading.delete(path));
  downloading.set(path, started);
  await started;
}

/** Writes a local file to `gs://bucket/name`; what is there is replaced in one go, or not at all. */
export async function uploadObject(path: string, address: string): Promise<void> {
  const { bucket, name } = parse(address);
  if (name === '' || name.endsWith('/')) {
    throw new PipelineError(`expected an object to write to, found the folder ${address}`, {
      code: 'INVALID_ADDRESS',
      hint: 'name the object, e.g. gs://bucket/exports/rows.parquet',
    });
  }
  const storage = storageClient();
  try {
    await called(() =>
      storage.bucket(bucket).upload(path, { destination: name, validation: 'crc32c' }),
    );
  } catch (error) {
    const { message, kind, category } = googleFault(error);
    throw new WarehouseError(`${address}: ${message}`, { kind, category, cause: error });
  }
}

/** Its own retries are off: `called` decides what is tried again. */
function storageClient(): Storage {
  return new Storage({ retryOptions: { autoRetry: false } });
}

/**
 * Downloads as a stream, after a broken connection from where it broke, and compares the checksum of all of it; what
 * does not agree is thrown away and fetched again.
 */
async function download(file: File, object: SourceObject, part: string): Promise<void> {
  await called(async () => {
    const start = sizeOf(part);
    if (start < object.bytes) {
      // Parts have no checksum of their own: the whole has.
      const stream = file.createReadStream({ start, validation: false, decompress: false });
      await pipeline(stream, createWriteStream(part, { flags: start === 0 ? 'w' : 'a' }));
    }
    await requireWhole(object, part);
  });
}

async function requireWhole(object: SourceObject, part: string): Promise<void> {
  const bytes = sizeOf(part);
  if (bytes < object.bytes) {
    throw broken(`${object.address}: expected ${object.bytes} bytes, got ${bytes}`);
  }
  const checksum = (await CRC32C.fromFile(part)).toString();
  if (checksum === checksumOf(object)) return;
  rmSync(part, { force: true });
  throw broken(
    `${object.address}: the bytes that arrived have checksum ${checksum}, not ${checksumOf(object)}`,
  );
}

function broken(message: string): WarehouseError {
  return new WarehouseError(message, { kind: 'transient', category: 'DOWNLOAD_BROKEN' });
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function checksumOf({ version }: SourceObject): string {
  return version.split(':')[1] ?? version;
}

function isInFolder(name: string, folder: string, ending: string): boolean {
  const prefix = folder === '' || folder.endsWith('/') ? folder : `${folder}/`;
  return name.startsWith(prefix) && name.endsWith(`.${ending}`);
}

function localName(object: SourceObject): string {
  return `${shortHash(`${object.address}#${object.version}`)}${extname(object.address)}`;
}

function parse(address: string): { readonly bucket: string; readonly name: string } {
  const match = ADDRESS.exec(address);
  if (match?.[1] !== undefined) return { bucket: match[1], name: match[2] ?? '' };
  throw new PipelineError(`expected an address like gs://bucket/folder/file, found ${address}`, {
    code: 'INVALID_ADDRESS',
    hint: 'correct the path of the source in pipeline.yaml, or the variable in it',
  });
}
