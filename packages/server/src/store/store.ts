/**
 * The server's storage port. Not interactive: reads are consistent snapshots, each write function
 * is one transaction of its own. The scope comes first and from a credential or an operator, never from a request body.
 */
import type {
  CommitOptions,
  CommitOutcome,
  DeleteChange,
  JsonObject,
  KeyHolder,
  RelationValue,
  ResourceChange,
  ResourcePage,
  ResourceQuery,
  ResourceType,
  StoredResource,
  UniqueKeyValue,
} from "@rollcall/scim";
import type { NamedMove } from "../domain/access-move.ts";
import type {
  Account,
  AccountChange,
  AccountId,
  AccountOutcome,
  Link,
  LockSource,
} from "../domain/account.ts";
import type { AdminCredential } from "../domain/admin-credential.ts";
import type { KeptMember, RefusalCount } from "../domain/alert.ts";
import type { ChainVerification } from "../domain/audit-chain.ts";
import type { Circumstances, NumberedAuditEntry } from "../domain/audit-entry.ts";
import type { AuditSearch } from "../domain/audit-search.ts";
import type { Connection, StagingOutcome } from "../domain/connection.ts";
import type { Credential } from "../domain/credential.ts";
import type { EmailAddress } from "../domain/email-address.ts";
import type { ErasureOutcome } from "../domain/erasure.ts";
import type { GroupMapping } from "../domain/group-mapping.ts";
import type { HeldRecords } from "../domain/held-records.ts";
import type { Backlog, DatabaseFigures, EndingCredentials } from "../domain/instance-figures.ts";
import type { Invitation } from "../domain/invitation.ts";
import type { Mail, Notice, StagedMail } from "../domain/mail.ts";
import type {
  AccessPreview,
  ChangeMode,
  MappingOutcome,
  MappingWish,
} from "../domain/mapping-change.ts";
import type { Member, WishOutcome } from "../domain/member.ts";
import type { MembershipWish } from "../domain/membership-wish.ts";
import type { OauthClient } from "../domain/oauth-client.ts";
import type { OutboxEvent } from "../domain/outbox-event.ts";
import type { ConnectionRemovalOutcome } from "../domain/removed-connection.ts";
import type { RequestLogEntry } from "../domain/request-log-entry.ts";
import type { SettingsChangeOutcome } from "../domain/settings-change.ts";
import type { Team, TeamOutcome, TeamWish } from "../domain/team.ts";
import type {
  ConnectionId,
  CredentialId,
  Scope,
  TeamId,
  Tenant,
  TenantId,
} from "../domain/tenant.ts";
import type { DomainOutcome, DomainProof, TenantDomain } from "../domain/tenant-domain.ts";
import type { TenantSettings } from "../domain/tenant-settings.ts";
import type { TriedUser, WaitingReason } from "../domain/tried-user.ts";
import type {
  DeliveryFailure,
  DeliveryRecord,
  DeliveryState,
  DeliverySuccess,
  Webhook,
  WebhookDelivery,
  WebhookDisabling,
  WebhookId,
  WebhookSecret,
} from "../domain/webhook.ts";
import type { LoginTable, OidcConnectionTable } from "./login-store.ts";

export type { LoginTable, OidcConnectionTable } from "./login-store.ts";

import type { MembershipStep } from "../domain/why-access.ts";

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
  /** Tells whether an account may be erased; a refusal is in the audit log of the tenant that protects it. */
  checkErasure(
    accountId: AccountId,
    circumstances: Circumstances,
  ): Promise<Exclude<ErasureOutcome, { kind: "erased" }> | { readonly kind: "erasable" }>;
  /** Removes the account and everything about the person, unless a tenant protects it; audit entries and events stay. */
  erase(accountId: AccountId, circumstances: Circumstances): Promise<ErasureOutcome>;
}

