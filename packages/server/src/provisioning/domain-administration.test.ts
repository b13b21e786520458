import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestRollcall } from "../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../test/compose-for-tests.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { TxtResolver } from "./domain-administration.ts";
import { verifyDomain } from "./domain-administration.ts";

let rollcall: TestRollcall;
let acme: Tenant;
let globex: Tenant;
beforeAll(async () => {
  rollcall = await composeForTests();
  acme = await rollcall.createTenant({ slug: "acme", name: undefined });
  globex = await rollcall.createTenant({ slug: "globex", name: undefined });
});
afterAll(() => rollcall.remove());

/** A DNS with these records. */
const dns =
  (records: Readonly<Record<string, readonly string[]>>): TxtResolver =>
  async (name) =>
    records[name] ?? [];
const verify = (name: string, resolve: TxtResolver, tenant = acme, isShared = false) =>
  verifyDomain(rollcall.store, { tenant, name, isShared }, rollcall.circumstances(), resolve);

describe("a domain", () => {
  test("gets a challenge that nobody guesses, the same when it is added again", async () => {
    const added = await rollcall.people.addDomain(acme, "One.Example");
    expect(added).toMatchObject({ domain: "one.example", verified: undefined, method: undefined });
    expect(added.challenge).toMatch(/^rollcall-domain-verification=[0-9a-f]{32}$/);
    expect(await rollcall.people.addDomain(acme, "one.example")).toEqual(added);
    const other = await rollcall.people.addDomain(globex, "one.example");
    expect(other.challenge).not.toBe(added.challenge);
  });

  test.each(["_rollcall.two.example", "two.example"])(
    "is verified by the record of %s, once",
    async (name) => {
      const { challenge } = await rollcall.people.addDomain(acme, "two.example");
      const verified = await verify("two.example", dns({ [name]: ["v=spf1 -all", challenge] }));
      expect(verified).toMatchObject({ domain: "two.example", method: "dns" });
      expect(verified.verified).toBeDefined();
      // A verified domain needs no record any more.
      expect(await verify("two.example", dns({}))).toEqual(verified);
      await rollcall.people.removeDomain(acme, "two.example");
    },
  );

  test("without the record stays unverified, and the refusal says what was found and expected", async () => {
    const { challenge } = await rollcall.people.addDomain(acme, "three.example");
    const records = { "three.example": ["v=spf1 -all", "\u001b[31mred", `${challenge}0`] };
    const refused = await verify("three.example", dns(records)).catch(String);
    expect(refused).toContain("three.example is not verified");
    expect(refused).toContain(`"${challenge}"`);
    expect(refused).toContain('"v=spf1 -all", "\uFFFD[31mred"');
    expect(refused).toContain("no TXT record of _rollcall.three.example");
    const [domain] = (await rollcall.store.domains.list(acme.tenantId)).filter(
      (one) => one.domain === "three.example",
    );
    expect(domain?.verified).toBeUndefined();
  });

  test("whose DNS fails for one name may be verified by the other; the failure is told otherwise", async () => {
    const { challenge } = await rollcall.people.addDomain(acme, "four.example");
    const failing =
      (records: readonly string[]): TxtResolver =>
      async (name) => {
        if (name.startsWith("_rollcall.")) {
          throw Object.assign(new Error("queryTxt ESERVFAIL"), { code: "ESERVFAIL" });
        }
        return records;
      };
    expect(await verify("four.example", failing([])).catch(String)).toContain(
      "no answer about _rollcall.four.example (ESERVFAIL)",
    );
    expect((await verify("four.example", failing([challenge]))).method).toBe("dns");
  });

  test("a defect of the resolver is no refusal", async () => {
    await rollcall.people.addDomain(acme, "five.example");
    const broken: TxtResolver = async () => {
      throw new TypeError("broken");
    };
    await expect(verify("five.example", broken)).rejects.toThrow(TypeError);
  });

  test("that was not added, or is none, is refused", async () => {
    await expect(verify("six.example", dns({}))).rejects.toThrow("add it first");
    for (const name of ["", "com", "a b", "192.0.2.1", "x@y.example", "https://x.example"]) {
      await expect(rollcall.people.addDomain(acme, name)).rejects.toThrow("is no domain");
    }
    await expect(rollcall.people.removeDomain(acme, "six.example")).rejects.toThrow(
      "has no domain",
    );
  });
});

describe("an operator", () => {
  test("asserts a domain of a network inside without any record", async () => {
    const asserted = await rollcall.people.assertDomain({
      tenant: acme,
      name: "corp.",
      isShared: false,
    });
    expect(asserted).toMatchObject({ domain: "corp", method: "asserted" });
  });

  test("alone lets two tenants have one domain", async () => {
    const wish = { name: "seven.example", isShared: false };
    await rollcall.people.assertDomain({ ...wish, tenant: acme });
    await expect(rollcall.people.assertDomain({ ...wish, tenant: globex })).rejects.toThrow(
      "another tenant has verified seven.example",
    );
    const { challenge } = await rollcall.people.addDomain(globex, "seven.example");
    const records = dns({ "seven.example": [challenge] });
    await expect(verify("seven.example", records, globex)).rejects.toThrow("another tenant");
    expect((await verify("seven.example", records, globex, true)).method).toBe("dns");
  });
});
