/** E-mail addresses and domains (semantics.md §1 and §2, "Acc"). */
import type { JsonObject } from "@rollcall/scim";
import fc from "fast-check";
import { expect, test } from "vitest";
import { domainOf, loginEmailOf, parseEmailAddress } from "./email-address.ts";

test.each([
  ["ann@acme.example", "acme.example", "ann@acme.example", true],
  ["Ann.Lee+x@ACME.Example", "acme.example", "ann.lee+x@acme.example", true],
  ["ann@bücher.example", "xn--bcher-kva.example", "ann@xn--bcher-kva.example", true],
  ["ann@XN--BCHER-KVA.example", "xn--bcher-kva.example", "ann@xn--bcher-kva.example", true],
  ["ann@ＡＣＭＥ。example", "acme.example", "ann@acme.example", true],
  ["JÖRG@acme.example", "acme.example", "jörg@acme.example", false],
  ["ΟΔΥΣΣΕΥΣ@acme.example", "acme.example", "οδυσσευσ@acme.example", false],
  [
    "ben_corp.example#EXT#@acme.example",
    "acme.example",
    "ben_corp.example#ext#@acme.example",
    true,
  ],
  ["o'neill@acme.example", "acme.example", "o'neill@acme.example", true],
  ["ann@corp", "corp", "ann@corp", true],
  [`${"x".repeat(64)}@a.example`, "a.example", `${"x".repeat(64)}@a.example`, true],
])("%s is an address of %s with the key %s", (text, domain, key, isMatchable) => {
  expect(parseEmailAddress(text)).toEqual({ text, domain, key, isMatchable });
});

test.each([
  "",
  "ann",
  "@acme.example",
  "ann@",
  "ann@@acme.example",
  "ann@ben@acme.example",
  "ann@acme.example,ben@acme.example",
  "<ann@acme.example>",
  "ann,ben@acme.example",
  '"ann lee"@acme.example',
  "ann lee@acme.example",
  " ann@acme.example",
  "ann@acme.example ",
  "ann@acme.example\r\nBcc: x",
  "a\u0000nn@acme.example",
  "a\u200bnn@acme.example",
  "a\u202enn@acme.example",
  "a\ud800nn@acme.example",
  "ann@ac\u00adme.example",
  "ann@acme.example:25",
  "ann@acme.example/x",
  "ann@acme.example?x",
  "ann@acme.example#x",
  "ann@acme.example\\x",
  "ann@acme%2eexample",
  "ann@127.0.0.1",
  "ann@127.1",
  "ann@0x7f.1",
  "ann@2130706433",
  "ann@[127.0.0.1]",
  "ann@[::1]",
  "ann@acme.1",
  "ann@acme..example",
  "ann@.example",
  "ann@acme.example.",
  "ann@-acme.example",
  "ann@acme-.example",
  "ann@ac_me.example",
  "ann@*.example",
  "ann@xn--a",
  "ann@xn--a.example",
  "ann@xn--abc-.example",
  "ann@xn--zz--zz.example",
  `${"x".repeat(65)}@a.example`,
  `${"ж".repeat(33)}@a.example`,
  `ann@${"x".repeat(64)}.example`,
  `ann@${"x.".repeat(124)}example`,
])("%j is no address", (text) => {
  expect(parseEmailAddress(text)).toBeUndefined();
});

test.each([
  "ａnn@acme.example",
  "bob.\u212aelly@acme.example",
  "ﬁn@acme.example",
  "ann＠x@acme.example",
  "jörg＠x@acme.example",
])("%s is refused: it would take the key of an ASCII address", (text) => {
  expect(parseEmailAddress(text)).toBeUndefined();
});

const work = { value: "work@acme.example", type: "work" };
const home = { value: "home@acme.example", type: "home" };
const userName = "name@acme.example";
const cases: readonly (readonly [string, JsonObject, string | undefined])[] = [
  ["primary wins", { userName, emails: [work, { ...home, primary: true }] }, home.value],
  [
    "else type work, in any case",
    { userName, emails: [home, { ...work, type: "WORK" }] },
    work.value,
  ],
  [
    "primary false is not primary",
    { userName, emails: [{ ...home, primary: false }, work] },
    work.value,
  ],
  ["else the first", { userName, emails: [home, { value: "b@acme.example" }] }, home.value],
  [
    "the unusable do not count",
    { userName, emails: [{ value: "n/a", primary: true }, home] },
    home.value,
  ],
  ["nor do those without a value", { userName, emails: [{ type: "work" }, home] }, home.value],
  ["without e-mails userName", { userName }, userName],
  ["with none that is usable userName", { userName, emails: [{ value: "-" }] }, userName],
  ["userName that is no address", { userName: "ann" }, undefined],
  ["no attributes", {}, undefined],
  ["only own members", Object.create({ userName }), undefined],
];
test.each(cases)("login e-mail: %s", (_, attributes, expected) => {
  expect(loginEmailOf(attributes)?.text).toBe(expected);
});

test.each([
  ["acme.example", "acme.example"],
  ["ACME.example", "acme.example"],
  ["bücher.example", "xn--bcher-kva.example"],
  ["mail.acme.example.", "mail.acme.example"],
  ["corp.", "corp"],
])("%s is the domain %s", (text, domain) => {
  expect(domainOf(text)).toBe(domain);
});

test.each([
  "",
  ".",
  "com",
  "corp..",
  "*.acme.example",
  "ann@acme.example",
  "https://acme.example",
  "acme.example/",
  "acme.example:443",
  "127.0.0.1",
  "127.0.0.1.",
  "1.",
  " acme.example",
  "acme example.com",
])("%j is no domain", (text) => {
  expect(domainOf(text)).toBeUndefined();
});

test("an address in another letter case has the same key, and no key has a second @ (seed 5321)", () => {
  fc.assert(
    fc.property(fc.emailAddress(), (text) => {
      const email = parseEmailAddress(text);
      expect(parseEmailAddress(text.toUpperCase())?.key).toBe(email?.key);
      expect(email === undefined || email.key.split("@").length === 2).toBe(true);
    }),
    { seed: 5321, numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 12 }), (local) => {
      const email = parseEmailAddress(`${local}@acme.example`);
      expect(email === undefined || email.key.split("@").length === 2).toBe(true);
      expect(email === undefined || parseEmailAddress(email.key)?.key === email.key).toBe(true);
    }),
    { seed: 5321, numRuns: 2000 },
  );
});
