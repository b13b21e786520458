/** What a store promises about the keys by which requests are repeated. */
import assert from "node:assert/strict";
import type { CredentialId } from "../domain/tenant.ts";
import { testTime } from "./contract-population.ts";
import type { IdempotencyClaim } from "./store.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

const ages = { rememberedSince: testTime(-86_400), underWaySince: testTime(-60) };
const claimAt = (seconds: number, differences: Partial<IdempotencyClaim> = {}) => ({
  credentialId: "one" as CredentialId,
  key: "key",
  requestHash: "hash",
  at: testTime(seconds),
  ...differences,
});
const answer = { status: 201, body: "sealed" };

/** Every promise about idempotency keys. */
export const idempotencyContract: readonly StoreContractTest[] = [
  {
    name: "idempotency keys: of many claims one is first, and each credential has its own keys",
    run: async ({ idempotencyKeys }) => {
      const verdicts = await Promise.all(
        Array.from({ length: 8 }, () => idempotencyKeys.claim(claimAt(0), ages)),
      );
      assert.deepEqual(verdicts.map(({ kind }) => kind).toSorted(), [
        "claimed",
        ...Array.from({ length: 7 }, () => "under-way"),
      ]);
      for (const other of [{ credentialId: "two" as CredentialId }, { key: "other" }]) {
        const verdict = await idempotencyKeys.claim(claimAt(0, other), ages);
        assert.equal(verdict.kind, "claimed");
      }
    },
  },
  {
    name: "idempotency keys: what was answered is answered again, to the same request alone",
    run: async ({ idempotencyKeys }) => {
      await idempotencyKeys.claim(claimAt(0), ages);
      const other = claimAt(1, { requestHash: "other" });
      assert.deepEqual(await idempotencyKeys.claim(other, ages), { kind: "other-request" });
      await idempotencyKeys.settle(claimAt(0), answer);
      assert.deepEqual(await idempotencyKeys.claim(claimAt(1), ages), { kind: "answered", answer });
      assert.deepEqual(await idempotencyKeys.claim(other, ages), { kind: "other-request" });
      // What is settled stays.
      await idempotencyKeys.release(claimAt(0));
      await idempotencyKeys.settle(claimAt(0), { status: 500, body: "" });
      assert.deepEqual(await idempotencyKeys.claim(claimAt(2), ages), { kind: "answered", answer });
    },
  },
  {
    name: "idempotency keys: a claim that came to nothing is free at once, one that was left is free in time",
    run: async ({ idempotencyKeys }) => {
      const kindAt = async (seconds: number, requestHash = "hash") =>
        (
          await idempotencyKeys.claim(claimAt(seconds, { requestHash }), {
            rememberedSince: testTime(seconds - 86_400),
            underWaySince: testTime(seconds - 60),
          })
        ).kind;
      assert.equal(await kindAt(0), "claimed");
      await idempotencyKeys.release(claimAt(0));
      assert.equal(await kindAt(1), "claimed");
      assert.equal(await kindAt(61), "under-way");
      assert.equal(await kindAt(62, "another"), "claimed");
      // Whoever had it before must not answer for whoever has it now.
      await idempotencyKeys.settle(claimAt(1), answer);
      await idempotencyKeys.release(claimAt(1));
      assert.equal(await kindAt(63, "another"), "under-way");
      await idempotencyKeys.settle(claimAt(62), answer);
      assert.equal(await kindAt(86_462, "another"), "answered");
      assert.equal(await kindAt(86_463), "claimed");
    },
  },
  {
    name: "idempotency keys: old ones are dropped",
    run: async ({ idempotencyKeys }) => {
      for (const key of ["old", "new"]) {
        await idempotencyKeys.claim(claimAt(key === "old" ? 0 : 10, { key }), ages);
      }
      await idempotencyKeys.prune(testTime(5));
      const again = await Promise.all(
        ["old", "new"].map((key) => idempotencyKeys.claim(claimAt(20, { key }), ages)),
      );
      assert.deepEqual(
        again.map(({ kind }) => kind),
        ["claimed", "under-way"],
      );
    },
  },
];
