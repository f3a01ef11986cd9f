import { exactly, numberText } from "@event-pipeline/testing/json-texts";
import fc from "fast-check";
import { decimalBytes, fitsDynamodb, formatDecimal, parseDecimal } from "../../item/decimal";

const fits = (source: string) => fitsDynamodb(parseDecimal(source));

describe("parseDecimal", () => {
  it("keeps the number's exact value", () => {
    fc.assert(
      fc.property(numberText, (source) => {
        expect(exactly(formatDecimal(parseDecimal(source)))).toBe(exactly(source));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ["0", true],
    ["0e999999999999999999999", true],
    ["-0.0", true],
    ["1E-130", true],
    ["-1E-130", true],
    ["9.99E-131", false],
    [`9.${"9".repeat(37)}E125`, true],
    ["1E126", false],
    ["1e400", false],
    ["1e99999999999999999999", false],
    ["9".repeat(38), true],
    ["9".repeat(39), false],
    [`${"9".repeat(38)}${"0".repeat(88)}`, true],
    [`0.${"0".repeat(129)}1`, true],
    [`1${"0".repeat(125)}`, true],
    [`1${"0".repeat(126)}`, false],
    [`0.${"1".repeat(39)}`, false],
  ])("a DynamoDB number can represent %s: %s", (source, expected) => {
    expect(fits(source)).toBe(expected);
  });

  it.each([
    ["0", 1],
    ["1", 2],
    ["-1", 3],
    ["12", 2],
    ["100", 2],
    ["120", 3],
    ["0.12", 2],
    ["9".repeat(38), 20],
  ])("%s takes %i bytes", (source, bytes) => {
    expect(decimalBytes(parseDecimal(source))).toBe(bytes);
  });

  it("takes linear time, for any number of zeros", () => {
    expect(fits(`0.${"0".repeat(500_000)}1${"0".repeat(500_000)}1`)).toBe(false);
  });
});
