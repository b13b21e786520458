/** What tests of stores and first steps need; exported as `@rollcall/scim/testing`. */
export type { ContractTest } from "./contract-test.ts";
export { createMemoryResourceStore } from "./memory-resource-store.ts";
export { resourceStoreContract } from "./resource-store-contract.ts";
export { createTestCursorSeal } from "./test-cursor-seal.ts";
export {
  createTestProvider,
  type TestAnswer,
  type TestProvider,
  type TestProviderOptions,
  type TestRequest,
} from "./test-provider.ts";
