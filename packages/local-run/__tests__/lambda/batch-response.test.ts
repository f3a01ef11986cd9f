import { failedIdentifiers, MalformedResponseError } from "../../lambda/batch-response";

const BATCH = ["a", "b", "c"];

test.each([
  ["null", null],
  ["nothing", undefined],
  ["an empty object", {}],
  ["an empty list", { batchItemFailures: [] }],
  ["a null list", { batchItemFailures: null }],
])("%s means that all succeeded", (_, response) => {
  expect(failedIdentifiers(response, BATCH)).toEqual([]);
});

test("listed ids failed", () => {
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
])("%s means that all failed", (_, response) => {
  expect(() => failedIdentifiers(response, BATCH)).toThrow(MalformedResponseError);
});

test("a malformed response is quoted, with what is wanted", () => {
  const { message } = new MalformedResponseError({ failures: "b".repeat(200) });
  expect(message).toContain('the handler answered {"failures":"bbbb');
  expect(message).toContain('"batchItemFailures"');
  expect(message.length).toBeLessThan(250);
});
