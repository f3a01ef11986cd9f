import type { IncomingMessage } from "node:http";
import { lambdaAction } from "../lambda/lambda-action";
import { s3ActionName } from "../s3/s3-action-name";
import { findService, type Protocol, S3, type SupportedService } from "../supported-actions";

/** The service and action that a client requests. */
export interface RequestedAction {
  /** Protocol of the request and its response. */
  readonly protocol: Protocol;
  /** The service; undefined if it is unknown. */
  readonly service: SupportedService | undefined;
  /** Name of the service, even of an unknown one; an empty string if the request names none. */
  readonly serviceName: string;
  /** The action's name in AWS's API reference; for an unknown action, the text in the request. */
  readonly action: string;
}

/** Matches the access key, date, region and service in an `Authorization` header. */
const CREDENTIAL_SCOPE = /\bCredential=([^/,\s]+)\/\d+\/([^/,\s]+)\/([^/,\s]+)\//;

/** Returns the access key, region and service in a request's signature; all are undefined without a signature. */
export function credentialScope({ headers }: IncomingMessage) {
  const [, accessKey, region, signingName] = CREDENTIAL_SCOPE.exec(headers.authorization ?? "") ?? [];
  return { accessKey, region, signingName };
}

/** Determines the protocol from a request's headers and path. */
export function protocolOf(request: IncomingMessage): Protocol {
  const { headers, url = "" } = request;
  const contentType = headers["content-type"] ?? "";
  if (headers["x-amz-target"] !== undefined) return "json";
  // S3 objects may have any content type, so the content type is checked later.
  if (credentialScope(request).signingName?.startsWith("s3")) return "rest-xml";
  if (headers["smithy-protocol"] === "rpc-v2-cbor") return "cbor";
  if (request.method === "POST" && /^application\/x-amz-json-1\.\d/.test(contentType)) return "json";
  if (request.method === "POST" && contentType.startsWith("application/x-www-form-urlencoded")) return "query";
  if (request.method === "GET" && /^\/[^?]*\?(?:.*&)?Action=/.test(url)) return "query";
  return restService(request) === "s3" ? "rest-xml" : "rest-json";
}

/**
 * Determines the service and action of a request.
 *
 * @param form - Parameters of a request in the query protocol.
 *
 * @example
 * requestedAction(request, undefined); // { action: "PutItem", serviceName: "DynamoDB", … }
 */
export function requestedAction(request: IncomingMessage, form: URLSearchParams | undefined): RequestedAction {
  const protocol = protocolOf(request);
  const { service, serviceName, action } = BY_PROTOCOL[protocol](request, form);
  return { protocol, service, serviceName: service?.name ?? serviceName, action };
}

type ActionReader = (request: IncomingMessage, form?: URLSearchParams) => Omit<RequestedAction, "protocol">;

const BY_PROTOCOL: Readonly<Record<Protocol, ActionReader>> = {
  json: ({ headers }) => {
    const [, serviceName = "", action = ""] = /^(?:(.*)\.)?(.*)$/s.exec(String(headers["x-amz-target"] ?? "")) ?? [];
    return { service: findService("targetPrefix", serviceName), serviceName, action };
  },
  cbor: ({ url = "" }) => {
    const [, serviceName = "", action = ""] = /^\/service\/([^/]+)\/operation\/(\w+)/.exec(url) ?? [];
    return { service: findService("targetPrefix", serviceName), serviceName, action };
  },
  query: (request, form) => {
    const { signingName: serviceName = "" } = credentialScope(request);
    const service = findService("queryVersion", form?.get("Version") ?? "") ?? findService("signingName", serviceName);
    return { service, serviceName, action: form?.get("Action") ?? "" };
  },
  "rest-json": (request) => {
    const serviceName = restService(request);
    const action = serviceName === "lambda" ? lambdaAction(request) : `${request.method} ${request.url?.split("?")[0]}`;
    return { service: findService("signingName", serviceName), serviceName, action };
  },
  "rest-xml": (request) => ({ service: S3, serviceName: "S3", action: s3ActionName(request) }),
};

/** Returns the signing name; for an unsigned request, `lambda` if the path starts with a date, otherwise `s3`. */
function restService(request: IncomingMessage): string {
  const { signingName } = credentialScope(request);
  // Some S3 requests are signed for s3express or s3-object-lambda.
  if (signingName !== undefined) return signingName.replace(/^s3.+/, "s3");
  return /^\/20\d\d-\d\d-\d\d\//.test(request.url ?? "") ? "lambda" : "s3";
}
