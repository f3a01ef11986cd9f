import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import fc from "fast-check";

const KEYS = ["a", "a/b", "é", "𐀀", "\uffee", "z"];

/** A command of a client. */
export const COMMAND = fc.oneof(
  fc.record({ type: fc.constant("put" as const), key: fc.constantFrom(...KEYS), body: fc.string({ maxLength: 20 }) }),
  fc.record({ type: fc.constant("delete" as const), key: fc.constantFrom(...KEYS) }),
  fc.record({ type: fc.constant("delete several" as const), keys: fc.subarray(KEYS, { minLength: 1 }) }),
  fc.record({ type: fc.constant("delete version" as const), key: fc.constantFrom(...KEYS), index: fc.nat(3) }),
  fc.record({ type: fc.constant("versioning" as const), status: fc.constantFrom("Enabled", "Suspended" as const) }),
  fc.record({ type: fc.constant("restart" as const) }),
);

type Command = typeof COMMAND extends fc.Arbitrary<infer Value> ? Value : never;

/** A version in the model; without a body, it is a delete marker. */
interface ModelVersion {
  readonly id: string;
  readonly body?: string;
}

/** A bucket as a plain map of versions, the newest first. */
export class BucketModel {
  private readonly versions = new Map<string, ModelVersion[]>();
  private status: "Enabled" | "Suspended" | undefined;

  constructor(
    private readonly bucket: string,
    private readonly restart: () => Promise<void>,
  ) {}

  /** Runs a command, and changes the model. */
  async run(s3: S3Client, command: Command): Promise<void> {
    const { bucket: Bucket } = this;
    switch (command.type) {
      case "put": {
        const { key: Key, body: Body } = command;
        const ContentLength = Buffer.byteLength(Body); // The SDK warns of an empty body without it.
        const { VersionId = "null" } = await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentLength }));
        this.add(Key, { id: VersionId, body: Body });
        break;
      }
      case "delete": {
        const { VersionId } = await s3.send(new DeleteObjectCommand({ Bucket, Key: command.key }));
        this.remove(command.key, VersionId);
        break;
      }
      case "delete several": {
        const Objects = command.keys.map((Key) => ({ Key }));
        const { Deleted = [] } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
        expect(Deleted.map(({ Key }) => Key)).toEqual(command.keys);
        for (const { Key = "", DeleteMarkerVersionId } of Deleted) this.remove(Key, DeleteMarkerVersionId);
        break;
      }
      case "delete version": {
        const versions = this.versions.get(command.key) ?? [];
        const version = versions[command.index];
        if (!version) break;
        await s3.send(new DeleteObjectCommand({ Bucket, Key: command.key, VersionId: version.id }));
        versions.splice(command.index, 1);
        break;
      }
      case "versioning":
        this.status = command.status;
        await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: command.status } }));
        break;
      case "restart":
        await this.restart();
    }
  }

  private add(key: string, version: ModelVersion): void {
    const versions = this.versions.get(key) ?? [];
    const kept = versions.filter(({ id }) => id !== version.id);
    this.versions.set(key, [version, ...kept]);
    expect(version.id === "null").toBe(this.status !== "Enabled");
  }

  private remove(key: string, markerId: string | undefined): void {
    if (this.status === undefined) this.versions.delete(key);
    else this.add(key, { id: String(markerId) });
  }

  /** Compares the bucket with the model. */
  async check(s3: S3Client): Promise<void> {
    const { bucket: Bucket } = this;
    const keys = [...this.versions.keys()].sort((a, b) => Buffer.from(a).compare(Buffer.from(b)));
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    const current = keys.filter((key) => this.versions.get(key)?.[0]?.body !== undefined);
    expect(Contents.map(({ Key }) => Key)).toEqual(current);
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const expected = keys.flatMap((key) =>
      (this.versions.get(key) ?? []).map(({ id, body }, index) => ({ key, id, body, isLatest: index === 0 })),
    );
    const listed = (isObject: boolean) =>
      expected
        .filter(({ body }) => (body !== undefined) === isObject)
        .map(({ key: Key, id: VersionId, isLatest: IsLatest }) => ({ Key, VersionId, IsLatest }));
    const brief = (versions: typeof DeleteMarkers) =>
      versions.map(({ Key, VersionId, IsLatest }) => ({ Key, VersionId, IsLatest }));
    expect([brief(Versions), brief(DeleteMarkers)]).toEqual([listed(true), listed(false)]);
    for (const { key: Key, id: VersionId, body } of expected) {
      if (body === undefined) continue;
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
      expect(await Body?.transformToString()).toBe(body);
    }
  }
}
