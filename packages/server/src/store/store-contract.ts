/** The meaning of the server's Store, as tests that need no test runner; the library has that of ResourceStore. */
import { concurrencyContract } from "./concurrency-contract.ts";
import { connectionContract } from "./connection-contract.ts";
import { credentialContract } from "./credential-contract.ts";
import { indexContract } from "./index-contract.ts";
import { instanceContract } from "./instance-contract.ts";
import { recordContract } from "./record-contract.ts";
import { requestLogContract } from "./request-log-contract.ts";
import { scopeContract } from "./scope-contract.ts";
import type { StoreContractTest } from "./store-contract-test.ts";
import { tenantContract } from "./tenant-contract.ts";

/** Every promise. */
export const storeContract: readonly StoreContractTest[] = [
  ...scopeContract,
  ...recordContract,
  ...tenantContract,
  ...connectionContract,
  ...credentialContract,
  ...indexContract,
  ...concurrencyContract,
  ...requestLogContract,
  ...instanceContract,
];
