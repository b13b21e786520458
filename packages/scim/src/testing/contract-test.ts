/** One test of the store contract, and what it asserts with, so that it needs no test runner. */
import { isJsonObject } from "../json.ts";
import type { ResourceStore } from "../provider/resource-store.ts";
import type { ResourceTypeRegistry } from "../schema/resource-type.ts";
import type { ContractPopulation } from "./contract-population.ts";
import { contractPopulationOf } from "./contract-population.ts";

/** One promise every store keeps; `run` throws when the store breaks it. `store` is empty. */
export interface ContractTest {
  readonly name: string;
  readonly run: (store: ResourceStore, registry: ResourceTypeRegistry) => Promise<void>;
}

/** Makes a test that works on the population of a store. */
export function contractTest(
  name: string,
  keep: (population: ContractPopulation) => Promise<void>,
): ContractTest {
  return { name, run: (store, registry) => keep(contractPopulationOf(store, registry)) };
}

/** Throws unless both are the same JSON; the message shows what was promised and what came. */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  const came = JSON.stringify(actual, inOrder);
  const promised = JSON.stringify(expected, inOrder);
  expectThat(came === promised, `${what}: expected ${promised}, got ${came}`);
}

/** The order of members never matters (RFC 8259 §1). */
function inOrder(_name: string, value: unknown): unknown {
  return isJsonObject(value)
    ? Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
    : value;
}

/** Throws with the message unless the condition holds. */
export function expectThat(holds: boolean, message: string): void {
  if (!holds) {
    throw new Error(message);
  }
}
