/** OAuth clients: found by id alone, the id leads to the tenant as that of a credential does. */
import type { AttributeDifference, Circumstances } from "../../domain/audit-entry.ts";
import type { OauthClient } from "../../domain/oauth-client.ts";
import type { ConnectionId, CredentialId, Scope, TenantId } from "../../domain/tenant.ts";
import type { UsedAssertion } from "../store.ts";
import { connectionById } from "./connections.ts";
import { tenantOfCredential } from "./credentials.ts";
import { jsonColumn } from "./json-column.ts";
import { recordAdminAction } from "./record-consequences.ts";
import type { RunWrite } from "./record-prepared.ts";
import type { ReadScript, Script, Verdict } from "./script.ts";
import { changesOf, firstRowOf, rowsOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import { compose, statement } from "./statement.ts";
import { lockTenantFacts } from "./tenant-facts.ts";

interface ClientRow {
  readonly tenant_id: TenantId;
  readonly client_id: CredentialId;
  readonly connection_id: ConnectionId;
  readonly name: string;
  readonly proof: string;
  readonly secrets: string;
  readonly scopes: string;
  readonly cidrs: string;
  readonly created_at: string;
  readonly creator: string;
  readonly tokens_since: string | null;
  readonly last_used_at: string | null;
}

const columns = `tenant_id, client_id, connection_id, name, proof, secrets, scopes, cidrs, created_at, creator,
  tokens_since, last_used_at`;

/** Adds a client, unless another one of the connection has its name; a connection that is being removed is waited for. */
export function* createOauthClient(
  client: OauthClient,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<"created" | "taken" | "gone">> {
  const { tenantId, clientId, connectionId, name, proof, scopes, cidrs } = client;
  yield lockTenantFacts(tenantId, "shared", context.dialect);
  if ((yield* connectionById({ tenantId, connectionId })) === undefined) {
    return { kind: "undo", result: "gone" };
  }
  const inserted = yield* changesOf(
    statement(
      `INSERT INTO oauth_clients (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (tenant_id, connection_id, name) WHERE name <> '' DO NOTHING`,
      ...[tenantId, clientId, connectionId, name, JSON.stringify(proof)],
      ...[JSON.stringify(client.secrets), JSON.stringify(scopes), JSON.stringify(cidrs)],
      ...[client.created, client.creator, client.tokensSince ?? null, client.lastUsed ?? null],
    ),
  );
  if (inserted === 0) {
    return { kind: "undo", result: "taken" };
  }
  yield [
    statement(
      `INSERT INTO credential_ids (credential_id, tenant_id) VALUES (?, ?)`,
      clientId,
      tenantId,
    ),
  ];
  const differences = [
    { path: "name", after: name },
    { path: "connectionId", after: connectionId },
    ...proofDifferences(undefined, client),
    { path: "scopes", after: scopes },
    { path: "cidrs", after: cidrs },
  ];
  const action = { action: "oauth-client.create", target: targetOf(client), differences };
  yield* recordAdminAction(tenantId, action, circumstances, context);
  return { kind: "keep", result: "created" };
}

/** Finds a client by its id alone. */
export function* oauthClientById(clientId: CredentialId): Script<OauthClient | undefined> {
  const tenantId = yield* tenantOfCredential(clientId);
  return tenantId === undefined ? undefined : yield* clientIn(tenantId, clientId);
}

function* clientIn(tenantId: TenantId, clientId: CredentialId): Script<OauthClient | undefined> {
  const row = yield* firstRowOf<ClientRow>(
    statement(
      `SELECT ${columns} FROM oauth_clients WHERE tenant_id = ? AND client_id = ?`,
      tenantId,
      clientId,
    ),
  );
  return row && clientOf(row);
}

/** Lists the clients of a connection, oldest first. */
export function* listOauthClients({
  tenantId,
  connectionId,
}: Scope): Script<readonly OauthClient[]> {
  const rows = yield* rowsOf<ClientRow>(
    statement(
      `SELECT ${columns} FROM oauth_clients WHERE tenant_id = ? AND connection_id = ?
       ORDER BY created_at, client_id`,
      tenantId,
      connectionId,
    ),
  );
  return rows.map(clientOf);
}

/** Saves what a client proves itself with, unless it has changed meanwhile. */
export function* renewOauthClient(
  before: OauthClient,
  { proof, secrets, tokensSince }: Pick<OauthClient, "proof" | "secrets" | "tokensSince">,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<boolean>> {
  const { tenantId, clientId } = before;
  const changed = yield* changesOf(
    statement(
      `UPDATE oauth_clients SET proof = ?, secrets = ?, tokens_since = ?
       WHERE tenant_id = ? AND client_id = ? AND proof = ? AND secrets = ?`,
      ...[JSON.stringify(proof), JSON.stringify(secrets), tokensSince ?? null],
      ...[tenantId, clientId, JSON.stringify(before.proof), JSON.stringify(before.secrets)],
    ),
  );
  if (changed === 0) {
    return { kind: "undo", result: false };
  }
  const since =
    tokensSince === before.tokensSince ? [] : [{ path: "tokensSince", after: tokensSince ?? null }];
  const differences = [...proofDifferences(before, { proof, secrets }), ...since];
  const action = { action: "oauth-client.rotate", target: targetOf(before), differences };
  yield* recordAdminAction(tenantId, action, circumstances, context);
  return { kind: "keep", result: true };
}

/** Removes a client of a connection with what it has used; answers false when there is none. */
export function* removeOauthClient(
  { tenantId, connectionId }: Scope,
  clientId: CredentialId,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<boolean>> {
  const row = yield* firstRowOf<ClientRow>(
    statement(
      `DELETE FROM oauth_clients WHERE tenant_id = ? AND connection_id = ? AND client_id = ?
       RETURNING ${columns}`,
      ...[tenantId, connectionId, clientId],
    ),
  );
  if (row === undefined) {
    return { kind: "undo", result: false };
  }
  yield [statement(`DELETE FROM credential_ids WHERE credential_id = ?`, clientId)];
  yield* dropAssertionsOf(tenantId, [clientId], context.dialect);
  const action = {
    action: "oauth-client.remove",
    target: targetOf(clientOf(row)),
    differences: [{ path: "connectionId", before: connectionId }],
  };
  yield* recordAdminAction(tenantId, action, circumstances, context);
  return { kind: "keep", result: true };
}

/** Lists the ids of the clients of a connection. */
export function* clientsOfConnection({
  tenantId,
  connectionId,
}: Scope): Script<readonly CredentialId[]> {
  return (yield* listOauthClients({ tenantId, connectionId })).map(({ clientId }) => clientId);
}

/** Forgets which assertions some clients have used. */
export function* dropAssertionsOf(
  tenantId: TenantId,
  clientIds: readonly CredentialId[],
  dialect: SqlDialect,
): Script<void> {
  yield [
    compose`DELETE FROM oauth_assertions
      WHERE tenant_id = ${tenantId} AND ${dialect.oneOf("client_id", clientIds)}`,
  ];
}

/** Notes the time of use, unless a later one or one that is not older than `notedSince` is noted. */
export function* touchOauthClient(
  clientId: CredentialId,
  at: string,
  notedSince: string,
): Script<Verdict<void>> {
  const tenantId = yield* tenantOfCredential(clientId);
  if (tenantId === undefined) {
    return { kind: "undo", result: undefined };
  }
  yield* changesOf(
    statement(
      `UPDATE oauth_clients SET last_used_at = ?
       WHERE tenant_id = ? AND client_id = ? AND (last_used_at IS NULL OR last_used_at <= ?)`,
      ...[at, tenantId, clientId, notedSince],
    ),
  );
  return { kind: "keep", result: undefined };
}

/** Notes that an assertion was used; of two that come with it at once one is told that it was first. */
export function* useAssertion(
  tenantId: TenantId,
  { clientId, assertionId, ends }: UsedAssertion,
): Script<Verdict<boolean>> {
  const inserted = yield* changesOf(
    statement(
      `INSERT INTO oauth_assertions (tenant_id, client_id, assertion_id, ends_at)
       SELECT ?, client_id, ?, ? FROM oauth_clients WHERE tenant_id = ? AND client_id = ?
       ON CONFLICT (tenant_id, client_id, assertion_id) DO NOTHING`,
      ...[tenantId, assertionId, ends, tenantId, clientId],
    ),
  );
  return { kind: inserted > 0 ? "keep" : "undo", result: inserted > 0 };
}

/** How many assertions one transaction forgets, so that no other write waits long. */
const prunedAtOnceMax = 500;

/** Forgets assertions that have ended; answers how many, 0 when nothing is left to do. */
export async function pruneAssertions(
  tenantId: TenantId,
  before: string,
  { readOnce, write }: { readonly readOnce: ReadScript; readonly write: RunWrite },
): Promise<number> {
  // Read first: on most days nothing is due, and nobody has to wait for that.
  const ended = await readOnce(
    rowsOf<{ ends_at: string }>(
      statement(
        `SELECT ends_at FROM oauth_assertions WHERE tenant_id = ? AND ends_at < ?
         ORDER BY ends_at LIMIT ?`,
        ...[tenantId, before, prunedAtOnceMax],
      ),
    ),
  );
  const last = ended.at(-1)?.ends_at;
  return last === undefined ? 0 : await write(() => dropEnded(tenantId, last));
}

function* dropEnded(tenantId: TenantId, last: string): Script<Verdict<number>> {
  const dropped = yield* changesOf(
    statement(`DELETE FROM oauth_assertions WHERE tenant_id = ? AND ends_at <= ?`, tenantId, last),
  );
  return { kind: "keep", result: dropped };
}

function targetOf({ clientId, name }: Pick<OauthClient, "clientId" | "name">) {
  return { type: "oauth-client", id: clientId, name };
}

/** What is told of a proof: how and by whom, and that keys or secrets are others, never which. */
function proofDifferences(
  before: Pick<OauthClient, "proof" | "secrets"> | undefined,
  after: Pick<OauthClient, "proof" | "secrets">,
): readonly AttributeDifference[] {
  const said = before === undefined ? [] : shownProof(before.proof);
  const told = shownProof(after.proof).filter(
    ({ path, after: value }) => said.find((one) => one.path === path)?.after !== value,
  );
  const isSame = JSON.stringify(before?.secrets ?? []) === JSON.stringify(after.secrets);
  return isSame ? told : [...told, { path: "secret", after: "(hidden)" }];
}

function shownProof(proof: OauthClient["proof"]): readonly { path: string; after: string }[] {
  const { method } = proof;
  if (method === "client_secret_basic") {
    return [{ path: "method", after: method }];
  }
  const { keys } = proof;
  const where =
    keys.kind === "inline"
      ? { path: "keys", after: keys.keys.map(({ kid, kty }) => String(kid ?? kty)).join(" ") }
      : { path: "keys", after: keys.kind === "url" ? keys.url : "of the issuer" };
  const claims =
    method === "federated"
      ? (["issuer", "subject", "audience"] as const).map((path) => ({ path, after: proof[path] }))
      : [];
  return [{ path: "method", after: method }, where, ...claims];
}

function clientOf(row: ClientRow): OauthClient {
  return {
    tenantId: row.tenant_id,
    clientId: row.client_id,
    connectionId: row.connection_id,
    name: row.name,
    proof: jsonColumn(row.proof),
    secrets: jsonColumn<OauthClient["secrets"]>(row.secrets).map((secret) => ({
      ...secret,
      // What is undefined is no JSON.
      ends: secret.ends,
    })),
    scopes: jsonColumn(row.scopes),
    cidrs: jsonColumn(row.cidrs),
    created: row.created_at,
    creator: row.creator,
    tokensSince: row.tokens_since ?? undefined,
    lastUsed: row.last_used_at ?? undefined,
  };
}