/** What tenants have on accounts. */
export interface MembershipTable {
  /** Undefined when there is no such account. */
  read(tenantId: TenantId, accountId: AccountId): Promise<Member | undefined>;
  /** Members, whom a User is linked to and who is locked, in the order of their ids, behind one. */
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
  /** The links of some Users, by their ids; a User of whom none was ever tried is left out. In one statement. */
  linksOf(
    scope: Scope,
    resourceIds: readonly string[],
  ): Promise<ReadonlyMap<string, Pick<Link, "accountId" | "state">>>;
  /** What locks the memberships that Users are linked to, by their ids; whoever is not linked or not locked is left out. */
  lockSources(
    scope: Scope,
    resourceIds: readonly string[],
  ): Promise<ReadonlyMap<string, readonly LockSource[]>>;
  /** The groups that lead up from a User, step by step. */
  groupPaths(scope: Scope, resourceId: string): Promise<readonly MembershipStep[]>;
  /** The settings a tenant works with; undefined when there is no such tenant. */
  settings(tenantId: TenantId): Promise<TenantSettings | undefined>;
  fulfil(
    tenantId: TenantId,
    accountId: AccountId,
    wish: MembershipWish,
    circumstances: Circumstances,
  ): Promise<WishOutcome>;
}

/** Teams of tenants; every function that changes one leaves its audit entry and its event. */
export interface TeamTable {
  /** Archived ones too, the oldest first. */
  list(tenantId: TenantId): Promise<readonly Team[]>;
  /** Those that there are, in any order; in one statement. */
  byIds(tenantId: TenantId, teamIds: readonly TeamId[]): Promise<readonly Team[]>;
  create(team: Team, circumstances: Circumstances): Promise<TeamOutcome>;
  /** Without a name one of a group is called as its group again; with `expected` only while it is that. */
  rename(
    wish: TeamWish & { readonly name: string | undefined },
    circumstances: Circumstances,
  ): Promise<TeamOutcome>;
  /**
   * Archived, its grants stay and have no effect; everybody's access follows in the same transaction. One of a group that
   * is restored when it does not follow that any more is the operator's own from then on.
   */
  archive(
    wish: TeamWish & { readonly isArchived: boolean },
    circumstances: Circumstances,
  ): Promise<TeamOutcome>;
}

/** Group mappings of tenants. */
export interface MappingTable {
  /** The oldest first. */
  list(tenantId: TenantId): Promise<readonly GroupMapping[]>;
  /** Changes one, with the access of everybody whom it concerns; or tells what that would do, and does nothing. */
  change(
    tenantId: TenantId,
    wish: MappingWish,
    mode: ChangeMode,
    circumstances: Circumstances,
  ): Promise<MappingOutcome>;
  /**
   * Compares all that groups and logins give with what they should, and mends it unless it is only to be checked.
   * Answers how many grants differ; undefined when there is no such tenant.
   */
  reconcile(
    tenantId: TenantId,
    options: { readonly isCheck: boolean },
    circumstances: Circumstances,
  ): Promise<{ readonly differences: number; readonly moves: readonly NamedMove[] } | undefined>;
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

/** An invitation to be sent, with the mail that has its link. */
export interface SentInvitation {
  readonly invitation: Pick<
    Invitation,
    "invitationId" | "accountId" | "connectionId" | "resourceId" | "email"
  >;
  readonly mail: Omit<StagedMail, "at" | "due">;
}

/** Invitations, which syncs make, and operators again. */
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
  /**
   * Invites to the link of a User that waits for the person or was declined, in place of what is open: that is revoked.
   * `gone` when the link is not so any more, or its User not active.
   */
  send(
    tenantId: TenantId,
    sent: SentInvitation,
    circumstances: Circumstances,
  ): Promise<WishOutcome>;
  /** Ends an invitation; `gone` when it is not open any more. */
  revoke(
    tenantId: TenantId,
    invitation: Invitation,
    circumstances: Circumstances,
  ): Promise<WishOutcome>;
}

