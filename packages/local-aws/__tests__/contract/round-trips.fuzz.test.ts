// Sends generated values in every operation of the SDK, supported or not, by its clients. They must arrive as they are.
import { DYNAMODB } from "../../dynamodb/service";
import { linked, type StoredService } from "../../protocols/shape";
import { SERVICES } from "../../services";
import { RoundTrips } from "./round-trips";
import { folderOf } from "./sdk";
import { allSchemas } from "./stubs";

const RUNS = 10;

const all = allSchemas();
const cases = SERVICES.filter((definition) => definition !== DYNAMODB).flatMap((definition) =>
  definition.protocols.map((protocol) => ({ definition, name: definition.name, protocol })),
);

test.each(cases)(
  "$name receives and returns every operation's values by $protocol",
  async ({ definition, protocol }) => {
    const schemas = linked(structuredClone(all[folderOf(definition)] as StoredService));
    const trips = await RoundTrips.start(definition, schemas, protocol);
    const failures: string[] = [];
    for (const operation of trips.operations) {
      await trips
        .check(operation, RUNS)
        .catch((error: Error) => failures.push(`${operation.name}: ${error.message} ${error.cause}`));
    }
    await trips.stop();
    expect(failures).toEqual([]);
  },
  240_000,
);
