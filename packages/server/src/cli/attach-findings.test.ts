import { expect, test } from "vitest";
import type { AttachFacts } from "./attach-findings.ts";
import { attachFindings } from "./attach-findings.ts";

const open: AttachFacts = { slug: "acme", settings: { accounts: true, attachPolicy: "attach" } };
const strict: AttachFacts = {
  slug: "globex",
  settings: { accounts: true, attachPolicy: "verified-or-invite" },
};
const linesOf = (...tenants: AttachFacts[]) =>
  attachFindings(tenants).map(({ state, text }) => `${state} ${text}`);

test("an open policy is told where there are other tenants, whatever domains are verified", () => {
  const [line, ...more] = linesOf(open, strict);
  expect(line).toMatch(
    /^warning acme: attach policy "attach".*of domains that the tenant has not verified.*verified-or-invite/,
  );
  expect(line).not.toContain("globex");
  expect(more).toEqual([]);
});

test("an open policy of the only tenant is told in fewer words", () => {
  const [line = "", ...more] = linesOf(open);
  expect(line).toMatch(/^warning acme: attach policy "attach".*attachPolicy=verified-or-invite$/);
  expect(line.length).toBeLessThan(linesOf(open, strict)[0]?.length ?? 0);
  expect(more).toEqual([]);
});

test("a stricter policy, no accounts, or no tenant at all is fine", () => {
  const fine = ["ok no tenant attaches accounts without the person's consent or a verified domain"];
  expect(linesOf(strict)).toEqual(fine);
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
