import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestRollcall } from "../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../test/compose-for-tests.ts";
import type { Account } from "../domain/account.ts";
import type { Scope } from "../domain/tenant.ts";
import { saveTestSettings } from "../store/contract-population.ts";

const dayMs = 86_400_000;
let rollcall: TestRollcall;
beforeAll(async () => {
  rollcall = await composeForTests({ publicUrl: "https://id.example.com" });
});
afterAll(() => rollcall.remove());

interface Tenancy {
  readonly scope: Scope;
  readonly token: string;
}
/** A tenant that invites, or attaches; and somebody who has an account. */
async function newTenant(slug: string, attachPolicy = "invite"): Promise<Tenancy> {
  const tenancy = await rollcall.newTenant(slug);
  const circumstances = rollcall.circumstances();
  await saveTestSettings(
    rollcall.store,
    tenancy.scope.tenantId,
    { attachPolicy },
    { circumstances },
  );
  return tenancy;
}
const newAccount = (email: string): Promise<Account> =>
  rollcall.people.createAccount({ email, emailVerified: true, hasLogin: true });

async function scim({ token }: Tenancy, method: string, path: string, attributes?: object) {
  const response = await rollcall.fetch(
    new Request(`https://id.example.com/scim/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
      ...(attributes === undefined
        ? {}
        : {
            body: JSON.stringify({
              schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
              ...attributes,
            }),
          }),
    }),
  );
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text || "{}") };
}
async function push(tenancy: Tenancy, email: string): Promise<string> {
  const { status, body } = await scim(tenancy, "POST", "/Users", { userName: email });
  expect(status).toBe(201);
  return body.id;
}
/** The tokens of the invitation mails to an address, the latest last. */
async function invitationTokens({ scope: { tenantId } }: Tenancy, to: string) {
  const mails = await rollcall.store.mails.list(tenantId, { to, limit: 100 });
  return mails.flatMap(({ kind, facts: { ids } }) =>
    kind === "invitation" && ids.invitationId !== undefined
      ? [
          rollcall.mailLinks.invitationToken({
            tenantId: ids.tenantId,
            invitationId: ids.invitationId,
          }),
        ]
      : [],
  );
}
async function invitationToken(tenancy: Tenancy, to: string): Promise<string> {
  const token = (await invitationTokens(tenancy, to)).at(-1);
  expect(token).toBeDefined();
  return token ?? "";
}
const leaveToken = ({ scope: { tenantId } }: Tenancy, { accountId }: Account): string =>
  rollcall.mailLinks.leaveLink({ tenantId, accountId }).split("/").at(-1) ?? "";
const member = ({ scope }: Tenancy, { accountId }: Account) =>
  rollcall.store.memberships.read(scope.tenantId, accountId);
const linkState = async ({ scope }: Tenancy, id: string) =>
  (await rollcall.store.memberships.linkOf(scope, id))?.state;

describe("an invitation", () => {
  test("is looked at without effect, accepted once, and neither accepted nor declined again", async () => {
    const acme = await newTenant("accepting");
    const ann = await newAccount("ann@accepting.example");
    const id = await push(acme, "ann@accepting.example");
    expect(await linkState(acme, id)).toBe("pending");
    const token = await invitationToken(acme, "ann@accepting.example");
    const actions = rollcall.people.personActions;
    const open = { tenantName: "accepting", by: "generic", state: "open" };
    expect(await actions.invitation(token)).toEqual(open);
    expect(await actions.invitation(token)).toEqual(open);
    expect((await member(acme, ann))?.isMember).toBe(false);

    expect(await actions.accept(token)).toBe(true);
    expect(await linkState(acme, id)).toBe("linked");
    expect((await member(acme, ann))?.isMember).toBe(true);
    expect(await actions.accept(token)).toBe(false);
    expect(await actions.decline(token)).toBe(false);
    expect(await linkState(acme, id)).toBe("linked");
    expect((await actions.invitation(token))?.state).toBe("accepted");
    const entries = await rollcall.store.auditLog.list(acme.scope.tenantId, {
      limit: 100,
      action: "invitation.accept",
    });
    expect(entries.map(({ actor, target }) => [actor, target.id])).toEqual([
      [{ kind: "person", id: ann.accountId }, ann.accountId],
    ]);
  });

  test("is accepted once by two clicks at the same moment", async () => {
    const acme = await newTenant("hurrying");
    await newAccount("ann@hurrying.example");
    await push(acme, "ann@hurrying.example");
    const token = await invitationToken(acme, "ann@hurrying.example");
    const { accept, decline } = rollcall.people.personActions;
    const outcomes = await Promise.all([accept(token), decline(token), accept(token)]);
    expect(outcomes.filter((isDone) => isDone)).toHaveLength(1);
  });

  test("that is declined keeps the person out, whatever the client sends", async () => {
    const acme = await newTenant("declining");
    const ann = await newAccount("ann@declining.example");
    const id = await push(acme, "ann@declining.example");
    const token = await invitationToken(acme, "ann@declining.example");
    expect(await rollcall.people.personActions.decline(token)).toBe(true);
    expect(await linkState(acme, id)).toBe("declined");
    expect(await rollcall.people.personActions.accept(token)).toBe(false);
    expect((await scim(acme, "DELETE", `/Users/${id}`)).status).toBe(204);
    const again = await push(acme, "ann@declining.example");
    expect(await linkState(acme, again)).not.toBe("linked");
    expect((await member(acme, ann))?.isMember).toBe(false);
  });

  test("expires after 14 days", async () => {
    const acme = await newTenant("expiring");
    await newAccount("ann@expiring.example");
    const id = await push(acme, "ann@expiring.example");
    const token = await invitationToken(acme, "ann@expiring.example");
    rollcall.clock.aheadMs += 14 * dayMs + 1000;
    const actions = rollcall.people.personActions;
    expect((await actions.invitation(token))?.state).toBe("expired");
    expect(await actions.accept(token)).toBe(false);
    expect(await actions.decline(token)).toBe(false);
    expect(await linkState(acme, id)).toBe("pending");
    rollcall.clock.aheadMs = 0;
  });

  test("is revoked by another address, and the one to that address is good", async () => {
    const acme = await newTenant("revoking");
    await newAccount("ann@revoking.example");
    const ben = await newAccount("ben@revoking.example");
    const id = await push(acme, "ann@revoking.example");
    const old = await invitationToken(acme, "ann@revoking.example");
    const moved = await scim(acme, "PUT", `/Users/${id}`, { userName: "ben@revoking.example" });
    expect(moved.status).toBe(200);
    const actions = rollcall.people.personActions;
    expect((await actions.invitation(old))?.state).toBe("revoked");
    expect(await actions.accept(old)).toBe(false);
    expect(await actions.accept(await invitationToken(acme, "ben@revoking.example"))).toBe(true);
    expect((await member(acme, ben))?.isMember).toBe(true);
  });

  test("is answered by the page behind its link", async () => {
    const acme = await newTenant("paging");
    const ann = await newAccount("ann@paging.example");
    await push(acme, "ann@paging.example");
    const token = await invitationToken(acme, "ann@paging.example");
    const url = `https://id.example.com/invitations/${token}`;
    expect((await rollcall.fetch(new Request(url))).status).toBe(200);
    expect((await member(acme, ann))?.isMember).toBe(false);
    const press = () =>
      rollcall.fetch(
        new Request(url, { method: "POST", body: new URLSearchParams({ action: "accept" }) }),
      );
    expect((await press()).status).toBe(200);
    expect((await member(acme, ann))?.isMember).toBe(true);
    expect((await press()).status).toBe(410);
  });
});

