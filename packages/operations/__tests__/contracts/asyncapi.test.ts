import { readContractFolder } from "@event-pipeline/contracts/read-folder";
import Ajv from "ajv";
import Ajv2020 from "ajv/dist/2020";
import fc from "fast-check";
import { asyncapiDocument } from "../../contracts/asyncapi";
import { contractOf, events, roots } from "./schemas";

const SPECIFICATION = require("@asyncapi/specs/schemas/3.0.0.json") as object;
const TYPES = ["a.b", "a-b", "a b/c", "事件", "__proto__"];

/** Returns a function that validates the payload of a type's message by the document. */
function payloadOf(document: ReturnType<typeof asyncapiDocument>, type: string) {
  const messages = Object.values(document.components.messages);
  const { payload } = messages.find(({ name }) => name === type) as { payload: { $ref: string } };
  const ajv = new Ajv({ strict: false, validateFormats: false });
  ajv.addSchema(document, "document");
  const validate = ajv.compile({ $ref: `document${payload.$ref}/schema` });
  return (event: unknown) => validate(event);
}

test("the document conforms to AsyncAPI 3.0 for any contracts, with a message for each", () => {
  // AsyncAPI's schema contains the draft's own.
  const ajv = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false });
  const conforms = ajv.compile(SPECIFICATION);
  fc.assert(
    fc.property(fc.uniqueArray(fc.constantFrom(...TYPES)), roots, (types, root) => {
      const document = asyncapiDocument({ contracts: types.map((type) => contractOf(type, root)), mapping: [] });
      expect([conforms(document), conforms.errors]).toEqual([true, null]);
      expect(Object.values(document.components.messages).map(({ name }) => name)).toEqual(types);
      const names = Object.keys(document.components.messages);
      expect(Object.keys(document.channels.events.messages)).toEqual(names);
      expect(document.operations.store.channel.$ref).toBe("#/channels/events");
    }),
    { numRuns: 30 },
  );
});

test("its schemas allow each event that a contract allows", () => {
  fc.assert(
    fc.property(roots, fc.array(events, { maxLength: 20 }), (root, candidates) => {
      const validate = new Ajv2020({ strict: false }).compile(root);
      const isValid = payloadOf(asyncapiDocument({ contracts: [contractOf("a", root)], mapping: [] }), "a");
      for (const event of candidates) expect(isValid(event) || !validate(event)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test("its schemas have the rules of the contracts, and their examples are valid", () => {
  const folder = readContractFolder("events");
  const document = asyncapiDocument(folder);
  for (const { type, schema } of folder.contracts) {
    const isValid = payloadOf(document, type);
    for (const example of schema.examples as object[]) {
      expect([isValid(example), isValid({ ...example, type: "other" })]).toEqual([true, false]);
    }
  }
});

test("data that look like references stay as they are", () => {
  const data = { $ref: "#/x" };
  const root = { properties: { $ref: { const: data }, v: { enum: [data], default: data } } };
  const { schemas } = asyncapiDocument({ contracts: [contractOf("a", root)], mapping: [] }).components;
  expect(schemas.A?.schema).toMatchObject(root);
});
