/** The tables of accounts and of what ties them to tenants, written once for both databases. */

/** How a database calls the types of columns. */
export interface ColumnTypes {
  readonly text: string;
  readonly integer: string;
  /** What stands behind the columns of a table with an own key. */
  readonly keyed: string;
}

/** The statements that make the tables. */
export function accountTables({ text, integer, keyed }: ColumnTypes): readonly string[] {
  return [
    // Of the whole instance, and therefore without tenant_id: a person may be a member of many tenants.
    `CREATE TABLE accounts (
      account_id ${text} NOT NULL PRIMARY KEY,
      email ${text},
      email_key ${text},
      email_verified ${integer} NOT NULL,
      has_login ${integer} NOT NULL,
      name ${text},
      preferred_language ${text},
      ref ${text},
      made_by_tenant ${text},
      made_by_connection ${text},
      created_at ${text} NOT NULL,
      revision ${integer} NOT NULL
    )${keyed}`,
    // Unique in the instance, each a table keyed by what is unique, without foreign keys: rows may be on other nodes.
    `CREATE TABLE account_emails (
      email_key ${text} NOT NULL PRIMARY KEY,
      account_id ${text} NOT NULL
    )${keyed}`,
    `CREATE TABLE account_refs (
      ref ${text} NOT NULL PRIMARY KEY,
      account_id ${text} NOT NULL
    )${keyed}`,
    // Where something is kept about an account.
    `CREATE TABLE account_tenants (
      account_id ${text} NOT NULL,
      tenant_id ${text} NOT NULL,
      PRIMARY KEY (account_id, tenant_id)
    )${keyed}`,
    `CREATE INDEX account_tenants_tenant ON account_tenants (tenant_id, account_id)`,
    // Who has verified a domain; several tenants only where an operator said so.
    `CREATE TABLE domain_claims (
      domain ${text} NOT NULL,
      tenant_id ${text} NOT NULL,
      is_shared ${integer} NOT NULL,
      PRIMARY KEY (domain, tenant_id)
    )${keyed}`,
    `CREATE INDEX domain_claims_tenant ON domain_claims (tenant_id, domain)`,
    // tenant_id: the one tenant it is good for; null for the whole instance.
    `CREATE TABLE admin_credentials (
      credential_id ${text} NOT NULL PRIMARY KEY,
      tenant_id ${text},
      name ${text} NOT NULL,
      secret_hash ${text} NOT NULL,
      pepper_version ${integer} NOT NULL,
      last_four ${text} NOT NULL,
      created_at ${text} NOT NULL,
      creator ${text} NOT NULL,
      expires_at ${text},
      revoked_at ${text},
      last_used_at ${text}
    )${keyed}`,
    // status and body: null while the first request with the key is under way.
    `CREATE TABLE idempotency_keys (
      credential_id ${text} NOT NULL,
      idempotency_key ${text} NOT NULL,
      request_hash ${text} NOT NULL,
      status ${integer},
      body ${text},
      created_at ${text} NOT NULL,
      PRIMARY KEY (credential_id, idempotency_key)
    )${keyed}`,
    `CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at)`,
    // JSON: where the tenant differs from the defaults.
    `ALTER TABLE tenants ADD COLUMN settings ${text} NOT NULL DEFAULT '{}'`,
    // Up to where the audit log is chained, and with what.
    `ALTER TABLE tenants ADD COLUMN last_chained_number ${integer} NOT NULL DEFAULT 0`,
    `ALTER TABLE tenants ADD COLUMN last_chain_hash ${text} NOT NULL DEFAULT ''`,
    // The last entry that was dropped because its time was over, where the chain of what is left begins.
    `ALTER TABLE tenants ADD COLUMN pruned_number ${integer} NOT NULL DEFAULT 0`,
    `ALTER TABLE tenants ADD COLUMN pruned_hash ${text} NOT NULL DEFAULT ''`,
    // chain_salt: goes with the values of a person who is erased; erased_hash: what then stands for them in the chain.
    `ALTER TABLE audit_entries ADD COLUMN chain_hash ${text}`,
    `ALTER TABLE audit_entries ADD COLUMN chain_salt ${text}`,
    `ALTER TABLE audit_entries ADD COLUMN erased_hash ${text}`,
    // What an operator looks for most; everything else is found by walking the numbers.
    `CREATE INDEX audit_entries_name ON audit_entries (tenant_id, target_name, audit_number)`,
    `CREATE INDEX audit_entries_at ON audit_entries (tenant_id, at, audit_number)`,
    // active: what the client asserts; role: what the roles of the resource come to; reason: why there is no account.
    `CREATE TABLE links (
      tenant_id ${text} NOT NULL,
      connection_id ${text} NOT NULL,
      resource_id ${text} NOT NULL,
      state ${text} NOT NULL,
      account_id ${text},
      active ${integer} NOT NULL,
      role ${text},
      reason ${text},
      at ${text} NOT NULL,
      PRIMARY KEY (tenant_id, connection_id, resource_id),
      CONSTRAINT links_account UNIQUE (tenant_id, account_id, connection_id)
    )${keyed}`,
    `CREATE INDEX links_role ON links (tenant_id, role) WHERE role IS NOT NULL`,
    `CREATE INDEX tombstones_account ON tombstones (tenant_id, account_id)
      WHERE account_id IS NOT NULL`,
    `CREATE TABLE memberships (
      tenant_id ${text} NOT NULL,
      account_id ${text} NOT NULL,
      protection ${text},
      created_at ${text} NOT NULL,
      PRIMARY KEY (tenant_id, account_id)
    )${keyed}`,
    // source_id: empty where a source has one grant only. The grant of the roles of a resource is the role of its link.
    `CREATE TABLE grants (
      tenant_id ${text} NOT NULL,
      account_id ${text} NOT NULL,
      source ${text} NOT NULL,
      source_id ${text} NOT NULL,
      role ${text} NOT NULL,
      at ${text} NOT NULL,
      PRIMARY KEY (tenant_id, account_id, source, source_id)
    )${keyed}`,
    `CREATE INDEX grants_role ON grants (tenant_id, role)`,
    // connection_id: empty but for the source scim.
    `CREATE TABLE locks (
      tenant_id ${text} NOT NULL,
      account_id ${text} NOT NULL,
      source ${text} NOT NULL,
      connection_id ${text} NOT NULL,
      reason ${text},
      at ${text} NOT NULL,
      PRIMARY KEY (tenant_id, account_id, source, connection_id)
    )${keyed}`,
    // Who has left or declined: no sync attaches them again.
    `CREATE TABLE declines (
      tenant_id ${text} NOT NULL,
      account_id ${text} NOT NULL,
      at ${text} NOT NULL,
      PRIMARY KEY (tenant_id, account_id)
    )${keyed}`,
    `CREATE TABLE login_identities (
      tenant_id ${text} NOT NULL,
      subject ${text} NOT NULL,
      account_id ${text} NOT NULL,
      PRIMARY KEY (tenant_id, subject)
    )${keyed}`,
    `CREATE INDEX login_identities_account ON login_identities (tenant_id, account_id)`,
    `CREATE TABLE domains (
      tenant_id ${text} NOT NULL,
      domain ${text} NOT NULL,
      challenge ${text} NOT NULL,
      method ${text},
      verified_at ${text},
      created_at ${text} NOT NULL,
      PRIMARY KEY (tenant_id, domain)
    )${keyed}`,
    `CREATE TABLE invitations (
      tenant_id ${text} NOT NULL,
      invitation_id ${text} NOT NULL,
      account_id ${text} NOT NULL,
      connection_id ${text} NOT NULL,
      resource_id ${text} NOT NULL,
      email ${text} NOT NULL,
      state ${text} NOT NULL,
      created_at ${text} NOT NULL,
      expires_at ${text} NOT NULL,
      settled_at ${text},
      PRIMARY KEY (tenant_id, invitation_id)
    )${keyed}`,
    `CREATE INDEX invitations_account ON invitations (tenant_id, account_id)`,
    `CREATE INDEX invitations_created ON invitations (tenant_id, created_at)`,
    `CREATE INDEX invitations_resource ON invitations (tenant_id, connection_id, resource_id)`,
    // facts: JSON that the text is made of when it is sent or shown.
    `CREATE TABLE mails (
      tenant_id ${text} NOT NULL,
      mail_id ${text} NOT NULL,
      account_id ${text} NOT NULL,
      kind ${text} NOT NULL,
      recipient ${text} NOT NULL,
      language ${text} NOT NULL,
      facts ${text} NOT NULL,
      idempotency_key ${text} NOT NULL,
      created_at ${text} NOT NULL,
      due_at ${text} NOT NULL,
      sent_at ${text},
      attempts ${integer} NOT NULL,
      last_error ${text},
      claimed_until ${text},
      PRIMARY KEY (tenant_id, mail_id),
      CONSTRAINT mails_once UNIQUE (tenant_id, idempotency_key)
    )${keyed}`,
    `CREATE INDEX mails_due ON mails (tenant_id, due_at) WHERE sent_at IS NULL`,
    `CREATE INDEX mails_account ON mails (tenant_id, account_id, created_at)`,
  ];
}
