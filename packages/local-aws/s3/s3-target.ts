import type { IncomingMessage } from "node:http";

/** The bucket and key of an S3 request. */
export interface S3Target {
  /** The bucket's name; empty for ListBuckets. */
  readonly bucket: string;
  /** The object's decoded key; empty for an action on the bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  /** Path-style URL, with the bucket in the path. */
  readonly pathStyle: string;
}

/**
 * Reads the bucket from the Host header or the path, and the key from the path.
 *
 * @example
 * s3Target({ url: "/raw/a%20b?versions", headers: {} }); // { bucket: "raw", key: "a b", … }
 */
export function s3Target({ url = "/", headers }: IncomingMessage): S3Target {
  const [path, search] = splitOnce(url, "?");
  const query = new URLSearchParams(search);
  const inHost = bucketInHost(headers.host ?? "");
  const [bucket, key] = inHost ? [inHost, path.slice(1)] : splitOnce(path.slice(1), "/");
  const pathStyle = inHost ? `/${inHost}${url}` : url;
  return { bucket: decoded(bucket), key: decoded(key), query, pathStyle };
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
    return text; // No bucket or key has an invalid escape sequence in its name.
  }
}
