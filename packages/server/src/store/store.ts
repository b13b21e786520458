/**
 * The server's storage port. Not interactive: reads are consistent snapshots, each write function
 * is one transaction of its own. The scope comes first and from a credential or an operator, never from a request body.
 */
import type {
  CommitOptions,
  CommitOutcome,
  JsonObject,
  KeyHolder,
  ResourceChange,
  ResourcePage,
  ResourceQuery,
  ResourceType,
  StoredResource,
  UniqueKeyValue,
} from "@rollcall/scim";
import type { Account, AccountChange, AccountId, AccountOutcome, Link } from "../domain/account.ts";
import type { AdminCredential } from "../domain/admin-credential.ts";
import type { ChainVerification } from "../domain/audit-chain.ts";
import type { Circumstances, NumberedAuditEntry } from "../domain/audit-entry.ts";
import type { AuditSearch } from "../domain/audit-search.ts";
import type { Connection } from "../domain/connection.ts";
import type { Credential } from "../domain/credential.ts";
import type { EmailAddress } from "../domain/email-address.ts";
import type { HeldRecords } from "../domain/held-records.ts";
import type { Invitation } from "../domain/invitation.ts";
import type { Mail, Notice, StagedMail } from "../domain/mail.ts";
import type { Member, WishOutcome } from "../domain/member.ts";
import type { MembershipWish } from "../domain/membership-wish.ts";
import type { OutboxEvent } from "../domain/outbox-event.ts";
import type { RequestLogEntry } from "../domain/request-log-entry.ts";
import type { ConnectionId, CredentialId, Scope, Tenant, TenantId } from "../domain/tenant.ts";
import type { DomainOutcome, DomainProof, TenantDomain } from "../domain/tenant-domain.ts";
import type { TenantSettings } from "../domain/tenant-settings.ts";

/** Accounts, global; every function that writes leaves its audit entry. */
export interface AccountTable {
  create(account: Account, circumstances: Circumstances): Promise<AccountOutcome>;
  change(
    accountId: AccountId,
    change: AccountChange,
    circumstances: Circumstances,
  ): Promise<AccountOutcome>;
  byId(accountId: AccountId): Promise<Account | undefined>;
  /** Those that there are, in any order. */
  byIds(accountIds: readonly AccountId[]): Promise<readonly Account[]>;
  /** In the order of their ids, behind one. */
  page(options: { readonly after: string; readonly limit: number }): Promise<readonly Account[]>;
  holderOfEmail(email: EmailAddress): Promise<AccountId | undefined>;
  holderOfRef(ref: string): Promise<AccountId | undefined>;
  /** Who has which of some login e-mails, by their keys; in one statement. */
  holdersOfEmails(emails: readonly EmailAddress[]): Promise<ReadonlyMap<string, AccountId>>;
  /** Who has which of some ids of the application; in one statement. */
  holdersOfRefs(refs: readonly string[]): Promise<ReadonlyMap<string, AccountId>>;
  /** Which tenants keep anything about an account. */
  tenantsOf(accountId: AccountId): Promise<readonly TenantId[]>;
  /** Removes the account and everything about the person; audit entries stay. Answers with the tenants, undefined when it was gone. */
  erase(
    accountId: AccountId,
    circumstances: Circumstances,
  ): Promise<readonly TenantId[] | undefined>;
}

/** What tenants have on accounts. */
export interface MembershipTable {
  /** Undefined when there is no such account. */
  read(tenantId: TenantId, accountId: AccountId): Promise<Member | undefined>;
  /** Members and whom a User is linked to, in the order of their ids, behind one. */
  list(
    tenantId: TenantId,
    options: { readonly after: string; readonly limit: number },
  ): Promise<readonly Member[]>;
  /** What the tenant has on some accounts, members or not, in any order; in a bounded number of statements. */
  many(tenantId: TenantId, accountIds: readonly AccountId[]): Promise<readonly Member[]>;
  /** What else the tenant keeps about a person. */
  held(tenantId: TenantId, accountId: AccountId): Promise<HeldRecords>;
  /** The link of a User; undefined where none was ever tried. */
  linkOf(
    scope: Scope,
    resourceId: string,
  ): Promise<(Link & { readonly reason: string | undefined }) | undefined>;
  /** The settings a tenant works with; undefined when there is no such tenant. */
  settings(tenantId: TenantId): Promise<TenantSettings | undefined>;
  fulfil(
    tenantId: TenantId,
    accountId: AccountId,
    wish: MembershipWish,
    circumstances: Circumstances,
  ): Promise<WishOutcome>;
}

