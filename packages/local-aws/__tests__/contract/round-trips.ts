import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import type { AnyDefinition } from "../../gateway/service";
import { NotSupported } from "../../protocols/invalid-input";
import type { ProtocolName } from "../../protocols/protocol";
import type { Member, Operation, ServiceSchemas, Structure } from "../../protocols/shape";
import { type Services, startServices } from "../start-services";
import { type Client, clientOf, commandOf } from "./sdk";
import { stubService } from "./stubs";
import { comparable, Values } from "./values";

type Members = Record<string, unknown>;

/** Values that the SDK's clients need in certain members. */
const NAMED: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  Bucket: fc.constant("bucket"),
  ChecksumAlgorithm: fc.constantFrom("CRC32", "SHA256"),
  CopySource: fc.constant("bucket/key"),
  Key: fc.stringMatching(/^[a-z][a-zé /%+&=?#]{0,8}[a-z]$/),
  LocationConstraint: fc.constantFrom("eu-west-1", "eu-central-1"),
  RequestRoute: fc.constant("route"),
};

/** Members that the clients of S3 compute or replace. */
const COMPUTED = /^(?:Checksum|Content(?:Length|MD5)$|CopySourceSSECustomer|SSECustomer|Expires$)/;

/** Operations with streams of events, and one of another host than S3's. */
const EXCLUDED = new Set([
  ...["GetLogObject", "InvokeWithResponseStream", "SelectObjectContent", "StartLiveTail"],
  "WriteGetObjectResponse",
]);

/** Sends requests of a real client to stubs of a service's operations. */
export class RoundTrips {
  /** The input that the stub got. */
  private input: Members = {};
  /** The output that the stub returns, or the error that it throws. */
  private output: unknown = {};

  private constructor(
    readonly operations: readonly Operation[],
    private readonly definition: AnyDefinition,
    private readonly protocol: ProtocolName,
    private readonly services: Services,
    private readonly client: Client,
  ) {}

  static async start(definition: AnyDefinition, schemas: ServiceSchemas, protocol: ProtocolName): Promise<RoundTrips> {
    let trips: RoundTrips | undefined;
    const stub = stubService(definition, schemas, async (_operation, input) => trips?.answer(input));
    const services = await startServices(() => [{ definition: stub, state: undefined }]);
    const operations = Object.values(schemas.operations).filter(({ name, input }) => input && !EXCLUDED.has(name));
    trips = new RoundTrips(operations, definition, protocol, services, clientOf(definition, protocol, services.config));
    return trips;
  }

  /** Checks that generated inputs and outputs arrive as they are. */
  async check({ name, input, output }: Operation, numRuns: number): Promise<void> {
    const inputs = this.values("input", input?.shape);
    const outputs = this.values("output", output?.shape);
    await fc.assert(
      fc.asyncProperty(inputs, outputs, async (sent, returned) => {
        this.output = withStream(output?.shape, returned);
        const { $metadata: _metadata, ...received } = await this.send(name, sent);
        const arrived = { input: this.input, output: await withBytes(received) };
        expectMembers(arrived.input, sent);
        expectMembers(arrived.output, returned);
      }),
      { numRuns },
    );
  }

  /** Returns the error that the client throws when the stub throws one. */
  async errorFor(operation: Operation, error: unknown): Promise<unknown> {
    this.output = error;
    const [input] = fc.sample(this.values("input", operation.input?.shape), { numRuns: 1, seed: 1 });
    return this.send(operation.name, input ?? {}).catch((caught: unknown) => caught);
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await this.services.stop();
  }

  private send(operation: string, input: object): Promise<Members> {
    return this.client.send(commandOf(this.definition, operation, input));
  }

  private async answer(input: Members): Promise<unknown> {
    this.input = (await withBytes(input)) as Members;
    if (this.output instanceof Error || this.output instanceof NotSupported) throw this.output;
    return this.output;
  }

  private values(direction: "input" | "output", shape: Structure | undefined): fc.Arbitrary<Members> {
    if (!shape) return fc.constant({});
    const isS3 = this.protocol === "rest-xml";
    const members = Object.entries(shape.members).filter(([name]) => !(isS3 && COMPUTED.test(name)));
    return new Values(this.protocol, direction, isS3 ? NAMED : {}).structure({
      ...shape,
      members: Object.fromEntries(members),
    });
  }
}

function streamOf(shape: Structure | undefined): readonly [string, Member] | undefined {
  return Object.entries(shape?.members ?? {}).find(([, { shape: inner }]) => inner.type === "blob" && inner.streaming);
}

/** Returns an output whose stream has a value, as a service does. */
function withStream(shape: Structure | undefined, output: Members): Members {
  const [name] = streamOf(shape) ?? [];
  return name === undefined ? output : { ...output, [name]: Buffer.from((output[name] as Uint8Array) ?? []) };
}

/** Reads the streams among the members. */
async function withBytes(members: Members): Promise<Members> {
  const entries = Object.entries(members).map(async ([name, value]) => [name, await bytesOf(value)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

async function bytesOf(value: unknown): Promise<unknown> {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if ("transformToByteArray" in value)
    return (value as { transformToByteArray(): Promise<Uint8Array> }).transformToByteArray();
  if (!(Symbol.asyncIterator in value)) return value;
  const chunks: Buffer[] = [];
  for await (const chunk of value as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** @throws Error when a member did not arrive. Clients may add some, such as checksums. */
function expectMembers(arrived: Members, expected: Members): void {
  for (const [name, value] of Object.entries(expected)) {
    const [actual, wanted] = [comparable(arrived[name]), comparable(value)];
    if (!isDeepStrictEqual(actual, wanted)) {
      throw new Error(`${name} is ${JSON.stringify(actual)} instead of ${JSON.stringify(wanted)}`);
    }
  }
}
