/** The meaning of `ResourceStore`, as tests that need no test runner. */
import { commitContract } from "./commit-contract.ts";
import type { ContractTest } from "./contract-test.ts";
import { derivedContract } from "./derived-contract.ts";
import { filterContract } from "./filter-contract.ts";
import { keyContract } from "./key-contract.ts";
import { queryContract } from "./query-contract.ts";
import { relationContract } from "./relation-contract.ts";
import { walkContract } from "./walk-contract.ts";

/**
 * Every promise. Run each against a new and empty store, with the registry of `createStandardRegistry` or one that
 * adds to it.
 */
export const resourceStoreContract: readonly ContractTest[] = [
  ...commitContract,
  ...keyContract,
  ...relationContract,
  ...derivedContract,
  ...filterContract,
  ...queryContract,
  ...walkContract,
];
