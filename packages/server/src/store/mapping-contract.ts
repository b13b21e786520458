/** What a store promises about changing mappings: exact moves, previews that hold, what is kept, what is told (semantics §6). */
import assert from "node:assert/strict";
import type { AccountId } from "../domain/account.ts";
import { parseEmailAddress } from "../domain/email-address.ts";
import type { MappingWish } from "../domain/mapping-change.ts";
import type { MappingId, TeamId } from "../domain/tenant.ts";
import { accountBehind } from "./account-site.ts";
import { testCircumstances } from "./contract-population.ts";
import type { GrantsSite } from "./grants-site.ts";
import { grants, movesShown, named, tellsOnly, toldOf } from "./grants-site.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

const add = (...ids: string[]) => ({ steps: [{ op: "add" as const, ids }] });
const remove = (...ids: string[]) => ({ steps: [{ op: "remove" as const, ids }] });

/** Every promise about changing mappings. */
export const mappingContract: readonly StoreContractTest[] = [
  grants("tells how a User comes to be in a group, step by step and since when", async (site) => {
    const ann = await site.person("ann");
    const web = await site.makeGroup("Web", [ann]);
    const sales = await site.makeGroup("Sales", [web]);
    await site.makeGroup("Others");
    const { scope } = site.population;
    const steps = await site.store.memberships.groupPaths(scope, ann);
    assert.deepEqual(
      steps.map(({ groupName, groupId, memberId, requestId }) => [
        groupName,
        groupId,
        memberId,
        requestId,
      ]),
      [
        ["Sales", sales, web, testCircumstances.requestId],
        ["Web", web, ann, testCircumstances.requestId],
      ],
    );
    assert.ok(steps.every(({ since }) => since !== undefined));
    assert.deepEqual(await site.store.memberships.groupPaths(scope, "nobody"), []);
  }),
  grants(
    "adding, changing and removing a mapping moves whom it concerns, exactly",
    async (site) => {
      const { ann, ben, blue } = await population(site);
      const [a, b] = [await accountBehind(site, ann), await accountBehind(site, ben)];
      await site.told();
      const steps: readonly (readonly [MappingWish, readonly string[]])[] = [
        [
          site.wishFor(named("Sales"), { team: blue, role: "viewer" }),
          [
            `${a} tenant user→-`,
            `${a} ${blue} -→viewer`,
            `${b} tenant user→-`,
            `${b} ${blue} -→viewer`,
          ],
        ],
        [
          site.wishFor(named("Web"), { team: blue, role: "editor" }),
          [`${b} ${blue} viewer→editor`],
        ],
        [site.wishFor(named("Web"), { role: "viewer" }), [`${b} tenant -→viewer`]],
        [site.wishFor(named("nobody"), { role: "owner" }), []],
      ];
      const ids: MappingId[] = [];
      for (const [wish, moves] of steps) {
        await moving(site, wish, moves);
        assert(wish.kind === "add");
        ids.push(wish.mapping.mappingId);
      }
      const [sales, web, tenant, nobody] = ids;
      assert(sales !== undefined && web !== undefined && tenant !== undefined);
      await moving(site, { kind: "role", mappingId: sales, role: "admin" }, [
        `${a} ${blue} viewer→admin`,
        `${b} ${blue} editor→admin`,
      ]);
      await moving(site, { kind: "role", mappingId: web, role: "viewer" }, []);
      const [first] = await site.store.mappings.list(site.tenantId);
      assert.deepEqual([first?.role, first?.version], ["admin", 2]);
      await moving(site, { kind: "remove", mappingId: sales }, [
        `${a} tenant -→user`,
        `${a} ${blue} admin→-`,
        `${b} ${blue} admin→viewer`,
      ]);
      await moving(site, { kind: "remove", mappingId: tenant }, [`${b} tenant viewer→-`]);
      await moving(site, { kind: "remove", mappingId: nobody ?? sales }, []);
      assert.deepEqual(
        (await site.store.mappings.list(site.tenantId)).map(({ mappingId }) => mappingId),
        [web],
      );
    },
  ),
  grants("a preview changes nothing, and applying does what it showed", async (site) => {
    const { blue } = await population(site);
    const wishes: MappingWish[] = [
      site.wishFor(named("Sales"), { team: blue, role: "viewer" }),
      site.wishFor({ kind: "prefix", text: "w" }, { role: "admin" }),
    ];
    const [wish] = wishes;
    assert(wish?.kind === "add");
    const { mappingId } = wish.mapping;
    wishes.push({ kind: "role", mappingId, role: "admin" }, { kind: "remove", mappingId });
    for (const one of wishes) {
      await site.told();
      const before = await site.rows();
      const asked = await site.changeMapping(one, { kind: "preview" });
      assert(asked.kind === "preview");
      assert.equal(await site.rows(), before);
      assert.deepEqual(await site.told(), []);
      const done = await site.changeMapping(one, { kind: "apply", token: asked.preview.token });
      assert(done.kind === "done");
      assert.equal(JSON.stringify(done.preview), JSON.stringify(asked.preview));
      assert.notEqual(await site.rows(), before);
      const people = new Set(done.preview.moves.map(({ accountId }) => accountId));
      assert.deepEqual(toldOf(await site.told()), [...people].sort());
      assert.ok(done.preview.moves.every(({ email }) => email?.endsWith("@acme.example")));
    }
  }),
  grants("a token is refused once the facts have moved, and for anything else", async (site) => {
    const { sales, cleo, blue } = await population(site);
    const wish = site.wishFor(named("Sales"), { team: blue, role: "viewer" });
    const asked = await site.changeMapping(wish, { kind: "preview" });
    assert(asked.kind === "preview");
    const { token } = asked.preview;
    await site.edit(sales, add(cleo));
    const before = await site.rows();
    const moved = await site.changeMapping(wish, { kind: "apply", token });
    assert(moved.kind === "moved");
    assert.equal(moved.preview.moves.length, asked.preview.moves.length + 2);
    assert.equal(await site.rows(), before);
    const other = site.wishFor(named("Sales"), { team: blue, role: "editor" });
    assert.equal((await site.changeMapping(other, { kind: "apply", token })).kind, "moved");
    await site.edit(sales, remove(cleo));
    // The same facts again: what was shown is what is done.
    assert.equal((await site.changeMapping(wish, { kind: "apply", token })).kind, "done");
  }),
  grants("what cannot be mapped is refused, and nothing is written", async (site) => {
    const { blue } = await population(site);
    const gone = await site.team("Gone");
    await site.archive(gone, true);
    const first = await site.map(named("Sales"), { team: blue, role: "viewer" });
    const second = await site.map(named("Sales"), { team: blue, role: "editor" });
    const before = await site.rows();
    const wishes: readonly (readonly [MappingWish, unknown])[] = [
      [site.wishFor(named("Sales"), { team: blue, role: "viewer" }), { kind: "taken", by: first }],
      [
        { kind: "role", mappingId: first, role: "editor" },
        { kind: "taken", by: second },
      ],
      [
        { kind: "role", mappingId: first, role: "owner" },
        { kind: "no-role", roles: ["admin", "editor", "viewer"] },
      ],
      [
        site.wishFor(named("Sales"), { role: "editor" }),
        { kind: "no-role", roles: ["owner", "admin", "user", "viewer"] },
      ],
      [
        site.wishFor(named("Sales"), { team: gone, role: "viewer" }),
        { kind: "gone", what: "team" },
      ],
      [
        site.wishFor(named("Sales"), { team: "elsewhere" as TeamId, role: "viewer" }),
        { kind: "gone", what: "team" },
      ],
      [
        { kind: "remove", mappingId: "x" as MappingId },
        { kind: "gone", what: "mapping" },
      ],
    ];
    for (const [wish, outcome] of wishes) {
      assert.deepEqual(await site.changeMapping(wish), outcome);
      assert.equal(await site.rows(), before);
    }
    const same = await site.changeMapping({ kind: "role", mappingId: first, role: "viewer" });
    assert(same.kind === "done");
    assert.deepEqual([same.mapping.version, same.preview.moves], [1, []]);
    assert.equal(await site.rows(), before);
  }),
  grants(
    "an archived team gives nothing until it is restored, and its name is free",
    async (site) => {
      const { ann, ben, blue } = await population(site);
      const accountId = await accountBehind(site, ben);
      await site.map(named("Sales"), { team: blue, role: "editor" });
      await site.wish(accountId, { kind: "grant", teamId: blue, role: "admin" });
      await tellsOnly(site, [ann, ben], () => site.archive(blue, true));
      assert.deepEqual(
        [await site.access(ann), await site.access(ben)],
        ["tenant user", "tenant user"],
      );
      const entry = await site.lastEntry();
      assert.deepEqual(
        [entry.action, entry.relations.map(({ attribute }) => attribute)],
        ["team.archive", ["access"]],
      );
      await tellsOnly(site, [], () => site.archive(blue, true));
      const second = await site.team("blue");
      assert.deepEqual(await site.archive(blue, false), { kind: "taken", by: second });
      await site.map(named("Sales"), { team: second, role: "viewer" });
      assert.equal(await site.access(ann), "blue viewer");
      await site.store.teams.rename(
        { tenantId: site.tenantId, teamId: second, name: "Red" },
        testCircumstances,
      );
      await tellsOnly(site, [ann, ben], () => site.archive(blue, false));
      assert.equal(await site.access(ann), "Blue editor, Red viewer");
      assert.equal(await site.access(ben), "Blue admin, Red viewer");
    },
  ),
  grants(
    "what a mapping of an archived team gave is no loss when the mapping goes",
    async (site) => {
      const { blue } = await population(site);
      const mapping = await site.map(named("Sales"), { team: blue, role: "editor" });
      await site.archive(blue, true);
      await tellsOnly(site, [], () =>
        site.changeMapping({ kind: "role", mappingId: mapping, role: "admin" }),
      );
      assert.deepEqual((await site.unmap(mapping)).moves, []);
    },
  ),
  grants(
    "the last owner through a group keeps the role as retained, and no sync is refused",
    async (site) => {
      const { ann, ben } = await population(site);
      const owners = await site.makeGroup("Owners", [ann, ben]);
      await site.map(named("Owners"), { role: "owner" });
      const accountId = await accountBehind(site, ann);
      await tellsOnly(site, [ben], () => site.edit(owners, remove(ben)));
      await site.told();
      await site.edit(owners, remove(ann));
      assert.deepEqual(toldOf(await site.told()), []);
      const { access, facts } = await site.member(accountId);
      assert.equal(access.isOwner, true);
      assert.deepEqual(
        facts.grants.map(({ source, role }) => [source, role]),
        [["retained", "owner"]],
      );
      const entry = await site.lastEntry();
      assert.deepEqual(
        entry.differences.filter(({ path }) => path === "access.retained"),
        [{ path: "access.retained", after: [accountId] }],
      );
      // Once there is another owner the retained grant can be taken back, not before.
      assert.equal(
        (await site.wish(accountId, { kind: "revoke", teamId: undefined })).kind,
        "protected",
      );
      await site.edit(owners, add(ben));
      await site.wish(accountId, { kind: "revoke", teamId: undefined });
      assert.equal(await site.access(ann), "tenant user");
      // All of the owners at once: with the mapping, and with the group.
      await site.edit(owners, add(ann));
      const preview = await site.unmap(
        (await site.store.mappings.list(site.tenantId))[0]?.mappingId ?? ("" as MappingId),
      );
      assert.deepEqual(preview.retained, [accountId, await accountBehind(site, ben)].toSorted());
      assert.deepEqual(preview.moves, []);
    },
  ),
  grants(
    "a break-glass member keeps the role, and gains one without keeping the lower",
    async (site) => {
      const { ann } = await population(site);
      const accountId = await accountBehind(site, ann);
      const [admins, viewers] = [await site.makeGroup("Admins"), await site.makeGroup("Viewers")];
      await site.map(named("Admins"), { role: "admin" });
      await site.map(named("Viewers"), { role: "viewer" });
      await site.wish(accountId, { kind: "protect", protection: "break-glass" });
      await tellsOnly(site, [ann], () => site.edit(admins, add(ann)));
      const kept = async () => (await site.member(accountId)).facts.grants.map(({ role }) => role);
      assert.deepEqual(await kept(), []);
      await site.edit(viewers, add(ann));
      await tellsOnly(site, [], () => site.edit(admins, remove(ann)));
      assert.deepEqual(await kept(), ["admin"]);
      assert.equal(await site.access(ann), "tenant admin");
    },
  ),
  grants("the audit entry of a group counts whose access it moved", async (site) => {
    const { ann, ben, cleo, blue } = await population(site);
    const group = await site.makeGroup("Blue", [ann, cleo]);
    await site.map(named("Blue"), { team: blue, role: "editor" });
    await site.edit(group, { steps: [{ op: "replace", ids: [ben, cleo] }] });
    const { action, relations } = await site.lastEntry();
    assert.equal(action, "group.patch");
    const [a, b] = [await accountBehind(site, ann), await accountBehind(site, ben)];
    // Whoever loses the team gets the default role, so that both got in somewhere and lost something.
    const both: readonly AccountId[] = [a, b].toSorted();
    const access = relations.find(({ attribute }) => attribute === "access");
    assert.deepEqual(
      [access?.addedCount, access?.removedCount, access?.added.toSorted()],
      [2, 2, both],
    );
    await site.edit(group, { name: "Green" });
    const renamed = (await site.lastEntry()).relations;
    assert.deepEqual(
      renamed.map(({ attribute, removedCount }) => [attribute, removedCount]),
      [["access", 2]],
    );
  }),
  grants(
    "who is a member by logins alone is none once no mapping gives them anything",
    async (site) => {
      const { ann } = await population(site);
      const accountId = await accountBehind(site, ann);
      const email = parseEmailAddress("ann@acme.example");
      const login = { subject: "ann", email, isEmailVerified: true, name: undefined, warnings: [] };
      const mapping = await site.map(named("Guests"), { role: "viewer" });
      await site.store.logins.logIn(
        site.tenantId,
        { ...login, groups: ["Guests"] },
        testCircumstances,
      );
      await site.remove(ann);
      const isMember = async () => (await site.member(accountId)).isMember;
      assert.equal(await isMember(), true);
      await site.unmap(mapping);
      assert.equal(await isMember(), false);
      // The groups of that login are forgotten with the membership.
      const again = site.wishFor(named("Guests"), { role: "admin" });
      const outcome = await site.changeMapping(again);
      assert(outcome.kind === "done");
      assert.deepEqual(outcome.preview.moves, []);
      assert.deepEqual((await site.member(accountId)).facts.grants, []);
    },
  ),
  grants(
    "what is given by hand in an archived team is told of once that is restored",
    async (site) => {
      const { ann, blue } = await population(site);
      const accountId = await accountBehind(site, ann);
      await site.archive(blue, true);
      const wish = { kind: "grant", teamId: blue, role: "editor" } as const;
      await tellsOnly(site, [], () => site.wish(accountId, wish));
      assert.equal(await site.access(ann), "tenant user");
      const again = await site.wish(accountId, wish);
      assert(again.kind === "done");
      assert.equal(again.changed, false);
      await tellsOnly(site, [ann], () => site.archive(blue, false));
      assert.equal(await site.access(ann), "Blue editor");
    },
  ),
  grants("what is given by hand in an archived team keeps the membership (INV-5)", async (site) => {
    const { ann, blue } = await population(site);
    const accountId = await accountBehind(site, ann);
    await site.wish(accountId, { kind: "grant", teamId: blue, role: "editor" });
    await site.archive(blue, true);
    await site.remove(ann);
    assert.equal((await site.member(accountId)).isMember, true);
    await site.archive(blue, false);
    const again = await site.person("ann");
    assert.equal(await site.access(again), "Blue editor");
  }),
  grants(
    "one member who does not exist takes the whole change back where that is asked for",
    async (site) => {
      const { ann, ben, sales } = await population(site);
      await site.map(named("Sales"), { role: "admin" });
      const before = await site.rows();
      const outcome = await site.edit(sales, {
        name: "Others",
        steps: [{ op: "replace", ids: [ann, "nobody"] }],
        strictReferences: true,
      });
      assert.equal(outcome.kind, "unknownReferences");
      assert.equal(await site.rows(), before);
      assert.equal(await site.access(ben), "tenant admin");
      const lenient = await site.edit(sales, { steps: [{ op: "replace", ids: [ann, "nobody"] }] });
      assert(lenient.kind === "committed");
      assert.deepEqual(lenient.skippedReferences, ["nobody"]);
      assert.equal(await site.access(ben), "tenant user");
    },
  ),
];

/** Ann and Ben in Sales, Ben in Web, Cleo in neither, and the team Blue. */
async function population(site: GrantsSite) {
  const [ann, ben, cleo] = [
    await site.person("ann"),
    await site.person("ben"),
    await site.person("cleo"),
  ];
  const sales = await site.makeGroup("Sales", [ann, ben]);
  const web = await site.makeGroup("Web", [ben]);
  return { ann, ben, cleo, sales, web, blue: await site.team("Blue") };
}

/** Applies a wish, which moves these and tells nobody else, in one audit entry. */
async function moving(
  site: GrantsSite,
  wish: MappingWish,
  moves: readonly string[],
): Promise<void> {
  await site.since();
  await site.told();
  const outcome = await site.changeMapping(wish);
  assert(outcome.kind === "done");
  assert.deepEqual(movesShown(outcome.preview.moves).toSorted(), [...moves].toSorted());
  const people = new Set(outcome.preview.moves.map(({ accountId }) => accountId));
  assert.deepEqual(toldOf(await site.told()), [...people].sort());
  assert.deepEqual(await site.since(), { entries: 1, events: people.size, mails: 0 });
}
