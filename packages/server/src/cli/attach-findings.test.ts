import { expect, test } from "vitest";
import type { AttachFacts } from "./attach-findings.ts";
import { attachFindings } from "./attach-findings.ts";

const open: AttachFacts = {
  slug: "acme",
  settings: { accounts: true, attachPolicy: "attach" },
  hasVerifiedDomain: false,
};
const strict: AttachFacts = {
  slug: "globex",
  settings: { accounts: true, attachPolicy: "verified-only" },
  hasVerifiedDomain: false,
};
const linesOf = (...tenants: AttachFacts[]) =>
  attachFindings(tenants).map(({ state, text }) => `${state} ${text}`);

test("an open policy without a verified domain is told where there are other tenants", () => {
  const [line, ...more] = linesOf(open, strict);
  expect(line).toMatch(
    /^warning acme: attach policy "attach" and no verified domain.*verified-or-invite/,
  );
  expect(more).toEqual([]);
});

test("a verified domain, a stricter policy, no accounts, or no other tenant is fine", () => {
  const fine = ["ok no tenant attaches accounts of others without a verified domain"];
  expect(linesOf(open)).toEqual(fine);
  expect(linesOf({ ...open, hasVerifiedDomain: true }, strict)).toEqual(fine);
  expect(linesOf({ ...open, settings: { ...open.settings, accounts: false } }, strict)).toEqual(
    fine,
  );
  expect(linesOf(strict, strict)).toEqual(fine);
  expect(linesOf()).toEqual(fine);
});

test("of many tenants some are named", () => {
  const many = Array.from({ length: 12 }, (_, index) => ({ ...open, slug: `t${index}` }));
  expect(linesOf(...many)[0]).toMatch(/^warning t0, .*t9 and 2 more: /);
});
