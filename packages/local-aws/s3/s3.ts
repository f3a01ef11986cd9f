import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { BucketVersioningStatus, ChecksumAlgorithm } from "@aws-sdk/client-s3";
import type { Host } from "../host";
import { AwsError } from "../protocols/aws-error";
import type { Table } from "../storage/storage";
import { type Bodies, type ByteRange, FileBodies, MemoryBodies, type Segment } from "./bodies";
import { Bucket } from "./bucket";
import { DEFAULT_ALGORITHM, SummedBody } from "./checksums";
import { assertWritable, type WriteConditions } from "./conditions";
import { invalidArgument, noSuchKey } from "./errors";
import { attributesFrom, type ObjectAttributes } from "./object-attributes";
import type { StoredBucket, StoredObject, StoredPart, StoredUpload, StoredVersion } from "./stored";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET_NAME = /^[a-z\d](?:[a-z\d]|[-.](?!\.)){1,61}[a-z\d]$/;
const IP_ADDRESS = /^\d+\.\d+\.\d+\.\d+$/;
const RESERVED_NAME = /^(?:xn--|sthree-|amzn-s3-demo-)|(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3|-an)$/;

/** Maximum length of a key, in bytes. */
const MAX_KEY_BYTES = 1_024;

/** A version ID, as `newId` creates it, or that of objects without versioning. */
const VERSION_ID = /^(?:[\w-]{32}|null)$/;

function newId(): string {
  return randomBytes(24).toString("base64url");
}

/** A multipart upload with its parts by number. */
export interface Upload {
  readonly stored: StoredUpload;
  readonly parts: Map<number, StoredPart>;
}

/** An object: a version that is not a delete marker. */
export type ObjectVersion = StoredVersion & { readonly object: StoredObject };

/** Buckets with their objects and uploads. */
export class S3 {
  private readonly bucketTable: Table<StoredBucket>;
  private readonly versionTable: Table<StoredVersion>;
  private readonly uploadTable: Table<StoredUpload>;
  private readonly partTable: Table<StoredPart>;
  private readonly bucketsByName = new Map<string, Bucket>();
  private readonly uploadsById = new Map<string, Upload>();
  readonly bodies: Bodies;

  /** @throws DiskError when the folder cannot be read or written. */
  constructor(private readonly host: Host) {
    const { storage } = host;
    this.bucketTable = storage.table("s3-buckets");
    this.versionTable = storage.table("s3-versions");
    this.uploadTable = storage.table("s3-uploads");
    this.partTable = storage.table("s3-parts");
    for (const bucket of this.bucketTable.values()) this.bucketsByName.set(bucket.name, new Bucket(bucket));
    for (const version of this.versionTable.values()) this.bucketsByName.get(version.bucket)?.add(version);
    for (const stored of this.uploadTable.values()) this.uploadsById.set(stored.id, { stored, parts: new Map() });
    for (const part of this.partTable.values()) this.uploadsById.get(part.uploadId)?.parts.set(part.number, part);
    const inObjects = [...this.versionTable.values()].flatMap(({ object }) => object?.segments ?? []);
    const inParts = [...this.partTable.values()].map(({ segment }) => segment);
    const used = new Set([...inObjects, ...inParts].map(({ id }) => id));
    this.bodies =
      storage.folder === undefined ? new MemoryBodies() : new FileBodies(join(storage.folder, "s3"), storage, used);
  }

  /** Returns the present time in whole seconds, as S3 does. */
  private now(): number {
    return Math.floor(this.host.clock.now() / 1_000) * 1_000;
  }

