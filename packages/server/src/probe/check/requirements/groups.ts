/** Groups and their members (RFC 7643 §4.2). */
import { memberAt } from "../../target.ts";
import type { CheckSite } from "../check-site.ts";
import { urn } from "../check-site.ts";
import {
  expectEqual,
  expectError,
  expectStatus,
  expectThat,
  listedIds,
  mismatch,
} from "../expect.ts";
import type { Requirement } from "../requirement.ts";
import { requirementsOf } from "../requirement.ts";

const lostMembers = "people silently lose what the group gives them";

/** The requirements that any server has to meet. */
const basics = requirementsOf({ section: "RFC 7643 §4.2" }, [
  [
    "GRP-01",
    "MUST",
    "displayName is required",
    "groups without a name come into being",
    async ({ post }) => expectError(await post("/Groups", { schemas: [urn.group] }), 400),
  ],
  [
    "GRP-03",
    "DERIVED",
    "members come back with their ids",
    "Authentik, which compares members, adds everybody with every sync",
    async (site) => {
      const { group, ids } = await groupOf(site, 2);
      expectEqual("members", await memberIds(site, group), [...ids].toSorted());
    },
  ],
  [
    "GRP-13",
    "CHOICE",
    "somebody deleted is no member any more",
    "groups name people who are gone, and the next sync of the group fails",
    async (site) => {
      const { group, ids } = await groupOf(site, 2);
      expectStatus(await site.delete(`/Users/${ids[0]}`), 204);
      expectEqual("members", await memberIds(site, group), [ids[1]]);
    },
  ],
  [
    "GRP-15",
    "DERIVED",
    "groups are found by displayName and by a member",
    "a re-created connector makes every group a second time",
    async (site) => {
      const { group, ids, name } = await groupOf(site, 1);
      const id = group.split("/").at(-1);
      for (const filter of [`displayName eq "${name}"`, `members.value eq "${ids[0]}"`]) {
        expectEqual(filter, listedIds(await site.filter("/Groups", filter)), [id]);
      }
    },
  ],
  [
    "GRP-16",
    "INTEROP",
    "excludedAttributes=members leaves members out",
    "Entra, which always sends it, reads every member of every group",
    async (site) => {
      const { group } = await groupOf(site, 1);
      const { body } = await site.get(`${group}?excludedAttributes=members`);
      expectEqual("members", memberAt(body, "members"), undefined);
    },
  ],
  [
    "PUT-18",
    "MUST",
    "PUT replaces the members exactly",
    "Ping, Keycloak and Okta's custom applications never remove anybody",
    async (site) => {
      const { group, ids, name } = await groupOf(site, 3);
      const members = [{ value: ids[1] }];
      const answer = await site.put(group, site.groupBody({ displayName: name, members }));
      expectStatus(answer, 200);
      expectEqual("members", await memberIds(site, group), [ids[1]]);
    },
    "RFC 7644 §3.5.1",
  ],
  [
    "USER-17",
    "MUST",
    "a user shows the groups",
    "clients that read groups from users see none",
    async (site) => {
      const { group, ids } = await groupOf(site, 1);
      const { body } = await site.get(`/Users/${ids[0]}`);
      expectEqual("groups.0.value", memberAt(body, "groups.0.value"), group.split("/").at(-1));
    },
    "RFC 7643 §4.1.2",
  ],
]);

