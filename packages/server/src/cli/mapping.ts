/** `rollcall mapping`: which groups give which roles; every change of that can be asked about first. */
import type { MappingJson } from "../admin-contract/mappings.ts";
import { mappingJsonOf } from "../admin-contract/mappings.ts";
import type { Instance } from "../compose.ts";
import { roleNamed } from "../domain/find-role.ts";
import { teamNamesOf } from "../domain/find-team.ts";
import type { GroupMapping } from "../domain/group-mapping.ts";
import type { MappingWish } from "../domain/mapping-change.ts";
import type { MappingText } from "../domain/mapping-text.ts";
import { refusal } from "../domain/refusal.ts";
import type { MappingId, Tenant } from "../domain/tenant.ts";
import type { Call, Command } from "./command.ts";
import { findTenant } from "./find-connection.ts";
import { formatTable } from "./format-table.ts";
import { countLines, previewLines, previewTokenOption } from "./preview-lines.ts";
import { targetOption, targetOptions } from "./target-option.ts";

const shared = { usedBy: "all", folder: "need" } as const;

const mappingOptions: Command["options"] = [
  ["--group <name>", "groups of this name, whatever its letter case"],
  ["--group-id <id>", "the group with this id or externalId"],
  ["--pattern <pattern>", "Eng-* for names that begin so, or an expression of RE2 as /^eng-/"],
  ...targetOptions,
  ["--role <role>", "the role that their members get"],
  ["--connection <slug>", "only groups of this connection (default: of all, and of logins)"],
];

/** The commands. */
export const mappingCommands: readonly Command[] = [
  {
    ...shared,
    usage: "mapping add <tenant>",
    summary: "give the members of groups a role, at once and from now on",
    options: [...mappingOptions, previewTokenOption],
    run: addMapping,
  },
  {
    ...shared,
    usage: "mapping list <tenant>",
    summary: "list the mappings of a tenant",
    options: [],
    run: listMappings,
  },
  {
    ...shared,
    usage: "mapping remove <tenant> <id>",
    summary: "remove a mapping, and what it gives; what other sources give stays",
    options: [previewTokenOption],
    run: removeMapping,
  },
  {
    ...shared,
    usage: "mapping set <tenant> <id>",
    summary: "give a mapping another role, and so everybody who has it",
    options: [["--role <role>", "the role that their members get"], previewTokenOption],
    run: setRole,
  },
  {
    ...shared,
    usage: "mapping preview <tenant>",
    summary: "tell what adding, changing or removing a mapping would do, exactly, and do nothing",
    options: [
      ...mappingOptions,
      ["--remove <id>", "ask about removing a mapping"],
      ["--change <id>", "ask about giving a mapping the role of --role"],
    ],
    run: previewMapping,
  },
];

interface Place {
  readonly instance: Instance;
  readonly tenant: Tenant;
}

async function placeOf(call: Call): Promise<Place> {
  const instance = await call.open();
  return { instance, tenant: await findTenant(instance.store, call.args[0] ?? "") };
}

async function addMapping(call: Call): Promise<number> {
  const place = await placeOf(call);
  const wish = { kind: "add", mapping: await parsedMapping(call, place) } as const;
  return await change(call, wish, place);
}

async function removeMapping(call: Call): Promise<number> {
  const place = await placeOf(call);
  const { mappingId } = await mappingNamed(call.args[1] ?? "", place);
  const token = call.text("previewToken");
  const wish = { kind: "remove", mappingId } as const;
  const { counts } = await place.instance.access.changeMapping(place.tenant, wish, token);
  call.answer({ removed: true, id: mappingId, counts }, [
    `Mapping ${mappingId} is removed.`,
    ...countLines(counts),
  ]);
  return 0;
}

async function setRole(call: Call): Promise<number> {
  const place = await placeOf(call);
  return await change(call, await roleWish(call.args[1] ?? "", call, place), place);
}

async function change(call: Call, wish: MappingWish, place: Place): Promise<number> {
  const token = call.text("previewToken");
  const { mapping, counts } = await place.instance.access.changeMapping(place.tenant, wish, token);
  const shown = await shownMapping(mapping, place);
  call.answer({ ...shown, counts }, [
    `Mapping ${shown.id}: ${groupsText(shown)} get ${shown.role} of ${shown.target}.`,
    ...countLines(counts),
  ]);
  return 0;
}

