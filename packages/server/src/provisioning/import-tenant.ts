/** Imports tenants with their settings, their connections and their domains. */
import type { ClientSettings, JsonObject, ResourceTypeRegistry } from "@rollcall/scim";
import {
  clientProfileNames,
  isJsonObject,
  memberOf,
  parseClientSetting,
  sameJson,
} from "@rollcall/scim";
import {
  changeTenantSettings,
  ownSettingsOf,
  storedSettingsOf,
} from "../domain/change-tenant-settings.ts";
import { checkedName } from "../domain/checked-name.ts";
import type { Connection } from "../domain/connection.ts";
import { connectionSettingsOf, uniqueKeyPathsOf } from "../domain/connection.ts";
import { formatIndexPaths, parseIndexPaths } from "../domain/index-path.ts";
import { refusal } from "../domain/refusal.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { TenantDomain } from "../domain/tenant-domain.ts";
import { createConnection, createTenant, newConnection, newTenant } from "./create-connection.ts";
import { addDomain } from "./domain-administration.ts";
import { listOf, neededText, switchOf, textOf } from "./import-line.ts";
import type { ImportOutcome, ImportParts, ImportPlace } from "./import-site.ts";
import { tenantOf } from "./import-site.ts";
import { saveTenantSettings } from "./save-tenant-settings.ts";

/** Imports a tenant: lines behind it are about it, unless the operator has named another one. */
export async function importTenant(
  content: JsonObject,
  place: ImportPlace,
  parts: ImportParts,
): Promise<ImportOutcome> {
  const { store, circumstances, now, dryRun } = parts;
  const slug = neededText(content, "slug");
  const wish = { slug, name: textOf(content, "name") };
  const known = place.isTenantGiven ? tenantOf(place) : await store.tenants.bySlug(slug);
  const occasion = { ...circumstances, nowMs: now() };
  const tenant =
    known ?? (dryRun ? newTenant(wish, now()) : await createTenant(store, wish, occasion));
  place.tenant = tenant;
  place.connections.clear();
  const changed = await importSettings(content, tenant, place, parts);
  return known === undefined ? "created" : changed ? "changed" : "unchanged";
}

async function importSettings(
  content: JsonObject,
  tenant: Tenant,
  place: ImportPlace,
  { store, registry, circumstances, dryRun }: ImportParts,
): Promise<boolean> {
  const settings = memberOf(content, "settings");
  if (!isJsonObject(settings)) {
    return false;
  }
  const change = (current: Tenant) =>
    storedSettingsOf(changeTenantSettings(ownSettingsOf(current), settings));
  if (sameJson(change(tenant), tenant.settings) || dryRun) {
    return false;
  }
  const saved = await saveTenantSettings({ store, registry, circumstances }, { tenant, change });
  place.tenant = saved;
  // The name of a team is its id by now.
  return !sameJson(saved?.settings ?? {}, tenant.settings);
}

/** Imports a connection with its profile and its settings; its tokens are nobody's to bring along. */
export async function importConnection(
  content: JsonObject,
  place: ImportPlace,
  parts: ImportParts,
): Promise<ImportOutcome> {
  const { store, registry, circumstances, now, dryRun } = parts;
  const tenant = tenantOf(place);
  const slug = neededText(content, "slug");
  const profile = clientProfileNames.find(
    (name) => name === (textOf(content, "profile") ?? "generic"),
  );
  if (profile === undefined) {
    throw refusal(`profile: expected one of ${clientProfileNames.join(", ")}`);
  }
  const staged = switchOf(content, "staged") ?? false;
  const wish = { tenant, profile, slug, name: textOf(content, "name"), staged };
  const known = await store.connections.bySlug(tenant.tenantId, slug);
  const current = known ?? newConnection(wish, now());
  const wanted = wantedConnection(content, { ...current, profile }, registry);
  const isSame = known !== undefined && sameJson(shownForm(wanted), shownForm(known));
  if (dryRun) {
    place.connections.set(slug, current);
  } else {
    place.connections.delete(slug);
    const occasion = { ...circumstances, nowMs: now() };
    const made = known ?? (await createConnection(store, wish, occasion));
    await saveUnlessSame({ ...wanted, connectionId: made.connectionId }, made, parts);
  }
  return known === undefined ? "created" : isSame ? "unchanged" : "changed";
}

function wantedConnection(
  content: JsonObject,
  current: Connection,
  registry: ResourceTypeRegistry,
): Connection {
  const indexes = listOf(content, "indexes")?.map(String);
  return {
    ...current,
    name: checkedName(textOf(content, "name") ?? current.name),
    settings: settingsIn(content) ?? current.settings,
    disabled: switchOf(content, "disabled") ?? current.disabled,
    ...(indexes === undefined ? {} : { indexPaths: parseIndexPaths(indexes, registry) }),
  };
}

async function saveUnlessSame(
  wanted: Connection,
  made: Connection,
  { store, registry, circumstances }: ImportParts,
): Promise<void> {
  if (sameJson(shownForm(wanted), shownForm(made))) {
    return;
  }
  const paths = uniqueKeyPathsOf(connectionSettingsOf(wanted), registry);
  const outcome = await store.connections.save(wanted, paths, circumstances);
  if (outcome.kind === "duplicates") {
    throw refusal(`${outcome.path} cannot be unique: some resources share a value`);
  }
}

function settingsIn(content: JsonObject): Partial<ClientSettings> | undefined {
  const settings = memberOf(content, "settings");
  return isJsonObject(settings)
    ? Object.assign(
        {},
        ...Object.entries(settings).map(([key, value]) =>
          parseClientSetting(key, settingText(value)),
        ),
      )
    : undefined;
}

function settingText(value: unknown): string {
  return value === true ? "on" : value === false ? "off" : String(value);
}

function shownForm(connection: Connection): JsonObject {
  const { name, profile, settings, disabled } = connection;
  return {
    name,
    profile,
    settings: { ...settings },
    disabled,
    indexes: formatIndexPaths(connection),
  };
}

/** Imports a domain; one that was verified where it comes from is so here, by the word of whoever imports it. */
export async function importDomain(
  content: JsonObject,
  place: ImportPlace,
  parts: ImportParts,
): Promise<ImportOutcome> {
  const { store, circumstances, now, dryRun } = parts;
  const tenant = tenantOf(place);
  const name = neededText(content, "domain");
  const method = methodIn(content);
  const known = (await store.domains.list(tenant.tenantId)).find(({ domain }) => domain === name);
  if (dryRun) {
    return known === undefined ? "created" : "unchanged";
  }
  const occasion = { ...circumstances, nowMs: now() };
  const { domain, verified } = known ?? (await addDomain(store, tenant, name, occasion));
  const isVerifying = method !== undefined && verified === undefined;
  if (isVerifying) {
    const proof = { method, isShared: switchOf(content, "isShared") ?? false };
    const outcome = await store.domains.verify(tenant.tenantId, domain, proof, circumstances);
    if (outcome.kind !== "verified") {
      throw refusal("another tenant has verified the domain");
    }
  }
  return known === undefined ? "created" : isVerifying ? "changed" : "unchanged";
}

function methodIn(content: JsonObject): TenantDomain["method"] {
  const method = textOf(content, "verified");
  if (method !== undefined && method !== "dns" && method !== "asserted") {
    throw refusal("verified: expected dns or asserted");
  }
  return method;
}
