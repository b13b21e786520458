/** All that a store has to do on any database, as cases to run: its own contract, and the library's through one connection. */
import { createStandardRegistry } from "@rollcall/scim";
import { resourceStoreContract } from "@rollcall/scim/testing";
import { connectionResourceStore } from "../packages/server/src/provisioning/connection-resource-store.ts";
import {
  createPopulation,
  testCircumstances,
} from "../packages/server/src/store/contract-population.ts";
import type { Store } from "../packages/server/src/store/store.ts";
import { storeContract } from "../packages/server/src/store/store-contract.ts";

/** One thing that a store has to do; each begins with an empty one. */
export interface ContractCase {
  readonly name: string;
  /** Fails where the store does something else. */
  run(store: Store): Promise<void>;
}

const registry = createStandardRegistry();

/** The cases, in an order that means nothing. */
export const contractCases: readonly ContractCase[] = [
  ...resourceStoreContract.map(({ name, run }) => ({
    name: `resource store: ${name}`,
    run: async (store: Store) => {
      const { scope } = await createPopulation(store);
      await run(connectionResourceStore(store, scope, testCircumstances), registry);
    },
  })),
  ...storeContract.map(({ name, run }) => ({
    name: `store: ${name}`,
    run: (store: Store) => run(store, registry),
  })),
];
