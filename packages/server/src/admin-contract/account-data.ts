/** What is held about a person, in the admin API: everything exported, or erased. */
import { z } from "zod";
import type { Operation } from "./operation.ts";
import { named, noBody, noQuery } from "./operation.ts";

/** A User that stays behind an erased account. */
export interface RemainingUserJson {
  readonly tenant: string;
  readonly connection: string;
  readonly id: string;
}

/** What was erased, and what stays. */
export interface ErasureJson {
  readonly erased: true;
  readonly id: string;
  readonly tenants: readonly string[];
  readonly remainingUsers: readonly RemainingUserJson[];
}

const erasureSchema: z.ZodType<ErasureJson> = named(
  "Erasure",
  z.object({
    erased: z.literal(true),
    id: z.string(),
    tenants: z.array(z.string()).describe("The slugs of those that kept anything"),
    remainingUsers: z
      .array(z.object({ tenant: z.string(), connection: z.string(), id: z.string() }))
      .describe("Users that belong to identity providers and stay until those delete them"),
  }),
);

/** Everything that is held about a person. */
export interface AccountExportJson {
  readonly account: object;
  readonly tenants: readonly object[];
  readonly auditEntries: readonly object[];
}

const anything = z.record(z.string(), z.unknown());
const exportSchema: z.ZodType<AccountExportJson> = named(
  "AccountExport",
  z.object({
    account: anything,
    tenants: z.array(anything).describe("What each tenant keeps"),
    auditEntries: z.array(anything).describe("What the audit log of the instance says"),
  }),
);

const path = "/accounts/{account}";

/** Exports what is held about a person. */
export const exportAccount: Operation<object, undefined, AccountExportJson> = {
  operationId: "exportAccount",
  method: "GET",
  path: `${path}/export`,
  noun: "accounts",
  summary: "Export everything that is held about a person, in every tenant",
  scope: "instance",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: exportSchema,
};

/** Says that erasing is meant. */
export interface ErasureQuery {
  readonly confirm: "true";
}

/** Erases a person. */
export const eraseAccount: Operation<ErasureQuery, undefined, ErasureJson> = {
  operationId: "eraseAccount",
  method: "DELETE",
  path,
  noun: "accounts",
  summary:
    "Erase a person for ever; audit entries and events stay, without what they said of the person",
  scope: "instance",
  query: z.strictObject({
    confirm: z.literal("true").describe("Has to be true, so that nobody is erased by a slip"),
  }),
  body: noBody,
  statuses: [200],
  answer: erasureSchema,
  conflict: "The person is the last owner of a tenant, or protected in one; nothing is erased",
};
