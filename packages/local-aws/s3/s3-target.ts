import type { IncomingMessage } from "node:http";
import { AwsError } from "../protocols/aws-error";
import { invalidArgument } from "./errors";

/**
 * Reads the bucket from the Host header or the path, and the key from the path. Each is empty if there is none.
 *
 * @throws AwsError when the URL is not percent-encoded UTF-8.
 * @example
 * s3Target({ url: "/raw/a%20b?versions", headers: {} }); // { bucket: "raw", key: "a b" }
 */
export function s3Target({ url = "/", headers }: IncomingMessage) {
  const [path] = splitOnce(url, "?");
  const inHost = bucketInHost(headers.host ?? "");
  const [bucket, key] = inHost ? [inHost, path.slice(1)] : splitOnce(path.slice(1), "/");
  return { bucket: decoded(bucket), key: decoded(key) };
}

/** Returns the bucket in `bucket.localhost:4566` or `bucket.s3.us-east-1.localhost`; empty if there is none. */
function bucketInHost(host: string): string {
  const [, labels = ""] = /^(?:(.+)\.)?localhost(?::\d+)?$/i.exec(host) ?? [];
  return labels.replace(/(?:^|\.)s3(?:[.-][a-z]+-[a-z]+-\d)?$/i, "");
}

function splitOnce(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return index === -1 ? [text, ""] : [text.slice(0, index), text.slice(index + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError("InvalidURI", "Couldn't parse the specified URI.");
  }
}

/** Parameters of a presigned URL that stand for headers: not those of the signature. */
const HEADER_PARAMETER =
  /^(?:content-md5|content-type|x-amz-(?!(?:algorithm|credential|date|expires|signedheaders|signature|security-token)$).+)$/;

/**
 * Moves the parameters of a presigned URL that stand for headers, such as `x-amz-checksum-mode`, to the headers.
 *
 * @throws AwsError when a parameter cannot be in a header.
 */
export function moveParametersToHeaders({ headers }: IncomingMessage, query: URLSearchParams): void {
  for (const [parameter, value] of [...query]) {
    const name = parameter.toLowerCase();
    if (!HEADER_PARAMETER.test(name)) continue;
    assertHeaderText(parameter, value);
    headers[name] ??= value;
    query.delete(parameter);
  }
}

/** @throws AwsError when a text cannot be in an HTTP header. */
export function assertHeaderText(name: string, text: string): void {
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) return;
  throw invalidArgument(name, text, "Header value cannot be represented using ISO-8859-1.");
}
