import type { PutObjectRequest } from "@aws-sdk/client-s3";
import { ACCOUNT_ID } from "../account";
import { AwsError } from "../protocols/aws-error";
import { NotSupported } from "../protocols/invalid-input";

/** Maximum size of an object's metadata, in bytes of its names and values. */
const MAX_METADATA_BYTES = 2 * 1_024;

/** The HTTP headers of an object, which S3 stores and returns. A read request can replace them. */
export const OBJECT_HEADERS = [
  "CacheControl",
  "ContentDisposition",
  "ContentEncoding",
  "ContentLanguage",
  "ContentType",
  "Expires",
] as const;

/** Members of inputs that become the attributes of an object. */
export const ATTRIBUTE_MEMBERS = [...OBJECT_HEADERS, "Metadata"] as const;

type AttributeMembers = Pick<PutObjectRequest, (typeof ATTRIBUTE_MEMBERS)[number]>;

/** A description of an object by a client, as it is stored. `Expires` is in milliseconds since 1970. */
export type ObjectAttributes = Omit<AttributeMembers, "Expires"> & { readonly Expires?: number };

/** @throws AwsError when the metadata is too large. */
export function attributesFrom(input: AttributeMembers): ObjectAttributes {
  const { CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, Expires, Metadata } = input;
  const bytes = Object.entries(Metadata ?? {}).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (bytes > MAX_METADATA_BYTES) {
    throw new AwsError("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", 400, {
      Size: String(bytes),
      MaxSizeAllowed: String(MAX_METADATA_BYTES),
    });
  }
  // This encoding is that of the request, not of the object.
  const encodings = ContentEncoding?.split(",").filter((name) => name.trim().toLowerCase() !== "aws-chunked") ?? [];
  return {
    ...{ CacheControl, ContentDisposition, ContentLanguage, Metadata },
    ContentType: input.ContentType ?? "binary/octet-stream",
    ...(encodings.length > 0 && { ContentEncoding: encodings.join(",").trim() }),
    ...(Expires && { Expires: Expires.getTime() }),
  };
}

/** Returns an object's attributes as members of an output. */
export function attributeMembers({ Expires, ...attributes }: ObjectAttributes): AttributeMembers {
  return { ...attributes, Expires: Expires === undefined ? undefined : new Date(Expires) };
}

/** Members of inputs that are supported with some values only, most of them S3's defaults. */
export const DEFAULT_MEMBERS = ["ACL", "StorageClass", "ServerSideEncryption"] as const;

const SUPPORTED_VALUES: Readonly<Record<string, readonly string[]>> = {
  ACL: ["private", "bucket-owner-full-control"],
  StorageClass: ["STANDARD"],
  ServerSideEncryption: ["AES256"],
  ChecksumMode: ["ENABLED"],
  TaggingDirective: ["COPY", "REPLACE"], // There are no tags.
  ObjectOwnership: ["BucketOwnerEnforced"],
};

/** The output members of every stored object. */
export const ENCRYPTION = { ServerSideEncryption: "AES256" } as const;

/**
 * Validates the members that many inputs have.
 *
 * @throws NotSupported for a value without an effect here, and AwsError when another account should own the bucket.
 */
export function validateDefaults(input: object): void {
  const members = input as Readonly<Record<string, string | undefined>>;
  for (const [name, supported] of Object.entries(SUPPORTED_VALUES)) {
    const value = members[name];
    if (value !== undefined && !supported.includes(value)) throw new NotSupported(`${name} ${value}`);
  }
  for (const name of ["ExpectedBucketOwner", "ExpectedSourceBucketOwner"]) {
    if ((members[name] ?? ACCOUNT_ID) !== ACCOUNT_ID) throw new AwsError("AccessDenied", "Access Denied", 403);
  }
}
