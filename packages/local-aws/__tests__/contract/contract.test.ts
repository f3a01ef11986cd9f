// Tests what holds for every service, by the SDK's clients and by the services' definitions, so that it holds for each
// action that is added.
import { MACHINE_CLOCK } from "../../clock";
import { Dynamodb } from "../../dynamodb/dynamodb";
import { DYNAMODB } from "../../dynamodb/service";
import type { Host } from "../../host";
import { AwsError } from "../../protocols/aws-error";
import { linked, type StoredService } from "../../protocols/shape";
import { SERVICES } from "../../services";
import { MemoryStorage } from "../../storage/storage";
import { type Services, startServices } from "../start-services";
import { requiredInput, unhandledMembers } from "./inputs";
import { RoundTrips } from "./round-trips";
import { type Client, clientOf, commandOf, errorClass, folderOf } from "./sdk";
import { allSchemas } from "./stubs";

/** Generated requests of each operation. */
const RUNS = 3;

/** AWS's codes for an action that does not exist. */
const UNKNOWN_ACTION = /^(?:UnknownOperationException|InvalidAction|NotImplemented)$/;

interface SdkError extends Error {
  readonly $fault?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const all = allSchemas();
const cases = SERVICES.flatMap((definition) =>
  definition.protocols.map((protocol) => {
    const { operations } = linked(structuredClone(all[folderOf(definition)] as StoredService));
    return { definition, name: definition.name, protocol, operations };
  }),
);

beforeAll(() => {
  // The SDK advises not to upload streams of unknown length.
  jest.spyOn(console, "warn").mockImplementation(() => undefined);
});
afterAll(() => jest.restoreAllMocks());

// dynalite validates DynamoDB's inputs, so there is nothing to decode.
describe.each(cases.filter(({ definition }) => definition !== DYNAMODB))(
  "$name by $protocol",
  ({ definition, protocol }) => {
    let trips: RoundTrips;
    beforeAll(async () => {
      trips = await RoundTrips.start(definition, definition.schemas, protocol);
    });
    afterAll(() => trips.stop());

    test("every action receives the client's input, and the client receives its output", async () => {
      expect(trips.operations.map(({ name }) => name).sort()).toEqual(Object.keys(definition.actions).sort());
      for (const operation of trips.operations) await trips.check(operation, RUNS);
    });

    test("every error arrives as the client's error, with its code, message, status and fault", async () => {
      const [operation] = trips.operations;
      if (!operation) throw new Error(`${definition.name} has no action.`);
      const message = `not <"found"> & café\n`;
      const wrong: unknown[] = [];
      const { errors } = definition.schemas;
      for (const [name, { status, queryCode }] of Object.entries(errors)) {
        // A client cannot tell two errors with the same code apart.
        if (queryCode !== undefined && Object.hasOwn(errors, queryCode)) continue;
        const error = (await trips.errorFor(operation, new AwsError(name, message))) as SdkError;
        const ErrorClass = errorClass(definition, name) as new () => Error;
        const isRight =
          error instanceof ErrorClass &&
          error.message === message &&
          error.$metadata?.httpStatusCode === status &&
          error.$fault === (status < 500 ? "client" : "server");
        if (!isRight) wrong.push({ name, status, error: { ...error, name: error.name, message: error.message } });
      }
      expect(wrong).toEqual([]);
    });
  },
);

describe.each(cases)("$name by $protocol", ({ definition, protocol, operations }) => {
  let services: Services;
  let client: Client;
  let dynamodb: Dynamodb | undefined;
  beforeAll(async () => {
    if (definition === DYNAMODB) dynamodb = await openDynamodb();
    // Requests reach no other service's actions, so those need no state.
    services = await startServices(() => [{ definition, state: dynamodb }]);
    client = clientOf(definition, protocol, services.config);
  });
  afterAll(async () => {
    client.destroy();
    await services.stop();
    await dynamodb?.close();
  });

  /** Returns why a request was not answered with 501 and these words; undefined if it was. */
  async function failure(operation: string, input: object, ...words: readonly string[]): Promise<unknown> {
    const error: SdkError = await client.send(commandOf(definition, operation, input)).then(
      () => new Error("It was accepted."),
      (caught: SdkError) => caught,
    );
    const { name, message, $metadata } = error;
    const isNamed = [operation, ...words].every((word) => new RegExp(`\\b${word}\\b`).test(message));
    // The response to HEAD has no body.
    const isHead = operations[operation]?.http?.method === "HEAD";
    const isRight = $metadata?.httpStatusCode === 501 && (isHead || (UNKNOWN_ACTION.test(name) && isNamed));
    return isRight ? undefined : { operation, words, status: $metadata?.httpStatusCode, name, message };
  }

  test("answers 501 to every operation that is not supported, and names it", async () => {
    const unsupported = Object.values(operations).filter(({ name }) => !Object.hasOwn(definition.actions, name));
    const failures: unknown[] = [];
    for (const { name, input } of unsupported)
      failures.push(await failure(name, input ? requiredInput(input.shape) : {}));
    expect(failures.filter((each) => each !== undefined)).toEqual([]);
  });

  test("answers 501 to every member that is not handled, and names it", async () => {
    const failures: unknown[] = [];
    for (const [name, { handles }] of Object.entries(definition.actions)) {
      const { shape } = operations[name]?.input ?? {};
      for (const path of shape ? unhandledMembers(shape, handles) : []) {
        failures.push(await failure(name, shape ? requiredInput(shape, path) : {}, String(path.at(-1))));
      }
    }
    expect(failures.filter((each) => each !== undefined)).toEqual([]);
  });
});

function openDynamodb(): Promise<Dynamodb> {
  const host: Host = {
    endpoint: "",
    region: "us-east-1",
    clock: MACHINE_CLOCK,
    storage: new MemoryStorage(),
    observer: {},
    delivery: { shuffled: false, seed: 0 },
  };
  return Dynamodb.open(host, undefined, (error) => {
    throw error;
  });
}
