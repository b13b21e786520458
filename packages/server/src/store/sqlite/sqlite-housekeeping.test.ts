import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStandardRegistry } from "@rollcall/scim";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newId } from "../../provisioning/new-id.ts";
import { createPopulation, testTypes } from "../contract-population.ts";
import type { Store } from "../store.ts";
import { openSqliteStore } from "./open-sqlite-store.ts";
import { SqliteDriver } from "./sqlite-driver.ts";

const { user } = testTypes(createStandardRegistry());
let folder = "";
const troubles: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-housekeeping-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  expect(troubles.splice(0)).toEqual([]);
});

function open(role: "server" | "command"): Promise<Store> {
  const onTrouble = (message: string) => void troubles.push(message);
  return openSqliteStore({ folder, role, newId, keyedHash: (text) => text, onTrouble });
}

function chained(): unknown {
  const database = new SqliteDriver(join(folder, "rollcall.db"), { readonly: true });
  try {
    return database.prepare("SELECT last_chained_number AS number FROM tenants").pluck().get();
  } finally {
    database.close();
  }
}

test("a server chains what it has written, after a while and by itself", async () => {
  const store = await open("server");
  const population = await createPopulation(store);
  await expect.poll(chained, { timeout: 20_000, interval: 200 }).toBe(2);
  await population.create(user, { userName: "ann" });
  await expect.poll(chained, { timeout: 20_000, interval: 200 }).toBe(3);
  await store.close();
});

test("a command leaves it to the server, which also chains what was there before", async () => {
  const command = await open("command");
  await createPopulation(command);
  await command.close();
  expect(chained()).toBe(0);
  const store = await open("server");
  await expect.poll(chained, { timeout: 20_000, interval: 200 }).toBe(2);
  await store.close();
});

test("closing does not wait for the chain, and opening again goes on with it", async () => {
  const store = await open("server");
  await createPopulation(store);
  await store.close();
  const again = await open("server");
  const [tenant] = await again.tenants.list();
  if (tenant === undefined) {
    throw new TypeError("it was made before");
  }
  expect(await again.auditLog.verify(tenant.tenantId)).toEqual({
    ok: true,
    entries: 2,
    chained: 2,
  });
  await again.close();
});
