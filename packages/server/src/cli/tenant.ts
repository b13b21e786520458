/** `rollcall tenant`: makes, lists, shows, changes and deletes tenants. */
import type { JsonObject, JsonValue } from "@rollcall/scim";
import { tenantSettingsJsonOf } from "../admin-contract/tenant-settings.ts";
import { tenantJsonOf } from "../admin-contract/tenants.ts";
import { instancePolicyOf } from "../config/config.ts";
import {
  changeTenantSettings,
  ownSettingsOf,
  storedSettingsOf,
} from "../domain/change-tenant-settings.ts";
import { teamNamesOf } from "../domain/find-team.ts";
import { refusal } from "../domain/refusal.ts";
import type { TeamId, Tenant } from "../domain/tenant.ts";
import { settingKeys } from "../domain/tenant-settings.ts";
import type { Call, Command } from "./command.ts";
import { findTenant } from "./find-connection.ts";
import { formatFields, formatTable } from "./format-table.ts";
import { activationLines, previewTokenOption } from "./preview-lines.ts";

/** The commands. */
export const tenantCommands: readonly Command[] = [
  {
    usage: "tenant create <slug>",
    summary: "make a tenant: an organisation whose directory is provisioned",
    options: [["--name <name>", "how people call it, the slug by default"]],
    usedBy: "all",
    folder: "make",
    run: createTenant,
  },
  {
    usage: "tenant list",
    summary: "list the tenants",
    options: [],
    usedBy: "all",
    folder: "need",
    run: listTenants,
  },
  {
    usage: "tenant show <slug>",
    summary: "show a tenant with all its settings",
    options: [],
    usedBy: "all",
    folder: "need",
    run: async (call) => showTenant(call, await named(call)),
  },
  {
    usage: "tenant set <slug> [key=value...]",
    summary: `change settings: ${settingKeys.map(({ key }) => key).join(", ")}; an empty value goes back to the default`,
    options: [["--preview", "only tell what that would do to people"], previewTokenOption],
    usedBy: "all",
    folder: "need",
    run: setSettings,
  },
  {
    usage: "tenant delete <slug>",
    summary: "delete a tenant with its connections, tokens, users and groups",
    options: [["--yes", "really delete"]],
    usedBy: "all",
    folder: "need",
    run: deleteTenant,
  },
];

async function createTenant(call: Call): Promise<number> {
  const instance = await call.open();
  const [slug = ""] = call.args;
  const tenant = await instance.createTenant({ slug, name: call.text("name") });
  call.answer(tenantJsonOf(tenant), [
    `Tenant ${slug} is there. Next: ${call.io.program} connection create ${slug} --profile okta`,
  ]);
  return 0;
}

async function listTenants(call: Call): Promise<number> {
  const { store } = await call.open();
  const tenants = await store.tenants.list();
  const rows = await Promise.all(
    tenants.map(async ({ tenantId, slug, name, created }) => {
      const connections = await store.connections.list(tenantId);
      return [slug, name, connections.map((connection) => connection.slug).join(", "), created];
    }),
  );
  call.answer(
    tenants.map(tenantJsonOf),
    formatTable(["TENANT", "NAME", "CONNECTIONS", "CREATED"], rows),
  );
  return 0;
}

async function named(call: Call): Promise<Tenant> {
  const { store } = await call.open();
  return findTenant(store, call.args[0] ?? "");
}

async function showTenant(call: Call, tenant: Tenant): Promise<number> {
  const shown = tenantSettingsJsonOf(tenant, instancePolicyOf(call.config));
  const { changedSettings } = shown;
  const { store } = await call.open();
  const teamNames = teamNamesOf(await store.teams.list(tenant.tenantId));
  // People know a team by its name.
  const textOf = (key: string, value: JsonValue): string => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return key === "defaultTeam" ? (teamNames.get(text as TeamId) ?? text) : text;
  };
  call.answer({ ...tenantJsonOf(tenant), ...shown }, [
    ...formatFields([
      ["Tenant", tenant.slug],
      ["Name", tenant.name],
      ["Created", tenant.created],
    ]),
    "",
    ...formatTable(
      ["SETTING", "VALUE", ""],
      Object.entries(shown.settings).map(([key, value]) => [
        key,
        textOf(key, value),
        Object.hasOwn(changedSettings, key) ? "set here" : " ",
      ]),
    ),
  ]);
  return 0;
}

async function setSettings(call: Call): Promise<number> {
  const pairs = call.args.slice(1).map(parsePair);
  if (pairs.length === 0) {
    throw refusal("nothing was said to change: write KEY=VALUE, such as attachPolicy=invite");
  }
  const { saveTenantSettings, previewTenantSettings } = await call.open();
  const tenant = await named(call);
  const changes: JsonObject = Object.fromEntries(pairs);
  const change = (current: Tenant) =>
    storedSettingsOf(changeTenantSettings(ownSettingsOf(current), changes));
  const gone = `tenant ${tenant.slug} is gone`;
  if (call.has("preview")) {
    const preview = await previewTenantSettings({ tenant, change });
    if (preview === undefined) {
      throw refusal(gone);
    }
    const { token } = preview;
    call.answer(preview, [
      ...activationLines(preview),
      ...preview.teams.map(({ name, change: what }) => `Team ${name} is ${what}.`),
      "",
      `Give --preview-token ${token} to do just this.`,
    ]);
    return 0;
  }
  const saved = await saveTenantSettings({ tenant, change, token: call.text("previewToken") });
  if (saved === undefined) {
    throw refusal(gone);
  }
  return showTenant(call, saved);
}

function parsePair(pair: string): readonly [string, string] {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
  if (key === undefined || value === undefined) {
    throw refusal(`"${pair}" is no setting: write KEY=VALUE, such as attachPolicy=invite`);
  }
  return [key, value];
}

async function deleteTenant(call: Call): Promise<number> {
  const { store, circumstances } = await call.open();
  const [slug = ""] = call.args;
  const tenant = await findTenant(store, slug);
  const connections = await store.connections.list(tenant.tenantId);
  if (!call.has("yes")) {
    throw refusal(
      `this deletes tenant ${slug} for ever, with its ${connections.length} connection(s) and all their tokens, ` +
        "users and groups: give --yes if that is meant",
    );
  }
  await store.tenants.delete(tenant.tenantId, circumstances());
  call.answer({ deleted: true, ...tenantJsonOf(tenant) }, [`Tenant ${slug} is deleted.`]);
  return 0;
}
