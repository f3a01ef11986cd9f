import type { IncomingHttpHeaders } from "node:http";
import type { FastifyRequest, FauxqsApp } from "../fauxqs/fastify";
import { S3Error, type S3Store } from "../fauxqs/parts";
import { deleteObjects } from "./delete-objects";
import { listObjects } from "./list-objects";
import { isNotModified, validateDigests, validateWriteConditions } from "./request-checks";
import { s3ActionName } from "./s3-action-name";
import { s3Target } from "./s3-target";

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

/**
 * Replaces the actions of S3 that fauxqs lacks or that differ from AWS, and
 * validates requests. It must be the last hook before the handler, and
 * synchronous: of two writers with `If-None-Match: *` one must fail.
 */
export function addS3Actions(app: FauxqsApp, store: S3Store, region: string): void {
  const own: Readonly<Record<string, (bucket: string, request: FastifyRequest) => string>> = {
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
      return undefined; // The handler reports a missing bucket or object.
    }
  };

  app.addHook("preHandler", (request, reply, done) => {
    if (request.raw.method === "POST" && request.routeOptions.url === "/") return done();
    const { bucket, key, query } = s3Target(request.raw);
    // fauxqs's inspection of queues, which AWS does not have.
    if (bucket === "_fauxqs") throw noSuchBucket();
    const action = s3ActionName(request.raw);
    const xml = own[action]?.(bucket, request);
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
    for (const name of ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since"]) {
      delete request.headers[name];
    }
    if (object) {
      validatePartNumber(query.get("partNumber"), object.parts?.length ?? 1);
      normalizeRange(request.headers, object.contentLength);
    }
    done();
  });
}

/** Allows only a location in the configuration of CreateBucket. */
function validateBucketConfiguration(body: string): void {
  const other = [...body.matchAll(/<(?!CreateBucketConfiguration\b|LocationConstraint\b)(\w+)/g)][0]?.[1];
  if (other === undefined) return;
  const message = `The local run does not support CreateBucket with ${other}. It supports LocationConstraint only.`;
  throw new S3Error("NotImplemented", message, 501);
}

function validatePartNumber(partNumber: string | null, parts: number): void {
  if (partNumber === null || (Number(partNumber) >= 1 && Number(partNumber) <= parts)) return;
  throw new S3Error("InvalidPartNumber", "The requested partnumber is not satisfiable", 416);
}

/** Ignores an invalid range and multiple ranges, and extends a suffix that is longer than the object, as S3 does. */
function normalizeRange(headers: IncomingHttpHeaders, length: number): void {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? "") ?? [];
  const isNone = first === "" ? last === "" : last !== "" && Number(last) < Number(first);
  if (isNone) delete headers.range;
  else if (first === "" && Number(last) > length && length > 0) headers.range = "bytes=0-";
}

function noSuchBucket(): S3Error {
  return new S3Error("NoSuchBucket", "The specified bucket does not exist", 404);
}
