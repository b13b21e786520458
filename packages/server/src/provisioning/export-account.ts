/** Exports everything that is held about a person, for the right of access: the account, and what each tenant keeps. */
import type { ResourceTypeRegistry } from "@rollcall/scim";
import { relationsShown } from "@rollcall/scim";
import { accessJson } from "../domain/access-difference.ts";
import type { Account, AccountId, Link } from "../domain/account.ts";
import { instanceAuditId } from "../domain/admin-credential.ts";
import type { NumberedAuditEntry } from "../domain/audit-entry.ts";
import type { ShownAuditEntry } from "../domain/audit-export.ts";
import { shownAuditEntry } from "../domain/audit-export.ts";
import type { AuditSearch } from "../domain/audit-search.ts";
import { auditPageMax } from "../domain/audit-search.ts";
import type { HeldRecords } from "../domain/held-records.ts";
import type { Invitation } from "../domain/invitation.ts";
import type { Mail } from "../domain/mail.ts";
import { accessOf } from "../domain/member-summary.ts";
import { personType } from "../domain/person.ts";
import type { TenantId } from "../domain/tenant.ts";
import type { MailLinks } from "../mail/mail-links.ts";
import { mailText } from "../mail/mail-text.ts";
import type { Store } from "../store/store.ts";
import type { TenantPart } from "./account-administration.ts";
import { tenantPartsOf } from "./account-administration.ts";

/** What an export needs. */
export interface ExportParts {
  readonly store: Store;
  readonly registry: ResourceTypeRegistry;
  readonly mailLinks: MailLinks;
}

/** How many events are read at once. */
const eventPageMax = 1000;

/** Everything that is held about a person, as JSON. */
export interface AccountExport {
  readonly account: object;
  readonly tenants: readonly object[];
  /** What the audit log of the instance says of the account. */
  readonly auditEntries: readonly ShownAuditEntry[];
}

/** Collects it. */
export async function exportAccount(account: Account, parts: ExportParts): Promise<AccountExport> {
  const tenants: object[] = [];
  for (const part of await tenantPartsOf(parts.store, account.accountId)) {
    tenants.push(await exportFromTenant(account, part, parts));
  }
  const auditEntries = await entriesAbout(parts.store, instanceAuditId, [account.accountId]);
  return { account: accountJson(account), tenants, auditEntries };
}

function accountJson({ accountId, ...account }: Account): object {
  const { email, emailVerified, hasLogin, name, preferredLanguage, ref, madeBy } = account;
  return {
    id: accountId,
    email: email ?? null,
    emailVerified,
    hasLogin,
    name: name ?? null,
    preferredLanguage: preferredLanguage ?? null,
    ref: ref ?? null,
    madeBy: madeBy ?? null,
    created: account.created,
    revision: account.revision,
  };
}

async function exportFromTenant(
  { accountId }: Account,
  { tenant, settings, member }: TenantPart,
  parts: ExportParts,
): Promise<object> {
  const { tenantId, slug } = tenant;
  const { facts, isMember, hasDeclined } = member;
  const { store } = parts;
  const held = await store.memberships.held(tenantId, accountId);
  const connections = new Map(
    (await store.connections.list(tenantId)).map((one) => [String(one.connectionId), one.slug]),
  );
  const nameOf = (connectionId: string) => connections.get(connectionId) ?? connectionId;
  const invited = await invitedUsers(tenantId, accountId, held, store);
  const users = [...facts.links, ...held.deletedUsers, ...invited];
  const resourceIds = users.map(({ resourceId }) => resourceId);
  return {
    tenant: slug,
    isMember,
    memberSince: held.memberSince ?? null,
    protection: facts.protection ?? null,
    access: accessJson(accessOf(member, settings)),
    links: facts.links.map(({ connectionId, resourceId, state, active, role }) => ({
      connection: nameOf(connectionId),
      resourceId,
      state,
      active,
      role: role ?? null,
    })),
    grants: facts.grants.map(({ source, sourceId, role, at }) => ({
      source,
      sourceId: sourceId ?? null,
      role,
      at: at ?? null,
    })),
    locks: facts.locks.map(({ source, connectionId, reason, at }) => ({
      source,
      connection: connectionId === undefined ? null : nameOf(connectionId),
      reason: reason ?? null,
      at,
    })),
    hasDeclined,
    declinedAt: held.declined ?? null,
    loginSubjects: held.loginSubjects,
    loginGroups: held.loginGroups,
    users: await usersBehind(tenantId, facts.links, nameOf, parts),
    deletedUsers: deletedUsersJson(held, nameOf),
    invitations: held.invitations.map((invitation) => invitationJson(invitation, nameOf)),
    mails: held.mails.map((mail) => mailJson(mail, parts.mailLinks)),
    events: await eventsAbout(store, tenantId, [accountId, ...resourceIds]),
    auditEntries: await entriesAbout(store, tenantId, [accountId, ...resourceIds]),
  };
}