/** Domains of tenants. */
export interface DomainTable {
  list(tenantId: TenantId): Promise<readonly TenantDomain[]>;
  add(
    tenantId: TenantId,
    domain: Pick<TenantDomain, "domain" | "challenge" | "created">,
    circumstances: Circumstances,
  ): Promise<TenantDomain>;
  verify(
    tenantId: TenantId,
    domain: string,
    proof: DomainProof,
    circumstances: Circumstances,
  ): Promise<DomainOutcome>;
  /** Answers false when the tenant has no such domain. */
  remove(tenantId: TenantId, domain: string, circumstances: Circumstances): Promise<boolean>;
}

/** Invitations, which syncs make. */
export interface InvitationTable {
  /** The latest first, of one time in the order of their ids; from behind one on. */
  list(
    tenantId: TenantId,
    options: {
      readonly after?: Pick<Invitation, "created" | "invitationId"> | undefined;
      readonly limit: number;
    },
  ): Promise<readonly Invitation[]>;
  byId(tenantId: TenantId, invitationId: string): Promise<Invitation | undefined>;
  /** What the person does with an invitation; `gone` when it is not open any more. */
  settle(
    tenantId: TenantId,
    invitation: Invitation,
    kind: "accept" | "decline",
    circumstances: Circumstances,
  ): Promise<WishOutcome>;
}

/** Everything the server keeps. */
export interface Store {
  readonly resources: ResourceTable;
  readonly tenants: TenantTable;
  readonly connections: ConnectionTable;
  readonly credentials: CredentialTable;
  readonly adminCredentials: AdminCredentialTable;
  readonly idempotencyKeys: IdempotencyKeyTable;
  readonly auditLog: AuditLogTable;
  readonly outbox: OutboxTable;
  readonly mails: MailTable;
  readonly accounts: AccountTable;
  readonly memberships: MembershipTable;
  readonly domains: DomainTable;
  readonly invitations: InvitationTable;
  readonly requestLog: RequestLogTable;
  /** Notes a fact of the whole instance unless it is noted; answers what is noted. */
  claimInstanceFact(name: string, value: string): Promise<string>;
  /** Answers when the database does; throws 503 otherwise. */
  ping(): Promise<void>;
  /** Finishes what is under way and lets go of every file and connection. */
  close(): Promise<void>;
}

/** Resources with their members, keys, tombstones, audit entries and outbox events. */
export interface ResourceTable {
  read(
    scope: Scope,
    resourceType: ResourceType,
    id: string,
    relations: readonly string[],
  ): Promise<StoredResource | undefined>;
  readByKeys(
    scope: Scope,
    resourceType: ResourceType,
    keys: readonly UniqueKeyValue[],
  ): Promise<readonly KeyHolder[]>;
  query(scope: Scope, query: ResourceQuery): Promise<ResourcePage>;
  /** Resource, members, keys, tombstone, audit entry and outbox events in one transaction, or nothing. */
  record(
    scope: Scope,
    change: ResourceChange,
    options: CommitOptions,
    circumstances: Circumstances,
  ): Promise<CommitOutcome>;
  /**
   * Drops some of what is kept of deleted resources: the attributes of those deleted before `restorableSince`, all of
   * those deleted before `rememberedSince`, both xsd:dateTime in UTC. Answers how many; 0 when nothing is left to do.
   */
  pruneTombstones(
    tenantId: TenantId,
    ages: { readonly restorableSince: string; readonly rememberedSince: string },
  ): Promise<number>;
}

