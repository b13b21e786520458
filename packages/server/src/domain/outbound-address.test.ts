import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hostOf, parseOutboundUrl, whyAddressRefused } from "./outbound-address.ts";

const secure = { allowed: [], isSecure: true };

describe("an address that is not public", () => {
  test.each([
    ["0.0.0.0", "unspecified"],
    ["0.1.2.3", "unspecified"],
    ["::", "unspecified"],
    ["127.0.0.1", "loopback"],
    ["127.255.255.254", "loopback"],
    ["::1", "loopback"],
    ["10.0.0.1", "private"],
    ["10.255.255.255", "private"],
    ["172.16.0.1", "private"],
    ["172.31.255.255", "private"],
    ["192.168.1.1", "private"],
    ["fc00::1", "private"],
    ["fdff::1", "private"],
    ["fec0::1", "private"],
    ["169.254.0.1", "link-local"],
    ["fe80::1", "link-local"],
    ["fe80::1%eth0", "link-local"],
    ["febf::1", "link-local"],
    ["169.254.169.254", "metadata"],
    ["169.254.170.2", "metadata"],
    ["fd00:ec2::254", "metadata"],
    ["fd20:ce::254", "metadata"],
    ["100.100.100.200", "metadata"],
    ["168.63.129.16", "metadata"],
    ["192.0.0.192", "metadata"],
    ["100.64.0.1", "shared"],
    ["100.127.255.255", "shared"],
    ["224.0.0.1", "multicast"],
    ["239.255.255.255", "multicast"],
    ["ff02::1", "multicast"],
    ["192.0.2.1", "documentation"],
    ["198.51.100.1", "documentation"],
    ["203.0.113.1", "documentation"],
    ["2001:db8::1", "documentation"],
    ["3fff:fff::1", "documentation"],
    ["198.18.0.1", "benchmarking"],
    ["198.19.255.255", "benchmarking"],
    ["2001:2::1", "benchmarking"],
    ["192.88.99.1", "tunnel"],
    ["2002:7f00:1::", "tunnel"],
    ["2002:808:808::", "tunnel"],
    ["2001:0:7f00:1::", "tunnel"],
    ["192.0.0.1", "reserved"],
    ["240.0.0.1", "reserved"],
    ["255.255.255.255", "reserved"],
    ["100::1", "reserved"],
    ["4000::1", "reserved"],
    ["2001:10::1", "reserved"],
    ["64:ff9b:1::1", "reserved"],
  ])("%s is refused as %s", (address, kind) => {
    expect(whyAddressRefused(address, secure)).toContain(kind);
  });

  test.each([
    ["::ffff:127.0.0.1", "loopback"],
    ["::ffff:7f00:1", "loopback"],
    ["0:0:0:0:0:ffff:10.0.0.1", "private"],
    ["::ffff:169.254.169.254", "metadata"],
    ["::127.0.0.1", "reserved"],
    ["::8.8.8.8", "reserved"],
    ["::ffff:0:127.0.0.1", "reserved"],
    ["64:ff9b::127.0.0.1", "loopback"],
    ["64:ff9b::a00:1", "private"],
    ["64:ff9b::169.254.169.254", "metadata"],
  ])("%s is refused for what is inside: %s", (address, kind) => {
    expect(whyAddressRefused(address, secure)).toContain(kind);
  });

  test.each([
    "",
    "example.com",
    "127.1",
    "0x7f.0.0.1",
    "2130706433",
    "127.0.0.1 ",
    "1.2.3.4.5",
    "::g",
  ])("%s is refused because it is none", (text) => {
    expect(whyAddressRefused(text, { allowed: ["0.0.0.0/0", "::/0"], isSecure: true })).toBe(
      "no IP address",
    );
  });
});

test.each([
  "1.1.1.1",
  "8.8.8.8",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "126.255.255.255",
  "128.0.0.1",
  "169.253.255.255",
  "172.15.255.255",
  "172.32.0.0",
  "192.167.255.255",
  "198.20.0.0",
  "223.255.255.255",
  "::ffff:8.8.8.8",
  "64:ff9b::8.8.8.8",
  "2001:4860:4860::8888",
  "2606:4700:4700::1111",
  "2a00::1",
])("%s is public, for https alone", (address) => {
  expect(whyAddressRefused(address, secure)).toBeUndefined();
  expect(whyAddressRefused(address, { allowed: [], isSecure: false })).toContain("https");
});

