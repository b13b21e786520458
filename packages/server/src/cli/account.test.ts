import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { StartedProvider } from "../../../../conformance/start-provider.ts";
import { startProvider } from "../../../../conformance/start-provider.ts";
import type { TestDatabase } from "../../../../test/postgres-for-tests.ts";
import { createTestDatabase } from "../../../../test/postgres-for-tests.ts";
import type { Io } from "./command.ts";
import { main } from "./main.ts";

const publicUrl = "https://id.example.com";
const txtRecords = new Map<string, readonly string[]>();
const wanted = inject("database") ?? "sqlite";
let database: TestDatabase | undefined;
let server: StartedProvider;
// The commands run beside a server on the same data, which is a process of its own.
beforeAll(async () => {
  database = wanted === "sqlite" ? undefined : await createTestDatabase(wanted);
  server = await startProvider(["--public-url", publicUrl], database?.url);
}, 60_000);
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  await database?.drop();
});

function run(...args: readonly string[]) {
  return runWith({}, ...args);
}
async function runWith(terminal: Pick<Io, "ask">, ...args: readonly string[]) {
  const written = { out: "", err: "" };
  const code = await main([...args, "--public-url", publicUrl], {
    ...terminal,
    program: "rollcall",
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    env: { ROLLCALL_DATA: server.dataFolder, ROLLCALL_DATABASE_URL: database?.url ?? "" },
    now: Date.now,
    resolveTxt: async (name) => txtRecords.get(name) ?? [],
    stopSignal: () => new AbortController().signal,
  });
  return { code, ...written };
}
async function ok(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await run(...args);
  expect(code, err).toBe(0);
  return out;
}
const json = async (...args: readonly string[]) => JSON.parse(await ok(...args, "--json"));
async function refused(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await run(...args);
  expect([code, out]).toEqual([1, ""]);
  expect(err).toMatch(/^rollcall: .*\n$/);
  return err;
}

/** A tenant with a connection; answers with what pushes a User to it and gives its id. */
async function newTenant(slug: string, ...settings: readonly string[]) {
  await ok("tenant", "create", slug);
  await ok("connection", "create", slug, "--profile", "generic", "--slug", "idp");
  if (settings.length > 0) {
    await ok("tenant", "set", slug, ...settings);
  }
  const { token } = await json("token", "create", `${slug}/idp`);
  return async (userName: string, attributes: object = {}): Promise<string> => {
    const response = await fetch(`${server.baseUrl}/Users`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
      body: JSON.stringify({
        schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
        userName,
        externalId: userName,
        ...attributes,
      }),
    });
    const { id } = JSON.parse(await response.text());
    expect([200, 201]).toContain(response.status);
    return id;
  };
}
/** The link in the latest mail to an address. */
async function linkTo(email: string, part: string): Promise<string> {
  const mail = (await json("mail", "list", "--to", email)).at(-1);
  const { text } = await json("mail", "show", mail.id);
  return new RegExp(`${publicUrl}/${part}/[\\w-]+`).exec(text)?.[0] ?? "no link";
}

