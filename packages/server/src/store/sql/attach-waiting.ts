/** Tries Users again that wait for an account, some in one transaction: once a connection is activated, or a policy eased. */
import type { JsonObject } from "@rollcall/scim";
import { movesBetween } from "../../domain/access-move.ts";
import type { Circumstances } from "../../domain/audit-entry.ts";
import { accessEventsOf } from "../../domain/consequences.ts";
import type { Person } from "../../domain/person.ts";
import { personOf } from "../../domain/person.ts";
import type { ConnectionId, Scope, TenantId } from "../../domain/tenant.ts";
import type { TriedUser, WaitingReason } from "../../domain/tried-user.ts";
import type { TriedBatch, WaitingWish } from "../store.ts";
import { candidatesAsked } from "./account-candidates.ts";
import { allAsked, ask } from "./asked.ts";
import { attachPerson, isLinkOf } from "./attach-person.ts";
import { jsonColumn } from "./json-column.ts";
import { linkAndGroupsAsked } from "./membership-facts.ts";
import type { PersonEffect, PersonSite } from "./person-site.ts";
import { personSiteIn } from "./person-site.ts";
import type { FactsRow } from "./population-facts.ts";
import { factsOf, factsStatement } from "./population-facts.ts";
import { adminAuditEntry, consequenceRows } from "./record-consequences.ts";
import { recordNotices } from "./record-notices.ts";
import { accessConsequenceOf } from "./record-person.ts";
import type { Script, Verdict } from "./script.ts";
import { firstRowOf, rowsOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { statement } from "./statement.ts";
import { lockTenantFacts } from "./tenant-facts.ts";

/** What a part of them came to; `again` where somebody else was faster. */
export type WaitingTrial = ({ readonly kind: "tried" } & TriedBatch) | { readonly kind: "again" };

interface WaitingRow {
  readonly resource_id: string;
  /** JSON. */
  readonly attributes: string;
  /** JSON. */
  readonly folded: string;
}

/** Tries a part of them. */
export function* attachWaiting(
  wish: WaitingWish,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<WaitingTrial>> {
  const { scope, resourceType, preview, limit } = wish;
  const { dialect } = context;
  yield lockTenantFacts(scope.tenantId, "shared", dialect);
  const reading = { total: "any", dialect } as const;
  const row = yield* firstRowOf<FactsRow>(factsStatement(scope, resourceType.name, reading));
  if (row === undefined || (row.staged === 1 && preview === undefined)) {
    return { kind: "undo", result: { kind: "tried", users: [], last: undefined } };
  }
  const settings = preview?.settings;
  const facts = factsOf(
    {
      ...row,
      staged: 0,
      ...(settings === undefined ? {} : { tenant_settings: JSON.stringify(settings) }),
    },
    resourceType,
  );
  const at = new Date(context.nowMs()).toISOString();
  const ids = yield* waitingIds(wish);
  const users: TriedUser[] = [];
  for (const waiting of yield* lockedUsers(scope, ids, context)) {
    const place = { scope, resourceId: waiting.resource_id, at, context, isAlone: false };
    const tried = yield* tryUser(personSiteIn(place, facts), waiting, wish, circumstances);
    if (tried === "again") {
      return { kind: "undo", result: { kind: "again" } };
    }
    users.push(...tried);
  }
  const result = { kind: "tried", users, last: ids[limit - 1] } as const;
  return { kind: preview === undefined ? "keep" : "undo", result };
}

/** Counts the Users of a connection that wait for a reason. */
export function* countWaiting(scope: Scope, reason: WaitingReason): Script<number> {
  const row = yield* firstRowOf<{ users: number }>(
    statement(
      `SELECT count(*) AS users FROM links
       WHERE tenant_id = ? AND connection_id = ? AND state = 'none' AND reason = ?`,
      scope.tenantId,
      scope.connectionId,
      reason,
    ),
  );
  return row?.users ?? 0;
}

function* waitingIds({ scope, reason, after, limit }: WaitingWish): Script<readonly string[]> {
  const rows = yield* rowsOf<{ resource_id: string }>(
    statement(
      `SELECT resource_id FROM links
       WHERE tenant_id = ? AND connection_id = ? AND state = 'none' AND reason = ?
         AND resource_id > ?
       ORDER BY resource_id LIMIT ?`,
      ...[scope.tenantId, scope.connectionId, reason, after, limit],
    ),
  );
  return rows.map(({ resource_id }) => resource_id);
}

/** In one order for all, so that two who try them do not wait for one another. */
function* lockedUsers(
  { tenantId, connectionId }: Scope,
  ids: readonly string[],
  { dialect }: SqlContext,
): Script<readonly WaitingRow[]> {
  return yield* rowsOf<WaitingRow>(
    statement(
      `SELECT resource_id, attributes, folded FROM resources
       WHERE tenant_id = ? AND connection_id = ?
         AND resource_id IN (SELECT ids.value FROM ${dialect.listTable} AS ids)
       ORDER BY resource_id ${dialect.writers === "many" ? "FOR NO KEY UPDATE" : ""}`,
      ...[tenantId, connectionId, JSON.stringify(ids)],
    ),
  );
}

/** One User, if it still waits. */
function* tryUser(
  where: PersonSite,
  row: WaitingRow,
  { reason }: WaitingWish,
  circumstances: Circumstances,
): Script<readonly TriedUser[] | "again"> {
  const { scope, resourceId, context } = where;
  const person = personOf(jsonColumn<JsonObject>(row.attributes));
  const { ground, candidates } = yield* ask(
    allAsked({
      ground: linkAndGroupsAsked(scope, resourceId),
      candidates: candidatesAsked(scope, person, jsonColumn<JsonObject>(row.folded), context),
    }),
  );
  if (ground.link?.state !== "none" || ground.link.reason !== reason) {
    return [];
  }
  const site = { ...where, groupGrants: ground.groupGrants };
  const effect = yield* attachPerson(site, person, candidates, "update");
  if (effect.kind === "again") {
    return "again";
  }
  if (effect.kind !== "effect") {
    throw new TypeError("whoever is tied to an account loses nothing");
  }
  if (effect.unattached !== reason && !(yield* record(site, person, effect, circumstances))) {
    return "again";
  }
  return [triedUserOf(site, person, effect)];
}

function* record(
  site: PersonSite,
  person: Person,
  effect: PersonEffect,
  circumstances: Circumstances,
): Script<boolean> {
  const { scope, resourceId, at, context } = site;
  const results = yield [...effect.claims, ...effect.statements];
  if (results.slice(0, effect.claims.length).some(({ changes }) => changes !== 1)) {
    return false;
  }
  const access = accessConsequenceOf(effect, context);
  if (access !== undefined) {
    const target = { type: "User", id: resourceId, name: person.userName ?? resourceId };
    const action = { action: "user.attach", target, differences: access.differences };
    const auditEntry = adminAuditEntry(action, circumstances, context);
    const outboxEvents = accessEventsOf(access, { at, newId: context.newId, isRevoking: true });
    yield yield* consequenceRows(scope.tenantId, { auditEntry, outboxEvents }, context);
  }
  yield* recordNotices(site, effect.notices);
  return true;
}

const outcomes = { linked: "attached", pending: "pending", declined: "refused" } as const;

function triedUserOf(
  site: PersonSite,
  person: Person,
  { effect, account, notices, unattached }: PersonEffect,
): TriedUser {
  const { connectionId } = site.scope;
  const known = { connectionId, resourceId: site.resourceId, userName: person.userName };
  const nothing = { account: undefined, emailKey: undefined, moves: [], mails: 0 };
  if (unattached !== undefined || effect === undefined || account === undefined) {
    const reason = unattached === "policy" || unattached === "taken" ? unattached : undefined;
    const outcome = reason === undefined ? "dormant" : "refused";
    return { ...known, ...nothing, outcome, reason };
  }
  const state = effect.after.facts.links.find((link) => isLinkOf(link, site))?.state;
  const { accountId, isNew } = account;
  const email = person.email?.text;
  const moves = movesBetween(accountId, effect.access.before, effect.access.after);
  return {
    ...known,
    outcome: state === undefined || state === "none" ? "refused" : outcomes[state],
    reason: state === "declined" ? "declined" : undefined,
    account: { accountId, isNew },
    emailKey: person.email?.isMatchable === true ? person.email.key : undefined,
    moves: moves.map((move) => ({ ...move, email })),
    mails: notices.filter((notice) => notice.account.email !== undefined).length,
  };
}

/** The connections of a tenant that have Users that wait for a reason. */
export function* connectionsWaiting(
  tenantId: TenantId,
  reason: WaitingReason,
): Script<readonly Scope[]> {
  const rows = yield* rowsOf<{ connection_id: ConnectionId }>(
    statement(
      `SELECT DISTINCT connection_id FROM links
       WHERE tenant_id = ? AND state = 'none' AND reason = ? ORDER BY connection_id`,
      tenantId,
      reason,
    ),
  );
  return rows.map(({ connection_id }) => ({ tenantId, connectionId: connection_id }));
}
