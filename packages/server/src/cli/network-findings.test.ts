import { expect, test } from "vitest";
import { limitFindings, networkFindings } from "./network-findings.ts";

type NetworkConfig = Parameters<typeof networkFindings>[0];

const healthy: NetworkConfig = {
  host: "127.0.0.1",
  tlsCert: undefined,
  allowPlainHttp: false,
  publicUrl: "https://id.example.com",
  smtpUrl: undefined,
  adminPort: undefined,
  adminHost: "127.0.0.1",
};
const linesOf = (changes: Partial<NetworkConfig>) =>
  networkFindings({ ...healthy, ...changes }).map(({ state, text }) => `${state} ${text}`);

test("a server behind https is fine, and so is one for this machine alone", () => {
  expect(linesOf({})).toEqual(["ok https://id.example.com"]);
  expect(linesOf({ publicUrl: undefined })).toEqual(["ok 127.0.0.1"]);
  expect(linesOf({ publicUrl: "http://127.0.0.1:8480" })).toEqual(["ok http://127.0.0.1:8480"]);
  expect(linesOf({ publicUrl: "http://[::1]:8480" })).toEqual(["ok http://[::1]:8480"]);
  expect(linesOf({ adminPort: 9464 })).toEqual(["ok https://id.example.com"]);
});

test.each<[Partial<NetworkConfig>, RegExp]>([
  [{ host: "0.0.0.0", allowPlainHttp: true }, /plain HTTP on 0\.0\.0\.0: .*give --tls-cert/],
  [{ host: "0.0.0.0", tlsCert: "c", publicUrl: undefined }, /no --public-url: meta\.location/],
  [{ publicUrl: undefined, smtpUrl: "smtp://mail" }, /no --public-url: the links in mails/],
  [{ publicUrl: "http://id.example.com" }, /--public-url http:.* is plain HTTP: .*https URL/],
  [{ adminPort: 9464, adminHost: "0.0.0.0" }, /admin port answers to whoever reaches 0\.0\.0\.0/],
])("%o is told", (changes, words) => {
  const lines = linesOf(changes);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^warning/);
  expect(lines[0]).toMatch(words);
});

test("limits that are off are told", () => {
  const limits = { rateLimit: 1000, failedAuthLimit: 60, tenantConcurrency: 64 };
  expect(limitFindings(limits)).toEqual([
    {
      check: "limits",
      state: "ok",
      text: "1000 requests a second for each token, 64 at once for each tenant",
    },
  ]);
  for (const name of ["rateLimit", "failedAuthLimit", "tenantConcurrency"] as const) {
    const [finding, ...more] = limitFindings({ ...limits, [name]: 0 });
    expect(finding).toMatchObject({ state: "warning", text: expect.stringContaining("is 0") });
    expect(more).toEqual([]);
  }
});
