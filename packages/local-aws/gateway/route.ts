import type { IncomingMessage } from "node:http";
import { uriPattern } from "../protocols/http-bindings";
import type { ProtocolName } from "../protocols/protocol";
import type { Operation } from "../protocols/shape";
import type { AnyAction } from "./service";

/** Matches the access key, region and service in a signature's credential scope. */
const CREDENTIAL_SCOPE = /^([^/,\s]+)\/\d+\/([^/,\s]+)\/([^/,\s]+)\//;

/** Returns the access key, region and service in a request's signature; all are undefined without a signature. */
export function credentialScope({ headers, url = "" }: IncomingMessage) {
  const inHeader = /\bCredential=([^\s]+)/.exec(headers.authorization ?? "")?.[1];
  const inUrl = /[?&]X-Amz-Credential=([^&]+)/i.exec(url)?.[1]?.replaceAll("%2F", "/");
  const [, accessKeyId, region, signingName] = CREDENTIAL_SCOPE.exec(inHeader ?? inUrl ?? "") ?? [];
  return { accessKeyId, region, signingName };
}

/** Determines the protocol from a request's headers and path. */
export function protocolOf(request: IncomingMessage): ProtocolName {
  const { headers, url = "" } = request;
  const contentType = headers["content-type"] ?? "";
  if (headers["x-amz-target"] !== undefined) return "json";
  // S3 objects may have any content type, so the content type is checked later.
  if (credentialScope(request).signingName?.startsWith("s3")) return "rest-xml";
  if (headers["smithy-protocol"] === "rpc-v2-cbor") return "cbor";
  if (request.method === "POST" && /^application\/x-amz-json-1\.\d/.test(contentType)) return "json";
  if (request.method === "POST" && contentType.startsWith("application/x-www-form-urlencoded")) return "query";
  if (request.method === "GET" && /^\/[^?]*\?(?:.*&)?Action=/.test(url)) return "query";
  return restSigningName(request) === "s3" ? "rest-xml" : "rest-json";
}

/** Returns the signing name; for an unsigned request, `lambda` if the path starts with a date, otherwise `s3`. */
export function restSigningName(request: IncomingMessage): string {
  const { signingName } = credentialScope(request);
  // Some S3 requests are signed for s3express or s3-object-lambda.
  if (signingName !== undefined) return signingName.replace(/^s3.+/, "s3");
  return /^\/20\d\d-\d\d-\d\d\//.test(request.url ?? "") ? "lambda" : "s3";
}

/** The service and the operation that a request names. */
export interface NamedOperation {
  /** Name of the service in the request; an empty string if it names none. */
  readonly service: string;
  /** Name of the operation; for REST, of none. */
  readonly operation: string;
}

/** How a service is named in requests of each protocol that is not REST. */
export const NAME_BY_PROTOCOL = {
  /** By X-Amz-Target. */
  json({ headers }: IncomingMessage): NamedOperation & { readonly by: "targetPrefix" } {
    const [, service = "", operation = ""] = /^(?:(.*)\.)?(.*)$/s.exec(String(headers["x-amz-target"] ?? "")) ?? [];
    return { by: "targetPrefix", service, operation };
  },
  /** By the path. */
  cbor({ url = "" }: IncomingMessage): NamedOperation & { readonly by: "targetPrefix" } {
    const [, service = "", operation = ""] = /^\/service\/([^/]+)\/operation\/(\w+)/.exec(url) ?? [];
    return { by: "targetPrefix", service, operation };
  },
} as const;

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