describe("leaving", () => {
  test("ends the membership once, and no sync brings the person back", async () => {
    const acme = await newTenant("leaving", "attach");
    const ann = await newAccount("ann@leaving.example");
    const id = await push(acme, "ann@leaving.example");
    const actions = rollcall.people.personActions;
    const token = leaveToken(acme, ann);
    expect(await actions.membership(token)).toEqual({ tenantName: "leaving", role: "user" });
    expect(await actions.leave(token)).toBe("left");
    expect(await linkState(acme, id)).toBe("declined");
    expect(await actions.membership(token)).toBeUndefined();
    expect(await actions.leave(token)).toBe("gone");

    await scim(acme, "PUT", `/Users/${id}`, { userName: "ann@leaving.example", active: true });
    expect(await linkState(acme, id)).toBe("declined");
    await scim(acme, "DELETE", `/Users/${id}`);
    const again = await push(acme, "ann@leaving.example");
    expect(again).not.toBe(id);
    expect(await linkState(acme, again)).not.toBe("linked");
    expect((await member(acme, ann))?.isMember).toBe(false);
    const entries = await rollcall.store.auditLog.list(acme.scope.tenantId, {
      limit: 100,
      action: "membership.leave",
    });
    expect(entries.map(({ actor }) => actor)).toEqual([{ kind: "person", id: ann.accountId }]);
  });

  test("is refused to the last owner, by the page too, and possible once there is another", async () => {
    const acme = await newTenant("owned");
    const [ann, ben] = [
      await newAccount("ann@owned.example"),
      await newAccount("ben@owned.example"),
    ];
    const tenant = await rollcall.store.tenants.bySlug("owned");
    const own = async (account: Account) =>
      tenant &&
      rollcall.people.changeMembership({ tenant, account }, { kind: "add", role: "owner" });
    await own(ann);
    const actions = rollcall.people.personActions;
    const token = leaveToken(acme, ann);
    expect(await actions.leave(token)).toBe("protected");
    const body = new URLSearchParams({ action: "leave" });
    const page = await rollcall.fetch(
      new Request(`https://id.example.com/leave/${token}`, { method: "POST", body }),
    );
    expect(page.status).toBe(409);
    expect((await member(acme, ann))?.isMember).toBe(true);
    await own(ben);
    expect(await actions.leave(token)).toBe("left");
  });

  test("and invitations need the token of their own kind, made by this instance", async () => {
    const acme = await newTenant("mixing", "attach");
    const ann = await newAccount("ann@mixing.example");
    await push(acme, "ann@mixing.example");
    const actions = rollcall.people.personActions;
    const token = leaveToken(acme, ann);
    expect(await actions.invitation(token)).toBeUndefined();
    expect(await actions.accept(token)).toBe(false);
    for (const forged of ["", "bad", `${token.slice(0, -2)}AA`]) {
      expect(await actions.membership(forged)).toBeUndefined();
      expect(await actions.leave(forged)).toBe("gone");
    }
    expect((await member(acme, ann))?.isMember).toBe(true);
  });
});
