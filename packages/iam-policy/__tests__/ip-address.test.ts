import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import { isInRange } from "../ip-address";

/** Returns Node.js's result for the same range. */
function inBlockList(address: string, network: string, prefix: number): boolean {
  const family = (text: string) => (isIP(text) === 6 ? "ipv6" : "ipv4");
  if (family(address) !== family(network)) return false;
  const list = new BlockList();
  list.addSubnet(network, prefix, family(network));
  return list.check(address, family(address));
}

const ipv4 = fc
  .tuple(fc.nat(255), fc.nat(255), fc.constantFrom(0, 1), fc.constantFrom(0, 1, 255))
  .map((p) => p.join("."));
const ipv6 = fc.oneof(
  fc.ipV6(),
  fc.constantFrom("::", "::1", "2001:db8::", "2001:DB8::1", "::ffff:1.2.3.4", "1::1.2.3.4"),
);

test.each([
  ["IPv4", ipv4, 32],
  ["IPv6", ipv6, 128],
])("%s ranges hold what Node.js says they hold", (_, address, bits) => {
  fc.assert(
    fc.property(address, address, fc.nat(bits), (given, network, prefix) => {
      // Node.js takes an IPv4 address in IPv6's form for IPv4; IAM does not say.
      fc.pre(!/^::ffff:/i.test(given) && !/^::ffff:/i.test(network));
      expect([given, network, prefix, isInRange(given, `${network}/${prefix}`)]).toEqual([
        given,
        network,
        prefix,
        inBlockList(given, network, prefix),
      ]);
    }),
    { numRuns: 1000 },
  );
});

test("a single address is a range of one", () => {
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
])("%j is not in %j", (address, range) => expect(isInRange(address, range)).toBe(false));
