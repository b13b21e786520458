/** Does what the admin API does to group mappings of a tenant. */
import type {
  AppliedMappingJson,
  MappingBody,
  MappingQuestion,
} from "../../admin-contract/mappings.ts";
import {
  addMapping,
  changeMapping,
  listMappings,
  mappingJsonOf,
  previewMapping,
  readMapping,
  reconcileAccess,
  removeMapping,
} from "../../admin-contract/mappings.ts";
import { roleNamed } from "../../domain/find-role.ts";
import type { GroupMapping } from "../../domain/group-mapping.ts";
import type { MappingWish } from "../../domain/mapping-change.ts";
import type { MappingText } from "../../domain/mapping-text.ts";
import type { Tenant } from "../../domain/tenant.ts";
import type { AppliedMapping } from "../../provisioning/access-administration.ts";
import { pageOfAll } from "./cursor.ts";
import { checkIfMatch, entityTag } from "./if-match.ts";
import { settingsOf } from "./people.ts";
import { checkedPart, notFound } from "./problem.ts";
import type { AdminParts, ServedOperation } from "./served-operation.ts";
import { servedInTenant } from "./served-operation.ts";
import type { CallInTenant } from "./tenant-access.ts";
import { accessAdministrationOf, namesIn } from "./tenant-access.ts";

/** The operations. */
export const servedMappings: readonly ServedOperation[] = [
  servedInTenant(listMappings, async ({ tenant, query }, parts) => {
    const names = await namesIn(tenant, parts);
    return {
      body: pageOfAll(await mappingsIn(tenant, parts), query, {
        list: "mappings",
        keyOf: keyOfMapping,
        shown: (mapping) => mappingJsonOf(mapping, names),
      }),
    };
  }),
  servedInTenant(addMapping, async (call, parts) => {
    const wish = { kind: "add", mapping: await parsed(call.body, call, parts) } as const;
    return { body: await applied(wish, call.body.previewToken, call, parts) };
  }),
  servedInTenant(readMapping, async (call, parts) => {
    const mapping = await mappingNamed(call.path["mapping"] ?? "", call, parts);
    return {
      body: mappingJsonOf(mapping, await namesIn(call.tenant, parts)),
      headers: entityTag(String(mapping.version)),
    };
  }),
  servedInTenant(previewMapping, async (call, parts) => {
    const wish = await wishOf(call.body, call, parts);
    return { body: await accessAdministrationOf(call, parts).previewMapping(call.tenant, wish) };
  }),
  servedInTenant(changeMapping, async (call, parts) => {
    const { role, previewToken } = call.body;
    const mapping = await mappingNamed(call.path["mapping"] ?? "", call, parts);
    const expected = expectedVersion(mapping, call);
    const wish = { ...(await roleWish(mapping, role, call, parts)), expected };
    const body = await applied(wish, previewToken, call, parts);
    return { body, headers: entityTag(String(body.version)) };
  }),
  servedInTenant(removeMapping, async (call, parts) => {
    const mapping = await mappingNamed(call.path["mapping"] ?? "", call, parts);
    const { mappingId } = mapping;
    const expected = expectedVersion(mapping, call);
    const wish = { kind: "remove", mappingId, expected } as const;
    const { counts } = await applied(wish, call.query.previewToken, call, parts);
    return { body: { removed: true as const, id: mappingId, counts } };
  }),
  servedInTenant(reconcileAccess, async (call, parts) => {
    const isCheck = call.body.check === true;
    return { body: await accessAdministrationOf(call, parts).reconcile(call.tenant, isCheck) };
  }),
];

/** In the order of their creation. */
async function mappingsIn(
  { tenantId }: Tenant,
  { store }: AdminParts,
): Promise<readonly GroupMapping[]> {
  const mappings = await store.mappings.list(tenantId);
  return mappings.toSorted((one, other) => (keyOfMapping(one) < keyOfMapping(other) ? -1 : 1));
}

function keyOfMapping({ created, mappingId }: GroupMapping): string {
  return `${created} ${mappingId}`;
}

async function mappingNamed(
  text: string,
  { tenant }: CallInTenant,
  parts: AdminParts,
): Promise<GroupMapping> {
  const mappings = await parts.store.mappings.list(tenant.tenantId);
  const mapping = mappings.find(({ mappingId }) => mappingId === text);
  if (mapping === undefined) {
    throw notFound("mapping");
  }
  return mapping;
}

function parsed(body: MappingBody, call: CallInTenant, parts: AdminParts): Promise<GroupMapping> {
  const { team, role, connection } = body;
  const text: MappingText = { groups: groupsOf(body), team, role, connection };
  return accessAdministrationOf(call, parts).parseMapping(call.tenant, text, checkedPart);
}

/** The contract has seen to it that one of the three is there. */
function groupsOf({ group, groupId, pattern = "" }: MappingBody): MappingText["groups"] {
  if (group !== undefined) {
    return { by: "group", text: group };
  }
  return groupId === undefined
    ? { by: "pattern", text: pattern }
    : { by: "groupId", text: groupId };
}

async function wishOf(
  { remove, mapping, role = "", ...body }: MappingQuestion,
  call: CallInTenant,
  parts: AdminParts,
): Promise<MappingWish> {
  if (remove !== undefined) {
    return { kind: "remove", mappingId: (await mappingNamed(remove, call, parts)).mappingId };
  }
  return mapping === undefined
    ? { kind: "add", mapping: await parsed({ ...body, role }, call, parts) }
    : await roleWish(await mappingNamed(mapping, call, parts), role, call, parts);
}

/** What the mapping has to be when it is changed, where the client has said what it has read. */
function expectedVersion(
  { version }: GroupMapping,
  { ifMatch }: Pick<CallInTenant, "ifMatch">,
): number | undefined {
  checkIfMatch(ifMatch, String(version), "the mapping");
  return ifMatch === undefined ? undefined : version;
}

async function roleWish(
  { mappingId, teamId }: GroupMapping,
  text: string,
  call: CallInTenant,
  parts: AdminParts,
): Promise<MappingWish & { readonly kind: "role" }> {
  const settings = await settingsOf(call.tenant, parts);
  const role = checkedPart("role", () => roleNamed(text, teamId, settings));
  return { kind: "role", mappingId, role };
}

async function applied(
  wish: MappingWish,
  token: string | undefined,
  call: CallInTenant,
  parts: AdminParts,
): Promise<AppliedMappingJson> {
  const access = accessAdministrationOf(call, parts);
  const { mapping, counts }: AppliedMapping = await access.changeMapping(call.tenant, wish, token);
  return { ...mappingJsonOf(mapping, await namesIn(call.tenant, parts)), counts };
}
