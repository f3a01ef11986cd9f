import type { IncomingMessage } from "node:http";
import { uriPattern } from "../protocols/http-bindings";
import type { ProtocolName } from "../protocols/protocol";
import type { Operation } from "../protocols/shape";
import type { AnyAction } from "./service";

/** The signer of a request, and its region and service; all are undefined without a signature. */
export interface CredentialScope {
  readonly accessKeyId?: string | undefined;
  readonly region?: string | undefined;
  readonly signingName?: string | undefined;
}

/** The contents of a request's head. */
export interface RequestHead {
  readonly protocol: ProtocolName;
  readonly scope: CredentialScope;
  /** Path without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
}

export function requestHead(message: IncomingMessage): RequestHead {
  const { url = "/" } = message;
  const index = url.indexOf("?");
  const path = index === -1 ? url : url.slice(0, index);
  const query = new URLSearchParams(index === -1 ? "" : url.slice(index + 1));
  const scope = credentialScope(message);
  return { protocol: protocolOf(message, scope, path, query), scope, path, query };
}

/** Matches the access key, region and service in a signature's credential scope. */
const CREDENTIAL_SCOPE = /^([^/,\s]+)\/\d+\/([^/,\s]+)\/([^/,\s]+)\//;

/** Reads the scope of the signature in the header or, of a presigned request, in the URL. */
function credentialScope({ headers, url = "" }: IncomingMessage): CredentialScope {
  const { authorization } = headers;
  const text =
    authorization === undefined
      ? /[?&]X-Amz-Credential=([^&]+)/i.exec(url)?.[1]?.replace(/%2F/gi, "/")
      : /\bCredential=([^\s]+)/.exec(authorization)?.[1];
  const [, accessKeyId, region, signingName] = CREDENTIAL_SCOPE.exec(text ?? "") ?? [];
  return { accessKeyId, region, signingName };
}

/** Determines the protocol from a request's headers and path. */
function protocolOf(
  { headers, method }: IncomingMessage,
  scope: CredentialScope,
  path: string,
  query: URLSearchParams,
): ProtocolName {
  const { "content-type": contentType = "" } = headers;
  if (headers["x-amz-target"] !== undefined) return "json";
  // S3 objects may have any content type, so the content type is checked later.
  if (scope.signingName?.startsWith("s3")) return "rest-xml";
  if (headers["smithy-protocol"] === "rpc-v2-cbor") return "cbor";
  if (method === "POST" && /^application\/x-amz-json-1\.\d/.test(contentType)) return "json";
  if (method === "POST" && contentType.startsWith("application/x-www-form-urlencoded")) return "query";
  if ((method === "GET" || method === "POST") && query.has("Action")) return "query";
  return restSigningName(scope, path) === "s3" ? "rest-xml" : "rest-json";
}

/** Returns the signing name; for an unsigned request, `lambda` if the path starts with a date, otherwise `s3`. */
export function restSigningName({ signingName }: CredentialScope, path: string): string {
  // Some S3 requests are signed for s3express or s3-object-lambda.
  if (signingName !== undefined) return signingName.replace(/^s3.+/, "s3");
  return /^\/20\d\d-\d\d-\d\d\//.test(path) ? "lambda" : "s3";
}

/** Returns the service and the operation in X-Amz-Target, such as `AmazonSQS.SendMessage`. */
export function jsonTarget({ headers }: IncomingMessage): readonly [targetPrefix: string, operation: string] {
  const target = String(headers["x-amz-target"] ?? "");
  const index = target.lastIndexOf(".");
  return [target.slice(0, Math.max(0, index)), target.slice(index + 1)];
}

/** Returns the service and the operation in a path such as `/service/GraniteServiceVersion20100801/operation/ListMetrics`. */
export function cborTarget(path: string): readonly [targetPrefix: string, operation: string] {
  const [, service = "", operation = ""] = /^\/service\/([^/]+)\/operation\/(\w+)/.exec(path) ?? [];
  return [service, operation];
}

/** A REST operation, with what distinguishes its requests. */
interface Route {
  readonly operation: Operation;
  readonly path: RegExp;
  readonly query: readonly (readonly [name: string, value: string])[];
}

/** Finds the operations of a REST service by their HTTP bindings. */
export class RestRoutes {
  private readonly routes: readonly Route[];

  /** @param actions - The supported actions, which are preferred. */
  constructor(
    operations: Readonly<Record<string, Operation>>,
    private readonly actions: Readonly<Record<string, AnyAction<never>>>,
  ) {
    this.routes = Object.values(operations).map((operation) => {
      const { path, query } = uriPattern(operation.http?.uri ?? "/");
      const required = operation.http?.query.map((name) => [name, ""] as const) ?? [];
      return { operation, path, query: [...query, ...required] };
    });
  }

  /**
   * Returns the matching operation with the most parameters; undefined if there is none.
   *
   * @param path - Path without the bucket.
   */
  find(request: IncomingMessage, path: string, query: URLSearchParams, hasBucket: boolean): Operation | undefined {
    const id = query.get("x-id");
    let best: Operation | undefined;
    let bestRank = -1;
    for (const { operation, path: pattern, query: parameters } of this.routes) {
      const { http, name } = operation;
      if (!http || http.method !== request.method || http.bucket !== hasBucket || !pattern.test(path)) continue;
      if (!parameters.every(([each, value]) => query.has(each) && (value === "" || query.get(each) === value)))
        continue;
      if (!http.headers.every((each) => request.headers[each] !== undefined)) continue;
      const isNamed = id === name || (id === null && Object.hasOwn(this.actions, name));
      const rank = parameters.length + http.headers.length + (isNamed ? 0.5 : 0);
      if (rank > bestRank) [best, bestRank] = [operation, rank];
    }
    return best;
  }
}
