import { readFileSync } from "node:fs";
import { withOptionsTable } from "../../scripts/options-table";

test("docs/configuration.md has the table of the options that there are: npm run docs:options writes it", () => {
  const document = readFileSync("docs/configuration.md", "utf8");
  expect(document).toBe(withOptionsTable(document));
});