/** Everything the server keeps. */
export interface Store {
  readonly resources: ResourceTable;
  readonly tenants: TenantTable;
  readonly connections: ConnectionTable;
  readonly credentials: CredentialTable;
  readonly oauthClients: OauthClientTable;
  readonly adminCredentials: AdminCredentialTable;
  readonly idempotencyKeys: IdempotencyKeyTable;
  readonly auditLog: AuditLogTable;
  readonly outbox: OutboxTable;
  readonly mails: MailTable;
  readonly accounts: AccountTable;
  readonly memberships: MembershipTable;
  readonly teams: TeamTable;
  readonly mappings: MappingTable;
  readonly oidcConnections: OidcConnectionTable;
  readonly logins: LoginTable;
  readonly domains: DomainTable;
  readonly invitations: InvitationTable;
  readonly webhooks: WebhookTable;
  readonly webhookQueue: WebhookQueue;
  readonly eventStreams: EventStreamTable;
  readonly alerts: AlertTable;
  readonly leases: LeaseTable;
  readonly requestLog: RequestLogTable;
  readonly figures: FigureTable;
  readonly snapshots: SnapshotTable;
  /** Notes a fact of the whole instance unless it is noted; answers what is noted. */
  claimInstanceFact(name: string, value: string): Promise<string>;
  /** Answers when the database does; throws 503 otherwise. */
  ping(): Promise<void>;
  /** Finishes what is under way and lets go of every file and connection. */
  close(): Promise<void>;
}

/** What part of a list is wanted. */
export interface PlaceWish {
  /** The place of the last one of the part before; 0 for the first part. */
  readonly after: number;
  readonly limit: number;
}

/** A resource with its place among those of its type: greater than 0, and the same as long as it lives. */
export interface PlacedResource {
  readonly place: number;
  readonly resource: StoredResource;
}

/** A value of a relation with its place in it. */
export interface PlacedValue {
  readonly place: number;
  readonly value: RelationValue;
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
  /** Those behind a place in the order of creation, without relations: none is left out because another one goes meanwhile. */
  page(
    scope: Scope,
    resourceType: ResourceType,
    wish: PlaceWish,
  ): Promise<readonly PlacedResource[]>;
  /** Values of a relation behind a place in the order of insertion, in the same way; none where there is no such resource. */
  relationPage(
    scope: Scope,
    of: {
      readonly resourceType: ResourceType;
      readonly id: string;
      readonly attribute: string;
    },
    wish: PlaceWish,
  ): Promise<readonly PlacedValue[]>;
  /** Resource, members, keys, tombstone, audit entry and outbox events in one transaction, or nothing. */
  record(
    scope: Scope,
    change: ResourceChange,
    options: CommitOptions,
    circumstances: Circumstances,
  ): Promise<CommitOutcome>;
  /** Tells what the deletion of a Group would do to people, and does nothing. Undefined where there is no such Group. */
  previewDeletion(
    scope: Scope,
    change: DeleteChange,
    circumstances: Circumstances,
  ): Promise<DeletionPreview | undefined>;
  /**
   * Drops some of what is kept of deleted resources: the attributes of those deleted before `restorableSince`, all of
   * those deleted before `rememberedSince`, both xsd:dateTime in UTC. Answers how many; 0 when nothing is left to do.
   */
  pruneTombstones(
    tenantId: TenantId,
    ages: { readonly restorableSince: string; readonly rememberedSince: string },
  ): Promise<number>;
}

/** What the deletion of a Group would do to people. */
export type DeletionPreview = Pick<AccessPreview, "moves" | "retained">;

