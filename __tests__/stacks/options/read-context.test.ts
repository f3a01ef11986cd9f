import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidOptionsError } from "../../../stacks/options/invalid-options-error";
import { readContext } from "../../../stacks/options/read-context";

const folder = mkdtempSync(join(tmpdir(), "event-pipeline-context-"));
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string) {
  const file = join(folder, "cdktf.json");
  writeFileSync(file, text);
  return readContext(file);
}

test("reads the default stage and the stages", () => {
  const stages = { dev: {}, prod: { batchSize: 5 } };
  expect(read(JSON.stringify({ language: "typescript", context: { stage: "dev", stages } }))).toEqual({
    stage: "dev",
    stages,
  });
});

test.each([
  ["a text that is not JSON", '{ "context": {}, }', "is not JSON"],
  ["a list", "[]", "[]"],
  ["a context that is a string", '{ "context": "dev" }', 'context "dev"'],
  ["stages that are a list", '{ "context": { "stages": ["dev"] } }', 'context.stages ["dev"]'],
  ["a stage that is a flag", '{ "context": { "stages": { "dev": true } } }', "context.stages.dev true"],
  ["a default stage that is a number", '{ "context": { "stage": 1 } }', "context.stage 1"],
  [
    "a repeated key",
    '{ "context": { "stages": { "dev": {} },\n"stages": {} } }',
    'the key "stages" (again in line 2) twice',
  ],
  [
    "a repeated option, once escaped",
    '{ "context": { "stages": { "dev": { "retainData": true,\n\t"\\u0072etainData": false } } } }',
    '"retainData" (again in line 2) twice',
  ],
])("rejects %s", (_, text, message) => {
  expect(() => read(text)).toThrow(InvalidOptionsError);
  expect(() => read(text)).toThrow(message);
});

test("rejects a missing file", () => {
  expect(() => readContext(join(folder, "other.json"))).toThrow(/other\.json.*ENOENT/);
});
