import { escapeXml } from "../escape-xml";
import { S3Error, type S3Store } from "../fauxqs/parts";

/** A page has no more keys and common prefixes. */
const MAX_KEYS = 1_000;

type StoredObject = ReturnType<S3Store["listObjects"]>["objects"][number];

/** What a page has: an object, or all objects whose keys go on alike up to the delimiter. */
type Entry =
  | { readonly object: StoredObject; readonly commonPrefix?: undefined }
  | { readonly object?: undefined; readonly commonPrefix: string };

interface Listing {
  readonly prefix: string;
  readonly delimiter: string;
  /** Only what comes after it. */
  readonly after: string;
}

interface Page {
  readonly entries: readonly Entry[];
  readonly isTruncated: boolean;
}

/**
 * ListObjects and ListObjectsV2. fauxqs sorts keys as words of a language and
 * pages through them as bytes, which leaves some out.
 *
 * @returns the answer's XML.
 * @throws S3Error for a parameter that S3 refuses.
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
  const entries = entriesOf(store, bucket, { prefix, delimiter, after: marker ?? query.get("start-after") ?? "" });
  // A marker that is a common prefix, as an earlier answer's NextMarker may be, is past all of that prefix.
  const page = pageOf(entries, ({ commonPrefix }) => commonPrefix === undefined || commonPrefix !== marker, maxKeys);
  const lastEntry = page.isTruncated ? page.entries.at(-1) : undefined;
  const last = lastEntry?.commonPrefix ?? lastEntry?.object?.key;

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
    isV2 && element("KeyCount", page.entries.length),
    element("MaxKeys", maxKeys),
    delimiter && encoded("Delimiter", delimiter),
    element("EncodingType", query.get("encoding-type")),
    element("IsTruncated", page.isTruncated),
    ...page.entries.map(({ object, commonPrefix }) =>
      object
        ? `<Contents>${encoded("Key", object.key)}${element("LastModified", object.lastModified.toISOString())}${element("ETag", object.etag)}${element("Size", object.contentLength)}<StorageClass>STANDARD</StorageClass></Contents>`
        : `<CommonPrefixes>${encoded("Prefix", commonPrefix)}</CommonPrefixes>`,
    ),
    "</ListBucketResult>",
  ]
    .filter(Boolean)
    .join("");
}

/** In the order of S3: that of the names' bytes. */
function entriesOf(store: S3Store, bucket: string, { prefix, delimiter, after }: Listing): Entry[] {
  const { objects } = store.listObjects(bucket, { prefix, maxKeys: Number.POSITIVE_INFINITY });
  const afterBytes = Buffer.from(after);
  const sorted = objects
    .map((object) => ({ object, bytes: Buffer.from(object.key) }))
    .filter(({ bytes }) => bytes.compare(afterBytes) > 0)
    .sort((a, b) => a.bytes.compare(b.bytes));
  const entries = new Map<string, Entry>();
  for (const { object } of sorted) {
    const end = delimiter === "" ? -1 : object.key.indexOf(delimiter, prefix.length);
    const name = end === -1 ? object.key : object.key.slice(0, end + delimiter.length);
    if (!entries.has(name)) entries.set(name, end === -1 ? { object } : { commonPrefix: name });
  }
  return [...entries.values()];
}

function pageOf(entries: readonly Entry[], isNew: (entry: Entry) => boolean, maxKeys: number): Page {
  const fresh = entries.filter(isNew);
  const page = fresh.slice(0, maxKeys);
  // A page of none has no last key to go on from.
  return { entries: page, isTruncated: maxKeys > 0 && fresh.length > page.length };
}

function maxKeysOf(text: string | null): number {
  if (text === null || text === "") return MAX_KEYS;
  if (!/^\d{1,10}$/.test(text) || Number(text) > 2 ** 31 - 1) {
    throw new S3Error("InvalidArgument", `max-keys is "${text}". It is a whole number from 0 on.`, 400);
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
  throw new S3Error("InvalidArgument", `encoding-type is "${encodingType}". S3 has "url" alone.`, 400);
}