/** Tenants. Names are unique; each function writes its audit entry in the same transaction. */
export interface TenantTable {
  create(tenant: Tenant, circumstances: Circumstances): Promise<"created" | "taken">;
  list(): Promise<readonly Tenant[]>;
  /** The first tenants by name behind a name. */
  page(options: { readonly after: string; readonly limit: number }): Promise<readonly Tenant[]>;
  bySlug(slug: string): Promise<Tenant | undefined>;
  byId(tenantId: TenantId): Promise<Tenant | undefined>;
  /**
   * Saves where the tenant differs from the defaults, or tells what that would do. With `expected`, only while those are
   * the settings that it has: `moved` says that somebody else has changed them, and nothing is saved. Neither is what
   * would leave a tenant without owner that has one; the refusal is in its audit log. With `trying`, the type of Users,
   * those whom the attach policy has refused are tried in the same transaction; else `beside` is what comes of them
   * behind it, for which the token of a preview stands too.
   */
  changeSettings(
    tenantId: TenantId,
    wish: {
      readonly settings: JsonObject;
      readonly expected: JsonObject | undefined;
      readonly mode: ChangeMode;
      readonly beside?: string | undefined;
      readonly trying?: ResourceType | undefined;
    },
    circumstances: Circumstances,
  ): Promise<SettingsChangeOutcome>;
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
  /** Stages it, unless it is live, or makes it active; those that wait are tied to nobody by that. */
  stage(scope: Scope, isStaged: boolean, circumstances: Circumstances): Promise<StagingOutcome>;
  /** Tries a part of the Users that wait for an account again, each with its audit entry, events and mails. */
  attachWaiting(wish: WaitingWish, circumstances: Circumstances): Promise<TriedBatch>;
  /** How many Users of a connection wait for a reason. */
  countWaiting(scope: Scope, reason: WaitingReason): Promise<number>;
  /** The connections of a tenant with Users that wait for a reason. */
  waiting(tenantId: TenantId, reason: WaitingReason): Promise<readonly Scope[]>;
  /** Removes it with all that it has provisioned; its audit entries and events stay. Or tells what that would do. */
  remove(
    scope: Scope,
    removal: { readonly resourceTypes: readonly ResourceType[]; readonly mode: ChangeMode },
    circumstances: Circumstances,
  ): Promise<ConnectionRemovalOutcome>;
}

/** Which Users that wait for an account are tried, and how. */
export interface WaitingWish {
  readonly scope: Scope;
  /** That of Users. */
  readonly resourceType: ResourceType;
  readonly reason: WaitingReason;
  /** The last one of the part before; empty for the first part. */
  readonly after: string;
  readonly limit: number;
  /** Whether everything is taken back: as if the connection were active, and the tenant had these settings. */
  readonly preview?: { readonly settings: JsonObject | undefined } | undefined;
}

/** What a part of them came to. */
export interface TriedBatch {
  readonly users: readonly TriedUser[];
  /** The last one of the part; undefined where none is left. */
  readonly last: string | undefined;
}

