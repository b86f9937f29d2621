import { createHash } from 'node:crypto';
import { ApiError } from '../http/api-error.ts';
import { crc32c } from './crc32c.ts';

/** An object in one generation. */
export interface StoredObject {
  readonly bucket: string;
  readonly name: string;
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly generation: string;
  readonly updated: string;
  readonly md5Hash: string;
  readonly crc32c: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface NewObject {
  readonly bucket: string;
  readonly name: string;
  readonly bytes: Buffer;
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Buckets and the newest generation of their objects; older ones are gone, as without versioning. */
export class Objects {
  readonly #buckets = new Map<string, Map<string, StoredObject>>();
  readonly #now: () => number;
  #lastGeneration = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  addBucket(name: string): void {
    if (!this.#buckets.has(name)) this.#buckets.set(name, new Map());
  }

  bucket(name: string): ReadonlyMap<string, StoredObject> {
    return this.#bucket(name);
  }

  #bucket(name: string): Map<string, StoredObject> {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      throw new ApiError(404, 'notFound', 'The specified bucket does not exist.');
    }
    return bucket;
  }

  find(bucket: string, name: string): StoredObject | undefined {
    return this.#bucket(bucket).get(name);
  }

  /** The object, in the generation that is asked for if one is. */
  get(bucket: string, name: string, generation: string | null): StoredObject {
    const object = this.find(bucket, name);
    const isOther = generation !== null && object?.generation !== generation;
    if (object === undefined || isOther) {
      throw new ApiError(404, 'notFound', `No such object: ${bucket}/${name}`);
    }
    return object;
  }

  put({ bucket, name, bytes, contentType, metadata }: NewObject): StoredObject {
    const now = this.#now();
    // Microseconds, and never the same twice.
    this.#lastGeneration = Math.max(now * 1000, this.#lastGeneration + 1);
    const object: StoredObject = {
      bucket,
      name,
      bytes,
      contentType: contentType ?? 'application/octet-stream',
      generation: String(this.#lastGeneration),
      updated: new Date(now).toISOString(),
      md5Hash: createHash('md5').update(bytes).digest('base64'),
      crc32c: crc32c(bytes),
      metadata: metadata ?? {},
    };
    this.#bucket(bucket).set(name, object);
    return object;
  }

  remove(bucket: string, name: string): void {
    this.#bucket(bucket).delete(name);
  }
}
