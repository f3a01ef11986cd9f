import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import type { Archive } from "@event-pipeline/operations/archive/archived-objects";

/** An in-memory S3 bucket that lists three objects per page. */
export class FakeBucket {
  readonly objects = new Map<string, Uint8Array>();
  requests = 0;
  /** Errors to throw instead of returning an object, by key. */
  readonly errors = new Map<string, Error>();
  /** Returns the error to throw for a request, or `cut` to end the body of its response early. */
  fault: (operation: "ListObjectsV2" | "GetObject", key: string) => Error | "cut" | undefined = () => undefined;

  get archive(): Archive {
    // The SDK's paginators accept only instances of S3Client.
    const s3 = Object.assign(Object.create(S3Client.prototype), { send: (command: object) => this.answer(command) });
    return { bucket: "raw", s3, target: "the pipeline" };
  }

  private async answer(command: object): Promise<object> {
    this.requests += 1;
    if (command instanceof ListObjectsV2Command) return this.list(command.input);
    if (command instanceof GetObjectCommand) return this.get(command.input);
    throw new Error(`FakeBucket does not support ${command.constructor.name}.`);
  }

  private list({ Prefix = "", StartAfter = "", ContinuationToken = "" }: ListObjectsV2Command["input"]): object {
    const fault = this.fault("ListObjectsV2", "");
    if (fault instanceof Error) throw fault;
    const keys = [...this.objects.keys()]
      .filter((key) => key.startsWith(Prefix) && key > StartAfter && key > ContinuationToken)
      .sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
    const page = keys.slice(0, 3);
    return {
      Contents: page.map((Key) => ({ Key, Size: this.objects.get(Key)?.length, ETag: `"${Key}"` })),
      ...(keys.length > page.length && { NextContinuationToken: page.at(-1) }),
    };
  }

  private get({ Key = "", Range }: GetObjectCommand["input"]): object {
    const fault = this.errors.get(Key) ?? this.fault("GetObject", Key);
    if (fault instanceof Error) throw fault;
    const bytes = this.objects.get(Key) as Uint8Array;
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(Range ?? "") ?? [];
    const part = Range === undefined ? bytes : bytes.slice(Number(start), Number(end) + 1);
    return { Body: { transformToByteArray: async () => (fault === "cut" ? part.subarray(0, part.length / 2) : part) } };
  }
}
