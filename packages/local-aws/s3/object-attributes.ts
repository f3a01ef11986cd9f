import { ACCOUNT_ID } from "../account";
import { AwsError } from "../protocols/aws-error";
import { NotSupported } from "../protocols/invalid-input";

/** Maximum size of an object's metadata, in bytes of its names and values. */
const MAX_METADATA_BYTES = 2 * 1_024;

/** The HTTP headers of an object that S3 stores and returns. */
const TEXT_HEADERS = [
  "CacheControl",
  "ContentDisposition",
  "ContentEncoding",
  "ContentLanguage",
  "ContentType",
] as const;

/** Members of inputs that become the attributes of an object. */
export const ATTRIBUTE_MEMBERS = [...TEXT_HEADERS, "Expires", "Metadata"] as const;

type TextHeaders = { readonly [Name in (typeof TEXT_HEADERS)[number]]?: string | undefined };

/** A description of an object by a client, in members of an input or an output. */
export interface AttributeMembers extends TextHeaders {
  readonly Expires?: Date | undefined;
  readonly Metadata?: Readonly<Record<string, string>> | undefined;
}

/** A description of an object by a client, as it is stored. */
export interface ObjectAttributes extends TextHeaders {
  /** Milliseconds since 1970. */
  readonly Expires?: number;
  readonly Metadata?: Readonly<Record<string, string>>;
}

/** @throws AwsError when the metadata is too large. */
export function attributesFrom(input: AttributeMembers): ObjectAttributes {
  const { Expires, Metadata } = input;
  const bytes = Object.entries(Metadata ?? {}).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (bytes > MAX_METADATA_BYTES) {
    throw new AwsError("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", 400, {
      Size: String(bytes),
      MaxSizeAllowed: String(MAX_METADATA_BYTES),
    });
  }
  const texts = TEXT_HEADERS.flatMap((name) => (input[name] === undefined ? [] : [[name, input[name]] as const]));
  const { ContentEncoding, ...headers } = Object.fromEntries(texts) as TextHeaders;
  // This encoding is that of the request, not of the object.
  const encodings = ContentEncoding?.split(",").filter((name) => name.trim().toLowerCase() !== "aws-chunked") ?? [];
  return {
    ContentType: "binary/octet-stream",
    ...headers,
    ...(encodings.length > 0 && { ContentEncoding: encodings.join(",").trim() }),
    ...(Expires && { Expires: Expires.getTime() }),
    ...(Metadata && { Metadata }),
  };
}

/** Returns an object's attributes as members of an output. */
export function attributeMembers({ Expires, ...attributes }: ObjectAttributes) {
  return { ...attributes, ...(Expires !== undefined && { Expires: new Date(Expires) }) };
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
 * @throws NotSupported for a value that has an effect on AWS but not here.
 * @throws AwsError AccessDenied when another account is expected to own the bucket.
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
