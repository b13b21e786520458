/** The story of an account, end to end: attached by a sync, told by mail, left, locked, deleted, and back again. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestDatabase } from "../postgres-for-tests.ts";
import { createTestDatabase } from "../postgres-for-tests.ts";
import { findBrokenInvariants } from "./invariants.ts";
import { findBrokenInvariants as findBrokenInPostgres } from "./postgres-invariants.ts";
import type { RollcallProcess } from "./rollcall-process.ts";
import { makeDataFolder, rollcall, serve } from "./rollcall-process.ts";
import { createScimSite, patchMessage, tally, userMessage } from "./scim-site.ts";

const vic = "vic@globex.example";
const bea = "bea@acme.example";

/** What has arrived, by address. */
const received = new Map<string, string[]>();
/** What has arrived about the tenant `default`; of another one an operator has told as well. */
const toldOfDefault = (email: string) =>
  (received.get(email) ?? []).filter((text) => /default/i.test(text));
let smtp: SMTPServer;
let smtpUrl = "";

beforeAll(async () => {
  smtp = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    onData: (stream, session, callback) => {
      const pieces: Buffer[] = [];
      stream.on("data", (piece: Buffer) => pieces.push(piece));
      stream.on("end", () => {
        for (const { address } of session.envelope.rcptTo) {
          received.set(address, [
            ...(received.get(address) ?? []),
            Buffer.concat(pieces).toString().replace(/=\r\n/g, ""),
          ]);
        }
        callback();
      });
    },
  });
  const listening = smtp.listen(0, "127.0.0.1");
  await once(listening, "listening");
  smtpUrl = `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`;
});
afterAll(() => new Promise<void>((resolve) => smtp.close(() => resolve())));

