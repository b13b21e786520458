/** OIDC connections of tenants: how their people log in. */
import type { AttributeDifference, Circumstances } from "../../domain/audit-entry.ts";
import type { LoginSettings, OidcConnection } from "../../domain/oidc-connection.ts";
import {
  keptLoginSettings,
  loginSettingsDefault,
  loginSettingsOf,
} from "../../domain/oidc-connection.ts";
import type { TenantId } from "../../domain/tenant.ts";
import { recordAdminAction } from "./record-consequences.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOf, firstRowOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { statement } from "./statement.ts";
import { lockTenantFacts } from "./tenant-facts.ts";
import { settingsOfTenant } from "./tenant-members.ts";

interface OidcRow {
  readonly issuer: string;
  readonly client_id: string;
  readonly client_secret: string | null;
  readonly settings: string;
  readonly updated_at: string;
}

/** Reads the OIDC connection of a tenant. */
export function* oidcConnection(tenantId: TenantId): Script<OidcConnection | undefined> {
  const row = yield* firstRowOf<OidcRow>(
    statement(
      `SELECT issuer, client_id, client_secret, settings, updated_at FROM oidc_connections
       WHERE tenant_id = ?`,
      tenantId,
    ),
  );
  return (
    row && {
      tenantId,
      issuer: row.issuer,
      clientId: row.client_id,
      sealedSecret: row.client_secret ?? undefined,
      updated: row.updated_at,
      ...loginSettingsOf(row.settings),
    }
  );
}

/** Makes the OIDC connection of a tenant, or takes the place of the one there; answers false when the tenant is gone. */
export function* saveOidcConnection(
  connection: OidcConnection,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<boolean>> {
  const { tenantId, issuer, clientId, sealedSecret, updated } = connection;
  yield lockTenantFacts(tenantId, "alone", context.dialect);
  if ((yield* settingsOfTenant(tenantId, context)) === undefined) {
    return { kind: "undo", result: false };
  }
  const before = yield* oidcConnection(tenantId);
  const differences = differencesBetween(before, connection);
  if (differences.length === 0) {
    return { kind: "undo", result: true };
  }
  yield [
    statement(
      `INSERT INTO oidc_connections
         (tenant_id, issuer, client_id, client_secret, settings, updated_at)
       VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (tenant_id) DO UPDATE SET issuer = excluded.issuer,
         client_id = excluded.client_id, client_secret = excluded.client_secret,
         settings = excluded.settings, updated_at = excluded.updated_at`,
      ...[tenantId, issuer, clientId, sealedSecret ?? null],
      ...[JSON.stringify(keptLoginSettings(connection)), updated],
    ),
  ];
  const forgotten =
    before !== undefined && before.issuer !== issuer ? yield* forgetSubjects(tenantId) : [];
  const action = {
    action: "oidc-connection.save",
    target: { type: "oidc-connection", id: tenantId, name: issuer },
    differences: [...differences, ...forgotten],
  };
  yield* recordAdminAction(tenantId, action, circumstances, context);
  return { kind: "keep", result: true };
}

/** Removes the OIDC connection of a tenant; answers false when there is none. */
export function* removeOidcConnection(
  tenantId: TenantId,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<boolean>> {
  yield lockTenantFacts(tenantId, "alone", context.dialect);
  const before = yield* oidcConnection(tenantId);
  if (before === undefined) {
    return { kind: "undo", result: false };
  }
  yield [statement(`DELETE FROM oidc_connections WHERE tenant_id = ?`, tenantId)];
  const action = {
    action: "oidc-connection.remove",
    target: { type: "oidc-connection", id: tenantId, name: before.issuer },
    differences: [...differencesBetween(before, undefined), ...(yield* forgetSubjects(tenantId))],
  };
  yield* recordAdminAction(tenantId, action, circumstances, context);
  return { kind: "keep", result: true };
}

/** What a login may do in a tenant: the defaults where it has no OIDC connection. */
export function* loginRules(
  tenantId: TenantId,
): Script<LoginSettings & { readonly issuer?: string }> {
  return (yield* oidcConnection(tenantId)) ?? loginSettingsDefault;
}

/** Another provider may call somebody else so. */
function* forgetSubjects(tenantId: TenantId): Script<readonly AttributeDifference[]> {
  const forgotten = yield* changesOf(
    statement(`DELETE FROM login_identities WHERE tenant_id = ?`, tenantId),
  );
  return forgotten === 0 ? [] : [{ path: "subjects", before: forgotten, after: 0 }];
}

const shown = [
  "issuer",
  "clientId",
  "scopes",
  "groupsClaim",
  "subjectClaim",
  "mode",
  "jit",
] as const;

function differencesBetween(
  before: OidcConnection | undefined,
  after: OidcConnection | undefined,
): readonly AttributeDifference[] {
  const settings = shown.flatMap((path): readonly AttributeDifference[] => {
    const [from, to] = [before?.[path], after?.[path]];
    return JSON.stringify(from) === JSON.stringify(to)
      ? []
      : [
          {
            path,
            ...(from === undefined ? {} : { before: from }),
            ...(to === undefined ? {} : { after: to }),
          },
        ];
  });
  const isSecretSame = before?.sealedSecret === after?.sealedSecret;
  return isSecretSame ? settings : [...settings, { path: "clientSecret", after: "(hidden)" }];
}
