import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { buildApp } from "fauxqs";
import { S3Error, type S3Store, type SqsActionHandler } from "../fauxqs/parts";
import type { Stores } from "../fauxqs/stores";
import type { Service } from "../gateway/gateway";
import { AwsError, sendError } from "../protocols/responses";
import { S3 } from "../supported-actions";
import { deleteObjects } from "./delete-objects";
import { listObjects } from "./list-objects";
import { isNotModified, validateDigests, validateWriteConditions } from "./request-checks";
import { PRECONDITIONS, validateSupported } from "./request-rules";
import { s3ActionName } from "./s3-action-name";
import { s3Target } from "./s3-target";

/** The return type of buildApp() refers to a namespace that Fastify does not export. */
type App = Parameters<SqsActionHandler>[2]["server"];

/** fauxqs's body size limit. */
const MAX_BODY_MIB = 11;

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

/** An S3 emulator that runs fauxqs's Fastify application. */
export interface S3Service extends Service {
  close(): Promise<void>;
}

/** Creates the S3 emulator. */
export async function s3Service(stores: Stores, region: string): Promise<S3Service> {
  const app: App = buildApp({ logger: false, defaultRegion: region, stores });
  // An object may have any content type.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error: Error, request, reply) => {
    reply.hijack();
    sendError(request.raw, reply.raw, awsError(error), "rest-xml");
  });
  addActions(app, stores.s3Store, region);
  await app.ready();
  return {
    services: [S3],
    handle(request, response, { action }) {
      validateSupported(request, action);
      usePathStyle(request);
      app.routing(request, response);
    },
    close: async () => await app.close(),
  };
}

/** Moves the bucket from the Host header to the path. fauxqs supports virtual hosts only for some requests. */
function usePathStyle(request: IncomingMessage): void {
  request.url = s3Target(request).pathStyle;
  request.headers.host = `localhost:${request.socket.localPort}`;
}

function awsError(error: Error & { readonly statusCode?: number }): AwsError {
  // A malformed URL is a client error.
  const status = error instanceof URIError ? 400 : (error.statusCode ?? 500);
  if (error instanceof S3Error) return new AwsError(error.code, error.message, status);
  if (status === 413) {
    const message = `The request exceeds the limit of ${MAX_BODY_MIB} MiB. Use a multipart upload for larger objects.`;
    return new AwsError("EntityTooLarge", message, status);
  }
  return status < 500
    ? new AwsError("InvalidRequest", error.message, status)
    : new AwsError("InternalError", `The local run's emulator (fauxqs) failed: ${error.message}`, status);
}

/**
 * Adds a hook that validates requests, and that handles the actions that fauxqs does
 * not support or handles differently from S3. The hook must be synchronous and the last
 * one before fauxqs's handler: of two writers with `If-None-Match: *`, one must fail.
 */
function addActions(app: App, store: S3Store, region: string): void {
  const replacements: Readonly<
    Record<string, (bucket: string, request: { raw: IncomingMessage; body: unknown }) => string>
  > = {
    DeleteObjects: (bucket, { body }) => deleteObjects(store, bucket, String(body ?? "")),
    GetBucketLocation: (bucket) => {
      if (!store.hasBucket(bucket)) throw noSuchBucket();
      return `<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint xmlns="${NAMESPACE}">${region === "us-east-1" ? "" : region}</LocationConstraint>`;
    },
    ListObjects: (bucket, { raw }) => listObjects(store, bucket, s3Target(raw).query),
    ListObjectsV2: (bucket, { raw }) => listObjects(store, bucket, s3Target(raw).query),
  };

  const stored = (bucket: string, key: string) => {
    try {
      return store.headObject(bucket, key);
    } catch {
      return undefined; // fauxqs's handler reports a missing bucket or object.
    }
  };

  app.addHook("preHandler", (request, reply, done) => {
    // fauxqs requires a body for PUT, but an empty object has none.
    if (request.raw.method === "PUT") request.body ??= Buffer.alloc(0);
    const { bucket, key, query } = s3Target(request.raw);
    // fauxqs's own paths for inspecting queues do not exist on AWS.
    if (bucket === "_fauxqs") throw noSuchBucket();
    const action = s3ActionName(request.raw);
    const xml = replacements[action]?.(bucket, request);
    if (xml !== undefined) {
      reply.header("content-type", "application/xml").status(200).send(xml);
      return;
    }
    if (action === "PutObject" || action === "UploadPart") validateDigests(request.headers, request.body);
    if (action === "CreateBucket") validateBucketConfiguration(String(request.body ?? ""));
    if (action === "PutObject" || action === "CompleteMultipartUpload") {
      validateWriteConditions(request.headers, stored(bucket, key));
    }
    const object = action === "GetObject" || action === "HeadObject" ? stored(bucket, key) : undefined;
    if (object && isNotModified(request.headers, object)) {
      reply.header("etag", object.etag).header("last-modified", object.lastModified.toUTCString()).status(304).send();
      return;
    }
    for (const name of PRECONDITIONS) delete request.headers[name];
    if (object) {
      validatePartNumber(query.get("partNumber"), object.parts?.length ?? 1);
      normalizeRange(request.headers, object.contentLength);
    }
    done();
  });
}

/** Rejects a CreateBucket configuration that has anything other than a location. */
function validateBucketConfiguration(body: string): void {
  const other = [...body.matchAll(/<(?!CreateBucketConfiguration\b|LocationConstraint\b)(\w+)/g)][0]?.[1];
  if (other === undefined) return;
  const message = `The local run does not support CreateBucket with ${other}. Only LocationConstraint is supported.`;
  throw new S3Error("NotImplemented", message, 501);
}

function validatePartNumber(partNumber: string | null, parts: number): void {
  if (partNumber === null || (Number(partNumber) >= 1 && Number(partNumber) <= parts)) return;
  throw new S3Error("InvalidPartNumber", "The requested partnumber is not satisfiable", 416);
}

/** Ignores invalid and multiple ranges, as S3 does. Extends a suffix range that is longer than the object. */
function normalizeRange(headers: IncomingHttpHeaders, length: number): void {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? "") ?? [];
  const isIgnored = first === "" ? last === "" : last !== "" && Number(last) < Number(first);
  if (isIgnored) delete headers.range;
  else if (first === "" && Number(last) > length && length > 0) headers.range = "bytes=0-";
}

function noSuchBucket(): S3Error {
  return new S3Error("NoSuchBucket", "The specified bucket does not exist", 404);
}
