import { BlockList, isIPv4, isIPv6 } from "node:net";

/** Returns the family of an address. SNS refuses the zone that Node.js accepts. */
function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  if (isIPv4(address)) return "ipv4";
  return isIPv6(address) && !address.includes("%") ? "ipv6" : undefined;
}

/**
 * Returns a test for addresses of one block, of the same family.
 *
 * @param cidr - A valid block such as `10.0.0.0/24`.
 * @see https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html#string-address-matching
 */
export function inBlock(cidr: string): (text: string) => boolean {
  const [address = "", bits] = cidr.split("/");
  const family = familyOf(address);
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family);
  return (text) => familyOf(text) === family && block.check(text, family);
}

/** Returns why SNS would refuse a block; undefined if it accepts it. */
export function checkCidr(cidr: string): string | undefined {
  const [address = "", bits = "", ...others] = cidr.split("/");
  const family = familyOf(address);
  if (family === undefined || others.length > 0 || !/^\d{1,3}$/.test(bits)) {
    return 'cidr takes an address and the bits of its mask, such as "10.0.0.0/24"';
  }
  const maxBits = family === "ipv4" ? 31 : 127;
  return Number(bits) > maxBits
    ? `the mask may have at most ${maxBits} bits; write a single address as a text to match`
    : undefined;
}