test("a token of a User, by id or userName, leads to that User by /Me", async () => {
  const push = await newTenant("mirror");
  const id = await push("Ann@mirror.example");
  for (const user of [id, "ann@mirror.example"]) {
    const { token, userId } = await json("token", "create", "mirror/idp", "--user", user);
    expect(userId).toBe(id);
    const response = await fetch(`${server.baseUrl}/Me`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(JSON.parse(await response.text()).id).toBe(id);
  }
  const why = await refused("token", "create", "mirror/idp", "--user", "nobody");
  expect(why).toContain("has no such user");
});

describe("account", () => {
  test("create and show have the members of the contract, by e-mail, id and ref", async () => {
    const made = await json(
      ...["account", "create", "--email", "Ann@one.example", "--name", "Ann One", "--verified"],
      ...["--has-login", "--ref", "ref-ann", "--language", "de-CH"],
    );
    expect(made).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      email: "Ann@one.example",
      emailVerified: true,
      hasLogin: true,
      name: "Ann One",
      preferredLanguage: "de-CH",
      ref: "ref-ann",
      created: expect.any(String),
      memberships: [],
    });
    for (const name of ["ann@ONE.example", made.id, "ref-ann"]) {
      expect(await json("account", "show", name)).toEqual(made);
    }
    expect(await json("account", "create", "--email", "ben@one.example")).toMatchObject({
      emailVerified: false,
      hasLogin: false,
      name: null,
      ref: null,
    });
    const listed = await json("account", "list");
    expect(listed).toContainEqual(expect.objectContaining({ id: made.id }));
    expect(await ok("account", "list")).toContain("ben@one.example");
  });

  test("refuses a second one of an address, no address, and an unknown account", async () => {
    await ok("account", "create", "--email", "ann@two.example");
    expect(await refused("account", "create", "--email", "ANN@two.example")).toContain("already");
    expect(await refused("account", "create", "--email", "ann")).toContain("no e-mail address");
    expect(await refused("account", "create", "--name", "Ann")).toContain("--email is missing");
    expect(await refused("account", "show", "nobody@two.example")).toContain("there is no account");
  });

  test("at a terminal the person is asked before somebody is erased", async () => {
    await ok("account", "create", "--email", "ann@five.example");
    const questions: string[] = [];
    const eraseAnswering = (answer: string, ...more: readonly string[]) => {
      const ask = async (question: string) => {
        questions.push(question);
        return answer;
      };
      return runWith({ ask }, "account", "erase", "ann@five.example", "--json", ...more);
    };
    for (const answer of ["", "n", "ann@five.example"]) {
      const { code, err } = await eraseAnswering(answer);
      expect([code, err]).toEqual([1, "rollcall: nothing is erased\n"]);
    }
    expect(questions).toHaveLength(3);
    expect(questions[0]).toMatch(/erases the account ann@five\.example for ever.*Type yes/);
    await ok("account", "show", "ann@five.example");
    const erased = await eraseAnswering(" Yes\n");
    expect([erased.code, JSON.parse(erased.out).erased]).toEqual([0, true]);
    await ok("account", "create", "--email", "ann@five.example");
    expect((await eraseAnswering("no", "--yes")).code).toBe(0);
    expect(questions).toHaveLength(4);
  });

  test("is exported, and erased; what the client has pushed stays", async () => {
    const push = await newTenant("three");
    await ok("account", "create", "--email", "ann@three.example", "--verified");
    const user = await push("ann@three.example", { title: "Dr" });
    const exported = JSON.parse(await ok("account", "export", "ann@three.example"));
    expect(exported).toMatchObject({
      account: { email: "ann@three.example" },
      tenants: [{ tenant: "three", users: [{ id: user, attributes: { title: "Dr" } }] }],
    });
    expect(exported.tenants[0].mails).toHaveLength(1);
    const { id } = await json("account", "show", "ann@three.example");
    await ok("member", "add", "three", "ann@three.example", "--role", "owner");
    // Without a terminal nobody can be asked: a script has decided.
    expect(await refused("account", "erase", "ann@three.example")).toContain(
      "nothing is erased: the person is the last owner of tenant three",
    );
    expect((await json("account", "show", id)).email).toBe("ann@three.example");
    await ok("account", "create", "--email", "ben@three.example");
    await ok("member", "add", "three", "ben@three.example", "--role", "owner");
    expect(await json("account", "erase", "ann@three.example")).toEqual({
      erased: true,
      id,
      tenants: ["three"],
      remainingUsers: [{ tenant: "three", connection: "idp", id: user }],
    });
    await refused("account", "show", id);
    expect(await json("mail", "list", "--to", "ann@three.example")).toEqual([]);
    const entries = await json("audit", "list", "three");
    expect(JSON.stringify(entries)).not.toContain("ann@three.example");
    expect((await json("audit", "verify", "three")).ok).toBe(true);
    expect((await json("audit", "verify", "--instance")).ok).toBe(true);
    const events = JSON.stringify(await json("event", "list", "three"));
    expect(events).toContain("account.deleted");
    expect(events).not.toMatch(/ann@three|"Dr"/);
    expect((await json("user", "show", "three/idp", user)).title).toBe("Dr");
  });
});

