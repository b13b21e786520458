/** The settings of a tenant: whom a sync attaches, which roles there are, how long audit log and mails are kept. */
import type { JsonValue } from "@rollcall/scim";
import { isJsonObject, memberOf } from "@rollcall/scim";
import type { AccountId } from "./account.ts";
import { cleanText } from "./clean-text.ts";
import type { GroupTeamSettings } from "./group-team.ts";
import { checkedTeamNameTemplate, groupTeamNameDefault } from "./group-team.ts";
import {
  readDays,
  readLine,
  readRole,
  readRoleMapping,
  readRoles,
  readSwitch,
} from "./read-setting.ts";
import { refusal } from "./refusal.ts";
import type { TeamId } from "./tenant.ts";

/** What a sync may do with the account of a person who is not a member yet (semantics §3). */
export type AttachPolicy = "attach" | "verified-or-invite" | "verified-only" | "invite" | "reject";

/** The policies, from the most open one to the strictest. */
export const attachPolicies: readonly AttachPolicy[] = [
  "attach",
  "verified-or-invite",
  "verified-only",
  "invite",
  "reject",
];

/** Everything about a tenant that an operator can change. */
export interface TenantSettings extends GroupTeamSettings {
  /** False: directory only, nobody is attached. */
  readonly accounts: boolean;
  readonly attachPolicy: AttachPolicy;
  /** The highest first; the first is the owner role. */
  readonly roles: readonly string[];
  readonly defaultRole: string;
  /** Folded values of the SCIM attribute `roles`, and the tenant role each stands for. */
  readonly roleMapping: Readonly<Record<string, string>>;
  /** The roles in teams, the highest first. */
  readonly teamRoles: readonly string[];
  /** The team of members who get nothing else; undefined for none. */
  readonly defaultTeam: TeamId | undefined;
  readonly defaultTeamRole: string;
  /** Undefined: for ever. */
  readonly auditRetentionDays: number | undefined;
  /** How long mails are kept that were sent, or that nobody tries to send any more. */
  readonly mailRetentionDays: number;
}

/**
 * What became of saving settings: `moved` says that somebody else has changed them, `last-owner` that the tenant has an
 * owner and would have none with them.
 */
export type SettingsOutcome =
  | "saved"
  | "moved"
  | "gone"
  | { readonly kind: "last-owner"; readonly accountId: AccountId };

/** What the instance says about the attach policies of its tenants. */
export interface InstancePolicy {
  /** For tenants that have none of their own. */
  readonly attachDefault: AttachPolicy;
  /** No tenant is more open than this. */
  readonly attachMax: AttachPolicy;
}

/** The policy of an instance about which nothing was said. */
export const defaultInstancePolicy: InstancePolicy = {
  attachDefault: "attach",
  attachMax: "attach",
};

/** How long mails are kept when a tenant says nothing, in days. */
export const mailRetentionDaysDefault: number = 90;
const defaultRoles: readonly string[] = ["owner", "admin", "user", "viewer"];

const defaultTeamRoles: readonly string[] = ["admin", "editor", "viewer"];

/** What a tenant has set itself. */
type OwnSettings = Partial<TenantSettings>;

