import type { IncomingMessage } from "node:http";
import { lambdaAction } from "../lambda/lambda-action";
import { s3ActionName } from "../s3/s3-action-name";
import { findService, type Protocol, type SupportedService } from "../supported-actions";

/** The action that a request asks for. */
export interface RequestedAction {
  /** Protocol of the request and its response. */
  readonly protocol: Protocol;
  /** The service; undefined for an unknown one. */
  readonly service: SupportedService | undefined;
  /** Name of the service, known or not. */
  readonly serviceName: string;
  /** Name in AWS's API reference, or the text of the request. */
  readonly action: string;
}

/** Access key, date, region and service of a signature. */
const CREDENTIAL_SCOPE = /\bCredential=([^/,\s]+)\/\d+\/([^/,\s]+)\/([^/,\s]+)\//;

export interface CredentialScope {
  readonly accessKey?: string | undefined;
  readonly region?: string | undefined;
  readonly signingName?: string | undefined;
}

/** Returns the credential scope of the signature; all undefined for an unsigned request. */
export function credentialScope({ headers }: IncomingMessage): CredentialScope {
  const [, accessKey, region, signingName] = CREDENTIAL_SCOPE.exec(headers.authorization ?? "") ?? [];
  return { accessKey, region, signingName };
}

/** Returns the protocol of a request, from its headers and its path. */
export function protocolOf(request: IncomingMessage): Protocol {
  const { headers, url = "" } = request;
  const contentType = headers["content-type"] ?? "";
  if (headers["x-amz-target"] !== undefined) return "json";
  // Objects and uploads may have any content type.
  if (credentialScope(request).signingName?.startsWith("s3")) return "rest-xml";
  if (headers["smithy-protocol"] === "rpc-v2-cbor") return "cbor";
  if (request.method === "POST" && /^application\/x-amz-json-1\.\d/.test(contentType)) return "json";
  if (request.method === "POST" && contentType.startsWith("application/x-www-form-urlencoded")) return "query";
  if (request.method === "GET" && /^\/[^?]*\?(?:.*&)?Action=/.test(url)) return "query";
  return restService(request) === "s3" ? "rest-xml" : "rest-json";
}

/**
 * Returns the action that a request asks for.
 *
 * @param form - The parameters of a request in the query protocol.
 *
 * @example
 * requestedAction(request, undefined); // { action: "PutItem", serviceName: "DynamoDB", … }
 */
export function requestedAction(request: IncomingMessage, form: URLSearchParams | undefined): RequestedAction {
  const protocol = protocolOf(request);
  switch (protocol) {
    case "json":
      return fromTarget(String(request.headers["x-amz-target"] ?? ""));
    case "cbor": {
      const [, target = "", action = ""] = /^\/service\/([^/]+)\/operation\/(\w+)/.exec(request.url ?? "") ?? [];
      return named(protocol, findService("targetPrefix", target), target, action);
    }
    case "query": {
      const service = findService("queryVersion", form?.get("Version") ?? "");
      const { signingName = "" } = credentialScope(request);
      return named(
        protocol,
        service ?? findService("signingName", signingName),
        signingName,
        form?.get("Action") ?? "",
      );
    }
    case "rest-json": {
      const name = restService(request);
      return named(
        protocol,
        findService("signingName", name),
        name,
        name === "lambda" ? lambdaAction(request) : restAction(request),
      );
    }
    case "rest-xml":
      return named(protocol, findService("signingName", "s3"), "S3", s3ActionName(request));
  }
}

/** Returns the signing name of a REST service: from the signature, or by Lambda's paths, which start with a date. */
function restService(request: IncomingMessage): string {
  const { signingName } = credentialScope(request);
  // Some S3 requests are signed for s3express or s3-object-lambda.
  if (signingName !== undefined) return signingName.replace(/^s3.+/, "s3");
  return /^\/20\d\d-\d\d-\d\d\//.test(request.url ?? "") ? "lambda" : "s3";
}

function fromTarget(target: string): RequestedAction {
  const dot = target.lastIndexOf(".");
  const [prefix, action] = [target.slice(0, Math.max(dot, 0)), target.slice(dot + 1)];
  return named("json", findService("targetPrefix", prefix), prefix, action);
}

function named(
  protocol: Protocol,
  service: SupportedService | undefined,
  name: string,
  action: string,
): RequestedAction {
  return { protocol, service, serviceName: service?.name ?? name, action };
}

/** Returns the method and the path: `POST /2015-03-31/functions/x/invocations`. */
function restAction({ method, url = "" }: IncomingMessage): string {
  return `${method} ${url.split("?")[0]}`;
}
