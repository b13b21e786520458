/** What other systems got wrong about accounts, over HTTP on both databases: victims, oracles, roles, offboarding. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AccountId } from "../../packages/server/src/domain/account.ts";
import { attachPolicies } from "../../packages/server/src/domain/tenant-settings.ts";
import type { LessonSite, LessonTenant } from "./lesson-site.ts";
import { nothing, openLessonSite } from "./lesson-site.ts";
import { patchMessage, userMessage } from "./scim-site.ts";

describe.each([
  ["SQLite", "sqlite"],
  ["PostgreSQL", "icu"],
] as const)("on %s", (_, database) => {
  let site: LessonSite;
  beforeAll(async () => {
    site = await openLessonSite(database);
  }, 120_000);
  afterAll(() => site.remove());

  /** Accounts as strangers find them; the last one was made by a sync, and nobody has ever logged in. */
  const victims = {
    "proven, with a login": { emailVerified: true, hasLogin: true },
    "unproven, with a login": { emailVerified: false, hasLogin: true },
    "proven, without a login": { emailVerified: true, hasLogin: false },
    "made by a sync": undefined,
  };
  const attacks = attachPolicies.flatMap((attachPolicy) =>
    Object.entries(victims).map(([victim, flags]) => ({ attachPolicy, victim, flags })),
  );
  test.each(attacks)(
    "victim invariance: under $attachPolicy no operation changes a byte of the rows of an account that is $victim, or shows them (I1, I2, I3, I6)",
    async ({ attachPolicy, flags }) => {
      const home = await site.newTenant();
      const email = site.newAddress();
      const secrets = { name: "Victoria Secret", preferredLanguage: "de-CH", ref: `of-${email}` };
      const accountId =
        flags === undefined
          ? await home.accountOf(await home.push({ userName: email, displayName: secrets.name }))
          : await site.account(email, { ...flags, ...secrets });
      await home.wish(accountId, { kind: "add", role: "owner" });
      const before = await site.rowsOf(accountId, home.tenantId);
      const mallory = await site.newTenant();
      const own = await mallory.push({ userName: "own", roles: ["admin"] });
      await mallory.set({ attachPolicy });
      const send = async (method: string, path: string, body?: object) => {
        const { text, body: shown } = await mallory.call(method, path, body);
        expect(await site.rowsOf(accountId, home.tenantId), `${method} ${path}`).toBe(before);
        expect(text, `${method} ${path}`).not.toMatch(/Victoria|Secret|de-CH/);
        return shown;
      };
      const emails = [{ value: email, primary: true }];
      const { ref } = secrets;
      await send(
        "POST",
        "/Users",
        userMessage({ userName: email, externalId: ref, id: accountId }),
      );
      await send("POST", "/Users", userMessage({ userName: "id", externalId: accountId, emails }));
      for (const [path, message] of [
        [own, { op: "add", path: "emails", value: emails }],
        [own, { op: "replace", value: { userName: `own ${email}`, displayName: "Mallory" } }],
        [accountId, { op: "replace", value: { title: "Mallory" } }],
      ] as const) {
        await send("PATCH", `/Users/${path}`, patchMessage(message));
      }
      const mine = userMessage({ userName: "own", emails, preferredLanguage: "en" });
      for (const id of [own, accountId]) {
        await send("PUT", `/Users/${id}`, mine);
        await send("GET", `/Users/${id}`);
      }
      for (const { id } of (await send("GET", "/Users")).Resources) {
        for (const active of [false, "True", "False"]) {
          await send("PATCH", `/Users/${id}`, patchMessage({ op: "replace", value: { active } }));
        }
        await send("DELETE", `/Users/${id}`);
      }
      await send("DELETE", `/Users/${accountId}`);
      expect(await home.access(accountId)).toEqual(["active", "owner"]);
    },
  );

  test.each(attachPolicies.filter((policy) => policy !== "reject"))(
    "I4: under %s no answer to any verb tells whether there is an account, or that its person has left",
    async (attachPolicy) => {
      const tenant = await site.newTenant();
      await tenant.set({ attachPolicy });
      const known = site.newAddress();
      await site.account(known);
      const unproven = site.newAddress();
      await site.account(unproven, { emailVerified: false });
      const gone = site.newAddress();
      await tenant.wish(await site.account(gone), { kind: "leave" });
      const answersAbout = async (address: string) => {
        const seen: string[] = [];
        const ids: string[] = [];
        const keep = async (answer: ReturnType<LessonTenant["call"]>) => {
          const { text, body } = await answer;
          seen.push(text);
          ids.push(body?.id ?? "no id");
          return body;
        };
        const path = async (attributes: object) =>
          `/Users/${(await keep(tenant.post(attributes))).id}`;
        const posted = await path({ userName: address });
        const moved = await path({ userName: `moving ${address}`, active: false });
        for (const [method, at, body] of [
          ["GET", posted],
          ["PATCH", posted, patchMessage({ op: "replace", path: "active", value: false })],
          ["PATCH", posted, patchMessage({ op: "replace", path: "active", value: true })],
          ["PUT", posted, userMessage({ userName: address, roles: ["admin"] })],
          ["DELETE", posted],
          ["PUT", moved, userMessage({ userName: address, active: true })],
          ["GET", moved],
          ["DELETE", moved],
          ["POST", "/Users", userMessage({ userName: address })],
        ] as const) {
          await keep(tenant.call(method, at, body));
        }
        return ids
          .reduce((text, id) => text.replaceAll(id, "an id"), seen.join("\n"))
          .replaceAll(address, "somebody")
          .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "a time")
          .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "a request")
          .replaceAll(/W\/\\?"[^"]*"/g, "a version");
      };
      const ofNobody = await answersAbout(site.newAddress());
      for (const address of [known, unproven, gone]) {
        expect(await answersAbout(address)).toBe(ofNobody);
      }
    },
    120_000,
  );

  describe("roles as clients send them", () => {
    const entra = JSON.stringify({ id: "18d14569", value: "admin", displayName: "Admin" });
    test.each([
      ["a text", "admin"],
      ["a list of texts", ["admin"]],
      ["a list of objects", [{ value: "admin" }]],
      ["Entra's JSON string", [{ value: entra, primary: true }]],
    ])("%s is the role, goes up and down, and stays when a PUT leaves it out", async (_, roles) => {
      const tenant = await site.newTenant();
      const userName = site.newAddress();
      const id = await tenant.push({ userName, roles });
      const accountId = await tenant.accountOf(id);
      const role = async () => (await tenant.access(accountId))[1];
      expect(await role()).toBe("admin");
      await tenant.call("PUT", `/Users/${id}`, userMessage({ userName, title: "Dr" }));
      expect(await role()).toBe("admin");
      await tenant.call("PUT", `/Users/${id}`, userMessage({ userName, roles: ["viewer"] }));
      expect(await role()).toBe("viewer");
      const path = 'roles[primary eq "True"].value';
      await tenant.patch(id, { op: "Add", path, value: "admin" });
      expect(await role()).toBe("admin");
      await tenant.patch(id, { op: "replace", path: "roles", value: [{ value: "unheard of" }] });
      expect(await role()).toBe("user");
    });
  });

  describe("one way out for every verb", () => {
    const off: readonly (readonly [string, (userName: string) => object | undefined, string])[] = [
      ["PATCH", () => patchMessage({ op: "replace", path: "active", value: false }), "with a path"],
      ["PATCH", () => patchMessage({ op: "Replace", value: { active: "False" } }), "without one"],
      ["PUT", (userName) => userMessage({ userName, externalId: "x", active: false }), "whole"],
      ["POST", (userName) => userMessage({ userName, externalId: "x", active: false }), "adopting"],
      ["DELETE", () => undefined, "for good"],
    ];
    test.each(off)("%s (%#) ends access and sessions here alone", async (method, body) => {
      const tenant = await site.newTenant();
      const userName = site.newAddress();
      const id = await tenant.push({ userName, externalId: "x" });
      const accountId = await tenant.accountOf(id);
      const elsewhere = await site.newTenant();
      await elsewhere.push({ userName });
      await tenant.caused();
      const path = method === "POST" ? "/Users" : `/Users/${id}`;
      const { status } = await tenant.call(method, path, body(userName));
      expect(status).toBe(method === "DELETE" ? 204 : 200);
      expect(await tenant.access(accountId)).toEqual([
        method === "DELETE" ? "none" : "suspended",
        null,
      ]);
      const { entries, events } = await tenant.caused();
      expect([entries, events.filter((type) => type === "sessions.revoke")]).toEqual([
        1,
        ["sessions.revoke"],
      ]);
      expect(await elsewhere.access(accountId)).toEqual(["active", "user"]);
    });

    test.each(off)(
      "%s (%#) is refused for a protected member, once in the audit log",
      async (method, body) => {
        const tenant = await site.newTenant();
        const userName = site.newAddress();
        const id = await tenant.push({ userName, externalId: "x" });
        const accountId = await tenant.accountOf(id);
        await tenant.wish(accountId, { kind: "protect", protection: "break-glass" });
        const before = await tenant.call("GET", `/Users/${id}`);
        await tenant.caused();
        const path = method === "POST" ? "/Users" : `/Users/${id}`;
        const { status, body: error } = await tenant.call(method, path, body(userName));
        expect([status, error.status]).toEqual([403, "403"]);
        expect(await tenant.caused()).toEqual({ ...nothing, entries: 1 });
        expect(await tenant.access(accountId)).toEqual(["active", "user"]);
        expect((await tenant.call("GET", `/Users/${id}`)).body).toEqual(before.body);
      },
    );
  });

  test("a connector that is made again finds its people as they were: same ids, roles, locks, and no mail", async () => {
    const tenant = await site.newTenant();
    const bodies = Array.from({ length: 6 }, (_, index) => {
      const userName = site.newAddress();
      return { userName, externalId: `x${index}`, roles: [index % 2 === 0 ? "admin" : "viewer"] };
    });
    const ids: string[] = [];
    for (const body of bodies) {
      await site.account(body.userName);
      ids.push(await tenant.push(body));
    }
    const accounts = await Promise.all(ids.map((id) => tenant.accountOf(id)));
    const [locked = "" as AccountId, lifted = "" as AccountId] = accounts;
    await tenant.wish(locked, { kind: "lock", source: "admin", reason: undefined });
    await tenant.wish(lifted, { kind: "add", role: "owner" });
    const state = () => Promise.all(accounts.map((accountId) => tenant.access(accountId)));
    const before = await state();
    expect(before.slice(0, 3)).toEqual([
      ["suspended", null],
      ["active", "owner"],
      ["active", "admin"],
    ]);
    await tenant.caused();
    for (const [index, body] of bodies.entries()) {
      const answer = await tenant.post(body);
      expect([answer.status, answer.body.id]).toEqual([200, ids[index]]);
    }
    expect(await tenant.caused()).toEqual(nothing);
    expect(await state()).toEqual(before);
  });

  test("a refused attachment is explained in the request log by attribute, and names nobody", async () => {
    const tenant = await site.newTenant();
    const address = site.newAddress();
    const accountId = await site.account(address);
    for (const [attachPolicy, status] of [
      ["reject", 409],
      ["verified-only", 400],
    ] as const) {
      await tenant.set({ attachPolicy });
      expect((await tenant.post({ userName: address })).status).toBe(status);
    }
    expect(await tenant.caused()).toMatchObject({ events: [], mails: [] });
    const { requestLog } = site.rollcall.store;
    const read = () => requestLog.list({ tenantId: tenant.tenantId, statusFrom: 400, limit: 9 });
    await expect.poll(async () => (await read()).length).toBe(2);
    const entries = await read();
    for (const { reason } of entries) {
      expect(reason).toMatch(/emails or userName.*attach policy/);
    }
    expect(JSON.stringify(entries)).not.toContain(address.split("@")[0]);
    expect(JSON.stringify(entries)).not.toContain(accountId);
  });

  test("after all of it the invariants hold", async () => {
    expect(await site.brokenInvariants()).toEqual([]);
  });
});