/** Tenants. Names are unique; each function writes its audit entry in the same transaction. */
export interface TenantTable {
  create(tenant: Tenant, circumstances: Circumstances): Promise<"created" | "taken">;
  list(): Promise<readonly Tenant[]>;
  /** The first tenants by name behind a name. */
  page(options: { readonly after: string; readonly limit: number }): Promise<readonly Tenant[]>;
  bySlug(slug: string): Promise<Tenant | undefined>;
  byId(tenantId: TenantId): Promise<Tenant | undefined>;
  /** Saves where the tenant differs from the defaults; answers false when it is gone. */
  saveSettings(
    tenantId: TenantId,
    settings: JsonObject,
    circumstances: Circumstances,
  ): Promise<boolean>;
  /** Removes the tenant with all that belongs to it; the audit entry of the removal stays. */
  delete(tenantId: TenantId, circumstances: Circumstances): Promise<void>;
}

/** Connections. */
export interface ConnectionTable {
  create(connection: Connection, circumstances: Circumstances): Promise<"created" | "taken">;
  list(tenantId: TenantId): Promise<readonly Connection[]>;
  bySlug(tenantId: TenantId, slug: string): Promise<Connection | undefined>;
  read(scope: Scope): Promise<Connection | undefined>;
  /**
   * Saves name, profile, settings and disabled; `uniqueKeyPaths` lists by resource type which keys must hold from now on.
   * A key that turns on is built from the live resources; where two share a value nothing is saved and both ids are told.
   */
  save(
    connection: Connection,
    uniqueKeyPaths: readonly {
      readonly resourceType: ResourceType;
      readonly paths: readonly string[];
    }[],
    circumstances: Circumstances,
  ): Promise<
    | { readonly kind: "saved" }
    | { readonly kind: "duplicates"; readonly path: string; readonly ids: readonly string[] }
  >;
}

/** Credentials, found by id alone: the id leads to the tenant, not the other way round. */
export interface CredentialTable {
  create(credential: Credential, circumstances: Circumstances): Promise<void>;
  byId(credentialId: CredentialId): Promise<Credential | undefined>;
  list(scope: Scope): Promise<readonly Credential[]>;
  /** Answers false when there is no such credential in the scope, or it was revoked before. */
  revoke(
    scope: Scope,
    credentialId: CredentialId,
    at: string,
    circumstances: Circumstances,
  ): Promise<boolean>;
  /**
   * Adds a credential that takes the place of another one of its connection, which ends at a time unless it ends before.
   * Answers false, and adds nothing, when there is no such other one or it was revoked.
   */
  rotate(
    credential: Credential,
    replaced: { readonly credentialId: CredentialId; readonly expires: string },
    circumstances: Circumstances,
  ): Promise<boolean>;
  /** Notes the time of use; at most one write a minute for each credential. */
  touch(credentialId: CredentialId, at: string): Promise<void>;
}

/** Credentials of the admin API, found by id alone. Those of a tenant go with it. */
export interface AdminCredentialTable {
  create(credential: AdminCredential, circumstances: Circumstances): Promise<void>;
  byId(credentialId: CredentialId): Promise<AdminCredential | undefined>;
  list(): Promise<readonly AdminCredential[]>;
  /** Answers false when there is no such credential, or it was revoked before. */
  revoke(credentialId: CredentialId, at: string, circumstances: Circumstances): Promise<boolean>;
  /** Notes the time of use; at most one write a minute for each credential. */
  touch(credentialId: CredentialId, at: string): Promise<void>;
}

/** A request that claims a key: the same key means the same request, as far as its hash tells. */
export interface IdempotencyClaim {
  readonly credentialId: CredentialId;
  readonly key: string;
  readonly requestHash: string;
  /** When it is claimed, an xsd:dateTime in UTC; it tells this claim from others. */
  readonly at: string;
}

/** An answer as it is kept for repeated requests. */
export interface KeptAnswer {
  readonly status: number;
  /** Sealed by whoever keeps it. */
  readonly body: string;
}

/** What became of claiming a key. */
export type IdempotencyVerdict =
  | { readonly kind: "claimed" | "under-way" | "other-request" }
  | { readonly kind: "answered"; readonly answer: KeptAnswer };

/** Keys by which a client repeats a request without repeating what it did. */
export interface IdempotencyKeyTable {
  /** A key is free again when its answer is older than `rememberedSince`, and without answer when its claim is older than `underWaySince`. */
  claim(
    claim: IdempotencyClaim,
    ages: { readonly rememberedSince: string; readonly underWaySince: string },
  ): Promise<IdempotencyVerdict>;
  /** Keeps the answer, unless the key was taken over meanwhile. */
  settle(claim: IdempotencyClaim, answer: KeptAnswer): Promise<void>;
  /** Gives a key back whose request came to nothing. */
  release(claim: IdempotencyClaim): Promise<void>;
  /** Drops keys claimed before a time, an xsd:dateTime in UTC. */
  prune(before: string): Promise<void>;
}

