/** What a store promises about changes that can be asked about first: of settings, and the deletion of groups. */
import assert from "node:assert/strict";
import type { JsonObject } from "@rollcall/scim";
import type { ChangeMode } from "../domain/mapping-change.ts";
import { accountBehind } from "./account-site.ts";
import { testCircumstances } from "./contract-population.ts";
import type { GrantsSite } from "./grants-site.ts";
import { grants, movesShown, named, tellsOnly, toldOf } from "./grants-site.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

function change(
  site: GrantsSite,
  settings: JsonObject,
  mode: ChangeMode,
  { expected, beside }: { readonly expected?: JsonObject; readonly beside?: string } = {},
) {
  const wish = { settings, expected, mode, beside };
  return site.store.tenants.changeSettings(site.tenantId, wish, testCircumstances);
}

/** Asks first and applies what was shown; gives the moves, which are those of the events. */
async function applied(site: GrantsSite, settings: JsonObject): Promise<readonly string[]> {
  const rows = await site.rows();
  const preview = await change(site, settings, { kind: "preview" });
  assert(typeof preview !== "string" && preview.kind === "preview");
  assert.equal(await site.rows(), rows, "a preview changes nothing");
  await site.told();
  const { token, moves } = preview.preview;
  const outcome = await change(site, settings, { kind: "apply", token });
  assert(typeof outcome !== "string" && outcome.kind === "done");
  assert.deepEqual(outcome.preview, preview.preview);
  const told = toldOf(await site.told());
  assert.deepEqual([...new Set(moves.map(({ accountId }) => accountId))].toSorted(), told);
  return movesShown(moves).toSorted();
}

/** Every promise about them. */
export const previewContract: readonly StoreContractTest[] = [
  grants("settings of roles move whom they show, each told once", async (site) => {
    const ann = await accountBehind(
      site,
      await site.person("ann", { attributes: { roles: ["boss"] } }),
    );
    const bea = await accountBehind(site, await site.person("bea"));
    const { accountId: cleo } = await site.account("cleo@acme.example");
    await site.wish(cleo, { kind: "add", role: "admin" });
    assert.deepEqual(
      await applied(site, { defaultRole: "viewer" }),
      [`${ann} tenant user→viewer`, `${bea} tenant user→viewer`].toSorted(),
    );
    assert.deepEqual(
      await applied(site, { roleMapping: { boss: "admin" } }),
      [`${ann} tenant viewer→admin`, `${bea} tenant viewer→user`].toSorted(),
    );
    // Whoever has manual grants alone is told too: that role there is not any more.
    assert.deepEqual(await applied(site, { roles: ["owner", "boss", "member"] }), [
      `${cleo} tenant admin→member`,
      ...[`${ann} tenant admin→boss`, `${bea} tenant user→member`].toSorted(),
    ]);
    assert.equal((await site.member(cleo)).access.role, "member");
    const entry = await site.lastEntry();
    assert.equal(entry.action, "tenant.update");
    assert.equal(entry.relations[0]?.addedCount, 3);
    assert.deepEqual(await applied(site, { roles: ["owner", "boss", "member"] }), []);
    assert.deepEqual(
      await applied(site, { roles: ["owner", "boss", "member"], auditRetentionDays: 9 }),
      [],
    );
  }),
  grants("settings of teams move whom they show", async (site) => {
    const id = await site.person("ann");
    const ann = await accountBehind(site, id);
    const [design, all] = [await site.team("Design"), await site.team("All")];
    await site.map(named("designers"), { team: design, role: "admin" });
    const group = await site.makeGroup("designers", [id]);
    assert.deepEqual(await applied(site, { defaultTeam: all }), []);
    assert.deepEqual(await applied(site, { defaultTeam: all, teamRoles: ["lead", "member"] }), [
      `${ann} ${design} admin→member`,
    ]);
    await site.removeGroup(group);
    assert.equal(await site.access(id), "tenant user, All member");
    const withRole = { defaultTeam: all, teamRoles: ["lead", "member"], defaultTeamRole: "lead" };
    assert.deepEqual(await applied(site, withRole), [`${ann} ${all} member→lead`]);
    assert.deepEqual(await applied(site, {}), [`${ann} ${all} lead→-`]);
  }),
  grants("two Users of one person move it once", async (site) => {
    const attributes = { roles: ["boss"] };
    const ann = await accountBehind(site, await site.person("ann", { attributes }));
    await site.person("ann", { attributes, of: site.other });
    assert.deepEqual(await applied(site, { roleMapping: { boss: "admin" } }), [
      `${ann} tenant user→admin`,
    ]);
  }),
  grants("a token of settings is good only while they do what was shown", async (site) => {
    await site.person("ann");
    const settings = { defaultRole: "viewer" };
    const preview = await change(site, settings, { kind: "preview" });
    assert(typeof preview !== "string" && preview.kind === "preview");
    const mode = { kind: "apply", token: preview.preview.token } as const;
    const refused = async (outcome: ReturnType<typeof change>) => {
      const found = await outcome;
      assert(typeof found !== "string" && found.kind === "moved");
    };
    await refused(change(site, settings, mode, { beside: "something" }));
    await refused(change(site, { ...settings, auditRetentionDays: 9 }, mode));
    await site.person("bea");
    const rows = await site.rows();
    await refused(change(site, settings, mode));
    assert.equal(await change(site, settings, mode, { expected: { roles: ["a", "b"] } }), "moved");
    assert.equal(await site.rows(), rows);
  }),
  grants("what would take the last owner is refused, asked about or not", async (site) => {
    const boss = { roleMapping: { boss: "owner" } };
    await site.set(boss);
    const attributes = { roles: ["boss"] };
    const ann = await accountBehind(site, await site.person("ann", { attributes }));
    const refused = { kind: "last-owner", accountId: ann };
    await site.since();
    assert.deepEqual(await change(site, {}, { kind: "preview" }), refused);
    assert.deepEqual(await site.since(), { entries: 0, events: 0, mails: 0 });
    assert.deepEqual(await change(site, {}, { kind: "apply", token: undefined }), refused);
    assert.deepEqual(await site.since(), { entries: 1, events: 0, mails: 0 });
  }),
  grants("the deletion of a group can be asked about, and does what was shown", async (site) => {
    const { store, population, group } = site;
    const ids = [await site.person("ann"), await site.person("bea"), await site.person("cleo")];
    const accountIds = await Promise.all(ids.map((id) => accountBehind(site, id)));
    const team = await site.team("Design");
    await site.map(named("designers"), { team, role: "editor" });
    await site.map(named("everybody"), { role: "admin" });
    const inner = await site.makeGroup("designers", ids.slice(0, 2));
    await site.makeGroup("everybody", [inner, ids[1] ?? ""]);
    const read = async () => ({
      kind: "delete" as const,
      resourceType: group,
      id: inner,
      before: await population.read(group, inner),
    });
    const rows = await site.rows();
    const preview = (wish: Awaited<ReturnType<typeof read>>) =>
      store.resources.previewDeletion(population.scope, wish, testCircumstances);
    const deletion = await read();
    const found = await preview(deletion);
    assert.equal(await site.rows(), rows);
    const [ann, bea] = accountIds;
    assert.deepEqual(
      movesShown(found?.moves ?? []).toSorted(),
      [`${ann} ${team} editor→-`, `${ann} tenant admin→user`, `${bea} ${team} editor→-`].toSorted(),
    );
    await tellsOnly(site, ids.slice(0, 2), () => site.removeGroup(inner));
    assert.equal(await preview(deletion), undefined);
  }),
];
