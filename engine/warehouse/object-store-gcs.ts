import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { extname, join } from 'node:path';

import { Storage } from '@google-cloud/storage';

import { PipelineError } from '../errors.ts';
import { shortHash } from '../util/hash.ts';
import type { ObjectStore, SourceObject } from './object-store.ts';

const ADDRESS = /^gs:\/\/([^/]+)\/?(.*)$/;

/**
 * Objects of Cloud Storage. The generation is the version and the service's own checksum the hash, so that an
 * unchanged object is never downloaded; a downloaded one is kept in the cache folder under its generation.
 */
export function gcsObjectStore(cacheDir: string): ObjectStore {
  const storage = new Storage();
  return {
    async list(address, ending) {
      const { bucket, name } = parse(address);
      const [files] = await storage.bucket(bucket).getFiles({ prefix: name });
      return files
        .filter((file) => file.name === name || isInFolder(file.name, name, ending))
        .map((file) => ({
          address: `gs://${bucket}/${file.name}`,
          bytes: Number(file.metadata.size ?? 0),
          version: `${file.metadata.generation ?? ''}:${file.metadata.crc32c ?? ''}`,
        }));
    },

    hash: (object) => Promise.resolve(object.version.split(':')[1] ?? object.version),

    async localPath(object) {
      const folder = join(cacheDir, 'objects');
      const path = join(folder, localName(object));
      if (existsSync(path)) return path;
      mkdirSync(folder, { recursive: true });
      const { bucket, name } = parse(object.address);
      // `validation` compares the checksum of what arrived; a broken download never gets its final name.
      await storage
        .bucket(bucket)
        .file(name, { generation: object.version.split(':')[0] ?? '' })
        .download({ destination: `${path}.part`, validation: 'crc32c' });
      renameSync(`${path}.part`, path);
      return path;
    },
  };
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
