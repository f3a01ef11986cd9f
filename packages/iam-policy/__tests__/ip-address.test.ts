import fc from "fast-check";
import { isInRange } from "../condition";

const parts = fc.tuple(fc.nat(255), fc.nat(255), fc.constantFrom(0, 1), fc.constantFrom(0, 1, 255));

function bitsOf(address: readonly number[]): string {
  return address.map((part) => part.toString(2).padStart(8, "0")).join("");
}

test("matches the IPv4 addresses that begin with the range's bits", () => {
  fc.assert(
    fc.property(parts, parts, fc.nat(32), (given, network, prefix) => {
      const inRange = bitsOf(given).startsWith(bitsOf(network).slice(0, prefix));
      expect(isInRange(given.join("."), `${network.join(".")}/${prefix}`)).toBe(inRange);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ["2001:DB8::1", "2001:db8::/32", true],
  ["2001:db9::1", "2001:db8::/32", false],
  ["1::1.2.3.4", "1::102:300/120", true],
  ["1::1.2.4.4", "1::102:300/120", false],
])("matches IPv6 addresses: %s in %s is %s", (address, range, expected) =>
  expect(isInRange(address, range)).toBe(expected),
);

test("matches a single address", () => {
  expect(isInRange("203.0.113.7", "203.0.113.7")).toBe(true);
  expect(isInRange("203.0.113.8", "203.0.113.7")).toBe(false);
  expect(isInRange("2001:db8::1", "2001:0DB8:0:0:0:0:0:1")).toBe(true);
});

test.each([
  ["10.0.0.1", "10.0.0.0/33"],
  ["10.0.0.1", "10.0.0.0/"],
  ["10.0.0.1", "10.0.0.0/-1"],
  ["10.0.0", "10.0.0.0/8"],
  ["10.0.0.256", "10.0.0.0/8"],
  ["10.0.0.1", "::/0"],
  ["::1", "0.0.0.0/0"],
  ["1::2::3", "::/0"],
  [":::", "::/0"],
  ["1:2:3:4:5:6:7:8:9", "::/0"],
  ["12345::", "::/0"],
  ["", ""],
])("does not match %j with %j", (address, range) => expect(isInRange(address, range)).toBe(false));
