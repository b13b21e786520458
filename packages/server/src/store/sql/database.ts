/** The tables as the query builder sees them; the migrations make them. */

import type { ClientProfileName } from "@rollcall/scim";
import type { Generated } from "kysely";
import type { AccountId } from "../../domain/account.ts";
import type { Actor, AuditEntry } from "../../domain/audit-entry.ts";
import type { MailKind } from "../../domain/mail.ts";
import type { OutboxEventType } from "../../domain/outbox-event.ts";
import type { ConnectionId, CredentialId, TenantId } from "../../domain/tenant.ts";

/** All tables. */
export interface Database {
  readonly tenants: TenantsTable;
  readonly tenant_slugs: TenantSlugsTable;
  readonly connections: ConnectionsTable;
  readonly credential_ids: CredentialIdsTable;
  readonly credentials: CredentialsTable;
  readonly admin_credentials: AdminCredentialsTable;
  readonly audit_entries: AuditEntriesTable;
  readonly outbox_events: OutboxEventsTable;
  readonly request_log: RequestLogTable;
  readonly mails: MailsTable;
}

/** Tenants. */
export interface TenantsTable {
  readonly tenant_id: TenantId;
  readonly slug: string;
  readonly name: string;
  readonly created_at: string;
  readonly last_audit_number: Generated<number>;
  readonly last_outbox_position: Generated<number>;
  readonly last_chained_number: Generated<number>;
  readonly last_chain_hash: Generated<string>;
  readonly pruned_number: Generated<number>;
  readonly pruned_hash: Generated<string>;
  /** JSON. */
  readonly settings: Generated<string>;
}

/** Names of tenants, unique in the instance. */
export interface TenantSlugsTable {
  readonly slug: string;
  readonly tenant_id: TenantId;
}

/** Connections. */
export interface ConnectionsTable {
  readonly tenant_id: TenantId;
  readonly connection_id: ConnectionId;
  readonly slug: string;
  readonly name: string;
  readonly profile: ClientProfileName;
  /** JSON. */
  readonly settings: string;
  readonly disabled: number;
  readonly staged: Generated<number>;
  readonly created_at: string;
  /** JSON, by resource type. */
  readonly unique_key_paths: string | null;
  /** JSON, by resource type. */
  readonly index_paths: string | null;
}

/** Ids of credentials, unique in the instance; each leads to the tenant. */
export interface CredentialIdsTable {
  readonly credential_id: CredentialId;
  readonly tenant_id: TenantId;
}

/** Credentials. */
export interface CredentialsTable {
  readonly credential_id: CredentialId;
  readonly tenant_id: TenantId;
  readonly connection_id: ConnectionId;
  readonly name: string;
  readonly secret_hash: string;
  readonly pepper_version: number;
  readonly last_four: string;
  /** JSON. */
  readonly scopes: string;
  /** JSON. */
  readonly cidrs: string;
  readonly created_at: string;
  readonly creator: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  readonly last_used_at: string | null;
  /** The name, while no other live credential may have it; null for one that holds none. */
  readonly live_name: string | null;
  /** The User whose token it is. */
  readonly user_id: string | null;
}

/** Credentials of the admin API. */
export interface AdminCredentialsTable {
  readonly credential_id: CredentialId;
  /** Null for the whole instance. */
  readonly tenant_id: TenantId | null;
  readonly name: string;
  readonly secret_hash: string;
  readonly pepper_version: number;
  readonly last_four: string;
  readonly created_at: string;
  readonly creator: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  readonly last_used_at: string | null;
  /** The name, while no other live credential may have it; null for one that holds none. */
  readonly live_name: string | null;
}

/** Audit entries. */
export interface AuditEntriesTable {
  readonly tenant_id: TenantId;
  readonly audit_number: number;
  readonly entry_id: string;
  readonly at: string;
  readonly actor_kind: Actor["kind"];
  readonly actor_id: string;
  readonly request_id: string;
  readonly action: string;
  readonly outcome: AuditEntry["outcome"];
  readonly target_type: string;
  readonly target_id: string;
  readonly target_name: string | null;
  readonly target_external_id: string | null;
  /** JSON. */
  readonly differences: string;
  /** JSON. */
  readonly relations: string;
  readonly chain_hash: Generated<string | null>;
  readonly chain_salt: Generated<string | null>;
  readonly erased_hash: Generated<string | null>;
}

/** Outbox events. */
export interface OutboxEventsTable {
  readonly tenant_id: TenantId;
  readonly position: number;
  readonly event_id: string;
  readonly type: OutboxEventType;
  readonly at: string;
  readonly resource_type: string;
  readonly resource_id: string;
  readonly revision: number;
  /** JSON. */
  readonly data: string;
}

/** The request log, in its own file. */
export interface RequestLogTable {
  readonly sequence: Generated<number>;
  readonly tenant_id: string | null;
  readonly connection_id: string | null;
  readonly credential_id: string | null;
  readonly request_id: string;
  readonly at: string;
  readonly client: string;
  readonly method: string;
  readonly path_template: string;
  readonly status: number;
  readonly scim_type: string | null;
  readonly reason: string | null;
  /** JSON. */
  readonly warnings: string;
  readonly duration_ms: number;
}

/** Mails. */
export interface MailsTable {
  readonly tenant_id: TenantId;
  readonly mail_id: string;
  readonly account_id: AccountId;
  readonly kind: MailKind;
  readonly recipient: string;
  readonly language: string;
  /** JSON. */
  readonly facts: string;
  readonly idempotency_key: string;
  readonly created_at: string;
  readonly due_at: string;
  readonly sent_at: string | null;
  readonly attempts: number;
  readonly last_error: string | null;
  readonly claimed_until: string | null;
}
