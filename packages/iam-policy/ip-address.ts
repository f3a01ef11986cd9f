/** Returns whether an IPv4 or IPv6 address is in a range such as `203.0.113.0/24`. A single address is a range of one. */
export function isInRange(address: string, range: string): boolean {
  const [network = "", prefix] = range.split("/");
  const base = parse(network);
  const given = parse(address);
  if (!base || !given || base.bits !== given.bits) return false;
  if (prefix !== undefined && !/^\d{1,3}$/.test(prefix)) return false;
  const length = prefix === undefined ? base.bits : Number(prefix);
  if (length > base.bits) return false;
  const shift = BigInt(base.bits - length);
  return base.value >> shift === given.value >> shift;
}

interface Address {
  readonly bits: number;
  readonly value: bigint;
}

function parse(text: string): Address | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Address | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined;
  return { bits: 32, value: parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n) };
}

function parseIpv6(text: string): Address | undefined {
  // The last 32 bits may be written as an IPv4 address.
  const tail = /^(.*:)([\d.]+\.[\d.]+)$/.exec(text);
  const embedded = tail && parseIpv4(tail[2] ?? "");
  if (tail && !embedded) return undefined;
  const groups = embedded
    ? `${tail[1]}${(embedded.value >> 16n).toString(16)}:${(embedded.value & 0xffffn).toString(16)}`
    : text;
  const halves = groups.split("::").map((half) => (half === "" ? [] : half.split(":")));
  const [head = [], rest = []] = halves;
  const missing = 8 - head.length - rest.length;
  if (halves.length > 2 || (halves.length === 2 ? missing < 1 : missing !== 0)) return undefined;
  const all = [...head, ...Array<string>(missing).fill("0"), ...rest];
  if (!all.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined;
  return { bits: 128, value: all.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n) };
}
