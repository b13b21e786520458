/** The library's store contract on SQLite, through one connection of one tenant. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStandardRegistry } from "@rollcall/scim";
import { resourceStoreContract } from "@rollcall/scim/testing";
import { describe, expect, test } from "vitest";
import { undocumentedEvents } from "../../../../../test/documented-events.ts";
import { connectionResourceStore } from "../../provisioning/connection-resource-store.ts";
import { createPopulation, testCircumstances } from "../contract-population.ts";
import type { Store } from "../store.ts";
import { storeContract } from "../store-contract.ts";
import { openSqliteStore } from "./open-sqlite-store.ts";

async function withStore(run: (store: Store) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-store-"));
  let ids = 0;
  const store = await openSqliteStore({
    folder,
    role: "server",
    newId: () => `id-${++ids}`,
    keyedHash: (text) => `hash of ${text.length}`,
  });
  try {
    await run(store);
    expect(await undocumentedEvents(store)).toEqual([]);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
}

const registry = createStandardRegistry();

describe("resource store contract on SQLite", () => {
  for (const { name, run } of resourceStoreContract) {
    test(name, () =>
      withStore(async (store) => {
        const { scope } = await createPopulation(store);
        await run(connectionResourceStore(store, scope, testCircumstances), registry);
      }),
    );
  }
});

describe("store contract on SQLite", () => {
  for (const { name, run } of storeContract) {
    test(name, () => withStore((store) => run(store, registry)));
  }
});
