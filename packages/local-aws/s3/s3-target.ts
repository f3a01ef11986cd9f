import type { IncomingMessage } from "node:http";

/** What a request to S3 is about. */
export interface S3Target {
  /** Empty for the list of all buckets. */
  readonly bucket: string;
  /** Decoded; empty for the bucket itself. */
  readonly key: string;
  readonly query: URLSearchParams;
  /** Path and query with the bucket in the path, wherever the client wrote it. */
  readonly pathStyle: string;
}

export function s3Target({ url = "/", headers }: IncomingMessage): S3Target {
  const [path, search] = splitOnce(url, "?");
  const query = new URLSearchParams(search);
  const inHost = bucketInHost(headers.host ?? "");
  const [bucket, key] = inHost ? [inHost, path.slice(1)] : splitOnce(path.slice(1), "/");
  const pathStyle = inHost ? `/${inHost}${url}` : url;
  return { bucket: decoded(bucket), key: decoded(key), query, pathStyle };
}

/** Of `bucket.localhost:4566` and `bucket.s3.us-east-1.localhost`; nothing where the host is the endpoint's own. */
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
    return text; // A stray % names nothing that is there.
  }
}
