/** Credentials of the admin API: of the whole instance, found by id; some are good for one tenant alone. */
import type { Selectable } from "kysely";
import type { AdminCredential } from "../../domain/admin-credential.ts";
import { adminScopeOf } from "../../domain/admin-credential.ts";
import type { Circumstances } from "../../domain/audit-entry.ts";
import type { CredentialId, TenantId } from "../../domain/tenant.ts";
import type { AdminCredentialsTable } from "./database.ts";
import { endingDifferences, keptTokenColumns, keptTokenOf, liveNameOf } from "./kept-token.ts";
import { queries } from "./queries.ts";
import type { AdminAction } from "./record-consequences.ts";
import { recordAdminAction, recordInstanceAction } from "./record-consequences.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOfQuery, rowsOfQuery } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";

/** Adds a credential, unless another one that works and is good for the same has its name. */
export function* createAdminCredential(
  credential: AdminCredential,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<"created" | "taken">> {
  // A name is free again when its holder has expired, which nobody notes at the time.
  yield* freeName(credential, { expiredBy: credential.created });
  if (!(yield* insertAdminCredential(credential, liveNameOf(credential)))) {
    return { kind: "undo", result: "taken" };
  }
  yield* recordCreation(credential, circumstances, context);
  return { kind: "keep", result: "created" };
}

/** Answers false when another credential holds the name; of two transactions the second waits for the first. */
function* insertAdminCredential(
  credential: AdminCredential,
  liveName: string | null,
): Script<boolean> {
  const inserted = yield* changesOfQuery(
    queries
      .insertInto("admin_credentials")
      .values(rowOf(credential, liveName))
      .onConflict((conflict) => conflict.doNothing()),
  );
  return inserted > 0;
}

/** Takes a name from who holds it: from whoever it is, or only from one that has expired. */
function* freeName(
  { tenantId, name }: AdminCredential,
  { expiredBy }: { readonly expiredBy?: string } = {},
): Script<void> {
  const named = queries
    .updateTable("admin_credentials")
    .set({ live_name: null })
    .where("live_name", "=", name);
  const holder =
    tenantId === undefined
      ? named.where("tenant_id", "is", null)
      : named.where("tenant_id", "=", tenantId);
  yield* changesOfQuery(
    expiredBy === undefined ? holder : holder.where("expires_at", "<=", expiredBy),
  );
}

function* recordCreation(
  credential: AdminCredential,
  circumstances: Circumstances,
  context: SqlContext,
): Script<void> {
  const { tenantId, credentialId, name, expires } = credential;
  const differences = [
    { path: "name", after: name },
    { path: "scope", after: adminScopeOf(credential) },
    { path: "expires", after: expires ?? "never" },
  ];
  const target = { type: "admin-credential", id: credentialId, name };
  const action = { action: "admin-credential.create", target, differences };
  yield* recordWhereItCounts(tenantId, action, circumstances, context);
}

/** Finds a credential by its id. */
export function* adminCredentialById(
  credentialId: CredentialId,
): Script<AdminCredential | undefined> {
  const [row] = yield* rowsOfQuery(
    queries.selectFrom("admin_credentials").selectAll().where("credential_id", "=", credentialId),
  );
  return row && credentialOf(row);
}

/** Lists all credentials, oldest first. */
export function* listAdminCredentials(): Script<readonly AdminCredential[]> {
  const rows = yield* rowsOfQuery(
    queries
      .selectFrom("admin_credentials")
      .selectAll()
      .orderBy("created_at")
      .orderBy("credential_id"),
  );
  return rows.map(credentialOf);
}

/** Revokes a credential; answers false when there is none that was not revoked before. */
export function* revokeAdminCredential(
  credentialId: CredentialId,
  at: string,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<boolean>> {
  const [row] = yield* rowsOfQuery(
    queries
      .updateTable("admin_credentials")
      .set({ revoked_at: at, live_name: null })
      .where("credential_id", "=", credentialId)
      .where("revoked_at", "is", null)
      .returning(["name", "tenant_id"]),
  );
  if (row === undefined) {
    return { kind: "undo", result: false };
  }
  const target = { type: "admin-credential", id: credentialId, name: row.name };
  const differences = [{ path: "revoked", after: at }];
  const action = { action: "admin-credential.revoke", target, differences };
  yield* recordWhereItCounts(row.tenant_id ?? undefined, action, circumstances, context);
  return { kind: "keep", result: true };
}

/** Adds a credential that takes the place of another one, which ends at a time; answers false when there is none to replace. */
export function* rotateAdminCredential(
  credential: AdminCredential,
  { credentialId, expires }: { readonly credentialId: CredentialId; readonly expires: string },
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<boolean>> {
  const old = yield* adminCredentialById(credentialId);
  if (old === undefined || old.revoked !== undefined || old.tenantId !== credential.tenantId) {
    return { kind: "undo", result: false };
  }
  // The new one takes over the name. Of two that replace it at the same time one holds it, and both work.
  yield* freeName(credential);
  if (!(yield* insertAdminCredential(credential, liveNameOf(credential)))) {
    yield* insertAdminCredential(credential, null);
  }
  yield* recordCreation(credential, circumstances, context);
  const differences = endingDifferences(old, expires, credential);
  if (differences !== undefined) {
    yield* changesOfQuery(
      queries
        .updateTable("admin_credentials")
        .set({ expires_at: expires })
        .where("credential_id", "=", credentialId),
    );
    const target = { type: "admin-credential", id: credentialId, name: old.name };
    const action = { action: "admin-credential.update", target, differences };
    yield* recordWhereItCounts(old.tenantId, action, circumstances, context);
  }
  return { kind: "keep", result: true };
}

/** Notes the time of use, unless a later one or one that is not older than `notedSince` is noted. */
export function* touchAdminCredential(
  credentialId: CredentialId,
  at: string,
  notedSince: string,
): Script<Verdict<void>> {
  yield* changesOfQuery(
    queries
      .updateTable("admin_credentials")
      .set({ last_used_at: at })
      .where("credential_id", "=", credentialId)
      .where(({ eb, or }) =>
        or([eb("last_used_at", "is", null), eb("last_used_at", "<=", notedSince)]),
      ),
  );
  return { kind: "keep", result: undefined };
}

/** Drops the credentials of a tenant that goes. */
export function* dropAdminCredentialsOf(tenantId: TenantId): Script<void> {
  yield* changesOfQuery(queries.deleteFrom("admin_credentials").where("tenant_id", "=", tenantId));
}

function* recordWhereItCounts(
  tenantId: TenantId | undefined,
  action: AdminAction,
  circumstances: Circumstances,
  context: SqlContext,
): Script<void> {
  yield* tenantId === undefined
    ? recordInstanceAction(action, circumstances, context)
    : recordAdminAction(tenantId, action, circumstances, context);
}

function credentialOf(row: Selectable<AdminCredentialsTable>): AdminCredential {
  return { ...keptTokenOf(row), tenantId: row.tenant_id ?? undefined };
}

function rowOf(
  credential: AdminCredential,
  liveName: string | null,
): Selectable<AdminCredentialsTable> {
  return {
    ...keptTokenColumns(credential, liveName),
    tenant_id: credential.tenantId ?? null,
  };
}
