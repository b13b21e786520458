import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestRollcall } from "../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../test/compose-for-tests.ts";
import type { AccountId } from "../domain/account.ts";
import { instanceAuditId } from "../domain/admin-credential.ts";
import { saveTestSettings } from "../store/contract-population.ts";

let rollcall: TestRollcall;
beforeAll(async () => {
  rollcall = await composeForTests({ publicUrl: "https://id.example.com" });
});
afterAll(() => rollcall.remove());

describe("an account", () => {
  test("is made once for an address, whatever the letter case, and once for a ref", async () => {
    const { people } = rollcall;
    const ann = await people.createAccount({ email: "Ann@one.example", name: "Ann", ref: "1" });
    expect(ann).toMatchObject({ emailVerified: false, hasLogin: false, madeBy: undefined });
    await expect(people.createAccount({ email: "ann@ONE.example" })).rejects.toThrow(
      "an account with the e-mail address ann@ONE.example already",
    );
    await expect(people.createAccount({ email: "b@one.example", ref: "1" })).rejects.toThrow(
      "an account with ref 1 already",
    );
    expect(await people.findAccount("b@one.example")).toBeUndefined();
    for (const text of ["ANN@one.example", ann.accountId, "1"]) {
      expect(await people.findAccount(text)).toEqual(ann);
    }
  });

  test.each([
    [{ email: "no address" }, "is no e-mail address"],
    [{ email: "x@two.example", name: " " }, "cannot be a name"],
    [{ email: "x@two.example", ref: "a\u200bb" }, "cannot be a ref"],
    [{ email: "x@two.example", preferredLanguage: "deutsch!" }, "is no language tag"],
    [{ email: undefined, emailVerified: true }, "none to be verified"],
  ])("%j is refused", async (wish, why) => {
    await expect(rollcall.people.createAccount(wish)).rejects.toThrow(why);
  });

  test("with another address is unverified until somebody says otherwise", async () => {
    const { people } = rollcall;
    const email = "ann@three.example";
    const { accountId } = await people.createAccount({ email, emailVerified: true });
    expect(
      (await people.changeAccount(accountId, { email: "ANN@three.example" }))?.emailVerified,
    ).toBe(true);
    const moved = await people.changeAccount(accountId, { email: "a@three.example" });
    expect(moved).toMatchObject({ email: "a@three.example", emailVerified: false });
    expect(await people.findAccount(email)).toBeUndefined();
    expect(await people.changeAccount("nobody" as AccountId, { name: "x" })).toBeUndefined();
  });
});

describe("saving by ref", () => {
  test("makes an account, then changes what is said and keeps the rest", async () => {
    const { people } = rollcall;
    const made = await people.saveAccountByRef("r4", { email: "ann@four.example", name: "Ann" });
    expect(made).toMatchObject({ isNew: true, account: { ref: "r4", name: "Ann" } });
    const saved = await people.saveAccountByRef("r4", { hasLogin: true });
    expect(saved.isNew).toBe(false);
    expect(saved.account).toMatchObject({
      accountId: made.account.accountId,
      email: "ann@four.example",
      name: "Ann",
      hasLogin: true,
    });
  });

  test("takes over an account without ref only when the application vouches for the address", async () => {
    const { people } = rollcall;
    const email = "ann@five.example";
    const known = await people.createAccount({ email });
    await expect(people.saveAccountByRef("r5", { email })).rejects.toThrow("verified the address");
    await expect(
      people.saveAccountByRef("r5", { email, emailVerified: false, hasLogin: true }),
    ).rejects.toThrow("verified the address");
    const saved = await people.saveAccountByRef("r5", { email, emailVerified: true });
    expect(saved).toMatchObject({ isNew: false, account: { accountId: known.accountId } });
    await expect(people.saveAccountByRef("r6", { email, emailVerified: true })).rejects.toThrow(
      "an account with the e-mail address ann@five.example already",
    );
  });

  test("many times at once makes one account", async () => {
    const wish = { email: "ann@seven.example" };
    const saved = await Promise.all(
      Array.from({ length: 8 }, () => rollcall.people.saveAccountByRef("r7", wish)),
    );
    expect(new Set(saved.map(({ account }) => account.accountId)).size).toBe(1);
  });
});

