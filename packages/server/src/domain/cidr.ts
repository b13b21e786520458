/** Addresses and blocks of addresses in CIDR notation (RFC 4632, RFC 4291). */

/** An address as a number; IPv4 inside IPv6 (`::ffff:192.0.2.1`) counts as IPv4. */
export interface IpAddress {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** A block of addresses. */
export interface Cidr {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

/** Parses an IPv4 or IPv6 address; undefined when the text is none. */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (!text.includes(":")) {
    const value = ipv4ValueOf(text);
    return value === undefined ? undefined : { bits: 32, value };
  }
  const value = ipv6ValueOf(text.replace(/%[\w.-]+$/, ""));
  if (value === undefined) {
    return undefined;
  }
  return value >> 32n === 0xffffn ? { bits: 32, value: value & 0xffffffffn } : { bits: 128, value };
}

/** Parses a block such as `10.0.0.0/8`; an address alone is a block of one. Undefined when the text is none. */
export function parseCidr(text: string): Cidr | undefined {
  const [, base = "", lengthText] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = parseIpAddress(base);
  if (address === undefined) {
    return undefined;
  }
  if (lengthText === undefined) {
    return { address, prefixLength: address.bits };
  }
  // `::ffff:10.0.0.0/104` counts from the front of the IPv6 address.
  const mapped = address.bits === 32 && base.includes(":");
  const prefixLength = Number(lengthText) - (mapped ? 96 : 0);
  return prefixLength < 0 || prefixLength > address.bits ? undefined : { address, prefixLength };
}

/** Tells whether an address is in a block. */
function cidrContains({ address, prefixLength }: Cidr, other: IpAddress): boolean {
  const shift = BigInt(address.bits - prefixLength);
  return address.bits === other.bits && address.value >> shift === other.value >> shift;
}

/** Tells whether an address, as text, is in any of the blocks, as text; false for what is no address. */
export function addressIsIn(cidrs: readonly string[], text: string): boolean {
  // Asked with every request, and mostly with no blocks at all.
  const address = cidrs.length === 0 ? undefined : parseIpAddress(text);
  return (
    address !== undefined &&
    cidrs.some((cidr) => {
      const block = parseCidr(cidr);
      return block !== undefined && cidrContains(block, address);
    })
  );
}

/** Tells whether an address is the machine itself. */
export function isLoopback(text: string): boolean {
  return text === "127.0.0.1" || addressIsIn(["127.0.0.0/8", "::1"], text);
}

function ipv4ValueOf(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) {
    return undefined;
  }
  const numbers = parts.map(Number);
  return numbers.some((number) => number > 255)
    ? undefined
    : numbers.reduce((value, number) => (value << 8n) | BigInt(number), 0n);
}

function ipv6ValueOf(text: string): bigint | undefined {
  const [head = "", tail, more] = withoutDottedPart(text).split("::");
  if (more !== undefined) {
    return undefined;
  }
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = 8 - front.length - back.length;
  if (tail === undefined ? missing !== 0 : missing < 1) {
    return undefined;
  }
  const groups = [...front, ...Array<string>(missing).fill("0"), ...back];
  return groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))
    ? groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n)
    : undefined;
}

/** Writes a dotted end, as in `::ffff:192.0.2.1`, as two groups; text that is no address stays none. */
function withoutDottedPart(text: string): string {
  const start = text.lastIndexOf(":") + 1;
  const value = ipv4ValueOf(text.slice(start));
  return value === undefined
    ? text
    : `${text.slice(0, start)}${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}
