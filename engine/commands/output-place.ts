import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

import { checkPlace, writeAtomically } from './write-atomically.ts';

/** Where a command writes a file that it was asked for. */
export interface OutputPlace {
  /** The path or address, for messages. */
  readonly name: string;
  /** Says what is wrong with the place before work is done that could not be kept. */
  readonly check: () => void;
  /** Lets `fill` write a local file, which then takes its place as a whole; whatever goes wrong, nothing changes there. */
  readonly write: (fill: (path: string) => Promise<void>) => Promise<void>;
}

/** A file, relative to the working folder, or an object of Cloud Storage: `gs://bucket/name`. */
export function placeOf(out: string, cwd: string): OutputPlace {
  if (out.startsWith('gs://')) return objectPlace(out);
  const path = resolve(cwd, out);
  return {
    name: path,
    check: () => checkPlace(path),
    write: (fill) => writeAtomically(path, fill),
  };
}

function objectPlace(address: string): OutputPlace {
  return {
    name: address,
    check: () => undefined,
    write: async (fill) => {
      const folder = mkdtempSync(join(tmpdir(), 'fastbreak-upload-'));
      try {
        const path = join(folder, basename(address) || 'object');
        await fill(path);
        const { uploadObject } = await import('../warehouse/object-store-gcs.ts');
        await uploadObject(path, address);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}
