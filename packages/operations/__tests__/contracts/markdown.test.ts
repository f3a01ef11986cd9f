import { readContractFolder } from "@event-pipeline/contracts/read-folder";
import fc from "fast-check";
import { contractsPage } from "../../contracts/markdown";
import { membersOf } from "../../contracts/members";
import { contractOf, roots } from "./schemas";

/** Returns the cells of each row that is a part of a table. */
function rowsOf(page: string): string[][] {
  const lines = page.split("\n").filter((line) => line.startsWith("|"));
  return lines.map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test("has each member of a contract with its rules", () => {
  const page = contractsPage(readContractFolder("events"));
  expect(rowsOf(page)).toEqual(
    expect.arrayContaining([
      ["`finding.new`", "1.0.0", "New finding"],
      ["`/severity`", '`"low"`, `"medium"`, `"high"`, `"critical"`', "yes", "", ""],
      ["`/score`", "`number`", "no", "CVSS base score.", "`minimum: 0`, `maximum: 10`"],
      ["`/tags/*`", "`string`", "no", "", ""],
      ["`/data/target`", "`string`", "yes", "", "`minLength: 1`, `maxLength: 253`"],
    ]),
  );
  expect(page).toContain('"title": "Open port"');
});

test("says where the type, ID and time are found", () => {
  const { contracts } = readContractFolder("events");
  const page = contractsPage({ contracts, mapping: ["github", { type: ["/kind", "attribute:k"], id: ["/key"] }] });
  expect(page).toMatch(/^1\. `github`: .*webhooks/m);
  expect(page).toMatch(/^1\. type from `\/kind` or `attribute:k`, ID from `\/key`$/m);
});

test("each row has the cells of its table, regardless of the texts", () => {
  const texts = fc.string({ unit: fc.constantFrom("|", "`", "\\", "\n", "<b>", "a", " ", "#") });
  fc.assert(
    fc.property(texts, texts, roots, (title, description, root) => {
      const schema = { ...root, title, description, properties: { [title]: { const: description, description } } };
      const page = contractsPage({ contracts: [contractOf(`t${title}`, schema)], mapping: [] });
      const [prose = ""] = page.split("```json");
      for (const cells of rowsOf(prose)) {
        expect([3, 5]).toContain(cells.length);
        // The other cells are code.
        expect(cells.length === 3 ? cells[2] : cells[3]).not.toContain("<");
      }
    }),
  );
});

test("a member of an alternative is not required, and one of several rules is described once", () => {
  const members = membersOf({
    $defs: { named: { properties: { name: { type: "string", maxLength: 3 } }, required: ["name"] } },
    allOf: [{ $ref: "#/$defs/named" }, { properties: { name: { type: "string", minLength: 1 } } }],
    oneOf: [{ required: ["a/b"] }, { properties: { c: { items: { type: "integer" } } } }],
    additionalProperties: false,
  });
  const shown = members.map(({ pointer, isRequired, types, rules }) => [pointer, isRequired, [...types], [...rules]]);
  expect(shown).toEqual([
    ["", true, [], ["no other members"]],
    ["/name", true, ["string"], ["maxLength: 3", "minLength: 1"]],
    ["/a~1b", false, [], []],
    ["/c", false, [], []],
    ["/c/*", false, ["integer"], []],
  ]);
});
