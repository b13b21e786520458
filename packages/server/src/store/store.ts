/**
 * The server's storage port. Not interactive: reads are consistent snapshots, each write function
 * is one transaction of its own. The scope comes first and from a credential or an operator, never from a request body.
 */
import type {
  CommitOptions,
  CommitOutcome,
  KeyHolder,
  ResourceChange,
  ResourcePage,
  ResourceQuery,
  ResourceType,
  StoredResource,
  UniqueKeyValue,
} from "@rollcall/scim";
import type { AuditEntry, Circumstances } from "../domain/audit-entry.ts";
import type { Connection } from "../domain/connection.ts";
import type { Credential } from "../domain/credential.ts";
import type { OutboxEvent } from "../domain/outbox-event.ts";
import type { RequestLogEntry } from "../domain/request-log-entry.ts";
import type { CredentialId, Scope, Tenant, TenantId } from "../domain/tenant.ts";

/** Everything the server keeps. */
export interface Store {
  readonly resources: ResourceTable;
  readonly tenants: TenantTable;
  readonly connections: ConnectionTable;
  readonly credentials: CredentialTable;
  readonly auditLog: AuditLogTable;
  readonly outbox: OutboxTable;
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
  bySlug(slug: string): Promise<Tenant | undefined>;
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
  /** Notes the time of use; at most one write a minute for each credential. */
  touch(credentialId: CredentialId, at: string): Promise<void>;
}

/** The audit log, newest last. */
export interface AuditLogTable {
  list(
    tenantId: TenantId,
    options: { readonly limit: number; readonly targetId?: string },
  ): Promise<readonly AuditEntry[]>;
  count(tenantId: TenantId): Promise<number>;
}

/** The outbox, in the order of the tenant. */
export interface OutboxTable {
  /** Events behind a position, with their positions. */
  list(
    tenantId: TenantId,
    options: { readonly after: number; readonly limit: number },
  ): Promise<readonly (OutboxEvent & { readonly position: number })[]>;
  count(tenantId: TenantId): Promise<number>;
}

/** The request log: written in batches, apart from everything else; the last second may be lost in a crash. */
export interface RequestLogTable {
  /** Queues an entry; never waits, never throws. */
  append(entry: RequestLogEntry): void;
  /** Entries in order of time, newest last. */
  list(options: {
    readonly tenantId?: TenantId;
    readonly afterSequence?: number;
    readonly limit: number;
  }): Promise<readonly (RequestLogEntry & { readonly sequence: number })[]>;
  /** Drops entries older than the time, an xsd:dateTime in UTC. */
  prune(before: string): Promise<void>;
}
