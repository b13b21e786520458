/** Settings of a tenant: defaults, bounds of the instance, and what can be set. */
import type { JsonValue } from "@rollcall/scim";
import { expect, test } from "vitest";
import { isRefusal } from "./refusal.ts";
import type { TenantSettings } from "./tenant-settings.ts";
import {
  attachPolicies,
  changeTenantSetting,
  defaultInstancePolicy,
  parseTenantSettings,
  settingKeys,
  tenantSettingsOf,
} from "./tenant-settings.ts";

type Own = Partial<TenantSettings>;

function refusalOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isRefusal(error)) {
      return error.message;
    }
    throw error;
  }
  return "not refused";
}

test("a tenant that has set nothing works with the defaults", () => {
  expect(tenantSettingsOf({}, defaultInstancePolicy)).toEqual({
    accounts: true,
    attachPolicy: "attach",
    roles: ["owner", "admin", "user", "viewer"],
    defaultRole: "user",
    roleMapping: {},
    teamRoles: ["admin", "editor", "viewer"],
    defaultTeam: undefined,
    defaultTeamRole: "viewer",
    groupTeams: false,
    groupTeamName: "{group}",
    groupTeamPrefix: "",
    groupTeamRole: "viewer",
    auditRetentionDays: undefined,
    mailRetentionDays: 90,
  });
});

test("of roles without member the default is the lowest role, and never the owner role", () => {
  const defaultRoleWith = (roles: readonly string[]) =>
    tenantSettingsOf({ roles }, defaultInstancePolicy).defaultRole;
  expect(defaultRoleWith(["boss", "staff", "guest"])).toBe("guest");
  expect(defaultRoleWith(["boss", "member", "guest"])).toBe("member");
  expect(defaultRoleWith(["member", "guest"])).toBe("guest");
  expect(defaultRoleWith(["boss", "user", "guest"])).toBe("guest");
});

/** §3: the instance sets the default and the upper bound. */
test.each(attachPolicies.flatMap((max) => attachPolicies.map((own) => [own, max] as const)))(
  "§3: a tenant with %s under the bound %s gets the stricter one",
  (own, max) => {
    const stricter =
      attachPolicies[Math.max(attachPolicies.indexOf(own), attachPolicies.indexOf(max))];
    const policyOf = (settings: Own, attachDefault: (typeof attachPolicies)[number]) =>
      tenantSettingsOf(settings, { attachDefault, attachMax: max }).attachPolicy;
    expect(policyOf({ attachPolicy: own }, "attach")).toBe(stricter);
    expect(policyOf({}, own)).toBe(stricter);
  },
);

const roles = ["boss", "staff", "guest"];
const good: readonly (readonly [string, Own, string, JsonValue, Own])[] = [
  ["a word", {}, "accounts", "off", { accounts: false }],
  ["a word in another case", {}, "accounts", "True", { accounts: true }],
  ["a JSON boolean", {}, "accounts", false, { accounts: false }],
  ["a policy", {}, "attachPolicy", "invite", { attachPolicy: "invite" }],
  ["roles as text", {}, "roles", "boss, staff ,guest", { roles }],
  ["roles as list", {}, "roles", roles, { roles }],
  ["a default in another case", {}, "defaultRole", "VIEWER", { defaultRole: "viewer" }],
  ["a default of own roles", { roles }, "defaultRole", "staff", { roles, defaultRole: "staff" }],
  [
    "a mapping as text",
    {},
    "roleMapping",
    "Global Admin=Admin, CN=Boss =owner",
    { roleMapping: { "global admin": "admin", "cn=boss": "owner" } },
  ],
  [
    "a mapping as JSON text",
    {},
    "roleMapping",
    '{"A,B=C": "admin"}',
    { roleMapping: { "a,b=c": "admin" } },
  ],
  ["a mapping as object", {}, "roleMapping", { X: "viewer" }, { roleMapping: { x: "viewer" } }],
  ["an empty mapping", {}, "roleMapping", {}, { roleMapping: {} }],
  ["teams of groups", {}, "groupTeams", "on", { groupTeams: true }],
  ["a template", {}, "groupTeamName", "Team {group}", { groupTeamName: "Team {group}" }],
  ["a prefix", {}, "groupTeamPrefix", "app ", { groupTeamPrefix: "app " }],
  ["a role of teams", {}, "groupTeamRole", "EDITOR", { groupTeamRole: "editor" }],
  ["days as text", {}, "auditRetentionDays", "90", { auditRetentionDays: 90 }],
  ["days of mails", {}, "mailRetentionDays", "7", { mailRetentionDays: 7 }],
  ["days as number", {}, "auditRetentionDays", 36500, { auditRetentionDays: 36500 }],
  [
    "an empty text",
    { accounts: false, auditRetentionDays: 9 },
    "accounts",
    "",
    { auditRetentionDays: 9 },
  ],
  ["a blank text", { accounts: false }, "accounts", " ", {}],
  ["null", { attachPolicy: "invite" }, "attachPolicy", null, {}],
];
test.each(good)("%s is read", (_, own, key, value, expected) => {
  const before = structuredClone(own);
  const changed = changeTenantSetting(own, key, value);
  expect(changed).toEqual(expected);
  expect(Object.keys(changed).sort()).toEqual(Object.keys(expected).sort());
  expect(own, "what was there is not changed").toEqual(before);
  expect(parseTenantSettings(JSON.stringify(changed)), "survives the store").toEqual(changed);
});