describe("member", () => {
  test("add, list, remove: the members of the contract, in the list and with the account", async () => {
    await newTenant("acme");
    const { id } = await json("account", "create", "--email", "ann@acme.example");
    await ok("member", "add", "acme", "ann@acme.example", "--role", "admin");
    const row = {
      accountId: id,
      email: "ann@acme.example",
      role: "admin",
      link: "none",
      locks: [],
      effective: true,
    };
    const listed = await json("member", "list", "acme");
    expect(listed).toEqual([row]);
    expect(Object.keys(listed[0])).toEqual(Object.keys(row));
    const { accountId: _, email: __, ...membership } = row;
    expect((await json("account", "show", id)).memberships).toEqual([
      { tenant: "acme", ...membership },
    ]);
    expect(await ok("member", "list", "acme")).toContain("ann@acme.example");
    expect(await refused("member", "add", "acme", id, "--role", "king")).toContain(
      "owner, admin, user, viewer",
    );
    expect(await refused("member", "add", "acme", id)).toContain("--role is missing");
    expect(await refused("member", "add", "acme", "x@y.example", "--role", "admin")).toContain(
      "there is no account",
    );
    expect((await json("member", "remove", "acme", id)).changed).toBe(true);
    expect((await json("member", "remove", "acme", id)).changed).toBe(false);
    expect(await json("member", "list", "acme")).toEqual([]);
  });

  test("the last owner stays, a protected member cannot be locked", async () => {
    await newTenant("owned");
    for (const name of ["ann", "ben"]) {
      await ok("account", "create", "--email", `${name}@owned.example`);
    }
    const [ann, ben] = ["ann@owned.example", "ben@owned.example"];
    await ok("member", "add", "owned", ann, "--role", "owner");
    expect(await refused("member", "remove", "owned", ann)).toContain("last owner");
    expect(await refused("member", "add", "owned", ann, "--role", "viewer")).toContain(
      "last owner",
    );
    expect(await refused("member", "protect", "owned", ben)).toContain("no member");
    await ok("member", "add", "owned", ben, "--role", "owner");
    await ok("member", "protect", "owned", ben);
    const lock = ["lock", "add", "owned", ben, "--source", "security"];
    expect(await refused(...lock)).toContain("is protected");
    await ok("member", "unprotect", "owned", ben);
    await ok(...lock);
    const entries = await json("audit", "list", "owned");
    expect(
      entries.map(({ action, outcome }: { action: string; outcome: string }) => [action, outcome]),
    ).toEqual(
      expect.arrayContaining([
        ["membership.remove", "refused"],
        ["lock.add", "refused"],
        ["lock.add", "done"],
      ]),
    );
  });

  test("locks stand side by side, suspend, and say why", async () => {
    const push = await newTenant("locked");
    await ok("account", "create", "--email", "ann@locked.example", "--verified");
    const user = await push("ann@locked.example");
    const ann = "ann@locked.example";
    const reason = ["--reason", "left a laptop on a train"];
    await ok("lock", "add", "locked", ann, "--source", "admin", ...reason);
    await ok("lock", "add", "locked", ann, "--source", "security");
    const row = { role: "user", link: "linked", locks: ["admin", "security"], effective: false };
    expect(await json("member", "list", "locked")).toMatchObject([row]);
    await push(ann, { active: true });
    expect(await json("member", "list", "locked")).toMatchObject([row]);
    expect(await json("access", "show", "locked", ann)).toEqual({
      tenant: "locked",
      accountId: expect.any(String),
      email: ann,
      state: "suspended",
      role: null,
      teams: [],
      grants: [
        {
          source: "default",
          sourceId: null,
          teamId: null,
          team: null,
          role: "user",
          effective: false,
          why: "suspended by admin, security",
        },
      ],
      locks: ["admin", "security"],
      link: "linked",
      whyNot: "suspended by admin, security",
    });
    for (const source of ["admin", "security"]) {
      await ok("lock", "remove", "locked", ann, "--source", source);
    }
    expect(await json("access", "show", "locked", ann)).toMatchObject({
      state: "active",
      role: "user",
      grants: [{ effective: true, why: "given to members who get nothing else" }],
      whyNot: null,
    });
    expect(await refused("lock", "add", "locked", ann, "--source", "scim")).toContain(
      "expected admin or security",
    );
    expect(await refused("lock", "add", "locked", ann)).toContain("--source is missing");
    expect(await ok("access", "show", "locked", ann)).toContain("active");
    expect(user).toBeDefined();
  });
});