/** The audit log. Every entry has a number in its tenant and is chained to the one before some time after commit. */
export interface AuditLogTable {
  /** The entries that fit, newest last. */
  list(tenantId: TenantId, search: AuditSearch): Promise<readonly NumberedAuditEntry[]>;
  count(tenantId: TenantId): Promise<number>;
  /** Chains everything that has been committed by now. */
  chain(tenantId: TenantId): Promise<void>;
  /** Chains everything, and looks whether anybody has changed, moved or removed an entry. */
  verify(tenantId: TenantId): Promise<ChainVerification>;
  /** How many entries of all tenants are not chained yet. */
  countUnchained(): Promise<number>;
  /**
   * Drops some of the oldest entries that are chained and from before a time, an xsd:dateTime in UTC; the chain of the
   * others can be verified as before. Answers how many; 0 when nothing is left to do.
   */
  prune(tenantId: TenantId, before: string): Promise<number>;
  /** Erases names and values from the entries about a target; the entries and their chain stay. */
  erase(tenantId: TenantId, targetId: string): Promise<void>;
}

/** The outbox, in the order of the tenant. */
export interface OutboxTable {
  /** Events behind a position, with their positions. */
  list(
    tenantId: TenantId,
    options: { readonly after: number; readonly limit: number },
  ): Promise<readonly (OutboxEvent & { readonly position: number })[]>;
  /** The position of an event; undefined when the tenant has no such event. */
  positionOf(tenantId: TenantId, eventId: string): Promise<number | undefined>;
  count(tenantId: TenantId): Promise<number>;
}

/** Mails that wait to be sent, as a sender sees them. */
export interface MailQueue {
  /** Takes mails that are due, for a minute: what is not marked by then may be taken again, by anybody. */
  claimDue(nowMs: number, limit: number): Promise<readonly Mail[]>;
  /** Notes that it has been sent, at an xsd:dateTime in UTC. */
  markSent(mail: Mail, at: string): Promise<void>;
  /** Notes why it could not be sent, and when to try again; undefined for never. */
  markFailed(mail: Mail, error: string, retryAt: string | undefined): Promise<void>;
}

/** Mails, waiting and sent. What tells of a change is staged in the transaction of the change and not here. */
export interface MailTable extends MailQueue {
  /** Puts mails in; those whose idempotency key the tenant has are left out. */
  stage(tenantId: TenantId, mails: readonly StagedMail[]): Promise<void>;
  /** Tells a person about a membership: at once the first time, in a digest what follows within 24 hours. */
  notify(tenantId: TenantId, notice: Notice): Promise<void>;
  /** The latest mails, or those before one, newest last; `to` in any letter case. */
  list(
    tenantId: TenantId,
    options: {
      readonly to?: string | undefined;
      readonly beforeMailId?: string | undefined;
      readonly limit: number;
    },
  ): Promise<readonly Mail[]>;
  read(tenantId: TenantId, mailId: string): Promise<Mail | undefined>;
  /** Counts what has not been sent: what waits, and what nobody tries to send any more. */
  countUnsent(tenantId: TenantId): Promise<{ readonly waiting: number; readonly givenUp: number }>;
}

/** The request log: written in batches, apart from everything else; the last second may be lost in a crash. */
export interface RequestLogTable {
  /** Queues an entry; never waits, never throws. */
  append(entry: RequestLogEntry): void;
  /** The latest entries that fit, newest last; behind an `afterSequence` the first ones. */
  list(options: {
    readonly tenantId?: TenantId;
    readonly connectionId?: ConnectionId | undefined;
    /** The lowest status. */
    readonly statusFrom?: number | undefined;
    readonly afterSequence?: number;
    readonly beforeSequence?: number | undefined;
    readonly limit: number;
  }): Promise<readonly (RequestLogEntry & { readonly sequence: number })[]>;
  /** Drops entries older than the time, an xsd:dateTime in UTC. */
  prune(before: string): Promise<void>;
}
