/** What other systems taught about groups, roles, mappings and logins, and which tests show it. */
import type { Lesson } from "./lesson.ts";

const store = "packages/server/src/store";
const domain = "packages/server/src/domain";
const admin = "packages/server/src/http/admin";
const grants = `${store}/grants-contract.ts`;
const mappings = `${store}/mapping-contract.ts`;
const groupTeams = `${store}/group-team-contract.ts`;
const logins = `${store}/login-contract.ts`;
const tenantAccess = `${admin}/tenant-access.test.ts`;
const adminLogins = `${admin}/logins.test.ts`;
const idToken = "packages/server/src/provisioning/verify-id-token.test.ts";
const groups = "conformance/lessons/groups.test.ts";
const model = `${store}/access-model.test.ts`;

/** Groups, mappings, teams, and who may do what. */
export const groupLessons: readonly Lesson[] = [
  {
    promise: "Access is what the facts say, whatever order they came in, on both databases",
    shownBy: [
      [model, "everybody may do what the reference says"],
      [`${store}/access-tampering.test.ts`, "is found, shown and mended"],
    ],
  },
  {
    promise:
      "Two groups give one team: the higher role counts, then the lower one, then the default",
    shownBy: [
      [grants, "of two groups the higher role counts, then the lower one, then the default"],
      ["packages/server/src/cli/mapping.test.ts", "of overlapping groups the highest role counts"],
    ],
  },
  {
    promise:
      "Groups that are roles: adding promotes, removing demotes to the default role and never out of the tenant",
    shownBy: [[grants, "groups that are roles: adding promotes, removing demotes to the default"]],
  },
  {
    promise:
      "A move between groups works in either order, and a replacement moves only whoever is left out",
    shownBy: [
      [grants, "a move between groups works in either order"],
      [grants, "groups that are roles: adding promotes"],
      [groups, "a move between groups works in either order, and a replacement touches only"],
    ],
  },
  {
    promise: "A rename, Okta's with the id in it too, changes nobody by a mapping of the group",
    shownBy: [
      [grants, "a mapping by id means the one group, by its own id or by the client's"],
      [groups, "a rename, even one that repeats the id, changes no membership"],
    ],
  },
  {
    promise: "A rename leads into patterns and out of them again",
    shownBy: [[grants, "a rename leads into a name, a prefix and an expression, and out of them"]],
  },
  {
    promise: "The end of a group takes what it gave and nothing else",
    shownBy: [
      [grants, "a group that goes takes what it gave, also in the middle of a chain"],
      [`${store}/team-contract.ts`, "stays when the group that gave the same goes"],
    ],
  },
  {
    promise: "Members of groups in groups get what the outer ones give; circles do no harm",
    shownBy: [
      [grants, "members of groups in groups get what the outer ones do, once in a diamond"],
    ],
  },
  {
    promise: "Never: automation touches what was given by hand, or takes it for its own",
    shownBy: [
      [grants, "nothing that is given by hand moves, whatever groups do"],
      [logins, "neither touches what was given by hand, nor an admin's lock"],
      ["packages/server/src/cli/mapping.test.ts", "is adopted only when that is said"],
    ],
  },
  {
    promise: "A mapping that is saved counts at once, exactly as its preview has shown",
    shownBy: [
      [mappings, "adding, changing and removing a mapping moves whom it concerns, exactly"],
      [mappings, "a preview changes nothing, and applying does what it showed"],
      [mappings, "a token is refused once the facts have moved, and for anything else"],
      [`${store}/sql/mapping-statements.test.ts`, "takes no more statements for 20,000 people"],
    ],
  },
  {
    promise:
      "Settings, the end of groups and of connections are shown first, and refused once the facts have moved",
    shownBy: [
      [`${store}/preview-contract.ts`, "settings of roles move whom they show, each told once"],
      [`${store}/preview-contract.ts`, "a token of settings is good only while they do what was"],
      [`${store}/staging-contract.ts`, "who has been refused is tried in the transaction of the"],
      [`${store}/preview-contract.ts`, "the deletion of a group can be asked about"],
      [groupTeams, "a preview of teams is no good once a group has come or a name is taken"],
    ],
  },
  {
    promise:
      "The default role and the default team are there exactly while nothing else is, unmatched groups included",
    shownBy: [
      [grants, "default role and default team stand exactly while nothing else does"],
      [grants, "whose groups no mapping means has the default team"],
    ],
  },
  {
    promise: "Group, members and access are one transaction: one member that fails undoes all",
    shownBy: [
      [mappings, "one member who does not exist takes the whole change back"],
      [groups, "unknown members are skipped and the others are added"],
    ],
  },
  {
    promise: "Never: what one tenant maps moves anything of another",
    shownBy: [
      [`${store}/grants-tenants-contract.ts`, "no tenant touches what another's groups give"],
      [tenantAccess, "a team of another tenant is none"],
    ],
  },
  {
    promise: "A group that gives the owner role never dips while its connector is made again",
    shownBy: [
      [tenantAccess, "who is owner by a group stays so at every step while a connector is made"],
      ["conformance/lessons/recreated-connector.test.ts", "neither PUT nor adoption without"],
    ],
  },
  {
    promise: "The last owner and protected members keep what a group would take",
    shownBy: [
      [mappings, "the last owner through a group keeps the role as retained"],
      [mappings, "a break-glass member keeps the role"],
      [groupTeams, "who must not lose a role keeps it when groups get teams"],
    ],
  },
  {
    promise: "A group's team follows it, and takes over none that somebody has made",
    shownBy: [
      [groupTeams, "a team comes with its group, is renamed, archived with it, and comes back"],
      [groupTeams, "no team that somebody has made is taken over"],
    ],
  },
  {
    promise: "The name that people give a group's team, and that they hide it, survive every sync",
    shownBy: [[groupTeams, "what people decide about a team that follows a group no sync undoes"]],
  },
  {
    promise: "Every role says why it is there, and every absent one what is missing",
    shownBy: [
      [model, "everybody may do what the reference says"],
      [mappings, "tells how a User comes to be in a group, step by step and since when"],
      ["packages/server/src/cli/mapping.test.ts", "which follows it and is explained"],
    ],
  },
  {
    promise: "Whoever declines gets nothing back that the identity provider has taken",
    shownBy: [[`${store}/tie-contract.ts`, "declining lifts no lock of whom the connection calls"]],
  },
];