describe("the links in mails", () => {
  test("accept and decline invitations, by link or token, once", async () => {
    const push = await newTenant("inviting", "attachPolicy=invite");
    const [ann, ben] = ["ann@inviting.example", "ben@inviting.example"];
    for (const email of [ann, ben]) {
      await ok("account", "create", "--email", email, "--has-login");
      await push(email);
    }
    expect(await json("invitation", "list", "inviting")).toEqual(
      expect.arrayContaining([
        {
          id: expect.any(String),
          accountId: expect.any(String),
          email: ann,
          state: "open",
          connection: "idp",
          resourceId: expect.any(String),
          createdAt: expect.any(String),
          expiresAt: expect.any(String),
          settledAt: null,
        },
      ]),
    );
    expect(await json("access", "show", "inviting", ann)).toMatchObject({
      state: "none",
      link: "pending",
      whyNot: "the invitation is not accepted yet",
    });
    const link = await linkTo(ann, "invitations");
    expect(await json("invitation", "accept", link)).toEqual({
      state: "accepted",
      tenantName: "inviting",
    });
    expect(await refused("invitation", "accept", link)).toContain("is accepted");
    const token = (await linkTo(ben, "invitations")).split("/").at(-1) ?? "";
    await ok("invitation", "decline", token);
    expect(await refused("invitation", "accept", token)).toContain("is declined");
    expect(await refused("invitation", "accept", "bad")).toContain("no invitation");
    const members = await json("member", "list", "inviting");
    const shown = members.map(({ email, link: state, effective }: Record<string, unknown>) => [
      email,
      state,
      effective,
    ]);
    expect(shown.toSorted()).toEqual([
      [ann, "linked", true],
      [ben, "declined", false],
    ]);
    // Only whoever reads that mail can have accepted.
    expect((await json("account", "show", ann)).emailVerified).toBe(true);
    expect((await json("account", "show", ben)).emailVerified).toBe(false);
    expect(await ok("invitation", "list", "inviting")).toContain("accepted");
  });

  test("are sent to who has declined, who decides again, and revoked", async () => {
    const push = await newTenant("asking", "attachPolicy=invite");
    const [ann, ben] = ["ann@asking.example", "ben@asking.example"];
    for (const email of [ann, ben]) {
      await ok("account", "create", "--email", email, "--has-login");
      await push(email);
    }
    await ok("invitation", "accept", await linkTo(ann, "invitations"));
    await ok("invitation", "decline", await linkTo(ben, "invitations"));
    const sent = await json("invitation", "send", "asking", ben);
    expect(sent).toMatchObject({ email: ben, state: "open", connection: "idp", settledAt: null });
    expect(await json("invitation", "revoke", "asking", sent.id)).toMatchObject({
      id: sent.id,
      state: "revoked",
    });
    expect(await refused("invitation", "accept", await linkTo(ben, "invitations"))).toContain(
      "is revoked",
    );
    expect(await refused("invitation", "revoke", "asking", sent.id)).toContain("is revoked");
    expect(await refused("invitation", "revoke", "asking", "bad")).toContain("no invitation bad");
    expect(await refused("invitation", "send", "asking", ann)).toContain("linked");
    expect(await refused("invitation", "send", "asking", ben, "--connection", "nope")).toContain(
      "there is no connection nope",
    );
    expect(await ok("invitation", "send", "asking", ben)).toContain(`${ben} is invited`);
    await ok("invitation", "accept", await linkTo(ben, "invitations"));
    expect(await json("access", "show", "asking", ben)).toMatchObject({ state: "active" });
  });

  test("leave a tenant, and nobody is attached again", async () => {
    const push = await newTenant("leaving");
    const ann = "ann@leaving.example";
    await ok("account", "create", "--email", ann, "--verified");
    await push(ann);
    const link = await linkTo(ann, "leave");
    expect(await json("membership", "leave", link)).toEqual({
      state: "left",
      tenantName: "leaving",
    });
    await push(ann);
    expect(await json("member", "list", "leaving")).toMatchObject([
      { email: ann, link: "declined", effective: false },
    ]);
    expect(await refused("membership", "leave", link)).toContain("no membership");
  });
});

