import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Contract } from "@event-pipeline/contracts/contract";
import Ajv2020 from "ajv/dist/2020";
import fc from "fast-check";
import { TypeNames } from "../../contracts/type-names";
import { typesModule } from "../../contracts/types";
import { contractOf, events, roots } from "./schemas";

const TSC = resolve("node_modules/typescript/bin/tsc");
const OPTIONS = [
  "--noEmit",
  "--strict",
  "--exactOptionalPropertyTypes",
  "--noUncheckedIndexedAccess",
  "--ignoreConfig",
];

/** Returns the lines of a program at which TypeScript reports errors. The program can use the types of the contracts. */
function errorLines(
  contracts: readonly Contract[],
  program: readonly string[],
  mapping: readonly "cloudevents"[] = [],
) {
  const folder = mkdtempSync(join(tmpdir(), "types-"));
  writeFileSync(join(folder, "event-types.ts"), typesModule({ contracts, mapping }));
  const lines = ['import type { EventTypes } from "./event-types";', ...program];
  writeFileSync(join(folder, "program.ts"), `${lines.join("\n")}\nexport {};\n`);
  const { stdout } = spawnSync(process.execPath, [TSC, ...OPTIONS, "program.ts"], { cwd: folder, encoding: "utf8" });
  expect(stdout).not.toContain("event-types.ts(");
  const found = [...stdout.matchAll(/^program\.ts\((\d+),/gm)].map(([, line]) => program[Number(line) - 2]);
  if (stdout !== "" && found.length === 0) throw new Error(stdout);
  return [...new Set(found)];
}

const assigned = (type: string, event: unknown, name: string) =>
  `const ${name}: EventTypes[${JSON.stringify(type)}] = ${JSON.stringify(event)};`;

test("each event that a contract allows has the contract's type", () => {
  const ajv = new Ajv2020({ strict: false });
  const pairs = fc
    .sample(fc.tuple(roots, fc.array(events, { minLength: 30, maxLength: 30 })), { numRuns: 500 })
    .flatMap(([root, candidates]) => {
      const validate = ajv.compile(root);
      const valid = candidates.filter((event) => validate(event)).slice(0, 4);
      return valid.length > 0 ? [{ root, valid }] : [];
    });
  const contracts = pairs.map(({ root }, index) => contractOf(`t.${index}`, root));
  // With a mapping, the contracts do not need the member type.
  const program = pairs.flatMap(({ valid }, index) =>
    valid.map((event, number) => assigned(`t.${index}`, event, `e${index}_${number}`)),
  );
  expect(program.length).toBeGreaterThan(300);
  const faults = errorLines(contracts, program, ["cloudevents"]);
  expect(
    faults.slice(0, 3).map((line) => [line, contracts[Number(/t\.(\d+)/.exec(String(line))?.[1])]?.schema]),
  ).toEqual([]);
});

test("events that a contract refuses are errors", () => {
  const contract = contractOf("order.placed", {
    required: ["amount", "currency"],
    properties: {
      amount: { type: "number" },
      currency: { enum: ["EUR", "CHF"] },
      lines: { type: "array", items: { $ref: "#/$defs/line" } },
    },
    additionalProperties: false,
    $defs: { line: { type: "object", required: ["sku"], properties: { sku: { type: "string" } } } },
  });
  const right = { type: "order.placed", amount: 1, currency: "EUR", lines: [{ sku: "a", note: 1 }] };
  const wrong = [
    { ...right, type: "order.paid" },
    { ...right, amount: "1" },
    { ...right, currency: "USD" },
    { ...right, note: "a" },
    { ...right, lines: [{}] },
    { type: "order.placed", amount: 1 },
    { amount: 1, currency: "EUR" },
  ].map((event, index) => assigned("order.placed", event, `e${index}`));
  expect(errorLines([contract], [...wrong, assigned("order.placed", right, "right")])).toEqual(wrong);
});

test("no two names are alike, and each is an identifier", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.stringMatching(/^[ab12._-]{0,4}$/),
    fc.constant("event-types"),
  );
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 10 }), (types) => {
      const typeNames = new TypeNames();
      const added = types.map((type) => typeNames.add(type));
      expect(new Set([...added, "EventTypes"]).size).toBe(types.length + 1);
      for (const name of added) expect(name).toMatch(/^\p{ID_Start}\p{ID_Continue}*$/u);
    }),
  );
});
