/** What a store promises about what groups give: overlap, nesting, renames, the ends of groups and people (semantics §5, §6). */
import assert from "node:assert/strict";
import type { JsonObject } from "@rollcall/scim";
import { accountBehind } from "./account-site.ts";
import { grants, named, tellsOnly, toldOf } from "./grants-site.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

const add = (...ids: string[]) => ({ steps: [{ op: "add" as const, ids }] });
const remove = (...ids: string[]) => ({ steps: [{ op: "remove" as const, ids }] });
const replace = (...ids: string[]) => ({ steps: [{ op: "replace" as const, ids }] });

/** Every promise about what groups give. */
export const grantsContract: readonly StoreContractTest[] = [
  grants(
    "of two groups the higher role counts, then the lower one, then the default",
    async (site) => {
      const ann = await site.person("ann");
      const ben = await site.person("ben");
      const editors = await site.makeGroup("Editors", [ann]);
      const viewers = await site.makeGroup("Viewers", [ann, ben]);
      const team = await site.team("Blue");
      await site.map(named("editors"), { team, role: "editor" });
      await site.map(named("VIEWERS"), { team, role: "viewer" });
      assert.equal(await site.access(ann), "Blue editor");
      assert.equal(await site.access(ben), "Blue viewer");
      await tellsOnly(site, [ann], () => site.edit(editors, remove(ann)));
      assert.equal(await site.access(ann), "Blue viewer");
      await tellsOnly(site, [ann], () => site.edit(viewers, remove(ann)));
      assert.equal(await site.access(ann), "tenant user");
      await tellsOnly(site, [ann], () => site.edit(editors, add(ann)));
      await tellsOnly(site, [], () => site.edit(viewers, add(ann)));
      assert.equal(await site.access(ann), "Blue editor");
      await tellsOnly(site, [ann], () => site.edit(editors, replace()));
      await tellsOnly(site, [ann, ben], () => site.edit(viewers, replace()));
      assert.equal(await site.access(ben), "tenant user");
    },
  ),
  grants(
    "a move between groups works in either order and tells the application where one ends",
    async (site) => {
      const ann = await site.person("ann");
      const [admins, users] = [
        await site.makeGroup("Admins", [ann]),
        await site.makeGroup("Users"),
      ];
      await site.map(named("Admins"), { role: "admin" });
      await site.map(named("Users"), { role: "viewer" });
      await site.edit(users, add(ann));
      assert.equal(await site.access(ann), "tenant admin");
      await site.edit(admins, remove(ann));
      assert.equal(await site.access(ann), "tenant viewer");
      await site.edit(users, remove(ann));
      assert.equal(await site.access(ann), "tenant user");
      await site.edit(admins, add(ann));
      assert.equal(await site.access(ann), "tenant admin");
      await tellsOnly(site, [], () => site.edit(users, remove(ann)));
    },
  ),
  grants(
    "members of groups in groups get what the outer ones do, once in a diamond and in a circle",
    async (site) => {
      const ann = await site.person("ann");
      const ben = await site.person("ben");
      const inner = await site.makeGroup("Inner", [ann]);
      const left = await site.makeGroup("Left", [inner]);
      const right = await site.makeGroup("Right", [inner]);
      const outer = await site.makeGroup("Outer", [left, right]);
      const team = await site.team("Blue");
      await site.map(named("Outer"), { team, role: "editor" });
      assert.equal(await site.access(ann), "Blue editor");
      await tellsOnly(site, [], () => site.edit(left, remove(inner)));
      await tellsOnly(site, [ann], () => site.edit(right, remove(inner)));
      assert.equal(await site.access(ann), "tenant user");
      await tellsOnly(site, [ann], () => site.edit(right, add(inner)));
      await tellsOnly(site, [ben], () => site.edit(inner, add(ben)));
      await tellsOnly(site, [], () => site.edit(inner, add(outer)));
      assert.equal(await site.access(ben), "Blue editor");
      await site.map(named("Inner"), { role: "admin" });
      const cleo = await site.person("cleo");
      await tellsOnly(site, [cleo], () => site.edit(left, add(cleo)));
      assert.equal(await site.access(cleo), "tenant admin, Blue editor");
      await tellsOnly(site, [ann, ben], () => site.edit(right, remove(inner)));
      assert.equal(await site.access(ben), "tenant admin");
      await tellsOnly(site, [ann, ben, cleo], () => site.removeGroup(inner));
      // The circle is open: Inner is gone, Left and Right are still in Outer.
      assert.equal(await site.access(cleo), "Blue editor");
    },
  ),
  grants("a group that goes takes what it gave, also in the middle of a chain", async (site) => {
    const ann = await site.person("ann");
    const inner = await site.makeGroup("Inner", [ann]);
    const middle = await site.makeGroup("Middle", [inner]);
    const outer = await site.makeGroup("Outer", [middle]);
    await site.map({ kind: "prefix", text: "out" }, { role: "admin" });
    await site.map(named("Middle"), { role: "viewer" });
    assert.equal(await site.access(ann), "tenant admin");
    await tellsOnly(site, [ann], () => site.removeGroup(middle));
    assert.equal(await site.access(ann), "tenant user");
    await site.edit(outer, add(inner));
    assert.equal(await site.access(ann), "tenant admin");
    await tellsOnly(site, [ann], () => site.removeGroup(outer));
    assert.equal(await site.access(ann), "tenant user");
    // The name comes back with another group, the members do not.
    await site.makeGroup("Outer");
    assert.equal(await site.access(ann), "tenant user");
    await site.makeGroup("OUTERMOST", [inner]);
    assert.equal(await site.access(ann), "tenant admin");
  }),
  grants(
    "a rename leads into a name, a prefix and an expression, and out of them again",
    async (site) => {
      const ann = await site.person("ann");
      const inner = await site.makeGroup("Inner", [ann]);
      const group = await site.makeGroup("Nothing", [inner]);
      const [one, two, three] = [
        await site.team("One"),
        await site.team("Two"),
        await site.team("Three"),
      ];
      await site.map(named("Eng-Core"), { team: one, role: "viewer" });
      await site.map({ kind: "prefix", text: "ENG-" }, { team: two, role: "editor" });
      await site.map({ kind: "regex", text: "^eng-(core|web)$" }, { team: three, role: "admin" });
      for (const [name, access] of [
        ["eng-core", "One viewer, Two editor, Three admin"],
        ["ENG-WEB", "Two editor, Three admin"],
        ["Eng-Webbing", "Two editor"],
        ["Beng-Core", "tenant user"],
        ["Eng-Core", "One viewer, Two editor, Three admin"],
      ] as const) {
        await tellsOnly(site, [ann], () => site.edit(group, { name }));
        assert.equal(await site.access(ann), access, name);
      }
      await tellsOnly(site, [], () => site.edit(group, { name: "ENG-core" }));
      // Renamed and with other members in one change.
      const ben = await site.person("ben");
      await tellsOnly(site, [ann, ben], () =>
        site.edit(group, { name: "Eng-Sales", ...replace(ben) }),
      );
      assert.equal(await site.access(ann), "tenant user");
      assert.equal(await site.access(ben), "Two editor");
    },
  ),
  grants("a mapping by id means the one group, by its own id or by the client's", async (site) => {
    const ann = await site.person("ann");
    const ben = await site.person("ben");
    const group = await site.makeGroup("Sales", [ann]);
    const other = await site.makeGroup("Others", [ben], { externalId: "x-1" });
    await site.map({ kind: "id", text: group }, { role: "admin" });
    await site.map({ kind: "id", text: "x-1" }, { role: "viewer" });
    assert.equal(await site.access(ann), "tenant admin");
    assert.equal(await site.access(ben), "tenant viewer");
    await tellsOnly(site, [], () => site.edit(group, { name: "x-1" }));
    await tellsOnly(site, [ben], () => site.edit(other, { externalId: "x-2" }));
    assert.equal(await site.access(ben), "tenant user");
    await tellsOnly(site, [], () => site.edit(group, { externalId: "x-1" }));
    assert.equal(await site.access(ann), "tenant admin");
    await site.removeGroup(group);
    assert.equal(await site.access(ann), "tenant user");
  }),
  grants("who is a member before a mapping and who comes after it get the same", async (site) => {
    const ann = await site.person("ann");
    const group = await site.makeGroup("Sales", [ann]);
    await site.map(named("Sales"), { role: "admin" });
    const ben = await site.person("ben");
    await tellsOnly(site, [ben], () => site.edit(group, add(ben)));
    assert.deepEqual(
      [await site.access(ann), await site.access(ben)],
      ["tenant admin", "tenant admin"],
    );
    // Made with its members, in the transaction of the group.
    const cleo = await site.person("cleo");
    await site.map({ kind: "prefix", text: "Sales" }, { role: "viewer" });
    await tellsOnly(site, [cleo], () => site.makeGroup("Salesmen", [cleo]));
    assert.equal(await site.access(cleo), "tenant viewer");
  }),
  grants("nothing that is given by hand moves, whatever groups do", async (site) => {
    const ann = await site.person("ann");
    const accountId = await accountBehind(site, ann);
    const team = await site.team("Blue");
    await site.wish(accountId, { kind: "grant", teamId: team, role: "editor" });
    await site.wish(accountId, { kind: "add", role: "admin" });
    await site.wish(accountId, { kind: "lock", source: "security", reason: "held" });
    await site.wish(accountId, { kind: "unlock", source: "security" });
    const byHand = async () =>
      JSON.stringify([
        (await site.member(accountId)).facts.grants,
        (await site.member(accountId)).facts.locks,
      ]);
    const before = await byHand();
    const group = await site.makeGroup("Blue", [ann]);
    const higher = await site.map(named("Blue"), { team, role: "admin" });
    const lower = await site.map(named("Blue"), { role: "viewer" });
    assert.equal(await site.access(ann), "tenant admin, Blue admin");
    await site.changeMapping({ kind: "role", mappingId: higher, role: "viewer" });
    assert.equal(await site.access(ann), "tenant admin, Blue editor");
    await site.edit(group, remove(ann));
    await site.edit(group, add(ann));
    await site.unmap(lower);
    await site.archive(team, true);
    assert.equal(await site.access(ann), "tenant admin");
    await site.archive(team, false);
    await site.removeGroup(group);
    await site.put(ann, { userName: "ann@acme.example", active: false });
    await site.put(ann, { userName: "ann@acme.example", active: true });
    assert.equal(await byHand(), before);
    assert.equal(await site.access(ann), "tenant admin, Blue editor");
  }),
  grants(
    "groups that are roles: adding promotes, removing demotes to the default role and never out of the tenant",
    async (site) => {
      const [ann, ben, cleo] = [
        await site.person("ann"),
        await site.person("ben"),
        await site.person("cleo"),
      ];
      const admins = await site.makeGroup("Admins", [], { externalId: "g-admins" });
      const viewers = await site.makeGroup("Viewers", [cleo], { externalId: "g-viewers" });
      await site.map({ kind: "id", text: "g-admins" }, { role: "admin" });
      await site.map({ kind: "id", text: "g-viewers" }, { role: "viewer" });
      await tellsOnly(site, [ann, ben], () => site.edit(admins, add(ann, ben)));
      assert.equal(await site.access(ann), "tenant admin");
      // Whoever is not in it loses nothing by being removed.
      await tellsOnly(site, [], () => site.edit(admins, remove(cleo)));
      assert.equal(await site.access(cleo), "tenant viewer");
      // Only whoever is left out of a replacement is demoted.
      await tellsOnly(site, [ann, cleo], () => site.edit(admins, replace(ben, cleo)));
      assert.equal(await site.access(ann), "tenant user");
      assert.equal((await site.member(await accountBehind(site, ann))).isMember, true);
      assert.equal(await site.access(cleo), "tenant admin");
      // Another name is another name, and changes nobody.
      await tellsOnly(site, [], () => site.edit(admins, { name: "Viewers (old)" }));
      await tellsOnly(site, [ben, cleo], () => site.edit(admins, replace()));
      assert.equal(await site.access(cleo), "tenant viewer");
      await tellsOnly(site, [cleo], () => site.removeGroup(viewers));
      assert.equal(await site.access(cleo), "tenant user");
    },
  ),
  grants("whose groups no mapping means has the default team", async (site) => {
    const home = await site.team("Home");
    await site.set({ defaultTeam: home });
    await site.map(named("Mapped"), { role: "admin" });
    const ann = await site.person("ann");
    const group = await site.makeGroup("Unheard of", [ann]);
    assert.equal(await site.access(ann), "tenant user, Home viewer");
    await tellsOnly(site, [ann], () => site.edit(group, { name: "mapped" }));
    assert.equal(await site.access(ann), "tenant admin");
  }),
  grants("default role and default team stand exactly while nothing else does", async (site) => {
    const ann = await site.person("ann");
    const group = await site.makeGroup("Sales", [ann]);
    const [home, blue] = [await site.team("Home"), await site.team("Blue")];
    const settings: JsonObject = {
      defaultRole: "viewer",
      defaultTeam: home,
      defaultTeamRole: "editor",
    };
    await site.set(settings);
    assert.equal(await site.access(ann), "tenant viewer, Home editor");
    const mapping = await site.map(named("Sales"), { team: blue, role: "viewer" });
    assert.equal(await site.access(ann), "Blue viewer");
    await tellsOnly(site, [ann], () => site.edit(group, remove(ann)));
    assert.equal(await site.access(ann), "tenant viewer, Home editor");
    await site.edit(group, add(ann));
    await tellsOnly(site, [ann], () => site.archive(blue, true));
    assert.equal(await site.access(ann), "tenant viewer, Home editor");
    assert.equal((await site.archive(home, true)).kind, "default-team");
    await site.archive(blue, false);
    assert.equal(await site.access(ann), "Blue viewer");
    await site.unmap(mapping);
    assert.equal(await site.access(ann), "tenant viewer, Home editor");
    const accountId = await accountBehind(site, ann);
    await site.wish(accountId, { kind: "grant", teamId: blue, role: "viewer" });
    assert.equal(await site.access(ann), "Blue viewer");
    await site.wish(accountId, { kind: "revoke", teamId: blue });
    assert.equal(await site.access(ann), "tenant viewer, Home editor");
  }),
  grants("groups are kept while somebody is inactive, and have no effect", async (site) => {
    const name = { userName: "ann@acme.example" };
    const ann = await site.person("ann");
    const ben = await site.person("ben");
    const group = await site.makeGroup("Sales", [ann]);
    const team = await site.team("Blue");
    await site.map(named("Sales"), { team, role: "editor" });
    const accountId = await accountBehind(site, ann);
    await site.told();
    await site.put(ann, { ...name, active: false });
    const events = await site.told();
    assert.deepEqual(toldOf(events), [accountId]);
    assert.equal(events.filter(({ type }) => type === "sessions.revoke").length, 1);
    assert.equal(await site.access(ann), "suspended");
    await tellsOnly(site, [], () => site.edit(group, remove(ann)));
    await tellsOnly(site, [ben], () => site.edit(group, add(ann, ben)));
    await tellsOnly(site, [ann], () => site.put(ann, { ...name, active: true }));
    assert.equal(await site.access(ann), "Blue editor");
    // Whoever is deleted and made again has left the groups.
    await site.remove(ann);
    assert.equal((await site.member(accountId)).isMember, false);
    const again = await site.person("ann");
    assert.equal(await accountBehind(site, again), accountId);
    assert.equal(await site.access(again), "tenant user");
    await tellsOnly(site, [again], () => site.edit(group, add(again)));
    assert.equal(await site.access(again), "Blue editor");
  }),
  grants("who is attached later has at once what the groups give", async (site) => {
    const asleep = await site.person("ann", { attributes: { active: false } });
    const group = await site.makeGroup("Sales", [asleep]);
    const team = await site.team("Blue");
    await site.map(named("Sales"), { team, role: "editor" });
    await site.map(named("Web"), { role: "admin" });
    assert.equal((await site.linkOf(asleep))?.accountId, undefined);
    const web = await site.makeGroup("Web", [asleep]);
    await site.told();
    await site.put(asleep, { userName: "ann@acme.example", active: true });
    assert.equal(await site.access(asleep), "tenant admin, Blue editor");
    const [told, ...more] = (await site.told()).filter(({ data }) => "access" in data);
    assert.equal(more.length, 0);
    assert.deepEqual(
      Object.entries(Object(told?.data["access"])).filter(([key]) => key === "role"),
      [["role", "admin"]],
    );
    await site.edit(web, remove(asleep));
    await site.removeGroup(group);
    assert.equal(await site.access(asleep), "tenant user");
  }),
  grants("what groups give an invited person is known and has no effect (I7)", async (site) => {
    await site.account("ann@acme.example");
    await site.set({ attachPolicy: "invite" });
    const ann = await site.person("ann");
    assert.equal((await site.linkOf(ann))?.state, "pending");
    const accountId = await accountBehind(site, ann);
    const group = await site.makeGroup("Sales", [ann]);
    await site.told();
    await site.map(named("Sales"), { role: "admin" });
    assert.deepEqual(toldOf(await site.told()), []);
    const { isMember, facts, access } = await site.member(accountId);
    assert.deepEqual([isMember, access.state, access.role], [false, "none", undefined]);
    assert.deepEqual(
      facts.links.flatMap(({ groupGrants }) => groupGrants.map(({ role }) => role)),
      ["admin"],
    );
    const { connectionId } = site.population.scope;
    await site.wish(accountId, { kind: "accept", resource: { connectionId, resourceId: ann } });
    assert.equal(await site.access(ann), "tenant admin");
    await tellsOnly(site, [ann], () => site.edit(group, remove(ann)));
  }),
  grants("a mapping of one connection says nothing of the groups of another", async (site) => {
    const { other } = site;
    const ann = await site.person("ann");
    const beside = await site.person("ann", { of: other });
    assert.equal(await accountBehind(site, ann), await accountBehind(site, beside, other));
    const here = await site.makeGroup("Sales", [ann]);
    const there = await site.makeGroup("Sales", [beside], { of: other });
    await site.map(named("Sales"), { role: "admin", of: other });
    assert.equal(await site.access(ann), "tenant admin");
    await tellsOnly(site, [], () => site.edit(here, remove(ann)));
    await tellsOnly(site, [ann], () => site.edit(there, { ...remove(beside), of: other }));
    assert.equal(await site.access(ann), "tenant user");
    await site.map({ kind: "id", text: there }, { role: "owner", of: site.population });
    await site.edit(there, { ...add(beside), of: other });
    assert.equal(await site.access(ann), "tenant admin");
    const team = await site.team("Blue");
    await site.map(named("sales"), { team, role: "viewer" });
    await tellsOnly(site, [], () => site.edit(here, add(ann)));
    assert.equal(await site.access(ann), "tenant admin, Blue viewer");
    await tellsOnly(site, [ann], () => site.edit(there, { ...remove(beside), of: other }));
    assert.equal(await site.access(ann), "Blue viewer");
    await tellsOnly(site, [ann], () => site.removeGroup(here));
    assert.equal(await site.access(ann), "tenant user");
  }),
];
