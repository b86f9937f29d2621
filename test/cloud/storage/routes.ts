import { ApiError } from '../http/api-error.ts';
import { type ApiReply, type ApiRequest, jsonBody } from '../http/call.ts';
import { uploadParts } from '../http/multipart.ts';
import type { ResumableUploads } from '../http/resumable.ts';
import { download } from './download.ts';
import { listObjects } from './listing.ts';
import { objectResource, selectFields } from './object-resource.ts';
import type { Objects } from './objects.ts';
import { checkPreconditions } from './preconditions.ts';

/** What a client says of an object that it uploads. */
export interface ObjectMetadata {
  readonly name?: string;
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface StorageBackend {
  readonly objects: Objects;
  readonly uploads: ResumableUploads<ObjectMetadata>;
  readonly pageItems: number;
}

/** Answers a call of the JSON API. */
export async function storageReply(
  backend: StorageBackend,
  request: ApiRequest,
): Promise<ApiReply> {
  const { path, method } = request.call;
  const upload = /^\/upload\/b\/([^/]+)\/o$/.exec(path);
  if (upload !== null) return uploadReply(backend, request, decoded(upload[1]));
  const object = /^(?:\/download)?\/b\/([^/]+)\/o\/([^/]+)$/.exec(path);
  if (object !== null) return objectReply(backend, request, decoded(object[1]), decoded(object[2]));
  const list = /^\/b\/([^/]+)\/o$/.exec(path);
  if (list !== null && method === 'GET') return listReply(backend, request, decoded(list[1]));
  const bucket = /^\/b\/([^/]+)$/.exec(path);
  if (bucket !== null && method === 'GET') return bucketReply(backend, decoded(bucket[1]));
  throw new ApiError(404, 'notFound', `the test server has no ${method} ${path}`);
}

function decoded(part: string | undefined): string {
  return decodeURIComponent(part ?? '');
}

function bucketReply({ objects }: StorageBackend, name: string): ApiReply {
  objects.bucket(name);
  return {
    json: {
      kind: 'storage#bucket',
      id: name,
      name,
      location: 'US',
      storageClass: 'STANDARD',
      metageneration: '1',
    },
  };
}

function listReply(
  { objects, pageItems }: StorageBackend,
  { call }: ApiRequest,
  bucket: string,
): ApiReply {
  const { items, prefixes, next } = listObjects(
    objects.bucket(bucket).values(),
    call.query,
    pageItems,
  );
  const resource = {
    kind: 'storage#objects',
    ...(items.length === 0 ? {} : { items: items.map(objectResource) }),
    ...(prefixes.length === 0 ? {} : { prefixes }),
    ...(next === undefined ? {} : { nextPageToken: next }),
  };
  return { json: selectFields(resource, call.query.get('fields')) };
}

function objectReply(
  { objects }: StorageBackend,
  { call, headers }: ApiRequest,
  bucket: string,
  name: string,
): ApiReply {
  const object = objects.get(bucket, name, call.query.get('generation'));
  checkPreconditions(call.query, object);
  if (call.method === 'DELETE') {
    objects.remove(bucket, name);
    return { status: 204 };
  }
  if (call.method !== 'GET') {
    throw new ApiError(405, 'methodNotAllowed', `the test server has no ${call.method} of objects`);
  }
  if (call.query.get('alt') === 'media') return download(object, headers['range']);
  return { json: selectFields(objectResource(object), call.query.get('fields')) };
}

async function uploadReply(
  backend: StorageBackend,
  request: ApiRequest,
  bucket: string,
): Promise<ApiReply> {
  const { call, headers, body } = request;
  if (call.method === 'PUT') {
    return backend.uploads.put(request, async ({ resource, contentType, bytes }) =>
      store(backend, call.query, { bucket, resource, contentType, bytes }),
    );
  }
  const type = call.query.get('uploadType');
  if (type === 'resumable') {
    const resource = jsonBody<ObjectMetadata>(request);
    checkPreconditions(call.query, existing(backend, call.query, bucket, resource));
    return backend.uploads.begin(request, resource);
  }
  if (type === 'media') {
    const contentType = headers['content-type'] ?? '';
    return store(backend, call.query, { bucket, resource: {}, contentType, bytes: body });
  }
  const { resource, media } = uploadParts<ObjectMetadata>(headers['content-type'] ?? '', body);
  const { contentType, bytes } = media;
  return store(backend, call.query, { bucket, resource, contentType, bytes });
}

function nameOf(query: URLSearchParams, { name }: ObjectMetadata): string {
  const found = query.get('name') ?? name;
  if (found === undefined || found === '') throw new ApiError(400, 'required', 'Required');
  return found;
}

function existing(
  { objects }: StorageBackend,
  query: URLSearchParams,
  bucket: string,
  resource: ObjectMetadata,
): ReturnType<Objects['find']> {
  return objects.find(bucket, nameOf(query, resource));
}

function store(
  backend: StorageBackend,
  query: URLSearchParams,
  upload: {
    readonly bucket: string;
    readonly resource: ObjectMetadata;
    readonly contentType: string;
    readonly bytes: Buffer;
  },
): ApiReply {
  const { bucket, resource, bytes } = upload;
  checkPreconditions(query, existing(backend, query, bucket, resource));
  const { metadata, contentType = upload.contentType } = resource;
  const object = backend.objects.put({
    bucket,
    name: nameOf(query, resource),
    bytes,
    contentType,
    ...(metadata === undefined ? {} : { metadata }),
  });
  return { json: objectResource(object) };
}