  /** Returns the buckets in the order of their names. */
  buckets(): readonly StoredBucket[] {
    return [...this.bucketTable.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @throws AwsError NoSuchBucket. */
  bucket(name: string): Bucket {
    const bucket = this.bucketsByName.get(name);
    if (bucket) return bucket;
    throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404, { BucketName: name });
  }

  /**
   * Creates a bucket.
   *
   * @throws AwsError when the name is invalid, or the bucket exists. In us-east-1, S3 accepts the repetition.
   */
  createBucket(name: string): void {
    if (!BUCKET_NAME.test(name) || IP_ADDRESS.test(name) || RESERVED_NAME.test(name)) {
      throw new AwsError("InvalidBucketName", "The specified bucket is not valid.", 400, { BucketName: name });
    }
    if (!this.bucketsByName.has(name)) this.storeBucket({ name, created: this.now() });
    else if (this.host.region !== "us-east-1") {
      const message = "Your previous request to create the named bucket succeeded and you already own it.";
      throw new AwsError("BucketAlreadyOwnedByYou", message, 409, { BucketName: name });
    }
  }

  setVersioning(name: string, versioning: BucketVersioningStatus): void {
    this.storeBucket({ ...this.bucket(name).stored, versioning });
  }

  private storeBucket(stored: StoredBucket): void {
    const bucket = this.bucketsByName.get(stored.name);
    if (bucket) bucket.stored = stored;
    else this.bucketsByName.set(stored.name, new Bucket(stored));
    this.bucketTable.set(stored.name, stored);
  }

  /** Deletes an empty bucket and its unfinished uploads. @throws AwsError when it is not empty. */
  deleteBucket(name: string): void {
    if (!this.bucket(name).isEmpty) {
      const message = "The bucket you tried to delete is not empty";
      throw new AwsError("BucketNotEmpty", message, 409, { BucketName: name });
    }
    for (const upload of this.uploads(name)) this.removeUpload(upload);
    this.bucketsByName.delete(name);
    this.bucketTable.delete(name);
  }

  /**
   * Stores an object. The content is durable then. The object is durable after `storage.flush()`, together with what the
   * caller changes in the same turn of the event loop.
   *
   * @param options.contentType - @default "binary/octet-stream"
   */
  async putObject(options: {
    readonly bucket: string;
    readonly key: string;
    readonly body: Buffer;
    readonly contentType?: string;
  }): Promise<void> {
    const { bucket, key, body, contentType: ContentType } = options;
    const summed = new SummedBody([body], DEFAULT_ALGORITHM);
    await this.store(bucket, key, summed, DEFAULT_ALGORITHM, attributesFrom({ ContentType }));
  }

  /**
   * Stores the content of an object, and then the object.
   *
   * @param algorithm - Algorithm of the checksum to store, which `body` computes.
   * @throws AwsError when the bucket does not exist, the key is too long, or a condition is false.
   */
  async store(
    bucketName: string,
    key: string,
    body: SummedBody,
    algorithm: ChecksumAlgorithm,
    attributes: ObjectAttributes,
    conditions: WriteConditions = {},
  ): Promise<ObjectVersion> {
    assertWritable(conditions, key, this.bucket(bucketName).version(key));
    assertKeyLength(key);
    return await this.keep(body, (segment) => {
      const value = body.digest(algorithm).toString("base64");
      const checksum = { algorithm, value, type: "FULL_OBJECT" } as const;
      const object = { segments: [segment], size: segment.size, etag: body.etag, checksum, attributes };
      return this.putVersion(bucketName, key, object, conditions);
    });
  }

  /** Reads bytes of an object for a copy. */
  async copied<Copy>(
    { segments }: StoredObject,
    { start, end }: ByteRange,
    algorithm: ChecksumAlgorithm,
    copy: (body: SummedBody) => Promise<Copy>,
  ): Promise<Copy> {
    const content = this.bodies.read(segments, start, end);
    try {
      return await copy(new SummedBody(content, algorithm));
    } finally {
      content.destroy(); // The copy may have failed before it read anything.
    }
  }

  /**
   * Stores bytes, and then what refers to them.
   *
   * @param refer - Stores the reference. The bytes are removed if it throws.
   */
  private async keep<Reference>(body: SummedBody, refer: (segment: Segment) => Reference): Promise<Reference> {
    const segment = await this.bodies.write(body);
    try {
      return refer(segment);
    } catch (error) {
      this.bodies.remove([segment]);
      throw error;
    }
  }

  /** Adds the newest version of an object. Without versioning, it replaces the object. */
  private putVersion<Stored extends StoredObject | undefined>(
    bucketName: string,
    key: string,
    object: Stored,
    conditions: WriteConditions = {},
  ): StoredVersion & { readonly object: Stored } {
    const bucket = this.bucket(bucketName);
    assertWritable(conditions, key, bucket.version(key));
    const id = newId();
    const versionId = bucket.stored.versioning === "Enabled" ? id : "null";
    if (versionId === "null") this.removeVersion(bucket, key, "null");
    const version = { id, bucket: bucketName, key, versionId, lastModified: this.now(), ...(object && { object }) };
    bucket.add(version);
    this.versionTable.set(id, version);
    return version;
  }

  private removeVersion(bucket: Bucket, key: string, versionId: string): StoredVersion | undefined {
    const version = bucket.version(key, versionId);
    if (version) {
      bucket.remove(version);
      this.versionTable.delete(version.id);
      this.bodies.remove(version.object?.segments ?? []);
    }
    return version;
  }

  /**
   * Deletes an object or one of its versions. With versioning, and without a version ID, it adds a delete marker.
   *
   * @returns the delete marker that was added or removed; undefined if there is none.
   */
  deleteObject(
    bucketName: string,
    { Key, VersionId }: { readonly Key: string; readonly VersionId?: string | undefined },
    conditions: WriteConditions,
  ): StoredVersion | undefined {
    const bucket = this.bucket(bucketName);
    assertWritable(conditions, Key, bucket.version(Key));
    if (VersionId !== undefined) {
      assertVersionId(VersionId);
      const removed = this.removeVersion(bucket, Key, VersionId);
      return removed?.object ? undefined : removed;
    }
    assertKeyLength(Key);
    if (bucket.stored.versioning !== undefined) return this.putVersion(bucketName, Key, undefined);
    this.removeVersion(bucket, Key, "null");
    return undefined;
  }

  /**
   * Finds an object, or one of its versions.
   *
   * @throws AwsError when it does not exist, or when it is a delete marker.
   */
  object(bucketName: string, key: string, versionId?: string): ObjectVersion {
    const bucket = this.bucket(bucketName);
    if (versionId !== undefined) assertVersionId(versionId);
    const version = bucket.version(key, versionId);
    if (version?.object) return version as ObjectVersion;
    const marker = version && { "x-amz-delete-marker": "true", "x-amz-version-id": version.versionId };
    if (versionId === undefined) throw noSuchKey(key, marker);
    if (!version) {
      const details = { Key: key, VersionId: versionId };
      throw new AwsError("NoSuchVersion", "The specified version does not exist.", 404, details);
    }
    const message = "The specified method is not allowed against this resource.";
    const details = { Method: "GET", ResourceType: "DeleteMarker" };
    const headers = { ...marker, Allow: "DELETE", "Last-Modified": new Date(version.lastModified).toUTCString() };
    throw new AwsError("MethodNotAllowed", message, 405, details, headers);
  }

  /** Returns a version's ID; undefined if its bucket was never versioned, because S3 shows no IDs then. */
  versionId({ bucket, versionId }: StoredVersion): string | undefined {
    return this.bucket(bucket).stored.versioning && versionId;
  }

  createUpload(upload: Omit<StoredUpload, "id" | "initiated">): StoredUpload {
    this.bucket(upload.bucket);
    assertKeyLength(upload.key);
    // Lists of uploads are in the order of their creation, and the marker of a page may be of an upload that has ended.
    const id = `${this.host.clock.now().toString(36).padStart(10, "0")}${newId()}`;
    const stored = { ...upload, id, initiated: this.now() };
    this.uploadsById.set(id, { stored, parts: new Map() });
    this.uploadTable.set(id, stored);
    return stored;
  }

  /** Returns the unfinished uploads of a bucket. */
  uploads(bucketName: string): Upload[] {
    this.bucket(bucketName);
    return [...this.uploadsById.values()].filter(({ stored }) => stored.bucket === bucketName);
  }

  /** @throws AwsError NoSuchUpload. */
  upload(bucketName: string, key: string, id: string): Upload {
    this.bucket(bucketName);
    const upload = this.uploadsById.get(id);
    if (upload?.stored.bucket === bucketName && upload.stored.key === key) return upload;
    const message =
      "The specified multipart upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
    throw new AwsError("NoSuchUpload", message, 404, { UploadId: id });
  }

  /** Stores a part. It replaces an earlier part with the same number. */
  async storePart({ stored: { bucket, key, id } }: Upload, number: number, body: SummedBody): Promise<StoredPart> {
    return await this.keep(body, (segment): StoredPart => {
      const { parts } = this.upload(bucket, key, id);
      const replaced = parts.get(number);
      const part = { uploadId: id, number, segment, etag: body.etag, checksums: body.sums, lastModified: this.now() };
      parts.set(number, part);
      this.partTable.set(`${id}/${number}`, part);
      if (replaced) this.bodies.remove([replaced.segment]);
      return part;
    });
  }

  /** Replaces an upload by its object, whose content are some of the upload's parts. */
  completeUpload(upload: Upload, object: StoredObject, conditions: WriteConditions): ObjectVersion {
    const { bucket, key } = upload.stored;
    const version = this.putVersion(bucket, key, object, conditions);
    this.removeUpload(upload, object.segments);
    return version;
  }

  /** Removes an upload with its parts, but not the segments in `kept`. */
  removeUpload({ stored: { id }, parts }: Upload, kept: readonly Segment[] = []): void {
    this.uploadsById.delete(id);
    this.uploadTable.delete(id);
    for (const number of parts.keys()) this.partTable.delete(`${id}/${number}`);
    const keptIds = new Set(kept.map((segment) => segment.id));
    this.bodies.remove([...parts.values()].map(({ segment }) => segment).filter((segment) => !keptIds.has(segment.id)));
  }
}

function assertKeyLength(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes <= MAX_KEY_BYTES) return;
  const details = { Size: String(bytes), MaxSizeAllowed: String(MAX_KEY_BYTES) };
  throw new AwsError("KeyTooLongError", "Your key is too long", 400, details);
}

function assertVersionId(id: string): void {
  if (!VERSION_ID.test(id)) throw invalidArgument("versionId", id, "Invalid version id specified");
}
