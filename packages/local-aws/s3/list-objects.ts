import { S3Error, type S3Store } from "../fauxqs/parts";
import { escapeXml } from "../protocols/responses";

/** Maximum number of keys and common prefixes per page. */
const MAX_KEYS = 1_000;

type StoredObject = ReturnType<S3Store["listObjects"]>["objects"][number];

/** An entry on a page: an object or a common prefix. */
interface ListEntry {
  /** The key or the common prefix. */
  readonly name: string;
  /** The object; undefined for a common prefix. */
  readonly object: StoredObject | undefined;
}

/**
 * Handles ListObjects and ListObjectsV2. fauxqs sorts keys by locale but compares
 * page tokens by code unit, so it would omit keys.
 *
 * @returns the XML of the response.
 * @throws S3Error for an invalid parameter.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export function listObjects(store: S3Store, bucket: string, query: URLSearchParams): string {
  const isV2 = query.get("list-type") === "2";
  const delimiter = query.get("delimiter") ?? "";
  const prefix = query.get("prefix") ?? "";
  const maxKeys = maxKeysOf(query.get("max-keys"));
  const encode = encoderOf(query.get("encoding-type"));
  const token = query.get("continuation-token");
  const marker = isV2 ? token && fromToken(token) : query.get("marker");
  const after = marker ?? query.get("start-after") ?? "";
  // A marker may be a common prefix from an earlier NextMarker. All keys with that prefix were on the earlier page.
  const entries = entriesOf(store, bucket, prefix, delimiter, after).filter(
    ({ name, object }) => object !== undefined || name !== marker,
  );
  const page = entries.slice(0, maxKeys);
  // With max-keys=0, there is no key to continue from.
  const isTruncated = maxKeys > 0 && entries.length > page.length;
  const last = isTruncated ? page.at(-1)?.name : undefined;

  const element = (name: string, value: string | number | boolean | undefined | null) =>
    value === undefined || value === null ? "" : `<${name}>${escapeXml(String(value))}</${name}>`;
  const encoded = (name: string, value: string | undefined | null) =>
    value === undefined || value === null ? "" : element(name, encode(value));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    element("Name", bucket),
    encoded("Prefix", prefix),
    isV2 ? encoded("StartAfter", query.get("start-after")) : encoded("Marker", query.get("marker") ?? ""),
    isV2 && element("ContinuationToken", token),
    isV2 && element("NextContinuationToken", last && Buffer.from(last).toString("base64")),
    !isV2 && delimiter && encoded("NextMarker", last),
    isV2 && element("KeyCount", page.length),
    element("MaxKeys", maxKeys),
    delimiter && encoded("Delimiter", delimiter),
    element("EncodingType", query.get("encoding-type")),
    element("IsTruncated", isTruncated),
    ...page.map(({ name, object }) =>
      object
        ? `<Contents>${encoded("Key", name)}${element("LastModified", object.lastModified.toISOString())}${element("ETag", object.etag)}${element("Size", object.contentLength)}<StorageClass>STANDARD</StorageClass></Contents>`
        : `<CommonPrefixes>${encoded("Prefix", name)}</CommonPrefixes>`,
    ),
    "</ListBucketResult>",
  ]
    .filter(Boolean)
    .join("");
}

/** Returns the entries after a key, in S3's order: by the bytes of their names. */
function entriesOf(store: S3Store, bucket: string, prefix: string, delimiter: string, after: string): ListEntry[] {
  const { objects } = store.listObjects(bucket, { prefix, maxKeys: Number.POSITIVE_INFINITY });
  const afterBytes = Buffer.from(after);
  const sorted = objects
    .map((object) => ({ object, bytes: Buffer.from(object.key) }))
    .filter(({ bytes }) => bytes.compare(afterBytes) > 0)
    .sort((a, b) => a.bytes.compare(b.bytes));
  const entries = new Map<string, ListEntry>();
  for (const { object } of sorted) {
    const end = delimiter === "" ? -1 : object.key.indexOf(delimiter, prefix.length);
    const name = end === -1 ? object.key : object.key.slice(0, end + delimiter.length);
    if (!entries.has(name)) entries.set(name, { name, object: end === -1 ? object : undefined });
  }
  return [...entries.values()];
}

function maxKeysOf(text: string | null): number {
  if (text === null || text === "") return MAX_KEYS;
  if (!/^\d{1,10}$/.test(text) || Number(text) > 2 ** 31 - 1) {
    throw new S3Error("InvalidArgument", `Invalid max-keys "${text}": expected a whole number of at least 0.`, 400);
  }
  return Math.min(Number(text), MAX_KEYS);
}

function fromToken(token: string): string {
  const after = Buffer.from(token, "base64").toString();
  if (Buffer.from(after).toString("base64") === token) return after;
  throw new S3Error("InvalidArgument", "The continuation token provided is incorrect", 400);
}

function encoderOf(encodingType: string | null): (text: string) => string {
  if (encodingType === null || encodingType === "") return (text) => text;
  if (encodingType === "url") return (text) => encodeURIComponent(text).replaceAll("%2F", "/");
  throw new S3Error("InvalidArgument", `Invalid encoding-type "${encodingType}": expected "url".`, 400);
}
