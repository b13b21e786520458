/** Tells access over the admin API. Every question goes to the database: whoever is deactivated is refused at once. */
import type { AccessJson, AccessQuestion, CheckedAccessJson } from "../../admin-contract/access.ts";
import {
  accessJsonOf,
  checkAccess,
  noAccessJson,
  readAccess,
  readMemberAccess,
  teamsBehind,
} from "../../admin-contract/access.ts";
import { explainAccess } from "../../admin-contract/explain-access.ts";
import type { AskedPerson } from "../../domain/asked-person.ts";
import { parseAskedPerson } from "../../domain/asked-person.ts";
import { teamNamesOf } from "../../domain/find-team.ts";
import type { Tenant, TenantId } from "../../domain/tenant.ts";
import { seesMember } from "../../domain/visible-account.ts";
import type { AccessCheck } from "../../provisioning/access-check.ts";
import { checkAccess as findAccess } from "../../provisioning/access-check.ts";
import { explainAccess as findWhy } from "../../provisioning/why-access.ts";
import type { Store } from "../../store/store.ts";
import type { AdminCaller } from "./authenticate-admin.ts";
import { accountIdOf, knownMember, personIn, scopeOf } from "./people.ts";
import { notFound } from "./problem.ts";
import type { AdminParts, ServedOperation } from "./served-operation.ts";
import { served, servedInTenant } from "./served-operation.ts";

/** The operations. */
export const servedAccess: readonly ServedOperation[] = [
  servedInTenant(readAccess, async (call, parts) => ({
    body: await accessOf(personIn(call), call.tenant, call.caller, parts),
  })),
  servedInTenant(readMemberAccess, async (call, parts) => {
    const { account } = await knownMember(call, parts);
    const person = { accountId: account.accountId };
    return { body: await accessOf(person, call.tenant, call.caller, parts) };
  }),
  servedInTenant(explainAccess, async (call, parts) => {
    const accountId = await accountIdOf(personIn(call), parts);
    const member =
      accountId === undefined
        ? undefined
        : await parts.store.memberships.read(call.tenant.tenantId, accountId);
    if (member === undefined || !seesMember(scopeOf(call), member)) {
      throw notFound("account");
    }
    const target = call.path["target"] ?? "";
    const question = { accountId: member.account.accountId, target };
    const why = await findWhy(parts.store, call.tenant, question);
    if (why === undefined) {
      throw notFound("account");
    }
    return { body: why };
  }),
  served(checkAccess, async ({ body: { checks }, caller }, parts) => {
    const slugs = [...new Set(checks.map(({ tenant }) => tenant))];
    const answers = await Promise.all(
      slugs.map((slug) => {
        const asked = checks.filter(({ tenant }) => tenant === slug);
        return accessesIn(slug, asked, caller, parts);
      }),
    );
    const bySlug = new Map(slugs.map((slug, index) => [slug, answers[index]?.values()]));
    // Each tenant has answered in the order of its questions.
    const items = checks.flatMap(({ tenant }) => bySlug.get(tenant)?.next().value ?? []);
    return { body: { items } };
  }),
];

async function accessOf(
  person: AskedPerson,
  { tenantId, slug }: Tenant,
  caller: AdminCaller,
  { store }: AdminParts,
): Promise<AccessJson> {
  const [found] = (await findAccess(store, tenantId, [person])) ?? [];
  if (found === undefined) {
    throw notFound("tenant");
  }
  const names = await teamNames(tenantId, [found], store);
  return accessJsonOf(slug, found, scopeOf({ caller }), names);
}

/** Most people are in no team, and then nothing is asked. */
async function teamNames(
  tenantId: TenantId,
  found: readonly Pick<AccessCheck, "access">[],
  { teams }: Pick<Store, "teams">,
): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(found.flatMap(({ access }) => teamsBehind(access)))];
  return ids.length === 0 ? new Map() : teamNamesOf(await teams.byIds(tenantId, ids));
}

/** Another tenant is answered like one that does not exist. */
async function accessesIn(
  slug: string,
  asked: readonly AccessQuestion[],
  caller: AdminCaller,
  { store }: AdminParts,
): Promise<readonly CheckedAccessJson[]> {
  const tenant = await store.tenants.bySlug(slug);
  const isVisible =
    tenant !== undefined && (caller.tenantId === undefined || caller.tenantId === tenant.tenantId);
  const persons = asked.map(({ account }) => parseAskedPerson(account));
  const found = isVisible ? await findAccess(store, tenant.tenantId, persons) : undefined;
  const names = tenant && (await teamNames(tenant.tenantId, found ?? [], store));
  return asked.map(({ account }, index) => {
    const one = found?.[index];
    return one === undefined
      ? { account, ...noAccessJson(slug, "there is no such tenant") }
      : { account, ...accessJsonOf(slug, one, scopeOf({ caller }), names ?? new Map()) };
  });
}
