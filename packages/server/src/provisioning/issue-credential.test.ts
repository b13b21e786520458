import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestRollcall } from "../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../test/compose-for-tests.ts";
import { scopeOf } from "../domain/connection.ts";
import { isRefusal } from "../domain/refusal.ts";

let rollcall: TestRollcall;
beforeAll(async () => {
  rollcall = await composeForTests();
});
afterAll(() => rollcall.remove());

const lifetime = { kind: "days", days: 90 } as const;

/** What of many attempts at the same moment came to something, and what the others were told. */
async function atOnce(attempt: () => Promise<unknown>) {
  const settled = await Promise.allSettled([1, 2, 3, 4].map(attempt));
  return {
    made: settled.filter(({ status }) => status === "fulfilled").length,
    refusals: settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : [])),
  };
}

test("of tokens of one connection that are made at once with one name one is there", async () => {
  await rollcall.newTenant("acme");
  const tenant = await rollcall.store.tenants.bySlug("acme");
  const [connection] = await rollcall.store.connections.list(tenant?.tenantId ?? fail());
  const scope = scopeOf(connection ?? fail());
  const issue = () =>
    rollcall.issueCredential({
      ...{ scope, name: "okta", lifetime, creator: "cli" },
      ...{ scopes: ["scim:read"], cidrs: [] },
    });
  const { made, refusals } = await atOnce(issue);
  expect(made).toBe(1);
  const named = (await rollcall.store.credentials.list(scope)).filter(
    ({ name }) => name === "okta",
  );
  expect(named).toHaveLength(1);
  for (const refusal of refusals) {
    expect(isRefusal(refusal)).toBe(true);
    expect(refusal.message).toContain(`${named[0]?.credentialId} is called "okta" already`);
  }
});

test("of admin tokens that are made at once with one name one is there, for the instance and for each tenant", async () => {
  await rollcall.newTenant("globex");
  const tenant = await rollcall.store.tenants.bySlug("globex");
  for (const tenantId of [undefined, tenant?.tenantId]) {
    const issue = () =>
      rollcall.issueAdminCredential({ tenantId, name: "ops", lifetime, creator: "cli" });
    const { made, refusals } = await atOnce(issue);
    expect(made).toBe(1);
    expect(refusals.every(isRefusal)).toBe(true);
    expect(refusals[0].message).toMatch(/is called "ops" already: give another name/);
  }
});

function fail(): never {
  throw new TypeError("the tenant was made above, with a connection");
}
