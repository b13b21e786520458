/** Who is at the other end: the address of the socket, or what a trusted proxy says about it (RFC 7239 §5.2 in its older form). */
import { addressIsIn, isLoopback, parseIpAddress } from "../domain/cidr.ts";

/** The other end of a connection. */
export interface Peer {
  /** The address of the socket; `unix` for whoever connects to a unix socket. */
  readonly address: string;
  readonly encrypted: boolean;
}

/**
 * The client's address: `X-Forwarded-For` is read from its end for as long as the addresses are trusted proxies, so
 * that whatever a client wrote in front of it counts for nothing.
 */
export function clientAddressOf(
  { address }: Peer,
  forwardedFor: string | null,
  trustedProxy: readonly string[],
): string {
  if (!isTrusted(address, trustedProxy)) {
    return address;
  }
  let client = address;
  const hops = (forwardedFor ?? "").split(",").map((hop) => hop.trim());
  while (isTrusted(client, trustedProxy)) {
    const hop = withoutPort(hops.pop() ?? "");
    if (parseIpAddress(hop) === undefined) {
      break;
    }
    client = hop;
  }
  return client;
}

/** Tells whether an address is this machine: loopback, or a unix socket. */
export function isLocal(address: string): boolean {
  return address === "unix" || isLoopback(address);
}

/** Tells whether an address is one of the trusted proxies. */
export function isTrusted(address: string, trustedProxy: readonly string[]): boolean {
  return address === "unix" ? trustedProxy.includes("unix") : addressIsIn(trustedProxy, address);
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function withoutPort(hop: string): string {
  return hop.replace(/^\[(.*)\](:\d+)?$/, "$1").replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1");
}
