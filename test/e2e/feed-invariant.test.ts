/** INV-7 for everything that changes what an application may see, and that the comparison finds what is not told. */

import type { JsonObject } from "@rollcall/scim";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Tenant } from "../../packages/server/src/domain/tenant.ts";
import { saveTestSettings } from "../../packages/server/src/store/contract-population.ts";
import type { TestRollcall } from "../compose-for-tests.ts";
import { composeForTests } from "../compose-for-tests.ts";
import { findUntoldIn } from "./feed-invariant.ts";
import { foldEvents } from "./fold-events.ts";
import { groupMessage, patchMessage, sendScim, userMessage } from "./scim-site.ts";

describe("folding", () => {
  const user = (type: string, attributes: object, more: object = {}) => ({
    id: type,
    type,
    data: { id: "u1", resource: attributes, ...more },
  });

  test("the last state of a User stays, and nothing of one that is deleted", () => {
    const events = [
      user(
        "user.created",
        { userName: "ann" },
        { accountId: "a1", access: { state: "active", role: "user", grants: [] } },
      ),
      user("user.updated", { userName: "anna" }),
    ];
    const known = foldEvents(events);
    expect(known.users).toEqual(new Map([["u1", { userName: "anna" }]]));
    expect(known.access).toEqual(new Map([["a1", { state: "active", role: "user" }]]));
    const gone = foldEvents([{ id: "3", type: "user.deleted", data: { id: "u1" } }], known);
    expect(gone.users).toEqual(new Map());
    expect(known.users.size).toBe(1);
  });

  test("members come, go, and are gone with the User", () => {
    const group = (type: string, members: object) => ({
      id: type,
      type,
      data: { id: "g1", resource: { displayName: "crew" }, members },
    });
    const known = foldEvents([
      group("group.created", { added: ["u1", "u2", "u3"], removed: [] }),
      group("group.updated", { added: ["u4"], removed: ["u2"] }),
      { id: "5", type: "user.deleted", data: { id: "u3" } },
    ]);
    expect(known.groups.get("g1")?.members).toEqual(new Set(["u1", "u4"]));
    const many = foldEvents([group("group.updated", { addedCount: 2000, removedCount: 0 })], known);
    expect(many.groups.get("g1")?.members).toBeUndefined();
  });
});

describe.each(["sqlite", "icu"] as const)("a server on %s", (database) => {
  let rollcall: TestRollcall;
  let baseUrl = "";
  let token = "";
  let tenant: Tenant;
  let tenants = 0;

  beforeAll(async () => {
    rollcall = await composeForTests({}, { database });
    baseUrl = `${await rollcall.listen()}/scim/v2`;
  });
  afterAll(() => rollcall.remove());

  beforeEach(async () => {
    tenants += 1;
    const made = await rollcall.newTenant(`t${tenants}`);
    token = made.token;
    tenant = (await rollcall.store.tenants.byId(made.scope.tenantId)) ?? (undefined as never);
  });

  const call = async (method: string, path: string, body?: object) => {
    const answer = await sendScim(`${baseUrl}${path}`, token, method, body);
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
    return answer.body;
  };
  const push = async (attributes: object) =>
    String((await call("POST", "/Users", userMessage(attributes))).id);
  const pushGroup = async (displayName: string, members: readonly string[]) => {
    const message = { displayName, members: members.map((value) => ({ value })) };
    return String((await call("POST", "/Groups", groupMessage(message))).id);
  };
  const set = async (settings: JsonObject) => {
    const { store } = rollcall;
    await saveTestSettings(store, tenant.tenantId, settings, {
      circumstances: rollcall.circumstances(),
    });
  };
  const allIsTold = async () => expect(await findUntoldIn(rollcall, baseUrl)).toEqual([]);

  test("users and groups in every way a client changes them", async () => {
    const ann = await push({
      userName: "ann@acme.example",
      externalId: "1",
      emails: [{ value: "ann@acme.example", type: "work", primary: true }],
      name: { givenName: "Ann" },
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { department: "Docks" },
    });
    const bea = await push({ userName: "bea@acme.example", active: false });
    const cy = await push({ userName: "cy@acme.example" });
    const crew = await pushGroup("crew", [ann, cy]);
    const all = await pushGroup("all", [crew, bea]);
    await allIsTold();
    await call("PUT", `/Users/${ann}`, userMessage({ userName: "anna@acme.example" }));
    await call(
      "PATCH",
      `/Users/${bea}`,
      patchMessage({ op: "replace", path: "active", value: true }),
    );
    await call(
      "PATCH",
      `/Users/${cy}`,
      patchMessage({ op: "replace", path: "active", value: false }),
    );
    await call(
      "PUT",
      `/Groups/${crew}`,
      groupMessage({ displayName: "Crew", members: [{ value: bea }] }),
    );
    await call(
      "PATCH",
      `/Groups/${all}`,
      patchMessage({ op: "remove", path: `members[value eq "${bea}"]` }),
    );
    await allIsTold();
    await call("DELETE", `/Users/${bea}`);
    await call("DELETE", `/Groups/${crew}`);
    await call("POST", "/Users", userMessage({ userName: "ANNA@acme.example", externalId: "1" }));
    await allIsTold();
  });

  test("access: operators, locks, roles, and settings that give others", async () => {
    const ann = await push({ userName: "ann@access.example", roles: [{ value: "admin" }] });
    await push({ userName: "bea@access.example" });
    const link = await rollcall.store.memberships.linkOf(
      {
        tenantId: tenant.tenantId,
        connectionId:
          (await rollcall.store.connections.list(tenant.tenantId))[0]?.connectionId ??
          (undefined as never),
      },
      ann,
    );
    const account = await rollcall.people.findAccount(link?.accountId ?? "");
    if (account === undefined) {
      throw new Error("ann has an account");
    }
    const place = { tenant, account };
    await rollcall.people.changeMembership(place, { kind: "add", role: "owner" });
    await allIsTold();
    await set({ roles: ["owner", "admin", "member", "viewer"], defaultRole: "viewer" });
    await allIsTold();
    await set({ roleMapping: { admin: "viewer" } });
    await allIsTold();
    const cy = await rollcall.people.createAccount({ email: undefined });
    await rollcall.people.changeMembership({ tenant, account: cy }, { kind: "add", role: "owner" });
    await rollcall.people.changeMembership(place, { kind: "remove" });
    await rollcall.people.changeMembership(place, {
      kind: "lock",
      source: "admin",
      reason: undefined,
    });
    await allIsTold();
    await rollcall.people.changeMembership(place, { kind: "unlock", source: "admin" });
    await call("DELETE", `/Users/${ann}`);
    await allIsTold();
  });

  test("people who are invited, and those who are erased", async () => {
    await rollcall.people.createAccount({ email: "di@invited.example", hasLogin: true });
    await set({ attachPolicy: "invite" });
    const di = await push({ userName: "di@invited.example" });
    await allIsTold();
    await call("DELETE", `/Users/${di}`);
    await set({});
    const ed = await push({ userName: "ed@invited.example" });
    await allIsTold();
    const account = await rollcall.people.findAccount("ed@invited.example");
    await call("DELETE", `/Users/${ed}`);
    await rollcall.people.eraseAccount(account?.accountId ?? (undefined as never));
    await allIsTold();
  });
});