const bad: readonly (readonly [Own, string, JsonValue, RegExp])[] = [
  [{}, "color", "red", /there is no setting "color".*accounts, attachPolicy, roles/],
  [{}, "constructor", "x", /there is no setting/],
  [{}, "__proto__", "x", /there is no setting/],
  [{}, "a\u001b[31m", "x", /"a\ufffd\[31m"/],
  [{}, "accounts", "maybe", /accounts: expected on or off/],
  [{}, "accounts", 1, /accounts: expected/],
  [{}, "attachPolicy", "open", /attachPolicy: expected one of attach, verified-or-invite/],
  [{}, "roles", "owner", /roles: expected two roles or more/],
  [{}, "roles", [], /roles: expected two/],
  [{}, "roles", "owner,Owner", /all different/],
  [{}, "roles", "owner,,member", /cannot be a name/],
  [{}, "roles", ["owner", 7], /roles: expected names/],
  [{}, "roles", ["owner", "a,b"], /roles: expected names without commas/],
  [{}, "roles", ["owner", "a\u202eb"], /cannot be a name/],
  [{}, "defaultRole", "king", /defaultRole: expected one of the roles owner, admin, user, viewer/],
  [{ roles }, "defaultRole", "member", /defaultRole: expected one of the roles boss, staff, guest/],
  [{}, "defaultRole", "owner", /defaultRole: expected a defaultRole below "owner"/],
  [{}, "defaultRole", 3, /defaultRole: expected one of/],
  [{}, "roleMapping", "admins=king", /roleMapping: expected one of the roles owner/],
  [{}, "roleMapping", "admins", /roleMapping: expected/],
  [{}, "roleMapping", "=admin", /roleMapping: expected values that are not blank/],
  [{}, "roleMapping", "x=admin,X=viewer", /roleMapping: expected each value once/],
  [{}, "roleMapping", { x: "admin", X: "viewer" }, /differ in more than case/],
  [{}, "roleMapping", ["x"], /roleMapping: expected VALUE=ROLE/],
  [{}, "roleMapping", "{x", /roleMapping: expected a JSON object/],
  [{}, "groupTeams", "some", /groupTeams: expected on or off/],
  [{}, "groupTeamName", "Team", /groupTeamName: expected \{group\} in it/],
  [{}, "groupTeamName", 7, /groupTeamName: expected up to 64 characters/],
  [{}, "groupTeamPrefix", "a\u200b", /groupTeamPrefix: expected up to 64 characters/],
  [{}, "groupTeamRole", "owner", /groupTeamRole: expected one of the roles admin, editor, viewer/],
  [
    { groupTeamRole: "editor" },
    "teamRoles",
    "lead,reader",
    /teamRoles: expected teamRoles with "editor" among them, the groupTeamRole/,
  ],
  [{}, "auditRetentionDays", "0", /auditRetentionDays: expected a whole number from 1 to 36500/],
  [{}, "mailRetentionDays", 0, /mailRetentionDays: expected a whole number from 1 to 36500/],
  [{}, "auditRetentionDays", 36501, /auditRetentionDays/],
  [{}, "auditRetentionDays", 1.5, /auditRetentionDays/],
  [{}, "auditRetentionDays", "1e3", /auditRetentionDays/],
  [
    { defaultRole: "admin" },
    "roles",
    "boss,staff",
    /roles: expected roles with "admin" among them/,
  ],
  [
    { defaultRole: "viewer" },
    "roles",
    "viewer,member",
    /roles: expected a defaultRole below "viewer"/,
  ],
  [{ roleMapping: { x: "admin" } }, "roles", "boss,staff", /roles: .*"admin".*roleMapping/],
  [{ roles, defaultRole: "guest" }, "roles", "", /roles: expected roles with "guest" among them/],
];
test.each(bad)("with %j, %s = %j is refused", (own, key, value, message) => {
  expect(refusalOf(() => changeTenantSetting(own, key, value))).toMatch(message);
});

test("a mapping of names such as __proto__ is data", () => {
  const changed = changeTenantSetting({}, "roleMapping", '{"__proto__": "owner"}');
  expect(Object.entries(changed.roleMapping ?? {})).toEqual([["__proto__", "owner"]]);
  expect(parseTenantSettings(JSON.stringify(changed))).toEqual(changed);
  expect({}).not.toHaveProperty("owner");
});

test("what the store holds and cannot have been set is refused", () => {
  expect(refusalOf(() => parseTenantSettings("[]"))).toMatch(/JSON object/);
  expect(refusalOf(() => parseTenantSettings('{"color": "red"}'))).toMatch(/no setting "color"/);
  expect(refusalOf(() => parseTenantSettings('{"accounts": "perhaps"}'))).toMatch(/accounts/);
  expect(parseTenantSettings("{}")).toEqual({});
});

test("every setting has a sentence", () => {
  expect(settingKeys.map(({ key }) => key).sort()).toEqual(
    Object.keys(tenantSettingsOf({}, defaultInstancePolicy)).sort(),
  );
  for (const { sentence } of settingKeys) {
    expect(sentence).toMatch(/^[A-Z].*\.$/);
  }
});