/** Logins beside a sync. */
export const loginLessons: readonly Lesson[] = [
  {
    promise: "Never: a sync takes what a login gave, or a login what a sync gave",
    shownBy: [
      [logins, "SCIM and login: a sync after a login takes nothing that the login gave"],
      [logins, "SCIM and login: a login after a sync takes nothing that groups gave"],
    ],
  },
  {
    promise: "By login alone: groups of the last login count, up and down, and make members",
    shownBy: [
      [logins, "login only: groups replace those of the login before, up and down"],
      [logins, "login only: a stranger joins, with one account, one event and one entry"],
      [mappings, "who is a member by logins alone is none once no mapping gives them anything"],
    ],
  },
  {
    promise: "A token that leaves groups out, being truncated, takes nothing",
    shownBy: [
      [`${domain}/login.test.ts`, "groups are kept up to the limits; beyond, none are known"],
    ],
  },
  {
    promise: "Logins at once end as one of them, in the default team once",
    shownBy: [
      [logins, "two logins of one person at once end as one of them"],
      [logins, "many first logins of one person at once put them into the default team once"],
    ],
  },
  {
    promise: "Never: somebody who is locked, deactivated or has left gets in",
    shownBy: [
      [logins, "whoever is deactivated, locked or has left is refused"],
      [adminLogins, "whoever may not come in is answered 403 with a reason, and nothing else"],
    ],
  },
  {
    promise: "A login counts in its tenant only, and finds nobody by an address without proof",
    shownBy: [
      [logins, "a login counts in its tenant only"],
      [logins, "an address that somebody registered without proof leads no login there"],
      [adminLogins, "a credential of one tenant lets nobody into another"],
    ],
  },
  {
    promise:
      "An ID token is believed only when its provider has signed it for this client, in time",
    shownBy: [
      [idToken, "a token of the authorization code flow, with every algorithm that is accepted"],
      [idToken, "without a signature, or with that of somebody else"],
      [idToken, "signed with the public key as the secret of an HMAC"],
      [idToken, "the nonce has to be repeated where the caller gave one"],
      [idToken, "whose time is over, or has not come, beyond what clocks may differ"],
    ],
  },
  {
    promise: "Every login that is let in or refused is in the audit log",
    shownBy: [
      [logins, "login only: a stranger joins, with one account, one event and one entry"],
      [logins, "a refused token is in the audit log, and alerts nobody"],
    ],
  },
];
