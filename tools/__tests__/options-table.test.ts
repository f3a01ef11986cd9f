import { readFileSync } from "node:fs";
import { CONSUMER_SHAPE } from "../../stacks/options/consumer";
import { withOptionsTable } from "../options-table";

test("docs/options.md has the generated table of options: npm run docs:options writes it", () => {
  const document = readFileSync("docs/options.md", "utf8");
  expect(document).toBe(withOptionsTable(document));
});

test("docs/options.md names the options that a subscriber can override", () => {
  const keys = Object.keys(CONSUMER_SHAPE);
  expect(readFileSync("docs/options.md", "utf8")).toContain(
    `options from \`${keys.at(0)}\` to \`${keys.at(-1)}\` in the table`,
  );
});
