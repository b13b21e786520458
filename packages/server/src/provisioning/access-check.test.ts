import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { TestRollcall } from "../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../test/compose-for-tests.ts";
import { askedPersonsMax } from "../domain/asked-person.ts";
import type { Tenant } from "../domain/tenant.ts";
import { checkAccess } from "./access-check.ts";

let rollcall: TestRollcall;
let acme: Tenant;
beforeAll(async () => {
  rollcall = await composeForTests();
  const { people } = rollcall;
  acme = await rollcall.createTenant({ slug: "acme", name: undefined });
  for (const [name, role] of [
    ["ann", "owner"],
    ["ben", "viewer"],
    ["cat", undefined],
  ] as const) {
    const account = await people.createAccount({ email: `${name}@x.example`, ref: `ref-${name}` });
    if (role !== undefined) {
      await people.changeMembership({ tenant: acme, account }, { kind: "add", role });
    }
  }
  const ben = (await people.findAccount("ref-ben")) ?? (undefined as never);
  const lock = { kind: "lock", source: "security", reason: undefined } as const;
  await people.changeMembership({ tenant: acme, account: ben }, lock);
});
afterAll(() => rollcall.remove());

test("access is told by e-mail, ref and id, in the order of the questions", async () => {
  const ann = await rollcall.people.findAccount("ann@x.example");
  const checks = await checkAccess(rollcall.store, acme.tenantId, [
    { ref: "ref-ben" },
    { email: "ANN@x.example" },
    { accountId: ann?.accountId ?? "" },
    { email: "cat@x.example" },
    { ref: "nobody" },
    { email: "no address" },
    { accountId: "nobody" },
  ]);
  expect(
    checks?.map(({ account, access: { state, role }, whyNot }) => [
      account?.ref,
      state,
      role,
      whyNot,
    ]),
  ).toEqual([
    ["ref-ben", "suspended", undefined, "suspended by security"],
    ["ref-ann", "active", "owner", undefined],
    ["ref-ann", "active", "owner", undefined],
    ["ref-cat", "none", undefined, expect.stringContaining("no member")],
    [undefined, "none", undefined, "there is no such account"],
    [undefined, "none", undefined, "there is no such account"],
    [undefined, "none", undefined, "there is no such account"],
  ]);
  expect(
    await checkAccess(rollcall.store, "nowhere" as never, [{ ref: "ref-ann" }]),
  ).toBeUndefined();
});

test("a thousand questions are as many calls of the store as one", async () => {
  const counted = async (count: number) => {
    const { accounts, memberships } = rollcall.store;
    const calls = vi.fn();
    const counting = <Table extends object>(table: Table): Table =>
      new Proxy(table, {
        get: (target, name) => {
          calls();
          return Reflect.get(target, name);
        },
      });
    const persons = Array.from({ length: count }, (_, index) => ({ email: `p${index}@x.example` }));
    const store = { accounts: counting(accounts), memberships: counting(memberships) };
    expect(await checkAccess(store, acme.tenantId, persons)).toHaveLength(count);
    return calls.mock.calls.length;
  };
  expect(await counted(askedPersonsMax)).toBe(await counted(1));
  await expect(counted(askedPersonsMax + 1)).rejects.toThrow(TypeError);
});
