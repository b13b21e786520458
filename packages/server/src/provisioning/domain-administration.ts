/** Domains of tenants: claimed with a challenge, verified by the DNS (RFC 1464) or by the word of an operator. */
import { randomBytes } from "node:crypto";
import { Resolver } from "node:dns/promises";
import { setTimeout as wait } from "node:timers/promises";
import type { Circumstances } from "../domain/audit-entry.ts";
import { cleanText } from "../domain/clean-text.ts";
import { domainOf } from "../domain/email-address.ts";
import { refusal } from "../domain/refusal.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { DomainProof, TenantDomain } from "../domain/tenant-domain.ts";
import { recordNameOf } from "../domain/tenant-domain.ts";
import type { Store } from "../store/store.ts";
import type { Occasion } from "./create-connection.ts";

/** Answers with the texts of the TXT records of a name, each in one piece; none where there is no such name. */
export type TxtResolver = (name: string) => Promise<readonly string[]>;

/** How long the DNS has for an answer. */
export const resolveMsMax = 5_000;

/** Bytes of chance in a challenge. */
const challengeBytes = 16;
/** How much of what the DNS answers is told. */
const recordsToldMax = 10;
const recordLengthMax = 200;

/** Asks the DNS that this machine uses. */
export const resolveTxt: TxtResolver = async (name) => {
  // A second try still fits into the time there is.
  const resolver = new Resolver({ timeout: 1_500, tries: 2 });
  try {
    const records = await resolver.resolveTxt(name);
    return records.map((chunks) => chunks.join(""));
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOTFOUND" || code === "ENODATA") {
      return [];
    }
    throw error;
  }
};

/** Adds a domain that is still to be verified; gives the one that is there already. */
export async function addDomain(
  { domains }: Store,
  { tenantId }: Tenant,
  name: string,
  occasion: Occasion,
): Promise<TenantDomain> {
  const domain = checkedDomain(name);
  const challenge = `rollcall-domain-verification=${randomBytes(challengeBytes).toString("hex")}`;
  const created = new Date(occasion.nowMs).toISOString();
  return domains.add(tenantId, { domain, challenge, created }, occasion);
}

/** How a domain is to be verified. */
export interface VerificationWish {
  readonly tenant: Tenant;
  readonly name: string;
  /** Whether other tenants may have verified it too: for an operator of the instance to say. */
  readonly isShared: boolean;
}

/** Verifies a domain by the TXT record that only whoever runs it can have made; refuses with what was found instead. */
export async function verifyDomain(
  store: Store,
  wish: VerificationWish,
  circumstances: Circumstances,
  resolve: TxtResolver,
): Promise<TenantDomain> {
  const { tenant, name, isShared } = wish;
  const domain = checkedDomain(name);
  const added = (await store.domains.list(tenant.tenantId)).find((one) => one.domain === domain);
  if (added === undefined) {
    throw refusal(`tenant ${tenant.slug} has no domain ${domain}: add it first`);
  }
  if (added.verified !== undefined) {
    return added;
  }
  const names = [recordNameOf(domain), domain];
  const answers = await Promise.all(names.map((one) => answerOf(one, resolve)));
  if (!answers.some(({ records }) => records.some((text) => text.trim() === added.challenge))) {
    throw refusal(
      `${domain} is not verified: expected a TXT record "${added.challenge}" of ${names.join(" or ")}; found ${answers.map(toldOf).join("; ")}`,
    );
  }
  return settle(store, tenant, domain, { method: "dns", isShared }, circumstances);
}

/** Takes a domain as verified because an operator says so, such as one that only a network inside knows. */
export async function assertDomain(
  store: Store,
  { tenant, name, isShared }: VerificationWish,
  occasion: Occasion,
): Promise<TenantDomain> {
  const { domain } = await addDomain(store, tenant, name, occasion);
  return settle(store, tenant, domain, { method: "asserted", isShared }, occasion);
}

/** Removes a domain of a tenant; refuses when it has none of that name. */
export async function removeDomain(
  { domains }: Store,
  { tenantId, slug }: Tenant,
  name: string,
  circumstances: Circumstances,
): Promise<string> {
  const domain = checkedDomain(name);
  if (!(await domains.remove(tenantId, domain, circumstances))) {
    throw refusal(`tenant ${slug} has no domain ${domain}`);
  }
  return domain;
}

async function settle(
  { domains }: Store,
  { tenantId, slug }: Tenant,
  domain: string,
  proof: DomainProof,
  circumstances: Circumstances,
): Promise<TenantDomain> {
  const outcome = await domains.verify(tenantId, domain, proof, circumstances);
  switch (outcome.kind) {
    case "verified":
      return outcome.domain;
    case "unknown":
      throw refusal(`tenant ${slug} has no domain ${domain} any more`);
    case "taken":
      throw refusal(
        `another tenant has verified ${domain}: an operator can say that both share it`,
      );
  }
}

function checkedDomain(text: string): string {
  const domain = domainOf(text);
  if (domain === undefined) {
    throw refusal(
      `"${cleanText(text, 64)}" is no domain: expected one such as example.com, or corp. with a dot at its end where it has one label`,
    );
  }
  return domain;
}

/** What the DNS said about a name. */
interface DnsAnswer {
  readonly name: string;
  readonly records: readonly string[];
  /** Why there is no answer; undefined when there is one. */
  readonly problem: string | undefined;
}

async function answerOf(name: string, resolve: TxtResolver): Promise<DnsAnswer> {
  const answered = new AbortController();
  const { signal } = answered;
  const late = wait(resolveMsMax, undefined, { signal }).catch(() => undefined);
  try {
    const records = await Promise.race([resolve(name), late]);
    const problem = records === undefined ? `none within ${resolveMsMax / 1000} s` : undefined;
    return { name, records: records ?? [], problem };
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) {
      throw error;
    }
    return { name, records: [], problem: code };
  } finally {
    answered.abort();
  }
}

/** The code of what the DNS or the network says; undefined for a defect. */
function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}

function toldOf({ name, records, problem }: DnsAnswer): string {
  if (problem !== undefined) {
    return `no answer about ${name} (${problem})`;
  }
  const told = records
    .slice(0, recordsToldMax)
    .map((text) => `"${cleanText(text, recordLengthMax)}"`);
  const more = records.length > told.length ? ` and ${records.length - told.length} more` : "";
  return told.length === 0 ? `no TXT record of ${name}` : `${told.join(", ")}${more} of ${name}`;
}
