import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { addressIsIn, isLoopback, parseCidr, parseIpAddress } from "./cidr.ts";

const v4 = fc.ipV4();
const v6 = fc.ipV6();

test("an address is one exactly when the platform says so", () => {
  fc.assert(
    fc.property(fc.oneof(v4, v6, fc.string(), fc.stringMatching(/^[0-9a-f:.]{0,20}$/)), (text) => {
      expect(parseIpAddress(text) !== undefined).toBe(isIP(text) !== 0);
    }),
    { seed: 20_260_111, numRuns: 2000 },
  );
});

test("a block holds exactly what the platform's block list holds", () => {
  const cases = fc.oneof(
    fc.tuple(v4, fc.integer({ min: 0, max: 32 }), v4, fc.constant("ipv4" as const)),
    fc.tuple(v6, fc.integer({ min: 0, max: 128 }), v6, fc.constant("ipv6" as const)),
  );
  fc.assert(
    fc.property(cases, ([base, length, other, family]) => {
      // Addresses that map IPv4 count as IPv4 here and as IPv6 there.
      fc.pre(family === "ipv4" || parseIpAddress(base)?.bits === parseIpAddress(other)?.bits);
      fc.pre(family === "ipv4" || parseIpAddress(base)?.bits === 128);
      const list = new BlockList();
      list.addSubnet(base, length, family);
      expect(addressIsIn([`${base}/${length}`], other)).toBe(list.check(other, family));
      expect(addressIsIn([`${base}/${length}`], base)).toBe(true);
    }),
    { seed: 20_260_112, numRuns: 1000 },
  );
});

test.each([
  ["10.0.0.0/8", "10.255.0.1", true],
  ["10.0.0.0/8", "11.0.0.1", false],
  ["10.0.0.0/8", "::ffff:10.1.2.3", true],
  ["::ffff:10.0.0.0/104", "10.1.2.3", true],
  ["2001:db8::/32", "2001:db8:1::1", true],
  ["2001:db8::/32", "2001:db9::1", false],
  ["fe80::/10", "fe80::1%eth0", true],
  ["0.0.0.0/0", "192.0.2.1", true],
  ["0.0.0.0/0", "2001:db8::1", false],
  ["192.0.2.1", "192.0.2.1", true],
  ["10.0.0.0/8", "unix", false],
  ["10.0.0.0/8", "", false],
])("%s holds %s: %s", (block, address, answer) => {
  expect(addressIsIn([block], address)).toBe(answer);
});

test.each([
  "",
  "10.0.0.0/33",
  "::/129",
  "10.0.0/8",
  "x/8",
  "10.0.0.0/-1",
  "10.0.0.0/8/8",
  "010.0.0.1",
])("%j is no block", (text) => expect(parseCidr(text)).toBeUndefined());

test("loopback is this machine, in every spelling", () => {
  for (const address of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "0:0:0:0:0:0:0:1"]) {
    expect(isLoopback(address)).toBe(true);
  }
  for (const address of ["128.0.0.1", "::2", "localhost", ""]) {
    expect(isLoopback(address)).toBe(false);
  }
});
