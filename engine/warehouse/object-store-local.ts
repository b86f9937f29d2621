import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { hasErrorCode } from '../errors.ts';
import type { ObjectStore, SourceObject } from './object-store.ts';

/** Files of the local disk. */
export const localObjectStore: ObjectStore = {
  async list(address, ending) {
    const stats = await statOrNothing(address);
    if (!stats) return [];
    if (!stats.isDirectory()) return [toObject(address, stats)];
    const names = (await readdir(address)).filter((name) => name.endsWith(`.${ending}`)).sort();
    const objects = await Promise.all(
      names.map(async (name) => {
        const path = join(address, name);
        return toObject(path, await stat(path));
      }),
    );
    return objects;
  },

  async hasFolderOf(address) {
    return (await statOrNothing(dirname(address)))?.isDirectory() === true;
  },

  async hash(object) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(object.address), hash);
    return hash.digest('hex');
  },

  localPath: (object) => Promise.resolve(object.address),
};

async function statOrNothing(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT') || hasErrorCode(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}

function toObject(address: string, stats: Stats): SourceObject {
  return { address, bytes: stats.size, version: String(stats.mtimeMs) };
}
