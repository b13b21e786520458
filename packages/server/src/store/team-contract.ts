/** What a store promises about teams, the team of whoever gets nothing else, and grants by hand beside what groups give. */
import assert from "node:assert/strict";
import { accountBehind } from "./account-site.ts";
import { saveTestSettings } from "./contract-population.ts";
import { grants, named } from "./grants-site.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

/** Every promise about it. */
export const teamContract: readonly StoreContractTest[] = [
  grants("teams are read by their ids, archived ones too, in their tenant alone", async (site) => {
    const { tenantId, store } = site;
    const [blue, red] = [await site.team("Blue"), await site.team("Red")];
    await site.team("Green");
    await site.archive(red, true);
    const found = await store.teams.byIds(tenantId, [red, "nobody" as typeof red, blue]);
    assert.deepEqual(found.map(({ name, archived }) => [name, archived === undefined]).sort(), [
      ["Blue", true],
      ["Red", false],
    ]);
    assert.deepEqual(await store.teams.byIds(tenantId, []), []);
    const elsewhere = await store.teams.byIds("tenant-elsewhere" as typeof tenantId, [blue]);
    assert.deepEqual(elsewhere, []);
  }),
  grants(
    "a role that is given by hand stays when the group that gave the same goes",
    async (site) => {
      const ann = await site.person("ann");
      const accountId = await accountBehind(site, ann);
      const blue = await site.team("Blue");
      const group = await site.makeGroup("Eng", [ann]);
      await site.map(named("eng"), { team: blue, role: "editor" });
      const wish = { kind: "grant", teamId: blue, role: "editor" } as const;
      const given = await site.wish(accountId, wish);
      assert(given.kind === "done");
      assert.equal(given.changed, true);
      const again = await site.wish(accountId, wish);
      assert(again.kind === "done");
      assert.equal(again.changed, false);
      await site.removeGroup(group);
      assert.equal(await site.access(ann), "Blue editor");
      await site.wish(accountId, { kind: "revoke", teamId: blue });
      assert.equal(await site.access(ann), "tenant user");
    },
  ),
  grants(
    "another default team is told to whom it concerns, and is one that is there",
    async (site) => {
      const { tenantId, store } = site;
      const [ann, ben] = [await site.person("ann"), await site.person("ben")];
      await site.wish(await accountBehind(site, ben), { kind: "add", role: "viewer" });
      const [blue, red] = [await site.team("Blue"), await site.team("Red")];
      await site.archive(red, true);
      await site.told();
      const save = (settings: object) => saveTestSettings(store, tenantId, { ...settings });
      assert.equal(await save({ defaultTeam: red }), "moved");
      assert.equal(await save({ defaultTeam: "nobody" }), "moved");
      assert.deepEqual(await site.told(), []);
      for (const [settings, access] of [
        [{ defaultTeam: blue }, "tenant user, Blue viewer"],
        [{ defaultTeam: blue, defaultTeamRole: "admin" }, "tenant user, Blue admin"],
        [{}, "tenant user"],
      ] as const) {
        assert.equal(await save(settings), "saved");
        assert.equal(await site.access(ann), access);
        const types = (await site.told()).map(({ type }) => type);
        assert.deepEqual(
          types.filter((type) => type === "access.changed"),
          ["access.changed"],
        );
      }
      assert.equal(await site.access(ben), "tenant viewer");
    },
  ),
];
