/** Exports a tenant as lines that an import reads: what another instance needs to be the same to clients and people. */
import type { JsonObject, JsonValue } from "@rollcall/scim";
import { isJsonObject } from "@rollcall/scim";
import { formatIndexPaths } from "../domain/index-path.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { Store, TableRows } from "../store/store.ts";

/** Takes some lines; the next ones come when it has settled. */
export type WriteLines = (text: string) => Promise<void>;

/** How many lines of each kind were written. */
export type ExportedLines = Readonly<Record<string, number>>;

type Row = Readonly<Record<string, string | number | null>>;

/** How many members stand in one line. */
const membersInLine = 1000;

/** Writes all of it, as of one moment. */
export async function exportTenant(
  { snapshots }: Pick<Store, "snapshots">,
  { tenantId }: Tenant,
  write: WriteLines,
): Promise<ExportedLines> {
  const counts: Record<string, number> = {};
  const slugs = new Map<string, string>();
  const teams = new Map<string, string>();
  const members: MemberLines = { connection: "", group: "", values: [] };
  const put = async (lines: readonly JsonObject[]): Promise<void> => {
    for (const { kind } of lines) {
      counts[String(kind)] = (counts[String(kind)] ?? 0) + 1;
    }
    await write(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  };
  await snapshots.readTenant(tenantId, async (part) => {
    const rows = rowsOf(part);
    if (part.table === "connections") {
      for (const { connection_id, slug } of rows) {
        slugs.set(String(connection_id), String(slug));
      }
    }
    const site = { tenantId, slugs, teams };
    if (part.table === "members") {
      await put(rows.flatMap((row) => memberLines(row, members, site)));
      return;
    }
    if (part.table === "default_team") {
      await put(rows.flatMap((row) => defaultTeamLines(row, site)));
      return;
    }
    // What stands behind the members needs the last of them.
    await put([...restOf(members), ...rows.map((row) => lineOf(part.table, row, site))]);
  });
  await put(restOf(members));
  return counts;
}

interface LineSite {
  readonly tenantId: string;
  readonly slugs: ReadonlyMap<string, string>;
  /** The names of teams, by their ids. */
  readonly teams: Map<string, string>;
}

function rowsOf({ columns, rows }: TableRows): readonly Row[] {
  return rows.map((row) =>
    Object.fromEntries(row.map((value, index) => [columns[index] ?? "", value])),
  );
}

/** Without what there is not. */
function line(kind: string, members: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  const entries = Object.entries(members).flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [[name, value] as const],
  );
  return { kind, ...Object.fromEntries(entries) };
}

