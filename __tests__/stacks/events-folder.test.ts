import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXAMPLE_EVENTS, stageWith, synthStack, synthStackText } from "@event-pipeline/testing/synthesized";
import { InvalidOptionsError } from "../../stacks/options/invalid-options-error";

const root = mkdtempSync(join(tmpdir(), "events-"));

/** Returns a new folder with these files. */
function folderWith(name: string, files: Readonly<Record<string, string>> = {}): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
}

function problemOf(eventsFolder: string | undefined, strictTypes = false): string {
  try {
    synthStack({ stage: stageWith({ strictTypes }), ...(eventsFolder !== undefined && { eventsFolder }) });
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionsError);
    return (error as Error).message;
  }
  throw new Error("The synth has reported no error.");
}

test.each([
  ["does not exist", "missing", () => join(root, "missing")],
  ["is a file", "file", () => join(folderWith("of-file", { file: "{}" }), "file")],
  ["has a contract that is not JSON", "broken.json", () => folderWith("broken", { "broken.json": "{" })],
  ["has a contract that is a number", "number.json", () => folderWith("number", { "number.json": "1" })],
  ["has a mapping that is not a list", "mapping.json", () => folderWith("no-list", { "mapping.json": "{}" })],
])("a folder that %s is refused by name", (_how, name, folder) => {
  expect(problemOf(folder())).toEqual(expect.stringMatching(new RegExp(`eventsFolder: .*${name}`)));
});

test("strictTypes needs a contract, and a mapping is none", () => {
  const mapping = folderWith("mapping-only", { "mapping.json": '["s3-notification"]' });
  for (const folder of [undefined, folderWith("no-contract"), mapping]) {
    expect(problemOf(folder, true)).toContain("strictTypes");
  }
});

test("a folder without contracts leaves nothing behind, and contracts add one resource", () => {
  const without = synthStackText();
  const addresses = (text: string) =>
    Object.entries(JSON.parse(text).resource as Record<string, object>).flatMap(([type, named]) =>
      Object.keys(named).map((name) => `${type}.${name}`),
    );
  const empty = synthStackText({ eventsFolder: folderWith("empty", { "README.md": "No contract." }) });
  for (const text of [without, empty]) expect(text).not.toMatch(/contracts/i);
  expect(addresses(empty)).toEqual(addresses(without));
  const text = synthStackText({ eventsFolder: EXAMPLE_EVENTS });
  expect(addresses(text).filter((address) => !addresses(without).includes(address))).toEqual([
    "aws_s3_object.event_contracts",
  ]);
  // No path of this machine, such as the temporary folder with the handler.
  for (const path of [tmpdir(), process.cwd()]) expect(text).not.toContain(path);
});
