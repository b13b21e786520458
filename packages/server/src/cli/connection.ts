/** `rollcall connection`: makes, shows and changes connections. */
import type { ClientProfileName, ClientSettings } from "@rollcall/scim";
import {
  clientProfileNamed,
  clientProfileNames,
  defaultClientSettings,
  parseClientSetting,
} from "@rollcall/scim";
import type { ConnectionJson } from "../admin-contract/connections.ts";
import { connectionJsonOf } from "../admin-contract/connections.ts";
import { checkedName } from "../domain/checked-name.ts";
import type { Connection } from "../domain/connection.ts";
import { connectionSettingsOf, uniqueKeyPathsOf } from "../domain/connection.ts";
import { formatIndexPaths, parseIndexPaths } from "../domain/index-path.ts";
import { refusal } from "../domain/refusal.ts";
import type { RemovedCounts } from "../domain/removed-connection.ts";
import type { Call, Command } from "./command.ts";
import type { NamedConnection } from "./find-connection.ts";
import { findConnection, findTenant } from "./find-connection.ts";
import { formatFields, formatTable } from "./format-table.ts";
import { activationLines, countLines, previewLines, previewTokenOption } from "./preview-lines.ts";

const settingNames = Object.keys(defaultClientSettings);

/** The commands. */
export const connectionCommands: readonly Command[] = [
  {
    usage: "connection create <tenant>",
    summary:
      "make a connection: one identity provider of a tenant, with users and groups of its own",
    options: [
      ["--profile <profile>", `what connects: ${clientProfileNames.join(", ")} (default: generic)`],
      ["--slug <slug>", "what the command line calls it, the profile by default"],
      ["--name <name>", "how people call it, the slug by default"],
      ["--staged", "nobody gets anything by it before connection activate"],
    ],
    usedBy: "all",
    folder: "need",
    run: createConnection,
  },
  {
    usage: "connection list <tenant>",
    summary: "list the connections of a tenant",
    options: [],
    usedBy: "all",
    folder: "need",
    run: listConnections,
  },
  {
    usage: "connection show <tenant/connection>",
    summary: "show a connection with all its settings",
    options: [],
    usedBy: "all",
    folder: "need",
    run: async (call) => showConnection(call, await named(call)),
  },
  {
    usage: "connection set <tenant/connection> [key=value...]",
    summary: `change settings: ${settingNames.join(", ")}; also name and profile`,
    options: [
      [
        "--index <type:path...>",
        "an attribute that filters with eq find at once, such as User:title, in place of those named before; none for no more",
      ],
    ],
    usedBy: "all",
    folder: "need",
    run: setSettings,
  },
  {
    usage: "connection disable <tenant/connection>",
    summary: "refuse every request of a connection; its users, groups and tokens stay",
    options: [],
    usedBy: "all",
    folder: "need",
    run: (call) => saveConnection(call, () => ({ disabled: true })),
  },
  {
    usage: "connection enable <tenant/connection>",
    summary: "let a disabled connection work again",
    options: [],
    usedBy: "all",
    folder: "need",
    run: (call) => saveConnection(call, () => ({ disabled: false })),
  },
  {
    usage: "connection stage <tenant/connection>",
    summary: "store what its client sends and give nobody anything, until it is activated",
    options: [],
    usedBy: "all",
    folder: "need",
    run: stageConnection,
  },
  {
    usage: "connection activate <tenant/connection>",
    summary: "attach the people of a staged connection; interrupted, the same goes on",
    options: [["--preview", "only tell what that would do, exactly"]],
    usedBy: "all",
    folder: "need",
    run: activateConnection,
  },
  {
    usage: "connection remove <tenant/connection>",
    summary: "remove a connection with its users, groups, tokens and mappings",
    options: [
      ["--preview", "only tell what that would do, exactly"],
      previewTokenOption,
      ["--yes", "really remove"],
    ],
    usedBy: "all",
    folder: "need",
    run: removeConnection,
  },
];