const makers: Readonly<Record<string, (row: Row, site: LineSite) => JsonObject>> = {
  tenants: ({ slug, name, settings }) => {
    const { defaultTeam: _, ...others } = objectIn(settings);
    return line("tenant", { slug, name, settings: others });
  },
  teams: (row, { slugs, teams }) => {
    teams.set(String(row["team_id"]), String(row["name"]));
    const connection = slugs.get(String(row["connection_id"]));
    const groupId = row["group_id"];
    return line("team", {
      id: row["team_id"],
      name: row["name"],
      archived: row["archived_at"] === null ? undefined : true,
      group: connection === undefined ? undefined : { connection, id: groupId ?? null },
      namedByHand: row["named_by_hand"] === 1 ? true : undefined,
      archivedByHand: row["archived_by_hand"] === 1 ? true : undefined,
    });
  },
  group_mappings: ({ connection_id, pattern_kind, pattern, role, ...row }, { slugs }) =>
    line("mapping", {
      connection: slugs.get(String(connection_id)),
      by: pattern_kind,
      pattern,
      ...teamIn(row),
      role,
    }),
  connections: ({ slug, name, profile, settings, disabled, staged, index_paths }) =>
    line("connection", {
      slug,
      name,
      profile,
      settings: parsed(settings),
      disabled: disabled === 1,
      staged: staged === 1 ? true : undefined,
      indexes:
        index_paths === null ? undefined : formatIndexPaths({ indexPaths: pathsIn(index_paths) }),
    }),
  domains: ({ domain, method, is_shared }) =>
    line("domain", { domain, verified: method, isShared: is_shared === 1 ? true : undefined }),
  accounts: (row, { tenantId, slugs }) =>
    line("account", {
      id: row["account_id"],
      email: row["email"],
      emailVerified: row["email_verified"] === 1,
      hasLogin: row["has_login"] === 1,
      name: row["name"],
      preferredLanguage: row["preferred_language"],
      ref: row["ref"],
      madeBy:
        row["made_by_tenant"] === tenantId
          ? slugs.get(String(row["made_by_connection"]))
          : undefined,
    }),
  grants: ({ account_id, role, ...row }) =>
    line("grant", { account: account_id, ...teamIn(row), role }),
  declines: ({ account_id }) => line("membership", { account: account_id, declined: true }),
  memberships: ({ account_id, protection }) =>
    line("membership", { account: account_id, protection }),
  locks: ({ account_id, source, reason }) => line("lock", { account: account_id, source, reason }),
  links: ({ connection_id, resource_id, account_id, active }, { slugs }) =>
    line("link", {
      connection: slugs.get(String(connection_id)),
      user: resource_id,
      account: account_id,
      active: active === 0 ? false : undefined,
    }),
  resources: ({ connection_id, resource_id, resource_type, attributes }, { slugs }) => ({
    kind: resource_type === "Group" ? "group" : "user",
    connection: slugs.get(String(connection_id)) ?? null,
    id: resource_id ?? null,
    ...objectIn(attributes),
  }),
};

/** The team that something is for; nothing where it is for the tenant itself. */
function teamIn(row: Row): Readonly<Record<string, JsonValue | undefined>> {
  const id = row["team_id"];
  return id === "" ? {} : { team: id, teamName: row["team_name"] };
}

/** The team of those who get nothing else is told by its name once the teams are: its id may be another one elsewhere. */
function defaultTeamLines(row: Row, { teams }: LineSite): readonly JsonObject[] {
  const { defaultTeam } = objectIn(row["settings"]);
  const name = typeof defaultTeam === "string" ? teams.get(defaultTeam) : undefined;
  return name === undefined
    ? []
    : [line("tenant", { slug: row["slug"], settings: { defaultTeam: name } })];
}

function lineOf(table: string, row: Row, site: LineSite): JsonObject {
  const maker = makers[table];
  if (maker === undefined) {
    throw new TypeError(`nothing makes lines of ${table}`);
  }
  return maker(row, site);
}

interface MemberLines {
  connection: string;
  group: string;
  values: string[];
}

/** Groups may have one another as members and be very large: members come behind all groups, some at a time. */
function memberLines(row: Row, members: MemberLines, { slugs }: LineSite): readonly JsonObject[] {
  const group = String(row["resource_id"]);
  const isFull = members.group !== group || members.values.length >= membersInLine;
  const lines = isFull ? restOf(members) : [];
  members.connection = slugs.get(String(row["connection_id"])) ?? "";
  members.group = group;
  members.values.push(String(row["value"]));
  return lines;
}

function restOf(members: MemberLines): readonly JsonObject[] {
  const { connection, group, values } = members;
  members.values = [];
  const objects = values.map((value) => ({ value }));
  return values.length === 0 ? [] : [line("members", { connection, group, members: objects })];
}

function parsed(json: string | number | null | undefined): JsonValue {
  return typeof json === "string" ? JSON.parse(json) : null;
}

function objectIn(json: string | number | null | undefined): JsonObject {
  const value = parsed(json);
  return isJsonObject(value) ? value : {};
}

function pathsIn(
  json: string | number | null | undefined,
): Readonly<Record<string, readonly string[]>> {
  return typeof json === "string" ? JSON.parse(json) : {};
}
