import { readFileSync } from "node:fs";
import { withAttributesTable } from "../attributes-table";

test("docs/events.md lists the item's attributes as they are declared; npm run docs:events writes them", () => {
  const document = readFileSync("docs/events.md", "utf8");
  expect(document).toBe(withAttributesTable(document));
});
