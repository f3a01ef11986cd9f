import type { ListObjectsRequest } from "@aws-sdk/client-s3";
import { ACCOUNT_ID } from "../account";
import { type Bucket, compareBytes } from "./bucket";
import { invalidArgument } from "./errors";
import type { ObjectVersion } from "./s3";
import type { StoredObject } from "./stored";

/** Maximum number of entries on a page. */
const MAX_ENTRIES = 1_000;

/** The owner of everything: S3 identifies accounts by 64 hexadecimal digits. */
export const OWNER = { ID: ACCOUNT_ID.padStart(64, "0") };

/** The members that the lists of keys have in common. */
export const LIST_MEMBERS = ["Bucket", "Delimiter", "EncodingType", "ExpectedBucketOwner", "Prefix"] as const;

/** A page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly prefixes: readonly string[];
  /** The last entry: an item, or a common prefix without one. Undefined on the last page. */
  readonly next: { readonly name: string; readonly item?: Item } | undefined;
}

/** A list of keys, in which keys with a common prefix up to a delimiter are one entry. */
export class Listing {
  readonly prefix: string;
  readonly max: number;
  private readonly delimiter: string;

  /** @throws AwsError for an invalid parameter. */
  constructor(
    private readonly input: Pick<ListObjectsRequest, (typeof LIST_MEMBERS)[number]>,
    max: number | undefined,
    maxName = "max-keys",
  ) {
    const { Prefix = "", Delimiter = "", EncodingType } = input;
    this.prefix = Prefix;
    this.delimiter = Delimiter;
    this.max = maxEntries(max, maxName);
    if (EncodingType !== undefined && EncodingType !== "url") {
      throw invalidArgument("encoding-type", EncodingType, "Invalid Encoding Method specified in Request");
    }
  }

  /** Encodes a text for the response, if the client asked for it. */
  encode(text: string): string {
    if (this.input.EncodingType === undefined) return text;
    return encodeURIComponent(text).replaceAll("%2F", "/");
  }

  /** Returns the first key that can be on a page after `marker`. */
  firstKey(marker: string): string {
    return compareBytes(marker, this.prefix) > 0 ? marker : this.prefix;
  }

  /**
   * Returns a page.
   *
   * @param items - Names and items from `firstKey`, in the order of their bytes.
   * @param marker - The last entry of the page before. If it is a common prefix, its keys were on that page.
   */
  page<Item>(items: Iterable<readonly [name: string, item: Item]>, marker = ""): Page<Item> {
    const found: Item[] = [];
    const prefixes: string[] = [];
    let next: Page<Item>["next"];
    if (this.max > 0) {
      for (const [name, item] of items) {
        if (!name.startsWith(this.prefix)) break;
        const common = this.commonPrefix(name);
        if (common !== undefined && (common === marker || common === prefixes.at(-1))) continue;
        if (found.length + prefixes.length === this.max) return { items: found, prefixes, next };
        if (common === undefined) found.push(item);
        else prefixes.push(common);
        next = common === undefined ? { name, item } : { name: common };
      }
    }
    return { items: found, prefixes, next: undefined };
  }

  /** Returns the members of the response that all lists of keys have in common. */
  members({ prefixes, next }: Page<unknown>) {
    return {
      CommonPrefixes: prefixes.map((prefix) => ({ Prefix: this.encode(prefix) })),
      ...(this.delimiter && { Delimiter: this.encode(this.delimiter) }),
      EncodingType: this.input.EncodingType,
      IsTruncated: next !== undefined,
      Prefix: this.encode(this.prefix),
    };
  }

  private commonPrefix(name: string): string | undefined {
    const index = this.delimiter === "" ? -1 : name.indexOf(this.delimiter, this.prefix.length);
    return index === -1 ? undefined : name.slice(0, index + this.delimiter.length);
  }
}

/** @throws AwsError for an invalid number of entries on a page. */
export function maxEntries(max = MAX_ENTRIES, name: string, limit = MAX_ENTRIES): number {
  if (Number.isInteger(max) && max >= 0 && max < 2 ** 31) return Math.min(max, limit);
  throw invalidArgument(name, max, `Argument ${name} must be an integer between 0 and 2147483647`);
}

/** Converts the last name on a page to a token. */
export function toToken(name: string): string {
  return Buffer.from(name).toString("base64");
}

/** @throws AwsError for an invalid token. */
export function fromToken(token: string): string {
  const name = Buffer.from(token, "base64").toString();
  if (toToken(name) === token) return name;
  throw invalidArgument("continuation-token", token, "The continuation token provided is incorrect");
}

/** Returns the members of a list about an object. */
export function objectMembers({ etag, size, checksum }: StoredObject) {
  return {
    ETag: etag,
    ChecksumAlgorithm: [checksum.algorithm],
    ChecksumType: checksum.type,
    Size: size,
    StorageClass: "STANDARD" as const,
  };
}

/**
 * Returns a page of a bucket's objects, and the members that both versions of ListObjects return.
 *
 * @param after - The key before the first one; empty for the first page.
 * @param marker - The last entry of the page before; undefined if the client did not get `after` from a page.
 */
export function objectsPage(
  bucket: Bucket,
  listing: Listing,
  after: string,
  marker: string | undefined,
  withOwner: boolean,
) {
  const page = listing.page(objectsAfter(bucket, listing.firstKey(after), after), marker);
  const members = {
    Contents: page.items.map(({ key, lastModified, object }) => ({
      Key: listing.encode(key),
      LastModified: new Date(lastModified),
      ...objectMembers(object),
      ...(withOwner && { Owner: OWNER }),
    })),
    ...listing.members(page),
    MaxKeys: listing.max,
    Name: bucket.stored.name,
  };
  return { page, members };
}

function* objectsAfter(bucket: Bucket, first: string, after: string): Generator<[string, ObjectVersion]> {
  for (const key of bucket.keysFrom(first)) {
    const version = bucket.version(key);
    if (key !== after && version?.object) yield [key, version as ObjectVersion];
  }
}
