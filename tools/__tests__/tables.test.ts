import { readFileSync } from "node:fs";
import { CONSUMER_SHAPE } from "../../stacks/options/consumer";
import { TABLES, withTables } from "../tables";

test.each(Object.keys(TABLES))("%s contains the tables that npm run docs generates", (file) => {
  expect(readFileSync(file, "utf8")).toBe(withTables(file));
});

test("docs/options.md names the options that a subscriber can override", () => {
  const keys = Object.keys(CONSUMER_SHAPE);
  expect(readFileSync("docs/options.md", "utf8")).toContain(
    `options from \`${keys.at(0)}\` to \`${keys.at(-1)}\` in the table`,
  );
});
