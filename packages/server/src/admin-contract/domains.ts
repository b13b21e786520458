/** E-mail domains of a tenant in the admin API. */
import { z } from "zod";
import { domainOf } from "../domain/email-address.ts";
import type { TenantDomain } from "../domain/tenant-domain.ts";
import { recordNameOf } from "../domain/tenant-domain.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import {
  named,
  noBody,
  noQuery,
  pageOf,
  pageQuery,
  timeOrNullSchema,
  timeSchema,
} from "./operation.ts";

/** A domain as the command line and the admin API show it. */
export interface DomainJson {
  readonly domain: string;
  readonly verified: boolean;
  readonly method: "dns" | "asserted" | null;
  readonly verifiedAt: string | null;
  /** The name whose TXT record shall have the challenge. */
  readonly record: string;
  readonly challenge: string;
  readonly createdAt: string;
}

/** Shows a domain. */
export function domainJsonOf({
  domain,
  challenge,
  method,
  verified,
  created,
}: TenantDomain): DomainJson {
  return {
    domain,
    verified: verified !== undefined,
    method: method ?? null,
    verifiedAt: verified ?? null,
    record: recordNameOf(domain),
    challenge,
    createdAt: created,
  };
}

const domainSchema: z.ZodType<DomainJson> = named(
  "Domain",
  z.object({
    domain: z.string().describe("An A-label in lower case"),
    verified: z.boolean(),
    method: z.enum(["dns", "asserted"]).nullable(),
    verifiedAt: timeOrNullSchema,
    record: z.string().describe("The name whose TXT record shall have the challenge"),
    challenge: z.string(),
    createdAt: timeSchema,
  }),
);

/** A domain to be added. */
export interface DomainAddition {
  readonly domain: string;
}

const domainAdditionSchema: z.ZodType<DomainAddition> = named(
  "DomainAddition",
  z.strictObject({
    domain: z.string().refine((text) => domainOf(text) !== undefined, {
      message:
        "expected a domain such as example.com, or corp. with a dot at its end where it has one label",
    }),
  }),
);

/** How a domain is to be verified. */
export interface DomainVerification {
  readonly shared?: boolean | undefined;
}

const domainVerificationSchema: z.ZodType<DomainVerification> = named(
  "DomainVerification",
  z.strictObject({
    shared: z
      .boolean()
      .optional()
      .describe(
        "Whether other tenants may have verified the domain too; needs a credential for the whole instance",
      ),
  }),
);

/** A domain that is removed. */
export interface RemovedDomainJson {
  readonly removed: true;
  readonly domain: string;
}

const removedDomainSchema: z.ZodType<RemovedDomainJson> = named(
  "RemovedDomain",
  z.object({ removed: z.literal(true), domain: z.string() }),
);

const path = "/tenants/{tenant}/domains";
const taken = "Another tenant has verified the domain";

/** Lists domains. */
export const listDomains: Operation<PageQuery, undefined, Page<DomainJson>> = {
  operationId: "listDomains",
  method: "GET",
  path,
  noun: "domains",
  summary: "List the domains of a tenant, by name",
  scope: "tenant",
  query: pageQuery,
  body: noBody,
  statuses: [200],
  answer: pageOf("DomainPage", domainSchema),
};

/** Adds a domain. */
export const addDomain: Operation<object, DomainAddition, DomainJson> = {
  operationId: "addDomain",
  method: "POST",
  path,
  noun: "domains",
  summary: "Add a domain, and get the TXT record that verifies it; one that is there is answered",
  scope: "tenant",
  query: noQuery,
  body: domainAdditionSchema,
  statuses: [200],
  answer: domainSchema,
};

/** Verifies a domain by the DNS. */
export const verifyDomain: Operation<object, DomainVerification, DomainJson> = {
  operationId: "verifyDomain",
  method: "POST",
  path: `${path}/{domain}/verify`,
  noun: "domains",
  summary: "Verify a domain by its TXT record",
  scope: "tenant",
  query: noQuery,
  body: domainVerificationSchema,
  statuses: [200],
  answer: domainSchema,
  conflict: `The record is not there, detail says what was found instead; or: ${taken}`,
};

/** Takes a domain as verified. */
export const assertDomain: Operation<object, DomainVerification, DomainJson> = {
  operationId: "assertDomain",
  method: "POST",
  path: `${path}/{domain}/assert`,
  noun: "domains",
  summary:
    "Take a domain as verified because you say so, such as one of an internal network; it need not be added before",
  scope: "instance",
  query: noQuery,
  body: domainVerificationSchema,
  statuses: [200],
  answer: domainSchema,
  conflict: taken,
};

/** Removes a domain. */
export const removeDomain: Operation<object, undefined, RemovedDomainJson> = {
  operationId: "removeDomain",
  method: "DELETE",
  path: `${path}/{domain}`,
  noun: "domains",
  summary: "Remove a domain of a tenant",
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: removedDomainSchema,
};
