import { existsSync } from "node:fs";
import { runCli } from "@event-pipeline/testing/run-cli";
import { helpPages } from "./help-pages";

test("each help page fits in a terminal of 30 lines and 80 columns", async () => {
  const pages = await helpPages(80);
  expect(pages.map(({ path }) => path.join(" "))).toEqual(expect.arrayContaining(["", "publish", "dlq redrive"]));
  const lines = pages.flatMap(({ path, text }) =>
    text
      .trimEnd()
      .split("\n")
      .map((line) => ({ path, line })),
  );
  expect(lines.filter(({ line }) => line.length > 80)).toEqual([]);
  const long = pages.filter(({ text }) => text.trimEnd().split("\n").length > 30);
  expect(long.map(({ path }) => path)).toEqual([]);
});

test("each help page has its line breaks from the terminal's width", async () => {
  const [narrow, wide] = await Promise.all([helpPages(80), helpPages(1_000)]);
  const words = ({ text }: { readonly text: string }) => text.split(/\s+/);
  expect(wide.map(words)).toEqual(narrow.map(words));
  // A line that begins in the middle of a sentence.
  expect(wide.map(({ text }) => text).filter((text) => /^[a-z]/m.test(text))).toEqual([]);
});

test("the page of each command says where the options of every command are, which the main help has once", async () => {
  const [main, ...others] = await helpPages(80);
  for (const { text } of others) {
    expect(text).toMatch(/^Options for every command.*: npx event-pipeline --help$/m);
    expect(text).not.toMatch(/^ +--(profile|endpoint-url|raw-bucket) /m);
  }
  for (const option of ["--name", "--profile", "--endpoint-url", "--local"]) {
    expect(main?.text.match(new RegExp(`^ +${option}\\b`, "gm"))).toHaveLength(1);
  }
  const [document = ""] = main?.text.match(/docs\/\S+\.md/) ?? [];
  expect(existsSync(document)).toBe(true);
});

test.each([
  [["evnts"], "events", "--help"],
  [["events", "shwo"], "show", "events --help"],
  [["redrive"], "dlq redrive", "--help"],
  [["events", "redrive"], "dlq redrive", "events --help"],
  [["show"], "events show or dlq show or contracts show", "--help"],
  [["status", "--loacl"], "--local", "status --help"],
  [["--loacl", "status"], "--local", "--help"],
  [["events", "list", "--typo", "x"], "--type", "events list --help"],
  [["dlq", "redrive", "--coed", "X"], "--code", "dlq redrive --help"],
])("%j suggests %s", async (args, nearest, help) => {
  const { code, stderr } = await runCli([...args]);
  const [, suggestion, hint] = stderr.trimEnd().split("\n");
  expect([code, suggestion, hint]).toEqual([2, `(Did you mean ${nearest}?)`, `For help: npx event-pipeline ${help}`]);
});
