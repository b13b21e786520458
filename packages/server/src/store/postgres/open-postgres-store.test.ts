/** The store contract on PostgreSQL, in a database that sorts by bytes. */
import { afterAll, beforeAll, test } from "vitest";
import { contractCases } from "../../../../../test/contract-cases.ts";
import type { PostgresContractSite } from "../../../../../test/postgres-contract-site.ts";
import { createPostgresContractSite } from "../../../../../test/postgres-contract-site.ts";

let site: PostgresContractSite;

beforeAll(async () => {
  site = await createPostgresContractSite("C");
});

afterAll(() => site.close());

for (const { name, run } of contractCases) {
  test(name, () => site.withStore(run));
}
