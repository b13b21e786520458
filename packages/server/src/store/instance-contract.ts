/** What a store promises about the instance as a whole. */
import assert from "node:assert/strict";
import type { StoreContractTest } from "./store-contract-test.ts";

/** Every promise about the instance. */
export const instanceContract: readonly StoreContractTest[] = [
  {
    name: "instance: the first to claim a fact is right, and stays so",
    run: async (store) => {
      assert.equal(await store.claimInstanceFact("key", "one"), "one");
      assert.equal(await store.claimInstanceFact("key", "two"), "one");
      assert.equal(await store.claimInstanceFact("other", "two"), "two");
      const claims = Array.from({ length: 8 }, (_, index) =>
        store.claimInstanceFact("contested", `${index}`),
      );
      assert.equal(new Set(await Promise.all(claims)).size, 1);
    },
  },
  { name: "instance: answers when asked whether it is there", run: (store) => store.ping() },
];