describe("a person", () => {
  test("is exported with everything that is held, and erased", async () => {
    const { people, store } = rollcall;
    const email = "ann@eight.example";
    const ann = await people.createAccount({ email, name: "Ann Eight", ref: "r8" });
    const { scope, token } = await rollcall.newTenant("eight");
    const created = await rollcall.fetch(
      new Request("https://id.example.com/scim/v2/Users", {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
        body: JSON.stringify({
          schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
          userName: email,
          title: "Chief Eight",
        }),
      }),
    );
    expect(created.status).toBe(201);
    const { id } = await created.json();
    const tenant = (await store.tenants.bySlug("eight")) ?? (undefined as never);
    const place = { tenant, account: ann };
    await people.changeMembership(place, { kind: "add", role: "admin" });
    await people.changeMembership(place, { kind: "lock", source: "admin", reason: "why not" });
    const circumstances = rollcall.circumstances();
    await store.auditLog.chain(scope.tenantId);

    const exported = await people.exportAccount(ann);
    expect(exported.account).toMatchObject({ id: ann.accountId, email, ref: "r8" });
    expect(exported.auditEntries.map(({ action }) => action)).toEqual(["account.create"]);
    expect(exported.tenants).toEqual([
      expect.objectContaining({
        tenant: "eight",
        isMember: true,
        memberSince: expect.any(String),
        links: [
          expect.objectContaining({ connection: "generic", resourceId: id, state: "linked" }),
        ],
        grants: [expect.objectContaining({ source: "manual", role: "admin" })],
        locks: [expect.objectContaining({ source: "admin", reason: "why not" })],
        hasDeclined: false,
        invitations: [],
        users: [
          expect.objectContaining({
            id,
            attributes: expect.objectContaining({ title: "Chief Eight" }),
          }),
        ],
        mails: [expect.objectContaining({ to: email, kind: "attached", text: expect.any(String) })],
      }),
    ]);
    const text = JSON.stringify(exported.tenants);
    for (const action of ["user.create", "membership.add", "lock.add", "user.created"]) {
      expect(text).toContain(`"${action}"`);
    }

    expect(await people.eraseAccount(ann.accountId)).toEqual({
      tenants: [expect.objectContaining({ slug: "eight" })],
      remainingUsers: [{ ...scope, resourceId: id }],
    });
    expect(await people.findAccount("r8")).toBeUndefined();
    expect(await people.eraseAccount(ann.accountId)).toBeUndefined();
    expect((await store.memberships.linkOf(scope, id))?.state).toBe("none");
    expect(await store.memberships.held(scope.tenantId, ann.accountId)).toEqual({
      memberSince: undefined,
      declined: undefined,
      loginSubjects: [],
      loginGroups: [],
      mails: [],
      invitations: [],
      deletedUsers: [],
    });
    for (const tenantId of [scope.tenantId, instanceAuditId]) {
      const entries = await store.auditLog.list(tenantId, { limit: 1000 });
      const about = entries.filter(({ target }) =>
        [ann.accountId, id].includes(target.id as never),
      );
      expect(about.length).toBeGreaterThan(0);
      expect(JSON.stringify(about)).not.toContain("eight.example");
      expect(JSON.stringify(about)).not.toContain("Eight");
    }
    expect((await store.auditLog.verify(scope.tenantId)).ok).toBe(true);
    expect(circumstances.actor.kind).toBe("operator");
  });

  test("is exported and erased with the Users they were invited as, deleted or somebody else's by now", async () => {
    const { people, store } = rollcall;
    const ann = await people.createAccount({ email: "ann@nine.example", emailVerified: true });
    const { scope, token } = await rollcall.newTenant("nine");
    const { tenantId } = scope;
    const circumstances = rollcall.circumstances();
    await saveTestSettings(store, tenantId, { attachPolicy: "invite" }, { circumstances });
    const request = async (method: string, path: string, body?: object) => {
      const answer = await rollcall.fetch(
        new Request(`https://id.example.com/scim/v2/Users${path}`, {
          method,
          headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      );
      return answer.status === 204 ? {} : answer.json();
    };
    const schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
    const asAnn = { schemas, userName: "ann@nine.example", title: "Chief Nine" };
    const deleted = await request("POST", "", asAnn);
    await request("DELETE", `/${deleted.id}`);
    const moved = await request("POST", "", asAnn);
    await request("PUT", `/${moved.id}`, { schemas, userName: "ben@nine.example" });
    await store.auditLog.chain(tenantId);

    const exported = JSON.stringify((await people.exportAccount(ann)).tenants);
    expect(exported).toContain("Chief Nine");
    for (const action of ["user.create", "user.delete"]) {
      expect(exported).toContain(`"${action}"`);
    }
    expect(exported).not.toContain("ben@nine.example");

    await people.eraseAccount(ann.accountId);
    const entries = await store.auditLog.list(tenantId, { limit: 1000 });
    const events = await store.outbox.list(tenantId, { after: 0, limit: 1000 });
    expect(entries.map(({ action }) => action)).toContain("user.delete");
    expect(JSON.stringify([entries, events])).not.toMatch(/ann@nine|Chief Nine/);
    expect((await store.auditLog.verify(tenantId)).ok).toBe(true);
  });
});
