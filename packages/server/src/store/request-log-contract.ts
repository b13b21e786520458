/** What a store promises about the request log. */
import assert from "node:assert/strict";
import type { RequestLogEntry } from "../domain/request-log-entry.ts";
import type { ConnectionId } from "../domain/tenant.ts";
import { testTenant, testTime } from "./contract-population.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

const acme = testTenant("acme").tenantId;

function entryAt(seconds: number, tenantId: string | undefined): RequestLogEntry {
  return {
    requestId: `request-${seconds}`,
    at: testTime(seconds),
    tenantId,
    connectionId: tenantId === undefined ? undefined : "connection",
    credentialId: tenantId === undefined ? undefined : "credential",
    client: "test/1.0",
    method: "POST",
    pathTemplate: "/scim/v2/Users",
    status: 409,
    scimType: "uniqueness",
    reason: "unique_keys userName",
    warnings: ["operation 2: an unknown attribute was dropped"],
    durationMs: 1.5,
  };
}

/** Every promise about the request log. */
export const requestLogContract: readonly StoreContractTest[] = [
  {
    name: "request log: lists what was appended, newest last",
    run: async ({ requestLog }) => {
      const entries = [entryAt(1, acme), entryAt(2, undefined), entryAt(3, acme)];
      for (const entry of entries) {
        requestLog.append(entry);
      }
      const listed = await requestLog.list({ limit: 10 });
      assert.deepEqual(
        listed.map(({ sequence, ...entry }) => entry),
        entries,
      );
      assert.deepEqual(await requestLog.list({ limit: 2 }), listed.slice(1));
      const after = listed[0]?.sequence ?? 0;
      assert.deepEqual(
        await requestLog.list({ limit: 1, afterSequence: after }),
        listed.slice(1, 2),
      );
      assert.deepEqual(await requestLog.list({ limit: 9, tenantId: acme }), [listed[0], listed[2]]);
    },
  },
  {
    name: "request log: counts what connections were refused since a time, by status and scimType",
    run: async ({ requestLog }) => {
      const globex = testTenant("globex").tenantId;
      for (const entry of [
        entryAt(1, acme),
        entryAt(2, acme),
        entryAt(3, acme),
        { ...entryAt(3, acme), status: 403, scimType: undefined },
        { ...entryAt(3, acme), status: 200 },
        { ...entryAt(3, acme), status: 503 },
        entryAt(4, globex),
        entryAt(4, undefined),
      ]) {
        requestLog.append(entry);
      }
      const shared = { connectionId: "connection" };
      const conflicts = { ...shared, status: 409, scimType: "uniqueness" };
      assert.deepEqual(await requestLog.refusals(testTime(2)), [
        { ...shared, tenantId: acme, status: 403, scimType: undefined, count: 1 },
        { ...conflicts, tenantId: acme, count: 2 },
        { ...conflicts, tenantId: globex, count: 1 },
      ]);
      assert.deepEqual(await requestLog.refusals(testTime(5)), []);
    },
  },
  {
    name: "request log: drops what is older than a time",
    run: async ({ requestLog }) => {
      for (const seconds of [1, 2, 3]) {
        requestLog.append(entryAt(seconds, acme));
      }
      await requestLog.prune(testTime(2));
      const listed = await requestLog.list({ limit: 10 });
      assert.deepEqual(
        listed.map(({ at }) => at),
        [testTime(2), testTime(3)],
      );
      await requestLog.prune(testTime(9));
      requestLog.append(entryAt(10, acme));
      const [last] = await requestLog.list({ limit: 10 });
      assert.ok(
        (last?.sequence ?? 0) > (listed[1]?.sequence ?? 0),
        "sequences are never used again",
      );
    },
  },
  {
    name: "request log: lists by connection, by status and before a sequence",
    run: async ({ requestLog }) => {
      const entries = [
        { ...entryAt(1, acme), status: 200, scimType: undefined, reason: undefined },
        entryAt(2, acme),
        { ...entryAt(3, acme), connectionId: "another" },
        entryAt(4, acme),
      ];
      for (const entry of entries) {
        requestLog.append(entry);
      }
      const idsOf = async (search: Partial<Parameters<typeof requestLog.list>[0]>) =>
        (await requestLog.list({ tenantId: acme, limit: 10, ...search })).map(
          ({ requestId }) => requestId,
        );
      const connectionId = "connection" as ConnectionId;
      assert.deepEqual(await idsOf({ connectionId }), ["request-1", "request-2", "request-4"]);
      assert.deepEqual(await idsOf({ statusFrom: 400, connectionId, limit: 1 }), ["request-4"]);
      const [last] = await requestLog.list({ tenantId: acme, limit: 1 });
      const before = { beforeSequence: last?.sequence, limit: 2 };
      assert.deepEqual(await idsOf(before), ["request-2", "request-3"]);
      assert.deepEqual(await idsOf({ beforeSequence: 0 }), []);
    },
  },
];
