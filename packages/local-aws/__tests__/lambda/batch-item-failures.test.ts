import { failedIdentifiers, MalformedResponseError } from "../../lambda/batch-item-failures";

const BATCH = ["a", "b", "c"];

test.each([
  ["null", null],
  ["nothing", undefined],
  ["an empty object", {}],
  ["an empty list", { batchItemFailures: [] }],
  ["a null list", { batchItemFailures: null }],
])("reads %s as success", (_, response) => {
  expect(failedIdentifiers(response, BATCH)).toEqual([]);
});

test("returns the listed IDs", () => {
  expect(failedIdentifiers({ batchItemFailures: [{ itemIdentifier: "b" }] }, BATCH)).toEqual(["b"]);
});

test.each([
  ["text", "ok"],
  ["a list that is none", { batchItemFailures: "b" }],
  ["an empty id", { batchItemFailures: [{ itemIdentifier: "" }] }],
  ["a null id", { batchItemFailures: [{ itemIdentifier: null }] }],
  ["a null entry", { batchItemFailures: [null] }],
  ["a wrong key", { batchItemFailures: [{ identifier: "b" }] }],
  ["an unknown id among known ones", { batchItemFailures: [{ itemIdentifier: "b" }, { itemIdentifier: "z" }] }],
])("rejects %s", (_, response) => {
  expect(() => failedIdentifiers(response, BATCH)).toThrow(MalformedResponseError);
});

test("quotes a malformed response", () => {
  const { message } = new MalformedResponseError({ failures: "b".repeat(200) });
  expect(message).toContain('{"failures":"bbbb');
  expect(message).toContain('"batchItemFailures"');
  expect(message.length).toBeLessThan(250);
});
