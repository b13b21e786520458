/** Does what the admin API does to domains of a tenant. */
import type { DomainVerification } from "../../admin-contract/domains.ts";
import {
  addDomain,
  assertDomain,
  domainJsonOf,
  listDomains,
  removeDomain,
  verifyDomain,
} from "../../admin-contract/domains.ts";
import { domainOf } from "../../domain/email-address.ts";
import type { Tenant } from "../../domain/tenant.ts";
import type { VerificationWish } from "../../provisioning/domain-administration.ts";
import { pageOfAll } from "./cursor.ts";
import { peopleOf, scopeOf } from "./people.ts";
import { notFound, problem } from "./problem.ts";
import type { AdminCall, AdminParts, ServedOperation } from "./served-operation.ts";
import { servedInTenant } from "./served-operation.ts";

/** The operations. */
export const servedDomains: readonly ServedOperation[] = [
  servedInTenant(listDomains, async ({ tenant, query }, { store }) => {
    const domains = await store.domains.list(tenant.tenantId);
    const inOrder = domains.toSorted((one, other) => (one.domain < other.domain ? -1 : 1));
    const forms = { list: "domains", shown: domainJsonOf };
    return { body: pageOfAll(inOrder, query, { ...forms, keyOf: ({ domain }) => domain }) };
  }),
  servedInTenant(addDomain, async (call, parts) => ({
    body: domainJsonOf(await peopleOf(call, parts).addDomain(call.tenant, call.body.domain)),
  })),
  servedInTenant(verifyDomain, async (call, parts) => {
    const wish = wishOf(await domainIn(call, parts), call);
    return { body: domainJsonOf(await peopleOf(call, parts).verifyDomain(wish)) };
  }),
  servedInTenant(assertDomain, async (call, parts) => {
    const wish = wishOf(nameIn(call), call);
    return { body: domainJsonOf(await peopleOf(call, parts).assertDomain(wish)) };
  }),
  servedInTenant(removeDomain, async (call, parts) => {
    const name = await domainIn(call, parts);
    const domain = await peopleOf(call, parts).removeDomain(call.tenant, name);
    return { body: { removed: true, domain } };
  }),
];

type CallInTenant<Body> = AdminCall<unknown, Body> & { readonly tenant: Tenant };

/** The domain that the path names, with the dot of the root, so that one label alone is understood again. */
function nameIn({ path }: CallInTenant<unknown>): string {
  const text = path["domain"] ?? "";
  const domain = domainOf(text) ?? domainOf(`${text}.`);
  if (domain === undefined) {
    throw notFound("domain");
  }
  return `${domain}.`;
}

async function domainIn(call: CallInTenant<unknown>, { store }: AdminParts): Promise<string> {
  const name = nameIn(call);
  const domains = await store.domains.list(call.tenant.tenantId);
  if (!domains.some(({ domain }) => `${domain}.` === name)) {
    throw notFound("domain");
  }
  return name;
}

function wishOf(name: string, call: CallInTenant<DomainVerification>): VerificationWish {
  const { shared = false } = call.body;
  if (shared && scopeOf(call) === "tenant") {
    throw problem(403, "Only a credential of the instance can say that tenants share a domain.");
  }
  return { tenant: call.tenant, name, isShared: shared };
}
