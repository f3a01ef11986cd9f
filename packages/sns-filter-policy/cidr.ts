import { BlockList, isIPv4, isIPv6 } from "node:net";

/** Returns an address's family. Unlike Node.js, SNS rejects IPv6 addresses with a zone. */
function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  if (isIPv4(address)) return "ipv4";
  return isIPv6(address) && !address.includes("%") ? "ipv6" : undefined;
}

/**
 * Returns a function that checks whether a text is an address in a CIDR block.
 *
 * @param cidr - A valid block such as `10.0.0.0/24`.
 * @see https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html#string-address-matching
 */
export function cidrTest(cidr: string): (text: string) => boolean {
  const [address = "", bits] = cidr.split("/");
  const family = familyOf(address);
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family);
  return (text) => familyOf(text) === family && block.check(text, family);
}

/** Returns why SNS would reject a CIDR block; undefined if SNS accepts it. */
export function checkCidr(cidr: string): string | undefined {
  const [address = "", bits = "", ...others] = cidr.split("/");
  const family = familyOf(address);
  if (family === undefined || others.length > 0 || !/^\d{1,3}$/.test(bits)) {
    return 'cidr requires an address and a prefix length, such as "10.0.0.0/24"';
  }
  const maxBits = family === "ipv4" ? 31 : 127;
  return Number(bits) > maxBits
    ? `the prefix length of cidr must be at most ${maxBits}; for a single address, use a string without cidr`
    : undefined;
}