/** Every setting with a sentence about it, in the order they are shown and read. */
export const settingKeys: readonly {
  readonly key: keyof TenantSettings;
  readonly sentence: string;
}[] = [
  {
    key: "accounts",
    sentence: "Whether users are attached to accounts: on, or off for a mere directory.",
  },
  {
    key: "attachPolicy",
    sentence: `What a sync does with people who have an account but are no members: ${attachPolicies.join(", ")}; the instance may demand a stricter one.`,
  },
  {
    key: "roles",
    sentence:
      "The roles of the tenant, the highest first and separated by commas; the first is the owner role.",
  },
  {
    key: "defaultRole",
    sentence: "The role of members whom nothing else gives one; any but the owner role.",
  },
  {
    key: "roleMapping",
    sentence:
      "Which role a value of the SCIM attribute roles stands for: VALUE=ROLE separated by commas, or a JSON object.",
  },
  {
    key: "teamRoles",
    sentence: "The roles in teams, the highest first and separated by commas.",
  },
  {
    key: "defaultTeam",
    sentence: "The team, by name or id, of members whom nothing else gives anything.",
  },
  {
    key: "defaultTeamRole",
    sentence: "Their role in it; the lowest of teamRoles by default.",
  },
  {
    key: "groupTeams",
    sentence: "Whether each group has a team of its own, which follows it: on or off.",
  },
  {
    key: "groupTeamName",
    sentence: "What such a team is called; {group} stands for the name of the group.",
  },
  {
    key: "groupTeamPrefix",
    sentence:
      "How the names of groups begin that have one, whatever the case; all when it is empty.",
  },
  {
    key: "groupTeamRole",
    sentence: "The role of their members in it; the lowest of teamRoles by default.",
  },
  {
    key: "auditRetentionDays",
    sentence: "After how many days audit entries are deleted; never when it is empty.",
  },
  {
    key: "mailRetentionDays",
    sentence: `After how many days mails are deleted that were sent, or given up; ${mailRetentionDaysDefault} by default.`,
  },
];

/** The settings a tenant works with: its own, no more open than the instance allows. */
export function tenantSettingsOf(own: OwnSettings, instance: InstancePolicy): TenantSettings {
  const roles = own.roles ?? defaultRoles;
  return {
    accounts: own.accounts ?? true,
    attachPolicy: stricterOf(own.attachPolicy ?? instance.attachDefault, instance.attachMax),
    roles,
    defaultRole: own.defaultRole ?? defaultRoleOf(own),
    roleMapping: own.roleMapping ?? {},
    teamRoles: own.teamRoles ?? defaultTeamRoles,
    defaultTeam: own.defaultTeam,
    defaultTeamRole: own.defaultTeamRole ?? lowestOf(own.teamRoles ?? defaultTeamRoles),
    groupTeams: own.groupTeams ?? false,
    groupTeamName: own.groupTeamName ?? groupTeamNameDefault,
    groupTeamPrefix: own.groupTeamPrefix ?? "",
    groupTeamRole: own.groupTeamRole ?? lowestOf(own.teamRoles ?? defaultTeamRoles),
    auditRetentionDays: own.auditRetentionDays,
    mailRetentionDays: own.mailRetentionDays ?? mailRetentionDaysDefault,
  };
}

/** Reads what a tenant has set itself, as the store keeps it; refuses what could not have been set. */
export function parseTenantSettings(json: string): OwnSettings {
  const stored: unknown = JSON.parse(json);
  if (!isJsonObject(stored)) {
    throw refusal("the settings of a tenant are a JSON object");
  }
  const known = settingKeys.map(({ key }) => String(key));
  const unknown = Object.keys(stored).filter((key) => !known.includes(key));
  // What is not known comes last and is refused there. What others depend on stands first.
  return [...known, ...unknown].reduce<OwnSettings>((own, key) => {
    const value = memberOf(stored, key);
    return value === undefined ? own : changeTenantSetting(own, key, value);
  }, {});
}

/**
 * Changes one setting to what `tenant set TENANT KEY=VALUE` or the admin API sent; an empty text or null goes back to the
 * default. Refuses unknown keys and values that do not fit, also to the other settings.
 */
export function changeTenantSetting(own: OwnSettings, key: string, text: JsonValue): OwnSettings {
  if (!isSettingKey(key)) {
    const keys = settingKeys.map((setting) => setting.key).join(", ");
    throw refusal(`there is no setting "${cleanText(key, 64)}"; the settings are ${keys}`);
  }
  const { [key]: _, ...others } = own;
  const isEmpty = text === null || (typeof text === "string" && text.trim() === "");
  const changed: OwnSettings = isEmpty ? others : { ...others, ...readers[key](text, own) };
  checkTogether(changed, key);
  return changed;
}

/** How the value of each setting is read. */
const readers: Readonly<
  Record<keyof TenantSettings, (value: JsonValue, own: OwnSettings) => OwnSettings>
