import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStandardRegistry } from "@rollcall/scim";
import { expect, test } from "vitest";
import { testCircumstances } from "../store/contract-population.ts";
import { openSqliteStore } from "../store/sqlite/open-sqlite-store.ts";
import { createWebhookSite } from "../store/webhook-site.ts";
import { wakingStore } from "./waking-store.ts";

test("what makes events says so once it is written; reading, and what was refused, do not", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-waking-"));
  let ids = 0;
  const inner = await openSqliteStore({
    folder,
    role: "server",
    newId: () => `id-${++ids}`,
    keyedHash: (text) => text,
  });
  const seen: number[] = [];
  let written = 0;
  const store = wakingStore(inner, () => seen.push(written));
  const site = await createWebhookSite(store, createStandardRegistry());
  // A connection is told of, too.
  expect(seen.splice(0)).toEqual([0]);
  const { webhookId } = await site.add("a");
  const group = await site.create("one");
  written = 1;
  await site.rename(group, "two");
  expect(seen).toEqual([0, 1]);
  await store.outbox.list(site.tenantId, { after: 0, limit: 10 });
  await store.webhooks.list(site.tenantId);
  await expect(
    store.resources.record(undefined as never, {} as never, {} as never, testCircumstances),
  ).rejects.toThrow();
  expect(seen).toHaveLength(2);
  await store.webhooks.replay(site.tenantId, webhookId, { after: 0 }, testCircumstances);
  expect(seen).toHaveLength(3);
  await store.close();
  rmSync(folder, { recursive: true });
});
