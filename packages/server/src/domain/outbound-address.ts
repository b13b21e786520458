/** Where the server connects to on behalf of tenants: to public addresses, and to what the operator allows (RFC 6890). */
import type { IpAddress } from "./cidr.ts";
import { addressIsIn, parseCidr, parseIpAddress } from "./cidr.ts";

/** How an address would be used. */
export interface OutboundUse {
  /** What the operator allows beyond public addresses, blocks in CIDR notation. */
  readonly allowed: readonly string[];
  /** Whether the other side proves who it is, as with TLS. */
  readonly isSecure: boolean;
}

/** A URL that may be connected to as far as the text tells, or why not. */
export type OutboundUrl =
  | { readonly kind: "url"; readonly url: URL }
  | { readonly kind: "refused"; readonly reason: string };

/** Longer ones no receiver has. */
const urlLengthMax = 2048;

/**
 * Where clouds hand out the credentials of a machine to whatever runs on it. A block that the operator allows may hold
 * one by accident, so each is allowed only by its own address.
 */
const metadataAddresses = [
  "169.254.169.254",
  "169.254.170.2",
  "169.254.170.23",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "fd00:ec2::254",
  "fd00:ec2::23",
  "fd20:ce::254",
];

/** What is no public address, in the words a tenant reads. */
const closedBlocks: readonly (readonly [kind: string, ...cidrs: readonly string[]])[] = [
  ["a loopback address", "127.0.0.0/8", "::1"],
  ["an unspecified address", "0.0.0.0/8", "::"],
  ["a private address", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10"],
  ["a link-local address", "169.254.0.0/16", "fe80::/10"],
  ["a shared address", "100.64.0.0/10"],
  ["a multicast address", "224.0.0.0/4", "ff00::/8"],
  ["a documentation address", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"],
  ["a documentation address", "2001:db8::/32", "3fff::/20"],
  ["a benchmarking address", "198.18.0.0/15", "2001:2::/48"],
  // 6to4 and Teredo have an IPv4 address inside that the other end of a tunnel would connect to.
  ["a tunnel address", "192.88.99.0/24", "2002::/16", "2001::/32"],
  ["a reserved address", "192.0.0.0/24", "240.0.0.0/4", "2001::/23"],
];
/** IPv4 behind a translator (RFC 6052 §2.1); in a network without IPv4 public receivers are here. */
const translatedBlock = "64:ff9b::/96";
/** All that has been given to anybody; IPv4 in the compatible form and translators of one network are outside. */
const globalUnicast = "2000::/3";

/** Why nothing may be sent to an address, as text; undefined when it may. */
export function whyAddressRefused(
  text: string,
  { allowed, isSecure }: OutboundUse,
): string | undefined {
  const address = parseIpAddress(text);
  if (address === undefined) {
    return "no IP address";
  }
  if (addressIsIn(metadataAddresses, text)) {
    return addressIsIn(allowed.filter(isOneAddress), text)
      ? undefined
      : "an address of cloud metadata";
  }
  if (addressIsIn(allowed, text)) {
    return undefined;
  }
  return whyNotPublic(text, address) ?? (isSecure ? undefined : plainReason);
}

/** Reads the URL of a receiver; what its name leads to is looked at when connecting. */
export function parseOutboundUrl(text: string, allowed: readonly string[]): OutboundUrl {
  const url = URL.canParse(text) && text.length <= urlLengthMax ? new URL(text) : undefined;
  const isSecure = url?.protocol === "https:";
  if (url === undefined || !(isSecure || url.protocol === "http:")) {
    return refused(`expected an absolute https URL of at most ${urlLengthMax} characters`);
  }
  if (url.username !== "" || url.password !== "") {
    return refused("expected a URL without user name and password");
  }
  const host = hostOf(url);
  if (parseIpAddress(host) === undefined) {
    return isSecure || allowed.length > 0 ? { kind: "url", url } : refused(`it is ${plainReason}`);
  }
  const reason = whyAddressRefused(host, { allowed, isSecure });
  return reason === undefined ? { kind: "url", url } : refused(`${host} is ${reason}`);
}

/** The host of a URL as a resolver takes it: without the brackets of IPv6, and without the dot at the end. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

const plainReason = "an address for https only: plain http goes to what the operator allows";

function refused(reason: string): OutboundUrl {
  return { kind: "refused", reason };
}

function whyNotPublic(text: string, { bits, value }: IpAddress): string | undefined {
  if (addressIsIn([translatedBlock], text)) {
    const inner = ipv4TextOf(value & 0xffffffffn);
    return whyAddressRefused(inner, { allowed: [], isSecure: true });
  }
  const [kind] = closedBlocks.find(([, ...cidrs]) => addressIsIn(cidrs, text)) ?? [];
  return (
    kind ?? (bits === 128 && !addressIsIn([globalUnicast], text) ? "a reserved address" : undefined)
  );
}

function ipv4TextOf(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join(".");
}

function isOneAddress(cidr: string): boolean {
  const block = parseCidr(cidr);
  return block !== undefined && block.prefixLength === block.address.bits;
}
