/** What a store promises about the request log. */
import assert from "node:assert/strict";
import type { RequestLogEntry } from "../domain/request-log-entry.ts";
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
];