type NameOf = (connectionId: string) => string;

/** The Users that the person was invited as; one that stands for somebody else by now tells of that person. */
async function invitedUsers(
  tenantId: TenantId,
  accountId: AccountId,
  { invitations }: HeldRecords,
  { memberships }: Store,
): Promise<readonly Invitation[]> {
  const found: Invitation[] = [];
  for (const invitation of invitations) {
    const { connectionId, resourceId } = invitation;
    const link = await memberships.linkOf({ tenantId, connectionId }, resourceId);
    if (link?.accountId === undefined || link.accountId === accountId) {
      found.push(invitation);
    }
  }
  return found;
}

/** The Users that stand for the person, with every attribute that is stored. */
async function usersBehind(
  tenantId: TenantId,
  links: readonly Link[],
  nameOf: NameOf,
  { store, registry }: ExportParts,
): Promise<readonly object[]> {
  const resourceType = registry.named(personType);
  if (resourceType === undefined) {
    throw new TypeError(`the registry has no resource type ${personType}`);
  }
  const relations = relationsShown(resourceType, { kind: "default" });
  const users: object[] = [];
  for (const { connectionId, resourceId } of links) {
    const scope = { tenantId, connectionId };
    const stored = await store.resources.read(scope, resourceType, resourceId, relations);
    if (stored !== undefined) {
      const { id, created, lastModified, attributes } = stored;
      const shown = { id, created, lastModified, attributes, relations: stored.relations };
      users.push({ connection: nameOf(connectionId), ...shown });
    }
  }
  return users;
}

function deletedUsersJson({ deletedUsers }: HeldRecords, nameOf: NameOf): readonly object[] {
  return deletedUsers.map(({ connectionId, resourceId, deleted, attributes }) => ({
    connection: nameOf(connectionId),
    resourceId,
    deletedAt: deleted,
    attributes: attributes ?? null,
  }));
}

function invitationJson(invitation: Invitation, nameOf: NameOf): object {
  const { invitationId, email, state, created, expires, settled, connectionId } = invitation;
  return {
    id: invitationId,
    email,
    state,
    connection: nameOf(connectionId),
    resourceId: invitation.resourceId,
    createdAt: created,
    expiresAt: expires,
    settledAt: settled ?? null,
  };
}

function mailJson(mail: Mail, links: MailLinks): object {
  const { subject, text, language } = mailText(mail, links);
  return {
    id: mail.mailId,
    to: mail.to,
    kind: mail.kind,
    language,
    subject,
    text,
    facts: mail.facts,
    createdAt: mail.created,
    dueAt: mail.due ?? null,
    sentAt: mail.sent ?? null,
    attempts: mail.attempts,
    lastError: mail.lastError ?? null,
  };
}

/** Every event is looked at: an index by whom one is about would cost every write more than it helps an export. */
async function eventsAbout(
  { outbox }: Store,
  tenantId: TenantId,
  ids: readonly string[],
): Promise<readonly object[]> {
  const wanted = new Set(ids);
  const found: object[] = [];
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page: Awaited<ReturnType<Store["outbox"]["list"]>> = await outbox.list(tenantId, {
      after,
      limit: eventPageMax,
    });
    found.push(
      ...page
        .filter(({ resourceId }) => wanted.has(resourceId))
        .map(({ eventId, type, at, data }) => ({ id: eventId, type, time: at, data })),
    );
    after = page.at(-1)?.position;
  }
  return found;
}

/** What an audit log says about targets, and what the first of them did, each entry once and in order. */
async function entriesAbout(
  { auditLog }: Store,
  tenantId: TenantId,
  targetIds: readonly string[],
): Promise<readonly ShownAuditEntry[]> {
  const searches = [...new Set(targetIds)].map(
    (targetId): Omit<AuditSearch, "limit"> => ({ targetId }),
  );
  const [accountId = ""] = targetIds;
  const found = new Map<number, NumberedAuditEntry>();
  for (const search of [...searches, { actor: { id: accountId } }]) {
    for (let after: number | undefined = 0; after !== undefined; ) {
      const page: readonly NumberedAuditEntry[] = await auditLog.list(tenantId, {
        ...search,
        after,
        limit: auditPageMax,
      });
      for (const entry of page) {
        found.set(entry.number, entry);
      }
      after = page.at(-1)?.number;
    }
  }
  return [...found.values()]
    .sort((one, other) => one.number - other.number)
    .map((entry) => shownAuditEntry(entry));
}
