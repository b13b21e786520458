/** Credentials: found by id alone, the id leads to the tenant. */
import type { Selectable } from "kysely";
import type { Circumstances } from "../../domain/audit-entry.ts";
import type { Credential } from "../../domain/credential.ts";
import type { CredentialId, Scope, TenantId } from "../../domain/tenant.ts";
import type { CredentialsTable } from "./database.ts";
import { jsonColumn } from "./json-column.ts";
import { endingDifferences, keptTokenColumns, keptTokenOf, liveNameOf } from "./kept-token.ts";
import { queries } from "./queries.ts";
import { recordAdminAction } from "./record-consequences.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOfQuery, rowsOfQuery } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";

/** Adds a credential, unless another one that works has its name. */
export function* createCredential(
  credential: Credential,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<"created" | "taken">> {
  // A name is free again when its holder has expired, which nobody notes at the time.
  yield* freeName(credential, { expiredBy: credential.created });
  if (!(yield* insertCredential(credential, liveNameOf(credential)))) {
    return { kind: "undo", result: "taken" };
  }
  yield* recordCreation(credential, circumstances, context);
  return { kind: "keep", result: "created" };
}

/** Answers false when another credential holds the name; of two transactions the second waits for the first. */
function* insertCredential(credential: Credential, liveName: string | null): Script<boolean> {
  const inserted = yield* changesOfQuery(
    queries
      .insertInto("credentials")
      .values(rowOf(credential, liveName))
      .onConflict((conflict) =>
        conflict
          .columns(["tenant_id", "connection_id", "live_name"])
          .where("live_name", "is not", null)
          .doNothing(),
      ),
  );
  return inserted > 0;
}

/** Takes a name from who holds it: from whoever it is, or only from one that has expired. */
function* freeName(
  { tenantId, connectionId, name }: Credential,
  { expiredBy }: { readonly expiredBy?: string } = {},
): Script<void> {
  const holder = queries
    .updateTable("credentials")
    .set({ live_name: null })
    .where("tenant_id", "=", tenantId)
    .where("connection_id", "=", connectionId)
    .where("live_name", "=", name);
  yield* changesOfQuery(
    expiredBy === undefined ? holder : holder.where("expires_at", "<=", expiredBy),
  );
}

function* recordCreation(
  credential: Credential,
  circumstances: Circumstances,
  context: SqlContext,
): Script<void> {
  const { tenantId, credentialId, name, scopes, cidrs, expires, userId } = credential;
  yield* changesOfQuery(
    queries
      .insertInto("credential_ids")
      .values({ credential_id: credentialId, tenant_id: tenantId }),
  );
  const differences = [
    { path: "name", after: name },
    { path: "connectionId", after: credential.connectionId },
    { path: "scopes", after: scopes },
    { path: "cidrs", after: cidrs },
    { path: "expires", after: expires ?? "never" },
    ...(userId === undefined ? [] : [{ path: "userId", after: userId }]),
  ];
  const target = { type: "credential", id: credentialId, name };
  const action = { action: "credential.create", target, differences };
  yield* recordAdminAction(tenantId, action, circumstances, context);
}

/** Finds a credential by its id alone: the id leads to the tenant, and there the credential is. */
export function* credentialById(credentialId: CredentialId): Script<Credential | undefined> {
  const tenantId = yield* tenantOfCredential(credentialId);
  if (tenantId === undefined) {
    return undefined;
  }
  const [row] = yield* rowsOfQuery(
    queries
      .selectFrom("credentials")
      .selectAll()
      .where("tenant_id", "=", tenantId)
      .where("credential_id", "=", credentialId),
  );
  return row && credentialOf(row);
}

/** Finds the tenant that the id of a credential, or of an OAuth client, leads to. */
export function* tenantOfCredential(credentialId: CredentialId): Script<TenantId | undefined> {
  const [row] = yield* rowsOfQuery(
    queries
      .selectFrom("credential_ids")
      .select("tenant_id")
      .where("credential_id", "=", credentialId),
  );
  return row?.tenant_id;
}

/** Lists the credentials of a connection, oldest first. */
export function* listCredentials({ tenantId, connectionId }: Scope): Script<readonly Credential[]> {
  const rows = yield* rowsOfQuery(
    queries
      .selectFrom("credentials")
      .selectAll()
      .where("tenant_id", "=", tenantId)
      .where("connection_id", "=", connectionId)
      .orderBy("created_at")
      .orderBy("credential_id"),
  );
  return rows.map(credentialOf);
}

/** Revokes a credential of a connection; answers false when there is none that was not revoked before. */
export function* revokeCredential(
  { tenantId, connectionId }: Scope,
  credentialId: CredentialId,
  at: string,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<boolean>> {
  const [row] = yield* rowsOfQuery(
    queries
      .updateTable("credentials")
      .set({ revoked_at: at, live_name: null })
      .where("tenant_id", "=", tenantId)
      .where("connection_id", "=", connectionId)
      .where("credential_id", "=", credentialId)
      .where("revoked_at", "is", null)
      .returning("name"),
  );
  if (row === undefined) {
    return { kind: "undo", result: false };
  }
  const target = { type: "credential", id: credentialId, name: row.name };
  const differences = [{ path: "revoked", after: at }];
  const action = { action: "credential.revoke", target, differences };
  yield* recordAdminAction(tenantId, action, circumstances, context);
  return { kind: "keep", result: true };
}

/** Adds a credential that takes the place of another one, which ends at a time; answers false when there is none to replace. */
export function* rotateCredential(
  credential: Credential,
  replaced: { readonly credentialId: CredentialId; readonly expires: string },
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<boolean>> {
  const { tenantId, connectionId } = credential;
  const { credentialId, expires } = replaced;
  const [row] = yield* rowsOfQuery(
    queries
      .selectFrom("credentials")
      .selectAll()
      .where("tenant_id", "=", tenantId)
      .where("connection_id", "=", connectionId)
      .where("credential_id", "=", credentialId)
      .where("revoked_at", "is", null),
  );
  if (row === undefined) {
    return { kind: "undo", result: false };
  }
  // The new one takes over the name. Of two that replace it at the same time one holds it, and both work.
  yield* freeName(credential);
  if (!(yield* insertCredential(credential, liveNameOf(credential)))) {
    yield* insertCredential(credential, null);
  }
  yield* recordCreation(credential, circumstances, context);
  const differences = endingDifferences(keptTokenOf(row), expires, credential);
  if (differences !== undefined) {
    yield* changesOfQuery(
      queries
        .updateTable("credentials")
        .set({ expires_at: expires })
        .where("tenant_id", "=", tenantId)
        .where("credential_id", "=", credentialId),
    );
    const target = { type: "credential", id: credentialId, name: row.name };
    const action = { action: "credential.update", target, differences };
    yield* recordAdminAction(tenantId, action, circumstances, context);
  }
  return { kind: "keep", result: true };
}

/** Notes the time of use, unless a later one or one that is not older than `notedSince` is noted. */
export function* touchCredential(
  credentialId: CredentialId,
  at: string,
  notedSince: string,
): Script<Verdict<void>> {
  const tenantId = yield* tenantOfCredential(credentialId);
  if (tenantId === undefined) {
    return { kind: "undo", result: undefined };
  }
  yield* changesOfQuery(
    queries
      .updateTable("credentials")
      .set({ last_used_at: at })
      .where("tenant_id", "=", tenantId)
      .where("credential_id", "=", credentialId)
      .where(({ eb, or }) =>
        or([eb("last_used_at", "is", null), eb("last_used_at", "<=", notedSince)]),
      ),
  );
  return { kind: "keep", result: undefined };
}

function credentialOf(row: Selectable<CredentialsTable>): Credential {
  return {
    ...keptTokenOf(row),
    tenantId: row.tenant_id,
    connectionId: row.connection_id,
    scopes: jsonColumn(row.scopes),
    cidrs: jsonColumn(row.cidrs),
    ...(row.user_id === null ? {} : { userId: row.user_id }),
  };
}

function rowOf(credential: Credential, liveName: string | null): Selectable<CredentialsTable> {
  return {
    ...keptTokenColumns(credential, liveName),
    tenant_id: credential.tenantId,
    connection_id: credential.connectionId,
    scopes: JSON.stringify(credential.scopes),
    cidrs: JSON.stringify(credential.cidrs),
    user_id: credential.userId ?? null,
  };
}