/** What needs PATCH. */
const patching = requirementsOf({ section: "RFC 7644 §3.5.2", needs: "patch" }, [
  [
    "PATCH-43",
    "DERIVED",
    "add members adds, and keeps the others",
    lostMembers,
    async (site) => {
      const { group, ids } = await groupOf(site, 1);
      const { id } = await site.newUser();
      const added = [{ op: "add", path: "members", value: [{ value: id }] }];
      expectStatus(await site.patch(group, added), 200, 204);
      expectEqual("members", await memberIds(site, group), [...ids, id].toSorted());
    },
    "RFC 7644 §3.5.2.1",
  ],
  [
    "GRP-09",
    "MUST",
    "adding somebody who is a member succeeds and changes nothing",
    "Entra and JumpCloud, which repeat themselves, report failures without end",
    async (site) => {
      const { group, ids } = await groupOf(site, 1);
      const again = [{ op: "add", path: "members", value: [{ value: ids[0] }] }];
      expectStatus(await site.patch(group, again), 200, 204);
      expectEqual("members", await memberIds(site, group), ids);
    },
    "RFC 7644 §3.5.2.1",
  ],
  [
    "PATCH-63",
    "MUST",
    "remove with a filter removes that member only",
    lostMembers,
    async (site) => {
      const { group, ids } = await groupOf(site, 3);
      const removed = [{ op: "remove", path: `members[value eq "${ids[0]}"]` }];
      expectStatus(await site.patch(group, removed), 200, 204);
      expectEqual("members", await memberIds(site, group), ids.slice(1).toSorted());
    },
    "RFC 7644 §3.5.2.2",
  ],
  [
    "GRP-10",
    "DERIVED",
    "removing somebody who is no member succeeds",
    "Entra, which repeats itself, reports failures without end",
    async (site) => {
      const { group, ids } = await groupOf(site, 1);
      const { id } = await site.newUser();
      const removed = [{ op: "remove", path: `members[value eq "${id}"]` }];
      expectStatus(await site.patch(group, removed), 200, 204);
      expectEqual("members", await memberIds(site, group), ids);
    },
    "RFC 7644 §3.5.2.2",
  ],
  [
    "GRP-11",
    "MUST",
    "remove members without a filter or value removes all",
    "Keycloak's plugin cannot empty a group",
    async (site) => {
      const { group } = await groupOf(site, 2);
      expectStatus(await site.patch(group, [{ op: "remove", path: "members" }]), 200, 204);
      expectEqual("members", await memberIds(site, group), []);
    },
    "RFC 7644 §3.5.2.2",
  ],
  [
    "GRP-12",
    "INTEROP",
    "remove members with a value removes those only",
    `with Entra, Authentik and JumpCloud one person who leaves takes everybody out: ${lostMembers}`,
    async (site) => {
      const { group, ids } = await groupOf(site, 3);
      const removed = [{ op: "remove", path: "members", value: [{ value: ids[0] }] }];
      expectStatus(await site.patch(group, removed), 200, 204);
      expectEqual("members", await memberIds(site, group), ids.slice(1).toSorted());
    },
    "RFC 7644 §3.5.2.2",
  ],
  [
    "GRP-18",
    "INTEROP",
    "a rename whose value repeats the id is done",
    "Okta cannot rename a pushed group, nor change its members",
    async (site) => {
      const { group } = await groupOf(site, 1);
      const displayName = site.unique("renamed");
      const value = { id: group.split("/").at(-1), displayName };
      expectStatus(await site.patch(group, [{ op: "replace", value }]), 200, 204);
      expectEqual(
        "displayName",
        memberAt((await site.get(group)).body, "displayName"),
        displayName,
      );
    },
  ],
  [
    "PATCH-82",
    "DERIVED",
    "replace members replaces all of them",
    "Okta's Push Now leaves members that should be gone",
    async (site) => {
      const { group, ids } = await groupOf(site, 2);
      const replaced = [{ op: "replace", path: "members", value: [{ value: ids[0] }] }];
      expectStatus(await site.patch(group, replaced), 200, 204);
      expectEqual("members", await memberIds(site, group), [ids[0]]);
    },
    "RFC 7644 §3.5.2.3",
  ],
]);

/** The requirements. */
export const groupRequirements: readonly Requirement[] = [...basics, ...patching];

/** Makes a group with so many members. */
async function groupOf(site: CheckSite, count: number) {
  const ids: string[] = [];
  for (let made = 0; made < count; made += 1) {
    ids.push((await site.newUser()).id);
  }
  const name = site.unique("group");
  const members = ids.map((value) => ({ value }));
  const { path } = await site.newGroup({ displayName: name, members });
  return { group: path, ids: ids.toSorted(), name };
}

async function memberIds(site: CheckSite, group: string): Promise<readonly string[]> {
  const answer = await site.get(group);
  expectStatus(answer, 200);
  const members = memberAt(answer.body, "members") ?? [];
  if (!Array.isArray(members)) {
    throw mismatch("members is no array");
  }
  expectThat(
    members.every((member) => typeof memberAt(member, "value") === "string"),
    "a member has no value",
  );
  return members.map((member) => String(memberAt(member, "value"))).toSorted();
}