describe("owners", () => {
  test("settings that would leave a tenant without owner are refused, and say whose role it is", async () => {
    const push = await newTenant("crowned", "roleMapping=boss=owner");
    const ann = "ann@crowned.example";
    await push(ann, { roles: [{ value: "boss" }] });
    for (const setting of ["roleMapping=", "roleMapping=boss=admin", "roles=head,owner,member"]) {
      const told = await refused("tenant", "set", "crowned", setting);
      expect(told).toContain(`tenant crowned would have no owner any more: ${ann}`);
    }
    const owner = { email: ann, role: "owner", effective: true };
    expect(await json("member", "list", "crowned")).toMatchObject([owner]);
    await ok("tenant", "set", "crowned", "defaultRole=viewer");
    await ok("account", "create", "--email", "bea@crowned.example");
    await ok("member", "add", "crowned", "bea@crowned.example", "--role", "owner");
    await ok("tenant", "set", "crowned", "roleMapping=");
    expect(await json("member", "list", "crowned")).not.toContainEqual(
      expect.objectContaining(owner),
    );
  });
});

describe("domain", () => {
  test("add shows the record, verify needs it, list and remove", async () => {
    await newTenant("named");
    const added = await json("domain", "add", "named", "Named.Example");
    expect(added).toEqual({
      domain: "named.example",
      verified: false,
      method: null,
      verifiedAt: null,
      record: "_rollcall.named.example",
      challenge: expect.stringMatching(/^rollcall-domain-verification=[0-9a-f]{32}$/),
      createdAt: expect.any(String),
    });
    expect(await ok("domain", "add", "named", "named.example")).toContain(added.challenge);
    expect(await refused("domain", "verify", "named", "named.example")).toContain(added.challenge);
    txtRecords.set(added.record, [added.challenge]);
    const verified = await json("domain", "verify", "named", "named.example");
    expect(verified).toMatchObject({ verified: true, method: "dns" });
    expect(await json("domain", "list", "named")).toEqual([verified]);
    await newTenant("sharing");
    const assert = ["domain", "assert", "sharing", "named.example"];
    expect(await refused(...assert)).toContain("another tenant");
    expect(await json(...assert, "--shared")).toMatchObject({ verified: true, method: "asserted" });
    expect(await json("domain", "remove", "named", "named.example")).toEqual({
      removed: true,
      domain: "named.example",
    });
    expect(await refused("domain", "remove", "named", "named.example")).toContain("has no domain");
    expect(await ok("domain", "list", "sharing")).toContain("asserted");
  });
});
