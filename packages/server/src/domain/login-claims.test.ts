/** What is read from the claims of providers, with their habits. */
import { describe, expect, test } from "vitest";
import { loginOfClaims } from "./login-claims.ts";

const settings = { groupsClaim: "groups", subjectClaim: "sub" };
function loginOf(claims: Parameters<typeof loginOfClaims>[0], differing = {}) {
  const read = loginOfClaims({ sub: "00u1", ...claims }, { ...settings, ...differing });
  if (read.kind !== "login") {
    throw new Error(read.why);
  }
  return read.login;
}

test("subject, address, name and groups", () => {
  const login = loginOf({
    email: "ann@acme.example",
    email_verified: true,
    name: "Ann",
    groups: ["a", "b", "a"],
  });
  expect(login).toMatchObject({ subject: "00u1", isEmailVerified: true, name: "Ann" });
  expect(login.email?.key).toBe("ann@acme.example");
  expect(login.groups).toEqual(["a", "b"]);
  expect(login.warnings).toEqual([]);
});

test("the subject is where the tenant says, and has to be a text", () => {
  expect(loginOf({ oid: "guid" }, { subjectClaim: "oid" }).subject).toBe("guid");
  for (const claims of [{ sub: 7 }, { sub: "" }, { sub: "a\0b" }]) {
    expect(loginOfClaims(claims, settings).kind).toBe("refused");
  }
  expect(loginOfClaims({ sub: "x" }, { ...settings, subjectClaim: "oid" }).kind).toBe("refused");
  expect(loginOfClaims({ sub: "x" }, { ...settings, subjectClaim: "constructor" }).kind).toBe(
    "refused",
  );
});

test.each([
  [true, true],
  ["true", true],
  [false, false],
  ["false", false],
  [1, false],
  [null, false],
])("email_verified %j means %j", (claim, isVerified) => {
  const login = loginOf({ email: "ann@acme.example", email_verified: claim });
  expect(login.isEmailVerified).toBe(isVerified);
});

test("an address that is none is not kept, and not verified", () => {
  const login = loginOf({ email: "ann", email_verified: true });
  expect([login.email, login.isEmailVerified]).toEqual([undefined, false]);
  expect(login.warnings).toHaveLength(1);
});

describe("groups are", () => {
  test.each([
    ["a list", { groups: ["a"] }, ["a"]],
    ["one text", { groups: "a" }, ["a"]],
    ["none where the claim is left out", {}, []],
    ["not known where the token points elsewhere", { _claim_names: { groups: "src1" } }, undefined],
    ["not known where there are too many", { hasgroups: true }, undefined],
    [
      "those of the claim although another one is elsewhere",
      { groups: ["a"], _claim_names: { roles: "src1" } },
      ["a"],
    ],
  ] as const)("%s", (_, claims, groups) => {
    const login = loginOf(claims);
    expect(login.groups).toEqual(groups);
    expect(login.warnings).toHaveLength(groups === undefined ? 1 : 0);
  });

  test("where the tenant says", () => {
    const name = "https://acme.example/groups";
    expect(loginOf({ [name]: ["a"], groups: ["b"] }, { groupsClaim: name }).groups).toEqual(["a"]);
  });

  test("names alone, with a warning about the rest", () => {
    const { groups, warnings } = loginOf({ groups: ["a", 7, { name: "b" }] });
    expect(groups).toEqual(["a"]);
    expect(warnings).toHaveLength(1);
  });
});
