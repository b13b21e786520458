/** What is kept of a bearer token, the same of those of connections and of the admin API: its columns, its name while it works, its end when another one takes its place. */
import type { Selectable } from "kysely";
import type { AttributeDifference } from "../../domain/audit-entry.ts";
import type { KeptToken } from "../../domain/credential.ts";
import type { AdminCredentialsTable } from "./database.ts";

/** The columns of every table of tokens. */
type KeptTokenRow = Omit<Selectable<AdminCredentialsTable>, "tenant_id">;

/** The name that a credential holds while it works, so that no other one of the same owner has it; null for one without a name, and for one that was revoked. */
export function liveNameOf({ name, revoked }: Pick<KeptToken, "name" | "revoked">): string | null {
  return name === "" || revoked !== undefined ? null : name;
}

/** Reads what is kept from a row. */
export function keptTokenOf(row: KeptTokenRow): KeptToken {
  return {
    credentialId: row.credential_id,
    name: row.name,
    secretHash: row.secret_hash,
    pepperVersion: row.pepper_version,
    lastFour: row.last_four,
    created: row.created_at,
    creator: row.creator,
    expires: row.expires_at ?? undefined,
    revoked: row.revoked_at ?? undefined,
    lastUsed: row.last_used_at ?? undefined,
  };
}

/** Makes the columns of what is kept, with the name it holds. */
export function keptTokenColumns(token: KeptToken, liveName: string | null): KeptTokenRow {
  return {
    credential_id: token.credentialId,
    name: token.name,
    secret_hash: token.secretHash,
    pepper_version: token.pepperVersion,
    last_four: token.lastFour,
    created_at: token.created,
    creator: token.creator,
    expires_at: token.expires ?? null,
    revoked_at: token.revoked ?? null,
    last_used_at: token.lastUsed ?? null,
    live_name: liveName,
  };
}

/** What changes of a token that another one takes the place of; undefined when it ends no sooner for it. */
export function endingDifferences(
  { expires }: Pick<KeptToken, "expires">,
  ends: string,
  { credentialId }: Pick<KeptToken, "credentialId">,
): readonly AttributeDifference[] | undefined {
  return expires === undefined || expires > ends
    ? [
        { path: "expires", before: expires ?? "never", after: ends },
        { path: "replacedBy", after: credentialId },
      ]
    : undefined;
}
