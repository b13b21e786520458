/** The memory store keeps every promise of the contract. */
import { expect, test } from "vitest";
import { defineAttribute } from "../schema/attribute.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { createResourceTypeRegistry } from "../schema/resource-type.ts";
import { createStandardRegistry } from "../schema/standard-registry.ts";
import { createMemoryResourceStore } from "./memory-resource-store.ts";
import { resourceStoreContract } from "./resource-store-contract.ts";
import { createTestProvider } from "./test-provider.ts";

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

test("sub-attributes that are returned on request can be filtered on", async () => {
  const device: ResourceType = {
    name: "Device",
    endpoint: "/Devices",
    description: "d",
    schema: {
      id: "urn:example:device",
      name: "Device",
      description: "d",
      attributes: [
        defineAttribute({
          name: "cpu",
          description: "d",
          type: "complex",
          subAttributes: [{ name: "serial", description: "d", returned: "request" }],
        }),
      ],
    },
    extensions: [],
    uniqueKeys: [],
    pointPaths: [],
    displayAttributes: [],
  };
  const { send } = createTestProvider({ registry: createResourceTypeRegistry([device]) });
  await send("POST", "/Devices", { body: { cpu: { serial: "7" } } });
  for (const filter of ['cpu.serial eq "7"', 'cpu[serial eq "7"]']) {
    const { body } = await send("GET", `/Devices?filter=${encodeURIComponent(filter)}`);
    expect(body).toMatchObject({ totalResults: 1, Resources: [{ id: "id-1" }] });
    expect(JSON.stringify(body)).not.toContain("serial");
  }
});
