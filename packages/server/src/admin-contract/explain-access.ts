/** Why somebody has a role, or why not, in the admin API. */
import { z } from "zod";
import type { AccessFact, WhyAccess } from "../domain/why-access.ts";
import type { Operation } from "./operation.ts";
import { named, noBody, noQuery } from "./operation.ts";

const factSchema: z.ZodType<AccessFact> = named(
  "AccessFact",
  z.object({
    fact: z.enum(["grant", "membership", "mapping", "link", "lock", "team", "member", "group"]),
    text: z.string().describe("The fact in words"),
    since: z.string().nullable().describe("Since when; null where nobody knows"),
    requestId: z.string().nullable().describe("The request it came with, as the audit log has it"),
    id: z
      .string()
      .nullable()
      .describe("The id of what it speaks of: a group, a mapping, a connection, a team"),
  }),
);

const whySchema: z.ZodType<WhyAccess> = named(
  "WhyAccess",
  z.object({
    effective: z.boolean(),
    role: z.string().nullable().describe("The role that takes effect; null where none does"),
    because: z
      .array(factSchema)
      .describe("The chain of facts that gives it, or would if nothing were missing"),
    missing: z.array(factSchema).describe("What is missing; empty where the role takes effect"),
  }),
);

/** Tells why. */
export const explainAccess: Operation<object, undefined, WhyAccess> = {
  operationId: "explainAccess",
  method: "GET",
  path: "/access/{tenant}/{account}/{target}/why",
  noun: "access",
  summary:
    "Tell why a person has a role, or what is missing for one; target is `tenant`, the id of a team, or `team:` and its name",
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: whySchema,
};
