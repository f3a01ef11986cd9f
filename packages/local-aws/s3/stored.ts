import type { BucketVersioningStatus, ChecksumAlgorithm, ChecksumType } from "@aws-sdk/client-s3";
import type { Segment } from "./bodies";
import type { StoredChecksum } from "./checksums";
import type { ObjectAttributes } from "./object-attributes";

/** A bucket in storage. */
export interface StoredBucket {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** @default - versions were never enabled */
  readonly versioning?: BucketVersioningStatus;
}

/** An object's content and attributes. */
export interface StoredObject {
  /** The content: one segment for each part. */
  readonly segments: readonly (Segment & {
    /** Checksum of a part, in Base64. */
    readonly checksum?: string;
  })[];
  readonly size: number;
  /** Entity tag in quotes. */
  readonly etag: string;
  readonly checksum: StoredChecksum;
  readonly attributes: ObjectAttributes;
  /** ID of the multipart upload. @default - the object was uploaded in one request */
  readonly uploadId?: string;
}

/** A version of an object, or a delete marker. */
export interface StoredVersion {
  /** Key in storage. */
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  /** The version ID: `null` if the bucket's versioning was not enabled. */
  readonly versionId: string;
  /** Milliseconds since 1970, in whole seconds. */
  readonly lastModified: number;
  /** @default - a delete marker */
  readonly object?: StoredObject;
}

/** A multipart upload that is not complete. */
export interface StoredUpload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly initiated: number;
  readonly attributes: ObjectAttributes;
  /** @default - a full-object checksum by the default algorithm, which clients do not see before the end */
  readonly algorithm?: ChecksumAlgorithm;
  readonly checksumType?: ChecksumType;
}

/** A part of a multipart upload. */
export interface StoredPart {
  readonly uploadId: string;
  readonly number: number;
  readonly segment: Segment;
  readonly etag: string;
  /** Checksums in Base64: by the upload's algorithm, and by the client's. */
  readonly checksums: Readonly<Partial<Record<ChecksumAlgorithm, string>>>;
  readonly lastModified: number;
}