async function stageConnection(call: Call): Promise<number> {
  const { rollout } = await call.open();
  const found = await named(call);
  return showConnection(call, { ...found, connection: await rollout.stage(found.connection) });
}

async function activateConnection(call: Call): Promise<number> {
  const { rollout } = await call.open();
  const { connection, name } = await named(call);
  if (call.has("preview")) {
    const summary = await rollout.previewActivation(connection);
    call.answer(summary, activationLines(summary));
    return 0;
  }
  const activation = await rollout.activate(connection);
  const { attached, pending, refused } = activation;
  call.answer(activation, [
    `Connection ${name} is active: ${attached} attached, ${pending} invited, ${refused} refused.`,
  ]);
  return 0;
}

async function removeConnection(call: Call): Promise<number> {
  const { rollout } = await call.open();
  const { connection, name } = await named(call);
  if (call.has("preview")) {
    const summary = await rollout.previewRemoval(connection);
    call.answer(summary, [removedLine(summary.removed), "", ...previewLines(summary)]);
    return 0;
  }
  const token = call.text("previewToken");
  if (!call.has("yes") && token === undefined) {
    throw refusal(
      `this removes connection ${name} for ever, with its users, groups, tokens and mappings, and the access ` +
        "that people have through it: give --yes if that is meant, or --preview to see what it does",
    );
  }
  const { removed, counts } = await rollout.remove(connection, token);
  call.answer({ connection: name, removed, counts }, [
    `Connection ${name} is removed.`,
    removedLine(removed),
    ...countLines(counts),
  ]);
  return 0;
}

function removedLine({
  resources,
  memberships,
  mappings,
  teams,
  credentials,
  mails,
}: RemovedCounts): string {
  const types = Object.entries(resources).map(([type, count]) => `${count} ${type}`);
  const others = [`${memberships} memberships`, `${mappings} mappings`, `${credentials} tokens`];
  const archived = teams === 0 ? "" : `; ${teams} teams of its groups are archived`;
  return `With it go ${[...types, ...others].join(", ")}${archived}; ${mails} mails.`;
}

async function named(call: Call): Promise<NamedConnection> {
  const { store } = await call.open();
  return findConnection(store, call.args[0] ?? "");
}

async function createConnection(call: Call): Promise<number> {
  const instance = await call.open();
  const tenant = await findTenant(instance.store, call.args[0] ?? "");
  const connection = await instance.createConnection({
    tenant,
    profile: profileNamed(call.text("profile") ?? "generic"),
    slug: call.text("slug"),
    name: call.text("name"),
    staged: call.has("staged"),
  });
  const name = `${tenant.slug}/${connection.slug}`;
  call.answer(connectionJson({ tenant, connection, name }, instance.scimUrl()), [
    ...connectionLines({ tenant, connection, name }, instance.scimUrl()),
    "",
    `Next: ${call.io.program} token create ${name}`,
  ]);
  return 0;
}

async function listConnections(call: Call): Promise<number> {
  const instance = await call.open();
  const tenant = await findTenant(instance.store, call.args[0] ?? "");
  const connections = await instance.store.connections.list(tenant.tenantId);
  call.answer(
    connections.map((connection) =>
      connectionJson(
        { tenant, connection, name: `${tenant.slug}/${connection.slug}` },
        instance.scimUrl(),
      ),
    ),
    formatTable(
      ["CONNECTION", "NAME", "PROFILE", "STATE", "CREATED"],
      connections.map(({ slug, name, profile, disabled, staged, created }) => [
        `${tenant.slug}/${slug}`,
        name,
        profile,
        stateText({ disabled, staged }),
        created,
      ]),
    ),
  );
  return 0;
}

async function showConnection(call: Call, found: NamedConnection): Promise<number> {
  const { scimUrl } = await call.open();
  const own = found.connection.settings;
  const profile = clientProfileNamed(found.connection.profile).settings;
  const sourceOf = (key: string): string =>
    Object.hasOwn(own, key) ? "set here" : Object.hasOwn(profile, key) ? "from the profile" : "";
  call.answer(connectionJson(found, scimUrl()), [
    ...connectionLines(found, scimUrl()),
    "",
    ...formatTable(
      ["SETTING", "VALUE", ""],
      Object.entries(connectionSettingsOf(found.connection)).map(([key, value]) => [
        key,
        typeof value === "boolean" ? switchText(value) : value,
        sourceOf(key) || " ",
      ]),
    ),
  ]);
  return 0;
}

