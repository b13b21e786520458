/** Dispatchers that are killed while they deliver: what they had claimed comes from another one within a minute, in order, under its id. */
import { Webhook as Signer } from "standardwebhooks";
import { expect, test } from "vitest";
import { createTestDatabase } from "../postgres-for-tests.ts";
import { startReceiver, statusAnswer } from "../webhook-receiver.ts";
import { makeDataFolder, rollcall, serve } from "./rollcall-process.ts";
import { createScimSite, patchMessage, userMessage } from "./scim-site.ts";

/** A claim lasts a minute, and a busy machine takes its time. */
const patience = { timeout: 120_000, interval: 100 };
const allow = ["--webhook-allow", "127.0.0.0/8"];

test.concurrent.each(["SQLite", "PostgreSQL"])(
  "on %s nothing that a killed server had claimed is lost",
  async (name) => {
    const folder = makeDataFolder();
    const database = name === "SQLite" ? undefined : await createTestDatabase();
    const place = database === undefined ? [] : ["--database-url", database.url];
    const data = ["--data", folder.path, ...place, ...allow];
    const receiver = await startReceiver();
    // Takes what it is sent, and says nothing.
    receiver.answerWith(() => undefined);
    const servers = [await serve(folder.path, [...place, ...allow])];
    try {
      const site = createScimSite(
        () => servers.slice(-1).map(({ baseUrl }) => baseUrl),
        () => ({
          folder: folder.path,
          ...(database === undefined ? {} : { databaseUrl: database.url }),
        }),
      );
      const token = await site.freshConnection("idp");
      const url = `http://127.0.0.1:${receiver.port}/in`;
      const added = await rollcall("webhook", "add", "default", url, ...data, "--json");
      const { secret } = JSON.parse(added);
      const story = async (userName: string): Promise<void> => {
        const { status, body } = await site.call(
          token,
          "POST",
          "/Users",
          userMessage({ userName, externalId: userName }),
        );
        expect(status).toBe(201);
        const patch = patchMessage({ op: "replace", path: "title", value: "Chair" });
        expect((await site.call(token, "PATCH", `/Users/${body.id}`, patch)).status).toBe(200);
      };
      await Promise.all(["ann", "ben", "cem"].map((one) => story(`${one}@acme.example`)));
      await expect.poll(() => receiver.requests.length, patience).toBeGreaterThan(0);
      await servers[0]?.kill();
      const heard = receiver.requests.map(({ headers }) => headers["webhook-id"]);
      receiver.clear();
      receiver.answerWith(statusAnswer(204));
      servers.push(await serve(folder.path, [...place, ...allow]));
      const listed = await rollcall("event", "list", "default", ...data, "--json");
      const all: { id: string; type: string; data: { id?: string } }[] = JSON.parse(listed);
      // Connections were made before the webhook was.
      const events = all.filter(({ type }) => !type.startsWith("connection."));
      const ids = () => receiver.requests.map(({ headers }) => String(headers["webhook-id"]));
      await expect.poll(() => new Set(ids()).size, patience).toBe(events.length);
      expect([...new Set(ids())].sort()).toEqual(events.map(({ id }) => id).sort());
      // What the killed one had begun to tell is told again, under the ids it had.
      expect(ids()).toEqual(expect.arrayContaining(heard));
      const types = new Map<string, string[]>();
      for (const { headers, body } of receiver.requests) {
        const event = new Signer(secret).verify(body, headers as Record<string, string>) as {
          readonly type: string;
          readonly data: { readonly id: string };
        };
        if (event.type.startsWith("user.")) {
          types.set(event.data.id, [...(types.get(event.data.id) ?? []), event.type]);
        }
      }
      expect([...types.values()]).toEqual(Array(3).fill(["user.created", "user.updated"]));
    } finally {
      await servers.at(-1)?.kill();
      await receiver.close();
      await database?.drop();
      folder.remove();
    }
  },
  300_000,
);