async function listMappings(call: Call): Promise<number> {
  const place = await placeOf(call);
  const names = await namesIn(place);
  const mappings = await place.instance.store.mappings.list(place.tenant.tenantId);
  const listed = mappings.map((mapping) => mappingJsonOf(mapping, names));
  call.answer(
    listed,
    formatTable(
      ["MAPPING", "GROUPS", "CONNECTION", "TARGET", "ROLE", "CREATED"],
      listed.map((mapping) => [
        mapping.id,
        groupsText(mapping),
        mapping.connection ?? "all",
        mapping.target,
        mapping.role,
        mapping.createdAt,
      ]),
    ),
  );
  return 0;
}

async function previewMapping(call: Call): Promise<number> {
  const place = await placeOf(call);
  const preview = await place.instance.access.previewMapping(
    place.tenant,
    await askedWish(call, place),
  );
  call.answer(preview, previewLines(preview));
  return 0;
}

async function askedWish(call: Call, place: Place): Promise<MappingWish> {
  const [removed, changed] = [call.text("remove"), call.text("change")];
  if (removed !== undefined && changed !== undefined) {
    throw refusal("say what is asked about: either --remove or --change");
  }
  if (removed !== undefined) {
    return { kind: "remove", mappingId: (await mappingNamed(removed, place)).mappingId };
  }
  return changed === undefined
    ? { kind: "add", mapping: await parsedMapping(call, place) }
    : await roleWish(changed, call, place);
}

function parsedMapping(call: Call, { instance, tenant }: Place): Promise<GroupMapping> {
  const text = {
    groups: groupsOption(call),
    team: targetOption(call),
    role: roleOption(call),
    connection: call.text("connection"),
  };
  return instance.access.parseMapping(tenant, text, (_, check) => check());
}

function groupsOption(call: Call): MappingText["groups"] {
  const given = (["group", "groupId", "pattern"] as const).flatMap((by) => {
    const text = call.text(by);
    return text === undefined ? [] : [{ by, text }];
  });
  const [groups, ...others] = given;
  if (groups === undefined || others.length > 0) {
    throw refusal("say which groups: one of --group, --group-id and --pattern");
  }
  return groups;
}

function roleOption(call: Call): string {
  const role = call.text("role");
  if (role === undefined) {
    throw refusal("--role is missing: expected a role of teams, or of the tenant");
  }
  return role;
}

async function roleWish(id: string, call: Call, place: Place): Promise<MappingWish> {
  const { tenantId, slug } = place.tenant;
  const { mappingId, teamId } = await mappingNamed(id, place);
  const settings = await place.instance.store.memberships.settings(tenantId);
  if (settings === undefined) {
    throw refusal(`tenant ${slug} is gone`);
  }
  return { kind: "role", mappingId, role: roleNamed(roleOption(call), teamId, settings) };
}

async function mappingNamed(text: string, { instance, tenant }: Place): Promise<GroupMapping> {
  const mappings = await instance.store.mappings.list(tenant.tenantId);
  const mapping = mappings.find(({ mappingId }) => mappingId === (text as MappingId));
  if (mapping === undefined) {
    throw refusal(
      `tenant ${tenant.slug} has no mapping ${text}; see rollcall mapping list ${tenant.slug}`,
    );
  }
  return mapping;
}

async function namesIn({ instance: { store }, tenant: { tenantId } }: Place) {
  const [teams, connections] = await Promise.all([
    store.teams.list(tenantId),
    store.connections.list(tenantId),
  ]);
  return {
    teams: teamNamesOf(teams),
    connections: new Map(connections.map(({ connectionId, slug }) => [connectionId, slug])),
  };
}

async function shownMapping(mapping: GroupMapping, place: Place): Promise<MappingJson> {
  return mappingJsonOf(mapping, await namesIn(place));
}

const kindWords = { id: "id", name: "named", prefix: "begins with", regex: "fits" } as const;

function groupsText({ kind, pattern }: MappingJson): string {
  return `${kindWords[kind]} ${pattern}`;
}
