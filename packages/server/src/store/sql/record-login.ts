/** Lets somebody in who logs in, or refuses it: identity, groups, grants and membership as one transaction (semantics §6). */
import type { Account, AccountId, Grant } from "../../domain/account.ts";
import type { Circumstances } from "../../domain/audit-entry.ts";
import { accessEventsOf } from "../../domain/consequences.ts";
import { effectiveAccessOf, lossOf } from "../../domain/effective-access.ts";
import type {
  AssertedLogin,
  LoginOutcome,
  LoginRefusal,
  TokenRefusal,
} from "../../domain/login.ts";
import { decideLogin } from "../../domain/login.ts";
import type { Member } from "../../domain/member.ts";
import type { AccessEffect, MembershipEdit } from "../../domain/membership-edit.ts";
import { accessEffectOf } from "../../domain/membership-edit.ts";
import type { LoginSettings } from "../../domain/oidc-connection.ts";
import type { MappingId, TenantId } from "../../domain/tenant.ts";
import type { TenantSettings } from "../../domain/tenant-settings.ts";
import { nextAccessRevision } from "./access-revision.ts";
import { claimAccount, claimEmail, insertAccount, noteTenant } from "./accounts.ts";
import { ask } from "./asked.ts";
import { beginningRows, editRows } from "./edit-rows.ts";
import { findOwner } from "./find-owner.ts";
import { groupMappings } from "./group-mappings.ts";
import { acceptedLoginEntry, refusedLoginEntry, refusedTokenEntry } from "./login-entries.ts";
import type { FoundPersonOfLogin, LoginCandidates } from "./login-facts.ts";
import {
  groupsOfLogin,
  insertSubject,
  loginCandidatesAsked,
  personOfLogin,
  replaceGroupsOfLogin,
} from "./login-facts.ts";
import { differingMoves, loginGrantsOf, loginMoveRows, loginMovesOf } from "./login-grants.ts";
import { recordNotice } from "./mails.ts";
import { mappedRoles, noLoginMoves } from "./move-grants.ts";
import { loginRules } from "./oidc-connections.ts";
import { unknownAccount } from "./person-site.ts";
import { consequenceRows } from "./record-consequences.ts";
import type { Script, Verdict } from "./script.ts";
import { firstRowOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import type { Statement } from "./statement.ts";
import { statement } from "./statement.ts";
import { lockTenantFacts } from "./tenant-facts.ts";
import { settingsOfTenant } from "./tenant-members.ts";

/** What a transaction comes to: `alone` asks for the facts of the tenant alone first, `again` for another try. */
export type LoginTrial = LoginOutcome | { readonly kind: "alone" | "again" };

/** Somebody who logs in. */
export interface LoggingIn {
  readonly tenantId: TenantId;
  readonly login: AssertedLogin;
  readonly isAlone: boolean;
}

interface LoginSite extends LoggingIn {
  readonly settings: TenantSettings;
  readonly rules: LoginSettings & { readonly issuer?: string };
  readonly candidates: LoginCandidates;
  /** xsd:dateTime in UTC. */
  readonly at: string;
  readonly circumstances: Circumstances;
  readonly context: SqlContext;
}

/** Decides on a login and records what comes of it. */
export function* recordLogin(
  logging: LoggingIn,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<LoginTrial>> {
  const { tenantId, login, isAlone } = logging;
  yield lockTenantFacts(tenantId, isAlone ? "alone" : "shared", context.dialect);
  const settings = yield* settingsOfTenant(tenantId, context);
  if (settings === undefined) {
    return { kind: "undo", result: { kind: "gone" } };
  }
  const rules = yield* loginRules(tenantId);
  const candidates = yield* ask(loginCandidatesAsked(tenantId, login, context));
  const person = yield* personOfLogin(tenantId, candidates, context);
  const at = new Date(context.nowMs()).toISOString();
  const site = { ...logging, settings, rules, candidates, at, circumstances, context };
  const decision = decideLogin({
    login,
    rules,
    settings,
    isDomainVerified: candidates.isDomainVerified,
    found: person && foundLoginOf(person, settings),
  });
  return decision.kind === "refuse"
    ? yield* refuse(site, person?.member, decision.reason)
    : yield* letIn(site, person, decision.joins);
}

/** Notes a login of which nobody knows whose it is; answers false when the tenant is gone. */
export function* recordTokenRefusal(
  tenantId: TenantId,
  { why }: TokenRefusal,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<boolean>> {
  if ((yield* settingsOfTenant(tenantId, context)) === undefined) {
    return { kind: "undo", result: false };
  }
  const auditEntry = refusedTokenEntry(why, circumstances, context);
  yield yield* consequenceRows(tenantId, { auditEntry, outboxEvents: [] }, context);
  return { kind: "keep", result: true };
}

function foundLoginOf({ member, by }: FoundPersonOfLogin, settings: TenantSettings) {
  const { suspendedBy } = effectiveAccessOf(member.facts, settings);
  return { by, inTenant: member, suspendedBy };
}

/** What a login comes to. */
interface Entrance {
  readonly account: Account;
  readonly isNew: boolean;
  readonly joins: boolean;
  /** Whether the provider has not called the person so before. */
  readonly hasNewSubject: boolean;
  readonly groupsBefore: readonly string[];
  readonly edits: readonly MembershipEdit[];
  /** What is written for archived teams, where nothing has effect. */
  readonly idleRows: readonly Statement[];
  readonly isKept: boolean;
  readonly effect: AccessEffect;
}

function* letIn(
  site: LoginSite,
  person: FoundPersonOfLogin | undefined,
  joins: boolean,
): Script<Verdict<LoginTrial>> {
  const member = person?.member ?? newMember(site);
  const entrance = yield* entranceOf(site, member, { person, joins });
  if (entrance === "alone") {
    return { kind: "undo", result: { kind: "alone" } };
  }
  const { account, isNew, effect } = entrance;
  const { after: access } = effect.access;
  if (access.state !== "active") {
    const reason = access.state === "suspended" ? "locked" : "no-access";
    return yield* refuse(site, person?.member, reason);
  }
  if (!(yield* writeEntrance(site, entrance))) {
    return { kind: "undo", result: { kind: "again" } };
  }
  if (joins && !isNew) {
    yield* tellPerson(site, account, access.role);
  }
  const into = { ...effect.after, account };
  const result = { kind: "accepted", member: into, access, isNew, hasJoined: joins } as const;
  return { kind: "keep", result };
}

/** Somebody whom no account was found of. The address may be that of one which no look-up may find: then without it. */
function newMember({ login, candidates, at, context }: LoginSite): Member {
  const email = candidates.emailHolder === undefined ? login.email : undefined;
  const accountId = context.newId() as AccountId;
  const account: Account = {
    accountId,
    email: email?.text,
    emailVerified: email !== undefined && login.isEmailVerified && candidates.isDomainVerified,
    hasLogin: true,
    name: login.name,
    preferredLanguage: undefined,
    ref: undefined,
    madeBy: undefined,
    created: at,
    revision: 1,
  };
  return { ...unknownAccount(accountId), account };
}

function* entranceOf(
  site: LoginSite,
  { account, ...inTenant }: Member,
  { person, joins }: { readonly person: FoundPersonOfLogin | undefined; readonly joins: boolean },
): Script<Entrance | "alone"> {
  const { tenantId, settings } = site;
  const groupsBefore = yield* groupsOfLogin(tenantId, account.accountId);
  const { grantEdits, idleRows } = yield* grantChanges(site, inTenant);
  const joining: readonly MembershipEdit[] = joins ? [{ kind: "join-by-login" }] : [];
  const edits = [...joining, ...grantEdits];
  const effect = accessEffectOf(inTenant, edits, settings);
  const retained = yield* retainedGrant(site, effect);
  if (retained === "alone") {
    return "alone";
  }
  const keeping: readonly MembershipEdit[] =
    retained === undefined ? [] : [{ kind: "save-grant", grant: retained }];
  const all = [...edits, ...keeping];
  return {
    account,
    isNew: person === undefined,
    joins,
    hasNewSubject: person?.by !== "subject",
    groupsBefore,
    edits: all,
    idleRows,
    isKept: retained !== undefined,
    effect: keeping.length === 0 ? effect : accessEffectOf(inTenant, all, settings),
  };
}

/** What the groups of the login give and take; where they are not known, nothing. */
function* grantChanges(
  { tenantId, login, at, context: { dialect } }: LoginSite,
  { facts }: Omit<Member, "account">,
): Script<{
  readonly grantEdits: readonly MembershipEdit[];
  readonly idleRows: readonly Statement[];
}> {
  const { accountId } = facts;
  const moves =
    login.groups === undefined
      ? noLoginMoves
      : differingMoves(
          yield* loginGrantsOf(tenantId, accountId),
          loginMovesOf(accountId, login.groups, yield* groupMappings(tenantId), at),
        );
  const ids = moves.given.flatMap(({ grant: { sourceId } }) => (sourceId as MappingId) ?? []);
  const live = new Set<string>((yield* mappedRoles(tenantId, dialect, ids)).keys());
  const isHeld = ({ sourceId, teamId }: Grant) =>
    facts.grants.some(
      (held) => held.source === "login" && held.sourceId === sourceId && held.teamId === teamId,
    );
  const isLive = ({ sourceId }: Grant) => sourceId !== undefined && live.has(sourceId);
  const taken = moves.taken.filter(({ grant }) => isHeld(grant));
  const given = moves.given.filter(({ grant }) => isLive(grant));
  const idle = {
    taken: moves.taken.filter((move) => !taken.includes(move)),
    given: moves.given.filter((move) => !given.includes(move)),
  };
  return {
    grantEdits: [
      ...taken.map(({ grant }): MembershipEdit => ({ kind: "delete-grant", grant })),
      ...given.map(
        ({ grant }): MembershipEdit => ({ kind: "save-grant", grant: { ...grant, at } }),
      ),
    ],
    idleRows: loginMoveRows(tenantId, idle, at),
  };
}

/** What nobody may lose by the groups of a login: the access of a protected member, and the last owner. */
function* retainedGrant(
  { tenantId, settings, at, isAlone, context: { dialect } }: LoginSite,
  { after, access }: AccessEffect,
): Script<(Grant & { readonly at: string }) | "alone" | undefined> {
  const loss = lossOf(after.facts, { from: access.before, to: access.after }, settings);
  if (loss === undefined) {
    return undefined;
  }
  if (loss === "owner") {
    if (!isAlone && dialect.writers === "many") {
      return "alone";
    }
    const but = after.facts.accountId;
    if ((yield* findOwner({ tenantId, settings, dialect, but })) !== undefined) {
      return undefined;
    }
  }
  const role = access.before.role ?? settings.defaultRole;
  return { source: "retained", sourceId: undefined, teamId: undefined, role, at };
}

/** Writes everything; answers false where somebody else was faster. */
function* writeEntrance(site: LoginSite, entrance: Entrance): Script<boolean> {
  const { tenantId, login, candidates, at, circumstances, context } = site;
  const { account, isNew, hasNewSubject, joins, groupsBefore, edits, effect } = entrance;
  const { accountId } = account;
  const isEmailNew = isNew && login.email !== undefined && candidates.emailHolder === undefined;
  const claims = [
    ...(isEmailNew && login.email !== undefined ? [claimEmail(accountId, login.email)] : []),
    ...(!isNew && (hasNewSubject || joins) ? [claimAccount(account)] : []),
    ...(hasNewSubject ? [insertSubject(tenantId, login.subject, accountId)] : []),
    ...beginningRows(tenantId, effect, at),
  ];
  const { requestId } = circumstances;
  const groupsSite = { tenantId, accountId, at, requestId, dialect: context.dialect };
  const auditEntry = acceptedLoginEntry({ login, ...entrance }, circumstances, context);
  const outboxEvents = accessEventsOf(
    {
      accountId,
      ref: account.ref,
      isNew,
      before: effect.access.before,
      after: effect.access.after,
      differences: [],
      revision: nextAccessRevision(effect.before, context),
    },
    { at, newId: context.newId, isRevoking: true },
  );
  const results = yield [
    ...claims,
    ...(isNew ? [insertAccount(account, isEmailNew ? login.email : undefined)] : []),
    noteTenant(accountId, tenantId),
    ...editRows(tenantId, edits, effect, at),
    ...entrance.idleRows,
    ...replaceGroupsOfLogin(groupsSite, groupsBefore, login.groups ?? groupsBefore),
    ...(yield* consequenceRows(tenantId, { auditEntry, outboxEvents }, context)),
  ];
  return results.slice(0, claims.length).every(({ changes }) => changes === 1);
}

/** Changes nothing but the audit log. */
function* refuse(
  { tenantId, login, circumstances, context }: LoginSite,
  member: Member | undefined,
  reason: LoginRefusal,
): Script<Verdict<LoginTrial>> {
  const auditEntry = refusedLoginEntry({ login, member, reason }, circumstances, context);
  yield yield* consequenceRows(tenantId, { auditEntry, outboxEvents: [] }, context);
  return { kind: "keep", result: { kind: "refused", reason } };
}

/** The language of whoever has said nothing. */
const languageDefault = "en";

/** A person with an account who becomes a member is told so, and how to leave. */
function* tellPerson(
  { tenantId, rules, at, context }: LoginSite,
  { accountId, email, name, preferredLanguage }: Account,
  role: string | undefined,
): Script<void> {
  const tenant = yield* firstRowOf<{ name: string }>(
    statement(`SELECT name FROM tenants WHERE tenant_id = ?`, tenantId),
  );
  if (email === undefined || tenant === undefined) {
    return;
  }
  const facts = {
    tenantName: tenant.name,
    by: rules.issuer === undefined ? tenant.name : new URL(rules.issuer).host,
    ...(role === undefined ? {} : { role }),
    ...(name === undefined ? {} : { personName: name }),
    ids: { tenantId, accountId },
  };
  const language = preferredLanguage ?? languageDefault;
  const idempotencyKey = `attached:login/${accountId}:${at}`;
  const notice = { kind: "attached", accountId, to: email, language, facts, at } as const;
  yield* recordNotice(tenantId, { ...notice, idempotencyKey }, context);
}
