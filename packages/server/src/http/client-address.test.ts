import { expect, test } from "vitest";
import { clientAddressOf } from "./client-address.ts";

const from = (address: string, forwardedFor: string | null, trusted: readonly string[]) =>
  clientAddressOf({ address, encrypted: false }, forwardedFor, trusted);

test.each([
  [
    "nobody is trusted: the header is a claim and no more",
    "192.0.2.1",
    "10.9.9.9",
    [],
    "192.0.2.1",
  ],
  ["a trusted proxy says who came", "10.0.0.1", "192.0.2.1", ["10.0.0.0/8"], "192.0.2.1"],
  [
    "what the client wrote in front counts for nothing",
    "10.0.0.1",
    "127.0.0.1, 192.0.2.1",
    ["10.0.0.0/8"],
    "192.0.2.1",
  ],
  ["two proxies in a row", "10.0.0.1", "192.0.2.1, 10.0.0.2", ["10.0.0.0/8"], "192.0.2.1"],
  ["nothing but proxies", "10.0.0.1", "10.0.0.3, 10.0.0.2", ["10.0.0.0/8"], "10.0.0.3"],
  ["no header", "10.0.0.1", null, ["10.0.0.0/8"], "10.0.0.1"],
  ["nonsense in the header", "10.0.0.1", "unknown", ["10.0.0.0/8"], "10.0.0.1"],
  ["with ports", "10.0.0.1", "192.0.2.1:4711", ["10.0.0.0/8"], "192.0.2.1"],
  ["IPv6 with port", "::1", "[2001:db8::1]:4711", ["::1"], "2001:db8::1"],
  ["IPv4 in IPv6", "::ffff:10.0.0.1", "192.0.2.1", ["10.0.0.0/8"], "192.0.2.1"],
  ["a socket is trusted by name only", "unix", "192.0.2.1", ["0.0.0.0/0"], "unix"],
  ["a trusted socket", "unix", "192.0.2.1", ["unix"], "192.0.2.1"],
])("%s", (_, address, header, trusted, client) => {
  expect(from(address, header, trusted)).toBe(client);
});
