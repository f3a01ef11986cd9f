import { execFileSync } from "node:child_process";
import { listCommand, publishCommand, redriveCommand, showCommand } from "../../page/cli-command";
import { NO_FILTER } from "../../page/list-filter";

test("publishes an event as one line of NDJSON with its numbers as written", () => {
  const message = '{\n  "type": "it\'s",\n  "n": 12345678901234567890\n}';
  const command = publishCommand(message, { agent: "a b" }, "--local") ?? "";
  expect(command).toMatch(/ \| npx event-pipeline publish - --no-validate --attribute 'agent=a b' --local$/);
  const line = execFileSync("sh", ["-c", command.split(" | ")[0] ?? ""], { encoding: "utf8" });
  expect(line).toBe('{"type":"it\'s","n":12345678901234567890}\n');
});

test("returns no command for several lines that are not JSON", () => {
  expect(publishCommand('{"cut\noff', {}, "--local")).toBeUndefined();
  expect(publishCommand('{"cut off', {}, "--local")).toContain("publish -");
});

test("returns the command for a filter, an event and a redrive", () => {
  const list = (filter: Partial<typeof NO_FILTER>) => listCommand({ ...NO_FILTER, ...filter }, "--name alice");
  expect(list({})).toBe("npx event-pipeline events tail --name alice");
  expect(list({ type: "scan.done" })).toBe("npx event-pipeline events list --type scan.done --name alice");
  expect(list({ status: "dead" })).toBe("npx event-pipeline dlq list --name alice");
  expect(showCommand("a'b", "--local")).toBe("npx event-pipeline events show 'a'\\''b' --local");
  expect(redriveCommand("NOT_JSON", "--local")).toBe("npx event-pipeline dlq redrive --code NOT_JSON --yes --local");
});
