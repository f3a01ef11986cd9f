// Each request of the SDK's clients for S3 and Lambda must find its operation.
import type { IncomingMessage } from "node:http";
import { RestRoutes } from "../../gateway/route";
import type { AnyAction } from "../../gateway/service";
import { LAMBDA } from "../../lambda/service";
import { linked, type Operation, type StoredService } from "../../protocols/shape";
import { s3Target } from "../../s3/s3-target";
import { S3 } from "../../s3/service";
import { requiredInput } from "../contract/inputs";
import { clientOf, commandOf, folderOf } from "../contract/sdk";
import { allSchemas } from "../contract/stubs";

/** Input of the SDK's HTTP handler. */
interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string | string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Operations whose requests differ from those of another only by the parameter `x-id`, which not every client sends. */
const AMBIGUOUS: Readonly<Record<string, string>> = {
  ListDirectoryBuckets: "ListBuckets",
};

/** Operations of other hosts, whose path looks like that of a bucket. */
const ELSEWHERE = new Set(["WriteGetObjectResponse"]);

const all = allSchemas();

beforeAll(() => {
  // The SDK advises not to upload streams of unknown length.
  jest.spyOn(console, "warn").mockImplementation(() => undefined);
});
afterAll(() => jest.restoreAllMocks());

/** Returns the request that the SDK would send. */
async function requestOf(definition: typeof LAMBDA | typeof S3, { name, input }: Operation): Promise<SdkRequest> {
  return new Promise((resolve, reject) => {
    const handle = (request: SdkRequest) => {
      resolve(request);
      throw new Error("Nothing is sent.");
    };
    const client = clientOf(definition, definition.protocols[0], {
      endpoint: "http://127.0.0.1:4566",
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
      requestHandler: { handle, metadata: { handlerProtocol: "http/1.1" } },
    });
    client.send(commandOf(definition, name, input ? requiredInput(input.shape) : {})).catch(reject);
  });
}

describe.each([
  { definition: S3, name: "S3" },
  { definition: LAMBDA, name: "Lambda" },
])("$name", ({ definition, name }) => {
  const { operations } = linked(structuredClone(all[folderOf(definition)] as StoredService));
  const action = {} as AnyAction<never>;
  const supported = {
    none: {},
    all: Object.fromEntries(Object.keys(operations).map((each) => [each, action])),
    "those here": definition.actions,
  };

  test.each(Object.entries(supported))("finds every operation when %s are supported", async (_, actions) => {
    const routes = new RestRoutes(operations, actions as Record<string, AnyAction<never>>);
    const wrong: unknown[] = [];
    for (const operation of Object.values(operations).filter((each) => !ELSEWHERE.has(each.name))) {
      const { method, path, query: parameters, headers } = await requestOf(definition, operation);
      const pairs = Object.entries(parameters).flatMap(([key, value]) =>
        [value ?? ""].flat().map((each): [string, string] => [key, each]),
      );
      const { bucket, key } = s3Target({ url: path, headers: { host: "127.0.0.1:4566" } } as IncomingMessage);
      const restPath = name === "S3" ? `/${key}` : path;
      const lowerCase = Object.entries(headers).map(([header, text]) => [header.toLowerCase(), text] as const);
      const request = { method, headers: Object.fromEntries(lowerCase) } as unknown as IncomingMessage;
      for (const isNamed of [true, false]) {
        const query = new URLSearchParams(pairs.filter(([each]) => isNamed || each !== "x-id"));
        const found = routes.find(request, restPath, query, name === "S3" && bucket !== "")?.name;
        const expected = isNamed ? operation.name : (AMBIGUOUS[operation.name] ?? operation.name);
        if (found !== expected) wrong.push({ found, expected, isNamed, method, path, query: String(query) });
      }
    }
    expect(wrong).toEqual([]);
  });
});
