/** One file of a source. */
export interface SourceObject {
  /** Absolute path, or `gs://bucket/name`. */
  readonly address: string;
  readonly bytes: number;
  /** Changes when the content may have changed: modification time, or the object's generation. */
  readonly version: string;
}

/** Where the files of sources are. */
export interface ObjectStore {
  /** The file at an address, or the files of that ending in a folder; empty when there is none. */
  list(address: string, ending: string): Promise<readonly SourceObject[]>;
  /** Whether the folder that an address lies in is there; a bucket has no folders, and always is. */
  hasFolderOf(address: string): Promise<boolean>;
  /** A hash of the content. */
  hash(object: SourceObject): Promise<string>;
  /** A local path that holds the content; downloads where it must. */
  localPath(object: SourceObject): Promise<string>;
}
