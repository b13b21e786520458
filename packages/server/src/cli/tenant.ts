/** `rollcall tenant`: makes, lists and deletes tenants. */
import { refusal } from "../domain/refusal.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { Call, Command } from "./command.ts";
import { findTenant } from "./find-connection.ts";
import { formatTable } from "./format-table.ts";

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
  call.answer(tenantJson(tenant), [
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
    tenants.map(tenantJson),
    formatTable(["TENANT", "NAME", "CONNECTIONS", "CREATED"], rows),
  );
  return 0;
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
  call.answer({ deleted: true, ...tenantJson(tenant) }, [`Tenant ${slug} is deleted.`]);
  return 0;
}

function tenantJson({ tenantId, slug, name, created }: Tenant): Readonly<Record<string, string>> {
  return { tenantId, slug, name, created };
}