/** As `connection set` and the documentation write it. */
function switchText(isOn: boolean): string {
  return isOn ? "on" : "off";
}

/** What `connection set` and its kin change. */
type ConnectionChange = Partial<
  Pick<Connection, "name" | "profile" | "settings" | "disabled" | "indexPaths">
>;

async function setSettings(call: Call): Promise<number> {
  const pairs = call.args.slice(1);
  const indexes = call.list("index");
  if (pairs.length === 0 && indexes.length === 0) {
    throw refusal("nothing was said to change: write KEY=VALUE, such as strict=on, or --index");
  }
  const { registry } = await call.open();
  const indexPaths = indexes.length === 0 ? undefined : parseIndexPaths(indexes, registry);
  return saveConnection(call, (connection) => {
    let current = indexPaths === undefined ? connection : { ...connection, indexPaths };
    for (const pair of pairs) {
      current = { ...current, ...changeOf(pair, current) };
    }
    return current;
  });
}

/** Reads one KEY=VALUE; `default` as value goes back to what the profile says. */
function changeOf(pair: string, { settings }: Connection): ConnectionChange {
  const [, key = "", value = ""] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
  if (key === "") {
    throw refusal(`"${pair}" is no setting: write KEY=VALUE, such as strict=on`);
  }
  if (key === "name") {
    return { name: checkedName(value) };
  }
  if (key === "profile") {
    return { profile: profileNamed(value) };
  }
  if (!settingNames.includes(key)) {
    throw refusal(
      `there is no setting "${key}"; there are: ${settingNames.join(", ")}, name, profile`,
    );
  }
  if (value === "default") {
    return { settings: without(settings, key) };
  }
  return { settings: { ...settings, ...parseClientSetting(key, value) } };
}

function without(settings: Partial<ClientSettings>, key: string): Partial<ClientSettings> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => name !== key));
}

async function saveConnection(
  call: Call,
  change: (connection: Connection) => ConnectionChange,
): Promise<number> {
  const { store, registry, circumstances } = await call.open();
  const found = await named(call);
  const connection: Connection = { ...found.connection, ...change(found.connection) };
  const outcome = await store.connections.save(
    connection,
    uniqueKeyPathsOf(connectionSettingsOf(connection), registry),
    circumstances(),
  );
  if (outcome.kind === "duplicates") {
    throw refusal(
      `nothing was changed: ${outcome.path} cannot be unique while these share a value: ${outcome.ids.join(", ")}`,
    );
  }
  return showConnection(call, { ...found, connection });
}

function stateText({ disabled, staged }: Pick<Connection, "disabled" | "staged">): string {
  return `${disabled ? "disabled" : "enabled"}${staged ? ", staged" : ""}`;
}

function profileNamed(text: string): ClientProfileName {
  const name = clientProfileNames.find((one) => one === text);
  if (name === undefined) {
    throw refusal(`there is no profile "${text}"; there are: ${clientProfileNames.join(", ")}`);
  }
  return name;
}

function connectionLines({ connection, name }: NamedConnection, url: string): readonly string[] {
  return formatFields([
    ["Connection", name],
    ["Name", connection.name],
    ["Profile", `${connection.profile} (${clientProfileNamed(connection.profile).title})`],
    ["State", stateText(connection)],
    ["SCIM base URL", url],
    ["Indexes", formatIndexPaths(connection).join(", ") || "those of every connection"],
    ["Created", connection.created],
  ]);
}

function connectionJson({ tenant, connection }: NamedConnection, scimUrl: string): ConnectionJson {
  return connectionJsonOf(connection, { tenant: tenant.slug, scimUrl });
}