describe.each(["SQLite", "PostgreSQL"])("on %s", (name) => {
  const folder = makeDataFolder();
  let database: TestDatabase | undefined;
  let servers: readonly RollcallProcess[] = [];
  let token = "";

  const data = () => [
    "--data",
    folder.path,
    ...(database === undefined ? [] : ["--database-url", database.url]),
  ];
  const cli = async (...words: readonly string[]) =>
    JSON.parse(await rollcall(...words, ...data(), "--json"));
  const site = createScimSite(
    () => servers.map(({ baseUrl }) => baseUrl),
    () => ({
      folder: folder.path,
      ...(database === undefined ? {} : { databaseUrl: database.url }),
    }),
  );
  const call = (method: string, path: string, body?: unknown) =>
    site.call(token, method, path, body);
  const member = async (email: string) =>
    (await cli("member", "list", "default")).find((one: { email: string }) => one.email === email);

  beforeAll(async () => {
    received.clear();
    database = name === "SQLite" ? undefined : await createTestDatabase();
    const flags = [
      "--smtp-url",
      smtpUrl,
      "--mail-from",
      "rollcall@example.com",
      "--rate-limit",
      "0",
    ];
    const start = () => serve(folder.path, [...data().slice(2), ...flags]);
    servers = [await start(), ...(database === undefined ? [] : [await start()])];
    token = await site.freshConnection("idp");
    await cli("account", "create", "--email", vic, "--verified", "--has-login");
    await cli("tenant", "create", "globex");
    await cli("member", "add", "globex", vic, "--role", "owner");
  }, 120_000);
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await database?.drop();
    folder.remove();
  });

  test("64 POSTs at once attach an account of another tenant once, with one mail and one event", async () => {
    const before = await cli("account", "show", vic);
    const message = userMessage({ userName: vic, externalId: "vic" });
    const answers = await Promise.all(
      Array.from({ length: 64 }, () => call("POST", "/Users", message)),
    );
    expect(tally(answers)).toEqual({ 200: 63, 201: 1 });
    // Nothing in an answer tells that there was an account.
    expect(JSON.stringify(answers.map(({ body }) => body))).not.toMatch(/account|link/i);
    const events = await cli("event", "list", "default", "--type", "user.created");
    expect(events).toHaveLength(1);
    expect(events[0].data).toMatchObject({ accountId: before.id, isNewAccount: false });
    await expect.poll(() => toldOfDefault(vic).length, { timeout: 30_000 }).toBe(1);
    const mails = await cli("mail", "list", "--to", vic);
    const isHere = ({ tenant }: { tenant: string }) => tenant === "default";
    expect(mails.filter(isHere)).toMatchObject([{ to: vic, kind: "attached", tenant: "default" }]);
    expect(await member(vic)).toMatchObject({ link: "linked", role: "user", effective: true });
    const { memberships, ...account } = await cli("account", "show", vic);
    const { memberships: earlier, ...asBefore } = before;
    expect(account).toEqual(asBefore);
    expect(memberships).toEqual(expect.arrayContaining(earlier));
  }, 60_000);

  test("the link in the mail shows a page, and only its form leaves; no sync attaches them again", async () => {
    const [, link = ""] = /(http:\/\/\S+\/leave\/[\w-]+)/.exec(toldOfDefault(vic)[0] ?? "") ?? [];
    const page = await fetch(link);
    expect([page.status, page.headers.get("content-type")]).toEqual([
      200,
      "text/html; charset=utf-8",
    ]);
    expect(await member(vic)).toMatchObject({ link: "linked" });
    expect(
      (await fetch(link, { method: "POST", body: new URLSearchParams({ action: "leave" }) }))
        .status,
    ).toBe(200);
    expect(await member(vic)).toMatchObject({ link: "declined", effective: false });
    const { body } = await call(
      "GET",
      `/Users?filter=${encodeURIComponent(`userName eq "${vic}"`)}`,
    );
    const [{ id }] = body.Resources;
    for (const active of [false, true]) {
      const message = patchMessage({ op: "replace", path: "active", value: active });
      expect((await call("PATCH", `/Users/${id}`, message)).status).toBe(200);
    }
    expect((await call("DELETE", `/Users/${id}`)).status).toBe(204);
    const again = userMessage({ userName: vic, externalId: "vic" });
    expect((await call("POST", "/Users", again)).status).toBe(201);
    expect(await member(vic)).toMatchObject({ link: "declined", effective: false });
    expect(toldOfDefault(vic)).toHaveLength(1);
  }, 60_000);

  test("an admin's lock survives active: true, and DELETE and POST lead back to the account", async () => {
    const message = userMessage({ userName: bea, externalId: "bea" });
    const { body } = await call("POST", "/Users", message);
    const { accountId } = await member(bea);
    await cli("lock", "add", "default", bea, "--source", "admin", "--reason", "under review");
    for (const active of [false, true]) {
      const patch = patchMessage({ op: "replace", path: "active", value: active });
      expect((await call("PATCH", `/Users/${body.id}`, patch)).status).toBe(200);
    }
    expect(await member(bea)).toMatchObject({ locks: ["admin"], effective: false });
    await cli("lock", "remove", "default", bea, "--source", "admin");
    expect(await member(bea)).toMatchObject({ locks: [], effective: true });
    expect((await call("DELETE", `/Users/${body.id}`)).status).toBe(204);
    expect(await member(bea)).toBeUndefined();
    const again = await call("POST", "/Users", message);
    expect(again.status).toBe(201);
    expect(again.body.id).not.toBe(body.id);
    expect(await member(bea)).toMatchObject({ accountId, effective: true });
    expect(received.get(bea)).toBeUndefined();
  }, 60_000);

  test("no answer tells whether somebody has an account elsewhere (I4)", async () => {
    const [server] = servers;
    const answerTo = async (userName: string) => {
      const response = await fetch(`${server?.baseUrl}/Users`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/scim+json",
        },
        body: JSON.stringify(userMessage({ userName })),
      });
      const text = await response.text();
      const { id } = JSON.parse(text);
      const headers = [...response.headers].filter(([name]) => name !== "date");
      return JSON.stringify({ status: response.status, headers, text })
        .replaceAll(userName, "somebody")
        .replaceAll(id ?? "no id", "an id")
        .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "a time")
        .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "a request");
    };
    for (const policy of ["attach", "verified-or-invite", "verified-only", "invite"]) {
      await cli("tenant", "set", "default", `attachPolicy=${policy}`);
      const known = `known-${policy}@globex.example`;
      await cli("account", "create", "--email", known, "--verified", "--has-login");
      // Of the same length, as the length of the answer is in its headers.
      expect(await answerTo(known)).toBe(await answerTo(`fresh-${policy}@globex.example`));
    }
    await cli("tenant", "set", "default", "attachPolicy=");
  }, 60_000);

  test("of many who would be attached by one userName at once one is, and nobody else is told", async () => {
    const emails = Array.from({ length: 3 }, (_, index) => `eve${index}@globex.example`);
    for (const email of emails) {
      await cli("account", "create", "--email", email, "--verified", "--has-login");
    }
    // Each is decided on while nobody has the name yet; all but one come too late.
    const answers = await Promise.all(
      emails.map((value) => {
        const own = { externalId: value, emails: [{ value, primary: true }] };
        return call("POST", "/Users", userMessage({ userName: "eve", ...own }));
      }),
    );
    expect(tally(answers)).toEqual({ 201: 1, 409: 2 });
    const winner = emails[answers.findIndex(({ status }) => status === 201)] ?? "";
    await expect.poll(() => received.get(winner)?.length, { timeout: 30_000 }).toBe(1);
    for (const email of emails.filter((one) => one !== winner)) {
      expect(await cli("mail", "list", "--to", email)).toEqual([]);
      expect((await cli("account", "show", email)).memberships).toEqual([]);
      expect(received.get(email)).toBeUndefined();
    }
    const attached = await cli("event", "list", "default", "--type", "user.created");
    expect(
      attached.filter(({ data }: { data: { resource: { userName: string } } }) =>
        data.resource.userName.startsWith("eve"),
      ),
    ).toHaveLength(1);
  }, 90_000);

  test("the last owner stays, and every entry of the audit log is in its place", async () => {
    await cli("member", "add", "default", bea, "--role", "owner");
    const { body } = await call(
      "GET",
      `/Users?filter=${encodeURIComponent(`userName eq "${bea}"`)}`,
    );
    const [{ id }] = body.Resources;
    const patch = patchMessage({ op: "replace", path: "active", value: false });
    expect((await call("PATCH", `/Users/${id}`, patch)).status).toBe(403);
    expect((await call("DELETE", `/Users/${id}`)).status).toBe(403);
    expect(await member(bea)).toMatchObject({ role: "owner", effective: true });
    const refused = (await cli("audit", "list", "default")).filter(
      ({ outcome }: { outcome: string }) => outcome === "refused",
    );
    expect(refused.map(({ action }: { action: string }) => action)).toEqual([
      "user.patch",
      "user.delete",
    ]);
    expect(await cli("audit", "verify", "default")).toMatchObject({ ok: true });
    const broken =
      database === undefined
        ? findBrokenInvariants(folder.path)
        : await findBrokenInPostgres(database.url);
    expect(broken).toEqual([]);
  }, 60_000);
});