describe("what the operator allows", () => {
  test.each([
    ["127.0.0.1", "127.0.0.0/8"],
    ["::ffff:127.0.0.1", "127.0.0.0/8"],
    ["10.1.2.3", "10.0.0.0/8"],
    ["fd12::1", "fd00::/8"],
    ["169.254.169.254", "169.254.169.254"],
    ["169.254.169.254", "169.254.169.254/32"],
  ])("%s is allowed by %s, for http too", (address, cidr) => {
    for (const isSecure of [true, false]) {
      expect(whyAddressRefused(address, { allowed: [cidr], isSecure })).toBeUndefined();
    }
  });

  test.each([
    ["127.0.0.1", "10.0.0.0/8"],
    ["::1", "127.0.0.0/8"],
    ["10.0.0.1", "10.0.0.2"],
    // Nobody means these by a block.
    ["169.254.169.254", "169.254.0.0/16"],
    ["169.254.169.254", "0.0.0.0/0"],
    ["fd00:ec2::254", "fd00::/8"],
    ["100.100.100.200", "100.64.0.0/10"],
    ["64:ff9b::10.0.0.1", "10.0.0.0/8"],
  ])("%s is not allowed by %s", (address, cidr) => {
    expect(whyAddressRefused(address, { allowed: [cidr], isSecure: true })).toBeDefined();
  });
});

test("a form of an IPv4 address in IPv6 is never more open than the address itself", () => {
  fc.assert(
    fc.property(
      fc.ipV4(),
      fc.constantFrom("::ffff:", "64:ff9b::", "::", "::ffff:0:"),
      (v4, prefix) => {
        const inside = whyAddressRefused(v4, secure);
        const outside = whyAddressRefused(`${prefix}${v4}`, secure);
        expect(inside !== undefined && outside === undefined).toBe(false);
      },
    ),
    { seed: 20_260_901, numRuns: 2000 },
  );
});

describe("the URL of a receiver", () => {
  const hostAllowed = (text: string, allowed: readonly string[] = []) => {
    const parsed = parseOutboundUrl(text, allowed);
    return parsed.kind === "url" ? hostOf(parsed.url) : parsed.reason;
  };

  test.each([
    ["https://hooks.example.com/in?a=b", "hooks.example.com"],
    ["https://hooks.example.com.:8443/", "hooks.example.com"],
    ["https://8.8.8.8/", "8.8.8.8"],
    ["https://[2606:4700:4700::1111]:444/", "2606:4700:4700::1111"],
    ["HTTPS://HOOKS.example.com", "hooks.example.com"],
  ])("%s may be one", (text, host) => {
    expect(hostAllowed(text)).toBe(host);
  });

  test.each([
    "https://127.0.0.1/",
    "https://127.0.0.1./",
    "https://127.1/",
    "https://0x7f.1/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://2130706433/",
    "https://017700000001:8443/",
    "https://127%2e0.0.1/",
    "https://%31%32%37.0.0.1/",
    "https://１２７.0.0.1/",
    "https://127。0。0。1/",
    "https:127.0.0.1",
    "https:\\\\127.0.0.1\\",
    "https://①②⑦.0.0.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[0:0:0:0:0:ffff:7f00:1]/",
    "https://0/",
    "https://169.254.169.254/latest/meta-data/",
    "https://0xa9fea9fe/",
    "https://2852039166/",
  ])("%s is refused before anybody is asked", (text) => {
    expect(hostAllowed(text)).toMatch(/is (a|an) .*(loopback|metadata|unspecified)/);
  });

  test.each([
    "",
    "hooks.example.com",
    "//hooks.example.com/",
    "ftp://hooks.example.com/",
    "file:///etc/passwd",
    "unix:/run/x.sock",
    "data:,x",
    "https://",
    `https://hooks.example.com/${"x".repeat(2048)}`,
  ])("%s is none", (text) => {
    expect(hostAllowed(text)).toContain("absolute https URL");
  });

  test("user names and passwords are refused, also where they look like a host", () => {
    expect(hostAllowed("https://ann@hooks.example.com/")).toContain("without user name");
    expect(hostAllowed("https://8.8.8.8:443@127.0.0.1/")).toContain("without user name");
    expect(hostAllowed("https://:secret@hooks.example.com/")).toContain("without user name");
  });

  test("plain http is for what the operator allows", () => {
    expect(hostAllowed("http://hooks.example.com/")).toContain("https");
    expect(hostAllowed("http://8.8.8.8/", ["10.0.0.0/8"])).toContain("https");
    expect(hostAllowed("http://10.1.1.1:8080/in", ["10.0.0.0/8"])).toBe("10.1.1.1");
    // Where the name leads is seen when it is resolved.
    expect(hostAllowed("http://receiver.internal/", ["10.0.0.0/8"])).toBe("receiver.internal");
  });
});
