// The rules of docs/contracts.md, "Numbers", against exact decimals.
import { parseEvent } from "@event-pipeline/event-model/event";
import fc from "fast-check";
import { eventContractsOf } from "../contract-set";
import type { EventContracts } from "../event-contracts";
import type { JsonSchema } from "../schema";
import { contractOf, setOf } from "./contracts";

const contractsOf = (schema: JsonSchema): EventContracts =>
  eventContractsOf(setOf([contractOf({ properties: { v: schema } })]));

/** Returns whether the contracts accept an event with this number. */
function isAccepted(contracts: EventContracts, number: string): boolean {
  try {
    contracts.validate(parseEvent({ message: `{"type":"a","v":${number}}` }));
    return true;
  } catch (error) {
    expect((error as { code: string }).code).toBe("CONTRACT_VIOLATED");
    return false;
  }
}

/** Returns the exact decimal of `units` × 10^-`digits`. */
function decimalOf(units: bigint, digits: number): string {
  const text = String(units < 0n ? -units : units).padStart(digits + 1, "0");
  const fraction = digits === 0 ? "" : `.${text.slice(-digits)}`;
  return `${units < 0n ? "-" : ""}${text.slice(0, text.length - digits)}${fraction}`;
}

test("a number counts as its double", () => {
  const limits = [0.3, 1, 1e21, 9_007_199_254_740_992, 5e-324].map((double) => ({
    double,
    isEqual: contractsOf({ const: double }),
    isAbove: contractsOf({ exclusiveMinimum: double }),
  }));
  const isInteger = contractsOf({ type: "integer" });
  fc.assert(
    fc.property(fc.constantFrom(...limits), fc.bigInt({ min: -99n, max: 99n }), fc.integer({ min: 10, max: 40 }), near),
    { numRuns: 1_000 },
  );

  /** Tests a decimal near the limit. */
  function near({ double, isEqual, isAbove }: (typeof limits)[number], units: bigint, digits: number): void {
    const exact =
      double >= 1
        ? BigInt(double) * 10n ** BigInt(digits)
        : BigInt(Math.round(double * 10)) * 10n ** BigInt(digits - 1);
    const text = decimalOf(exact + units, digits);
    expect([text, isAccepted(isEqual, text)]).toEqual([text, Number(text) === double]);
    expect([text, isAccepted(isAbove, text)]).toEqual([text, Number(text) > double]);
    expect([text, isAccepted(isInteger, text)]).toEqual([text, Number.isInteger(Number(text))]);
  }
  const largest = contractsOf({ const: 9_007_199_254_740_992 });
  expect(isAccepted(largest, "9007199254740993")).toBe(true);
  expect(isAccepted(largest, "9007199254740991")).toBe(false);
  expect(isAccepted(contractsOf({ const: 0.3 }), "0.30000000000000000001")).toBe(true);
  expect(isAccepted(contractsOf({ const: 0.3 }), String(0.1 + 0.2))).toBe(false);
});

test("a number too large for a double is not of the type number, and only type refuses it", () => {
  for (const text of ["1e400", "-1e400", "1.8e308"]) {
    for (const type of ["number", "integer"]) expect(isAccepted(contractsOf({ type }), text)).toBe(false);
    expect(isAccepted(contractsOf({ minimum: 0, maximum: 1, multipleOf: 7 }), text)).toBe(true);
    expect(isAccepted(contractsOf({ enum: [1] }), text)).toBe(false);
  }
});

test("-0 equals 0", () => {
  for (const text of ["-0", "-0.0", "-0e9", "-1e-400"]) {
    for (const schema of [{ const: 0 }, { enum: [0] }, { minimum: 0 }, { type: "integer" }, { multipleOf: 3 }]) {
      expect([text, schema, isAccepted(contractsOf(schema), text)]).toEqual([text, schema, true]);
    }
  }
});

test("the last value of a repeated name counts, as in JSON.parse", () => {
  const contracts = contractsOf({ const: 1 });
  expect(isAccepted(contracts, '2,"v":1')).toBe(true);
  expect(isAccepted(contracts, '1,"v":2')).toBe(false);
});

test("multipleOf agrees with exact decimals up to a quotient of 3,000,000,000", () => {
  const steps = Array.from({ length: 7 }, (_, digits) => digits).flatMap((digits) =>
    [1n, 3n, 7n, 25n].map((units) => {
      const multipleOf = Number(decimalOf(units, digits));
      return { units, digits, contracts: contractsOf({ multipleOf }) };
    }),
  );
  const quotient = fc.bigInt({ min: -3_000_000_000n, max: 3_000_000_000n });
  fc.assert(
    fc.property(fc.constantFrom(...steps), quotient, fc.integer({ min: 1, max: 99 }), (step, count, hundredths) => {
      const { units, digits, contracts } = step;
      expect(isAccepted(contracts, decimalOf(count * units, digits))).toBe(true);
      const between = (count * 100n + BigInt(hundredths)) * units;
      expect(isAccepted(contracts, decimalOf(between, digits + 2))).toBe(false);
    }),
    { numRuns: 2_000 },
  );
});
