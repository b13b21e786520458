/** The memory store keeps every promise of the contract. */
import { expect, test } from "vitest";
import { createStandardRegistry } from "../schema/standard-registry.ts";
import { createMemoryResourceStore } from "./memory-resource-store.ts";
import { resourceStoreContract } from "./resource-store-contract.ts";

const registry = createStandardRegistry();

test.each(resourceStoreContract)("$name", async ({ run }) => {
  await run(createMemoryResourceStore(registry), registry);
});

test("every promise has a name of its own", () => {
  const names = resourceStoreContract.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test("two stores share nothing", async () => {
  const [first, second] = [1, 2].map(() => createMemoryResourceStore(registry));
  const user = registry.named("User");
  if (first === undefined || second === undefined || user === undefined) {
    throw new Error("no stores or no User");
  }
  await first.commit(
    {
      kind: "create",
      resourceType: user,
      id: "1",
      after: { userName: "ann" },
      relations: [],
      uniqueKeys: [{ path: "userName", key: "ann" }],
    },
    { expectedRevision: undefined, strictReferences: false, nowMs: 0 },
  );
  expect(await second.read(user, "1", [])).toBeUndefined();
  expect(await second.readByKeys(user, [{ path: "userName", key: "ann" }])).toEqual([]);
});