/** Credentials, found by id alone: the id leads to the tenant, not the other way round. */
export interface CredentialTable {
  /** `taken`: another credential of the connection that is neither revoked nor expired has the name. */
  create(credential: Credential, circumstances: Circumstances): Promise<"created" | "taken">;
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

/** An assertion that a client has proven itself with. */
export interface UsedAssertion {
  readonly clientId: CredentialId;
  /** A hash of what it is called. */
  readonly assertionId: string;
  /** When it is refused for its own sake, an xsd:dateTime in UTC. */
  readonly ends: string;
}

/** OAuth clients of connections, found by id alone like credentials; removing one ends it and its access tokens. */
export interface OauthClientTable {
  /** `taken`: another client of the connection has the name; `gone`: there is no such connection any more. */
  create(client: OauthClient, circumstances: Circumstances): Promise<"created" | "taken" | "gone">;
  byId(clientId: CredentialId): Promise<OauthClient | undefined>;
  /** Oldest first. */
  list(scope: Scope): Promise<readonly OauthClient[]>;
  /**
   * Saves what a client proves itself with, and since when its access tokens count. Answers false when it is gone or
   * somebody else has changed that since `before` was read.
   */
  renew(
    before: OauthClient,
    after: Pick<OauthClient, "proof" | "secrets" | "tokensSince">,
    circumstances: Circumstances,
  ): Promise<boolean>;
  /** Answers false when there is no such client in the scope. */
  remove(scope: Scope, clientId: CredentialId, circumstances: Circumstances): Promise<boolean>;
  /** Notes the time of use; at most one write a minute for each client. */
  touch(clientId: CredentialId, at: string): Promise<void>;
  /** Notes that an assertion was used; answers false when it had been before, or the client is gone. */
  useAssertion(tenantId: TenantId, used: UsedAssertion): Promise<boolean>;
  /** Forgets some of the assertions that have ended before a time, and answers how many. */
  pruneAssertions(tenantId: TenantId, before: string): Promise<number>;
}

/** Credentials of the admin API, found by id alone. Those of a tenant go with it. */
export interface AdminCredentialTable {
  /** `taken`: another credential that is good for the same and neither revoked nor expired has the name. */
  create(credential: AdminCredential, circumstances: Circumstances): Promise<"created" | "taken">;
  byId(credentialId: CredentialId): Promise<AdminCredential | undefined>;
  list(): Promise<readonly AdminCredential[]>;
  /** Answers false when there is no such credential, or it was revoked before. */
  revoke(credentialId: CredentialId, at: string, circumstances: Circumstances): Promise<boolean>;
  /**
   * Adds a credential that takes the place of another one that is good for the same, which ends at a time unless it ends
   * before. Answers false, and adds nothing, when there is no such other one or it was revoked.
   */
  rotate(
    credential: AdminCredential,
    replaced: { readonly credentialId: CredentialId; readonly expires: string },
    circumstances: Circumstances,
  ): Promise<boolean>;
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

/** Where the events of a tenant begin and end. */
export interface OutboxBounds {
  /** The position of the oldest event that is kept; undefined when none is. */
  readonly first: number | undefined;
  /** The last position that was given. */
  readonly last: number;
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
  /** Where the kept events begin and where they end; 0 for a tenant that had none yet, undefined when there is no such tenant. */
  bounds(tenantId: TenantId): Promise<OutboxBounds | undefined>;
  /**
   * Drops some of the oldest events, up to the first that is not from before a time, an xsd:dateTime in UTC. Answers how
   * many; 0 when nothing is left to do.
   */
  prune(tenantId: TenantId, before: string): Promise<number>;
  /** Erases names and values from the events about some resources; the events and their order stay. */
  erase(tenantId: TenantId, resourceIds: readonly string[]): Promise<void>;
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
  /**
   * Drops some of the mails that were sent before a time, or given up and made before it; both xsd:dateTime in UTC.
   * What waits stays. Answers how many; 0 when nothing is left to do.
   */
  prune(tenantId: TenantId, before: string): Promise<number>;
  /** Counts what has not been sent: what waits, and what nobody tries to send any more. */
  countUnsent(tenantId: TenantId): Promise<{ readonly waiting: number; readonly givenUp: number }>;
}

/** Webhooks of tenants; every function that changes one leaves its audit entry. */
export interface WebhookTable {
  /** Events from now on are queued for it, none from before. Answers false when the tenant is gone. */
  create(webhook: Webhook, circumstances: Circumstances): Promise<boolean>;
  /** The oldest first. */
  list(tenantId: TenantId): Promise<readonly Webhook[]>;
  byId(tenantId: TenantId, webhookId: WebhookId): Promise<Webhook | undefined>;
  /** Another address comes with a secret, which takes the place of all others. Answers with what it is now; undefined when it is gone. */
  update(
    tenantId: TenantId,
    webhookId: WebhookId,
    change: WebhookChange,
    circumstances: Circumstances,
  ): Promise<Webhook | undefined>;
  /** Adds a secret; the one before it ends 24 hours later, older ones at once. Answers false when the webhook is gone. */
  rotate(
    tenantId: TenantId,
    webhookId: WebhookId,
    secret: WebhookSecret,
    circumstances: Circumstances,
  ): Promise<boolean>;
  /** What waits stays queued, and is not claimed before the webhook is enabled. Answers false when the webhook is gone. */
  disable(
    tenantId: TenantId,
    webhookId: WebhookId,
    disabling: WebhookDisabling,
    circumstances: Circumstances,
  ): Promise<boolean>;
  /** Goes on where it stopped: what happened meanwhile is queued too. Answers false when the webhook is gone. */
  enable(tenantId: TenantId, webhookId: WebhookId, circumstances: Circumstances): Promise<boolean>;
  /** Removes it with all its deliveries. Answers false when it was gone. */
  remove(tenantId: TenantId, webhookId: WebhookId, circumstances: Circumstances): Promise<boolean>;
  /** The latest events first; those before a position. */
  deliveries(
    tenantId: TenantId,
    webhookId: WebhookId,
    options: {
      readonly state?: DeliveryState | undefined;
      readonly before?: number | undefined;
      readonly limit: number;
    },
  ): Promise<readonly DeliveryRecord[]>;
  /** Queues events again, with the ids they had; answers how many, undefined when the webhook is gone. */
  replay(
    tenantId: TenantId,
    webhookId: WebhookId,
    which: ReplayedEvents,
    circumstances: Circumstances,
  ): Promise<number | undefined>;
  /** Counts the deliveries of a webhook that wait and its dead letters, up to `countedMax` of each. */
  countUnsettled(
    tenantId: TenantId,
    webhookId: WebhookId,
  ): Promise<{ readonly waiting: number; readonly dead: number }>;
  /**
   * Drops some of the deliveries that were delivered or given up before a time each, xsd:dateTime in UTC, and gives up
   * what waits for an event that is not kept any more. Answers how many; 0 when nothing is left to do.
   */
  prune(
    tenantId: TenantId,
    ages: { readonly deliveredSince: string; readonly deadSince: string },
  ): Promise<number>;
}

/** What changes about a webhook. */
export interface WebhookChange {
  readonly address?: { readonly url: string; readonly secret: WebhookSecret } | undefined;
  readonly types?: readonly string[] | undefined;
}

/** Events to be delivered again: one, whatever its type, or all that the webhook is told of from some on. */
export type ReplayedEvents =
  | { readonly eventId: string }
  /** Those behind a position. */
  | { readonly after: number }
  /** Those from a time on, an xsd:dateTime in UTC. */
  | { readonly since: string };

/** Deliveries that wait, as a dispatcher sees them. Several processes may work on it at once. */
export interface WebhookQueue {
  /**
   * Queues what the outboxes have gained, in the order of each tenant, for each webhook up to `limit` events at a time.
   * Answers how many events it went through, wanted or not: 0 when no webhook lags, or others are at it.
   */
  fill(nowMs: number, limit: number): Promise<number>;
  /**
   * Claims what is due, for 60 seconds: what is not marked by then may be claimed again, by anybody. Of a webhook at most
   * `perWebhook` are claimed at a time, those of earlier calls and of other processes included; of a resource one, the
   * earliest that waits. Webhooks take turns. A disabled one has nothing that is due.
   */
  claimDue(
    nowMs: number,
    wish: { readonly limit: number; readonly perWebhook: number },
  ): Promise<readonly WebhookDelivery[]>;
  /** Notes that it was delivered; the next one of its resource is due. Nothing when the claim is over and somebody else has it. */
  markDelivered(delivery: WebhookDelivery, success: DeliverySuccess): Promise<void>;
  /** Notes why it was not, and when to try again; behind a dead letter the next one of its resource is due. */
  markFailed(delivery: WebhookDelivery, failure: DeliveryFailure): Promise<void>;
  /** Gives a claim back untried: the delivery is due at once, and counts no attempt. */
  release(delivery: WebhookDelivery): Promise<void>;
  /** Disables a webhook whose receiver wants no more, in the name of the system; unless it has another address by now. */
  disable(
    webhook: Pick<Webhook, "tenantId" | "webhookId" | "url">,
    disabling: WebhookDisabling,
  ): Promise<void>;
}

/** An event that waits for the receiver of a stream. */
export type StreamEvent = OutboxEvent & { readonly position: number };

/** What a receiver says of an event: that it has it, or why it cannot take it. */
export interface StreamSettlement {
  readonly eventId: string;
  /** Undefined for one that it has. */
  readonly error: string | undefined;
}

/** Event streams whose receivers fetch what waits for them. What they are is among the webhooks, and so is what waits. */
export interface EventStreamTable {
  /** Finds a stream by its id alone, which is unique in the instance. */
  byId(streamId: WebhookId): Promise<Webhook | undefined>;
  /** Reads what is due, the longest due first and of a resource one, without claiming it: it is due until it is settled. */
  due(
    tenantId: TenantId,
    streamId: WebhookId,
    wish: { readonly nowMs: number; readonly limit: number },
  ): Promise<readonly StreamEvent[]>;
  /**
   * Settles events: acknowledged ones are delivered, refused ones dead letters; the next one of each resource is due then.
   * What is not due is left as it is. Answers how many were settled.
   */
  settle(
    tenantId: TenantId,
    streamId: WebhookId,
    settlements: readonly StreamSettlement[],
    at: string,
  ): Promise<number>;
}

/** A credential that ends soon. */
export type EndingCredential = Pick<Credential, "tenantId" | "credentialId">;

/** What is told of a credential that ends soon: an event, and the mails beside it. */
export interface ExpiryAlert {
  readonly credentialId: CredentialId;
  /** When it ends; one that ends at another time meanwhile is not told of. */
  readonly expires: string;
  /** The same id for the same thing to tell, whoever tells it. */
  readonly event: OutboxEvent;
  readonly mails: readonly StagedMail[];
}

/** What alerts are raised by. Several processes may raise them at once; each is raised once. */
export interface AlertTable {
  /** Live credentials of connections, of all tenants, that end after a time and not after another, both xsd:dateTime in UTC. */
  endingCredentials(span: {
    readonly after: string;
    readonly until: string;
  }): Promise<readonly EndingCredential[]>;
  /**
   * Puts event and mails in, in one transaction. Answers false, and puts nothing in, when the outbox has the event, and
   * when the credential was revoked or another one has taken its place.
   */
  tellOfExpiry(tenantId: TenantId, alert: ExpiryAlert): Promise<boolean>;
  /** Webhooks of all tenants that were disabled after a time, or have dead letters from after it. */
  troubledWebhooks(since: string): Promise<readonly Pick<Webhook, "tenantId" | "webhookId">[]>;
  /** Counts the deliveries of a webhook that were given up after a time. */
  countDeadLetters(tenantId: TenantId, webhookId: WebhookId, since: string): Promise<number>;
  /** Members of all tenants whom a write after a time would have taken away, or whose role was kept after it. */
  keptMembers(since: string): Promise<readonly KeptMember[]>;
  /** When the latest of the mails with one of two idempotency keys was put in; undefined when there is none. */
  latestOf(tenantId: TenantId, keys: readonly [string, string]): Promise<string | undefined>;
}

/** What a process wants to do alone, for a time. */
export interface LeaseWish {
  /** What is done. */
  readonly name: string;
  /** The process; the same one renews what it has. */
  readonly holder: string;
  readonly nowMs: number;
  readonly forMs: number;
}

/** Leases: of several processes one does what is to be done once. */
export interface LeaseTable {
  /** Takes or renews a lease; answers false while another holder has it. */
  take(wish: LeaseWish): Promise<boolean>;
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
  /** Counts the requests of each connection since a time that were answered 4xx, by status and scimType. */
  refusals(since: string): Promise<readonly RefusalCount[]>;
  /** Drops entries older than the time, an xsd:dateTime in UTC. */
  prune(before: string): Promise<void>;
}

/** Figures about the whole instance, for whoever watches it. */
export interface FigureTable {
  /** Counts what waits; little work, however much waits. */
  backlog(): Promise<Backlog>;
  /** Counts the live credentials that end soon; goes through all of them. */
  endingCredentials(nowMs: number): Promise<EndingCredentials>;
  /** Tells what the database takes up, without asking it. */
  database(): DatabaseFigures;
}

/** Some rows of one table, as a backup has them: the same on every database. */
export interface TableRows {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** Takes some rows; the next ones come when it has settled. */
export type TakeRows = (rows: TableRows) => Promise<void>;

/** Everything that is kept, for backups. */
export interface SnapshotTable {
  readonly database: "sqlite" | "postgres";
  /** Which state of the schema the rows are of. */
  readonly schemaLevel: number;
  /** Gives all rows as of one moment, in an order in which they can be put in again; not the request log, and no leases. */
  read(take: TakeRows): Promise<void>;
  /** Gives what of one tenant goes into another instance, as of one moment: see `sql/read-tenant.ts` for the order. */
  readTenant(tenantId: TenantId, take: TakeRows): Promise<void>;
}