> = {
  accounts: (value) => ({ accounts: readSwitch("accounts", value) }),
  attachPolicy: (value) => ({ attachPolicy: readPolicy(value) }),
  roles: (value) => ({ roles: readRoles("roles", value) }),
  defaultRole: (value, own) => ({
    defaultRole: readRole(value, { key: "defaultRole", roles: rolesOf(own) }),
  }),
  roleMapping: (value, own) => ({ roleMapping: readRoleMapping(value, rolesOf(own)) }),
  teamRoles: (value) => ({ teamRoles: readRoles("teamRoles", value) }),
  defaultTeam: (value) => ({ defaultTeam: readTeam(value) }),
  defaultTeamRole: (value, own) => ({
    defaultTeamRole: readTeamRole("defaultTeamRole", value, own),
  }),
  groupTeams: (value) => ({ groupTeams: readSwitch("groupTeams", value) }),
  groupTeamName: (value) => ({
    groupTeamName: checkedTeamNameTemplate(readLine("groupTeamName", value)),
  }),
  groupTeamPrefix: (value) => ({ groupTeamPrefix: readLine("groupTeamPrefix", value) }),
  groupTeamRole: (value, own) => ({ groupTeamRole: readTeamRole("groupTeamRole", value, own) }),
  auditRetentionDays: (value) => ({ auditRetentionDays: readDays("auditRetentionDays", value) }),
  mailRetentionDays: (value) => ({ mailRetentionDays: readDays("mailRetentionDays", value) }),
};

function isSettingKey(key: string): key is keyof TenantSettings {
  return Object.hasOwn(readers, key);
}

function rolesOf(own: OwnSettings): readonly string[] {
  return own.roles ?? defaultRoles;
}

/** Of the default roles `user`; of those a tenant has set `member` where there is one below the first, else the lowest. */
function defaultRoleOf({ roles }: OwnSettings): string {
  if (roles === undefined) {
    return "user";
  }
  return roles.find((role, index) => index > 0 && role === "member") ?? roles.at(-1) ?? "member";
}

function stricterOf(...policies: readonly AttachPolicy[]): AttachPolicy {
  const ranks = policies.map((policy) => attachPolicies.indexOf(policy));
  return attachPolicies[Math.max(...ranks)] ?? "reject";
}

/** Refuses settings of which each is good and which do not fit together. */
function checkTogether(own: OwnSettings, key: keyof TenantSettings): void {
  const roles = rolesOf(own);
  const { defaultRole } = own;
  if (defaultRole !== undefined && !roles.includes(defaultRole)) {
    throw refusal(`${key}: expected roles with "${defaultRole}" among them, the defaultRole`);
  }
  if (defaultRole !== undefined && defaultRole === roles[0]) {
    throw refusal(
      `${key}: expected a defaultRole below "${defaultRole}": the first role is the owner role, which nobody gets by default`,
    );
  }
  const { teamRoles = defaultTeamRoles } = own;
  for (const given of ["defaultTeamRole", "groupTeamRole"] as const) {
    const role = own[given];
    if (role !== undefined && !teamRoles.includes(role)) {
      throw refusal(`${key}: expected teamRoles with "${role}" among them, the ${given}`);
    }
  }
  const lost = Object.values(own.roleMapping ?? {}).find((role) => !roles.includes(role));
  if (lost !== undefined) {
    throw refusal(`${key}: expected roles with "${lost}" among them, which roleMapping gives`);
  }
}

function readPolicy(value: JsonValue): AttachPolicy {
  const policy = attachPolicies.find((known) => known === value);
  if (policy === undefined) {
    throw refusal(`attachPolicy: expected one of ${attachPolicies.join(", ")}`);
  }
  return policy;
}

/** The id of a team; whoever saves settings puts it in the place of a name. */
function readTeam(value: JsonValue): TeamId {
  if (typeof value !== "string" || cleanText(value) !== value) {
    throw refusal("defaultTeam: expected the name or the id of a team");
  }
  return value.trim() as TeamId;
}

function lowestOf(roles: readonly string[]): string {
  return roles.at(-1) ?? "viewer";
}

function readTeamRole(
  key: "defaultTeamRole" | "groupTeamRole",
  value: JsonValue,
  { teamRoles: roles = defaultTeamRoles }: OwnSettings,
): string {
  return readRole(value, { key, roles });
}
