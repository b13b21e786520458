/** Does what the admin API does to grants of members, and lists effective access. */
import type { AccessQuery, ChangedGrantJson } from "../../admin-contract/grants.ts";
import {
  adoptGrant,
  changedGrantJsonOf,
  listAccess,
  listGrants,
  removeGrant,
  saveGrant,
} from "../../admin-contract/grants.ts";
import type { Page } from "../../admin-contract/operation.ts";
import type { AccessRow, ShownGrant } from "../../domain/access-row.ts";
import type { AccountId } from "../../domain/account.ts";
import { roleNamed } from "../../domain/find-role.ts";
import { liveTeamNamed } from "../../domain/find-team.ts";
import type { GrantWish } from "../../domain/grant-wish.ts";
import type { Member } from "../../domain/member.ts";
import type { Team } from "../../domain/team.ts";
import type { Tenant } from "../../domain/tenant.ts";
import { shownEmailOf } from "../../domain/visible-account.ts";
import type { AccessView } from "../../provisioning/access-view.ts";
import { formatCursor, limitOf, pageOfAll, textPositionOf } from "./cursor.ts";
import {
  accountIdOf,
  eligibleMember,
  knownMember,
  personIn,
  scopeOf,
  settingsOf,
} from "./people.ts";
import { checkedPart } from "./problem.ts";
import type { AdminCall, AdminParts, ServedOperation } from "./served-operation.ts";
import { servedInTenant } from "./served-operation.ts";
import type { CallInTenant } from "./tenant-access.ts";
import { accessAdministrationOf, teamIn } from "./tenant-access.ts";

/** The operations. */
export const servedGrants: readonly ServedOperation[] = [
  servedInTenant(listGrants, async (call, parts) => {
    const member = await knownMember(call, parts);
    const view = await accessAdministrationOf(call, parts).openAccessView(call.tenant);
    const grants = (await view.grantsOf(member)).toSorted((one, other) =>
      keyOfGrant(one) < keyOfGrant(other) ? -1 : 1,
    );
    const forms = { list: "grants", keyOf: keyOfGrant, shown: (grant: ShownGrant) => grant };
    return { body: pageOfAll(grants, call.query, forms) };
  }),
  servedInTenant(saveGrant, async (call, parts) => {
    const { role } = call.body;
    const member = await eligibleMember(personIn(call), "member", call, parts);
    const team = await targetIn(call, parts);
    const settings = await settingsOf(call.tenant, parts);
    checkedPart("role", () => roleNamed(role, team?.teamId, settings));
    return { body: await changed(member, team, { kind: "add", role }, call, parts) };
  }),
  servedInTenant(removeGrant, async (call, parts) => {
    const member = await knownMember(call, parts);
    const team = await targetIn(call, parts);
    return { body: await changed(member, team, { kind: "remove" }, call, parts) };
  }),
  servedInTenant(adoptGrant, async (call, parts) => {
    const member = await knownMember(call, parts);
    const team = await targetIn(call, parts);
    return { body: await changed(member, team, { kind: "adopt" }, call, parts) };
  }),
  servedInTenant(listAccess, async (call, parts) => {
    const view = await accessAdministrationOf(call, parts).openAccessView(call.tenant);
    const { email } = call.query;
    return {
      body:
        email === undefined
          ? await pageOfAccess(call, view, parts)
          : await accessOfOne(email, call, view, parts),
    };
  }),
];

function keyOfGrant({
  teamId,
  kind,
  connection,
  groupId,
  mapping,
  user,
  role,
}: ShownGrant): string {
  return JSON.stringify([teamId ?? "", kind, connection, groupId, mapping, user, role]);
}

/** `tenant`, or a team by its id or as `team:` and its name. */
async function targetIn(call: CallInTenant, parts: AdminParts): Promise<Team | undefined> {
  const target = call.path["target"] ?? "";
  if (target === "tenant") {
    return undefined;
  }
  const team = await teamIn(target.replace(/^team:/, ""), call.tenant, parts);
  return liveTeamNamed(team.teamId, [team]);
}

async function changed(
  { account }: Member,
  team: Team | undefined,
  wish: GrantWish,
  call: CallInTenant,
  parts: AdminParts,
): Promise<ChangedGrantJson> {
  const place = { tenant: call.tenant, account, team };
  const outcome = await accessAdministrationOf(call, parts).changeGrant(place, wish);
  return {
    ...changedGrantJsonOf(outcome, team),
    email: shownEmailOf(scopeOf(call), outcome.member),
  };
}

type AccessCall = AdminCall<AccessQuery, unknown> & { readonly tenant: Tenant };

async function accessOfOne(
  email: string,
  call: AccessCall,
  view: AccessView,
  parts: AdminParts,
): Promise<Page<AccessRow>> {
  const accountId = await accountIdOf({ email }, parts);
  const member =
    accountId === undefined
      ? undefined
      : await parts.store.memberships.read(call.tenant.tenantId, accountId);
  const rows = member === undefined ? [] : await view.rowsOf([member]);
  const list = `access ${email}`;
  return pageOfAll(rows, call.query, { list, keyOf: keyOfRow, shown: (row) => row });
}

function keyOfRow({ accountId, teamId }: AccessRow): string {
  return `${accountId} ${teamId ?? ""}`;
}

/**
 * A page of rows goes through at most as many people as it may have rows: there may be more behind one that is not full,
 * as its cursor says. A cursor names the last person, and the last target of whom there is more.
 */
async function pageOfAccess(
  { tenant: { tenantId }, query }: AccessCall,
  view: AccessView,
  { store: { memberships } }: AdminParts,
): Promise<Page<AccessRow>> {
  const limit = limitOf(query);
  const [after = "", team] = (textPositionOf("access", query) ?? "").split(" ");
  const accountId = after as AccountId;
  const begun = team === undefined ? [] : await memberships.many(tenantId, [accountId]);
  const others = await memberships.list(tenantId, { after, limit });
  const rows = [
    ...(await view.rowsOf(begun)).filter((row) => (row.teamId ?? "") > (team ?? "")),
    ...(await view.rowsOf(others)),
  ];
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  if (rows.length > items.length && last !== undefined) {
    return { items, nextCursor: formatCursor("access", keyOfRow(last)) };
  }
  const lastMember = others.length < limit ? undefined : others.at(-1);
  const next = lastMember && formatCursor("access", lastMember.account.accountId);
  return { items, nextCursor: next ?? null };
}
