/** One promise of the store contract. */
import type { ResourceTypeRegistry } from "@rollcall/scim";
import type { Store } from "./store.ts";

/** A promise every store keeps; `run` throws when the store breaks it. `store` is empty. */
export interface StoreContractTest {
  readonly name: string;
  readonly run: (store: Store, registry: ResourceTypeRegistry) => Promise<void>;
}
