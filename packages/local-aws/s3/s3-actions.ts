import type { IncomingMessage } from "node:http";
import { S3Error, type S3Store } from "../fauxqs/parts";
import { deleteObjects } from "./delete-objects";
import { holdToDigests } from "./digests";
import { listObjects } from "./list-objects";
import { holdWrite, readsNothingNew } from "./preconditions";
import { s3Action } from "./s3-action";
import { s3Target } from "./s3-target";

interface Request {
  readonly raw: IncomingMessage;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
  readonly routeOptions: { readonly url?: string };
}

interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body?: string): Reply;
}

/** The part of fauxqs's Fastify that is used here. */
interface App {
  addHook(name: "preHandler", hook: (request: Request, reply: Reply, done: () => void) => void): unknown;
}

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

/**
 * Answers, ahead of fauxqs, what of S3 it has not or does otherwise than AWS,
 * and holds requests to their conditions. The last hook before the handler,
 * and without a turn of the event loop in between: of two writers with
 * `If-None-Match: *` one has to fail.
 */
export function addS3Actions(app: App, store: S3Store, region: string): void {
  const own: Readonly<Record<string, (bucket: string, request: Request) => string>> = {
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
      return undefined; // Neither bucket nor object; whoever needs them says so.
    }
  };

  app.addHook("preHandler", (request, reply, done) => {
    if (request.raw.method === "POST" && request.routeOptions.url === "/") return done();
    const { bucket, key, query } = s3Target(request.raw);
    // fauxqs looks into queues there, for whoever asks.
    if (bucket === "_fauxqs") throw noSuchBucket();
    const action = s3Action(request.raw);
    const answer = own[action]?.(bucket, request);
    if (answer !== undefined) {
      reply.header("content-type", "application/xml").status(200).send(answer);
      return;
    }
    if (action === "PutObject" || action === "UploadPart") holdToDigests(request.headers, request.body);
    if (action === "CreateBucket") holdToLocation(String(request.body ?? ""));
    if (action === "PutObject" || action === "CompleteMultipartUpload") holdWrite(request.headers, stored(bucket, key));
    const object = action === "GetObject" || action === "HeadObject" ? stored(bucket, key) : undefined;
    if (object && readsNothingNew(request.headers, object)) {
      reply.header("etag", object.etag).header("last-modified", object.lastModified.toUTCString()).status(304).send();
      return;
    }
    for (const name of ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since"]) {
      delete request.headers[name];
    }
    if (object) {
      holdToParts(query.get("partNumber"), object.parts?.length ?? 1);
      mendRange(request.headers, object.contentLength);
    }
    done();
  });
}

/** Of a bucket's configuration nothing else is heeded. */
function holdToLocation(body: string): void {
  const other = [...body.matchAll(/<(?!CreateBucketConfiguration\b|LocationConstraint\b)(\w+)/g)][0]?.[1];
  if (other === undefined) return;
  const message = `The local run has no CreateBucket with ${other}. It takes LocationConstraint alone.`;
  throw new S3Error("NotImplemented", message, 501);
}

function holdToParts(partNumber: string | null, parts: number): void {
  if (partNumber === null || (Number(partNumber) >= 1 && Number(partNumber) <= parts)) return;
  throw new S3Error("InvalidPartNumber", "The requested partnumber is not satisfiable", 416);
}

/** S3 ignores a range that is none, or several; and gives all of an object that is shorter than what was asked of its end. */
function mendRange(headers: IncomingMessage["headers"], length: number): void {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? "") ?? [];
  const isNone = first === "" ? last === "" : last !== "" && Number(last) < Number(first);
  if (isNone) delete headers.range;
  else if (first === "" && Number(last) > length && length > 0) headers.range = "bytes=0-";
}

function noSuchBucket(): S3Error {
  return new S3Error("NoSuchBucket", "The specified bucket does not exist", 404);
}
