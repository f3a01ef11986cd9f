import type { IncomingMessage } from "node:http";
import { lambdaAction } from "../lambda/lambda-action";
import { s3Action } from "../s3/s3-action";
import type { Protocol, ServedService } from "./served-service";
import { byQueryVersion, bySigningName, byTarget } from "./services";

/** What a request asks for. */
export interface AskedAction {
  /** In which it is asked, and has to be answered. */
  readonly protocol: Protocol;
  /** Undefined for a service that is not known here at all. */
  readonly service: ServedService | undefined;
  /** The service's name, whether known or not. */
  readonly serviceName: string;
  /** As AWS's API reference has it, or else how it was asked for. */
  readonly action: string;
}

/** What is signed: access key, date, region, service. */
const CREDENTIAL_SCOPE = /\bCredential=([^/,\s]+)\/\d+\/([^/,\s]+)\/([^/,\s]+)\//;

export interface CredentialScope {
  readonly accessKey?: string | undefined;
  readonly region?: string | undefined;
  readonly signingName?: string | undefined;
}

/** What the signature says of itself; nothing for a request that is not signed. */
export function credentialScope({ headers }: IncomingMessage): CredentialScope {
  const [, accessKey, region, signingName] = CREDENTIAL_SCOPE.exec(headers.authorization ?? "") ?? [];
  return { accessKey, region, signingName };
}

/** The protocol of a request, by its headers and its path alone. */
export function protocolOf(request: IncomingMessage): Protocol {
  const { headers, url = "" } = request;
  const contentType = headers["content-type"] ?? "";
  if (headers["x-amz-target"] !== undefined) return "json";
  // An object, or an upload, may have any content type.
  if (credentialScope(request).signingName?.startsWith("s3")) return "rest-xml";
  if (headers["smithy-protocol"] === "rpc-v2-cbor") return "cbor";
  if (request.method === "POST" && /^application\/x-amz-json-1\.\d/.test(contentType)) return "json";
  if (request.method === "POST" && contentType.startsWith("application/x-www-form-urlencoded")) return "query";
  if (request.method === "GET" && /^\/[^?]*\?(?:.*&)?Action=/.test(url)) return "query";
  return restService(request) === "s3" ? "rest-xml" : "rest-json";
}

/** @param form - The parameters of a request in the query protocol. */
export function askedAction(request: IncomingMessage, form: URLSearchParams | undefined): AskedAction {
  const protocol = protocolOf(request);
  switch (protocol) {
    case "json":
      return fromTarget(String(request.headers["x-amz-target"] ?? ""));
    case "cbor": {
      const [, target = "", action = ""] = /^\/service\/([^/]+)\/operation\/(\w+)/.exec(request.url ?? "") ?? [];
      return asked(protocol, byTarget(target), target, action);
    }
    case "query": {
      const service = byQueryVersion(form?.get("Version") ?? "");
      const { signingName = "" } = credentialScope(request);
      return asked(protocol, service ?? bySigningName(signingName), signingName, form?.get("Action") ?? "");
    }
    case "rest-json": {
      const name = restService(request);
      return asked(
        protocol,
        bySigningName(name),
        name,
        name === "lambda" ? lambdaAction(request) : restAction(request),
      );
    }
    case "rest-xml":
      return asked(protocol, bySigningName("s3"), "S3", s3Action(request));
  }
}

/** Signing name of a service whose path says what is asked; a signature says which, and else Lambda's paths start with a date. */
function restService(request: IncomingMessage): string {
  const { signingName } = credentialScope(request);
  // S3 signs for some of its own as s3express or s3-object-lambda.
  if (signingName !== undefined) return signingName.replace(/^s3.+/, "s3");
  return /^\/20\d\d-\d\d-\d\d\//.test(request.url ?? "") ? "lambda" : "s3";
}

function fromTarget(target: string): AskedAction {
  const dot = target.lastIndexOf(".");
  const [prefix, action] = [target.slice(0, Math.max(dot, 0)), target.slice(dot + 1)];
  return asked("json", byTarget(prefix), prefix, action);
}

function asked(protocol: Protocol, service: ServedService | undefined, name: string, action: string): AskedAction {
  return { protocol, service, serviceName: service?.name ?? name, action };
}

/** Such as `POST /2015-03-31/functions/x/invocations`: what the path means is the service's secret. */
function restAction({ method, url = "" }: IncomingMessage): string {
  return `${method} ${url.split("?")[0]}`;
}
