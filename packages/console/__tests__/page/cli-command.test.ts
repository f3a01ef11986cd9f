import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { listCommand, publishCommand, redriveCommand, showCommand, typeCommand } from "../../page/cli-command";
import { NO_FILTER } from "../../page/list-filter";
import { rowWith } from "./event-rows";

const line = fc.string({ unit: "grapheme", minLength: 1 });

test("publishes any single line exactly", () => {
  fc.assert(
    fc.property(line, (message) => {
      const command = publishCommand(message, {}, "--local");
      fc.pre(command !== undefined);
      const [printed = ""] = command.split(" | npx event-pipeline publish - ");
      expect(execFileSync("bash", ["-c", printed], { encoding: "utf8" })).toBe(`${message}\n`);
    }),
    { numRuns: 30 },
  );
});

test("publishes with the attributes", () => {
  const command = publishCommand('{"type":"it\'s"}', { agent: "a b" }, "--local");
  expect(command).toMatch(/ \| npx event-pipeline publish - --no-validate --attribute 'agent=a b' --local$/);
});

test.each(["", " ", "two\nlines", "a\rb", "\uFEFF{}", "a\0b", "\ud800"])("returns no command for %j", (message) => {
  expect(publishCommand(message, {}, "--local")).toBeUndefined();
});

test("returns a command for a list only if it shows the same events", () => {
  const [one, two] = [rowWith({ seq: 1, status: "dead" }), rowWith({ seq: 2, status: "dead" })];
  const dead = { ...NO_FILTER, status: "dead" };
  expect(listCommand(dead, [one, two], 2, "--name alice")).toBe("npx event-pipeline dlq list --name alice");
  expect(listCommand(dead, [one, two], 3, "--local")).toBeUndefined();
  expect(listCommand(dead, [one, two], undefined, "--local")).toBeUndefined();
  expect(listCommand({ ...dead, type: "x" }, [one, two], 2, "--local")).toBeUndefined();
  expect(listCommand(NO_FILTER, [one, two], 2, "--local")).toBeUndefined();
  expect(listCommand(NO_FILTER, [], 0, "--local")).toBeUndefined();
  const id = { ...NO_FILTER, id: "message" };
  expect(listCommand(id, [one], 2, "--local")).toBe("npx event-pipeline events show message-1 --local");
});

test("returns the command for an event, a type and a redrive", () => {
  expect(showCommand("a'b", "--local")).toBe("npx event-pipeline events show 'a'\\''b' --local");
  expect(showCommand("-x", "--local")).toBe("npx event-pipeline events show --local -- -x");
  expect(redriveCommand("--yes", "--local")).toBe("npx event-pipeline dlq redrive --id=--yes --yes --local");
  expect(typeCommand("scan.done", "--local")).toBe("npx event-pipeline events list --type scan.done --local");
  expect(redriveCommand("m-1", "--local")).toBe("npx event-pipeline dlq redrive --id m-1 --yes --local");
  expect(redriveCommand(undefined, "--local")).toBe("npx event-pipeline dlq redrive --yes --local");
});
