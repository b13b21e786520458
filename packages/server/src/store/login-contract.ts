/** What a store promises about logins: whom it lets in, what a login gives, and that neither sync nor login takes what the other gave (semantics §6). */
import assert from "node:assert/strict";
import type { AccountId, Grant } from "../domain/account.ts";
import type { Circumstances } from "../domain/audit-entry.ts";
import { parseEmailAddress } from "../domain/email-address.ts";
import type { GroupPattern } from "../domain/group-mapping.ts";
import type { AssertedLogin, LoginOutcome } from "../domain/login.ts";
import type { OidcConnection } from "../domain/oidc-connection.ts";
import { loginSettingsDefault } from "../domain/oidc-connection.ts";
import type { MappingId, TeamId } from "../domain/tenant.ts";
import type { AccountSite } from "./account-site.ts";
import { accountBehind, accounts, ann, lastEvents, verifyDomain } from "./account-site.ts";
import { createPopulation, testCircumstances, testTime } from "./contract-population.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

const application: Circumstances = {
  actor: { kind: "admin", id: "application-1" },
  requestId: "request-login",
};

function loginOf(differences: Partial<AssertedLogin> & { readonly address?: string } = {}) {
  const { address = ann.userName, ...others } = differences;
  return {
    subject: "sub-ann",
    email: parseEmailAddress(address),
    isEmailVerified: true,
    name: "Ann",
    groups: [],
    warnings: [],
    ...others,
  };
}

function tenantOf({ population }: AccountSite) {
  return population.scope.tenantId;
}

async function saveOidc(site: AccountSite, differences: Partial<OidcConnection> = {}) {
  const connection: OidcConnection = {
    tenantId: tenantOf(site),
    issuer: "https://login.acme.example",
    clientId: "client-1",
    sealedSecret: undefined,
    updated: testTime(0),
    ...loginSettingsDefault,
    ...differences,
  };
  assert.equal(await site.store.oidcConnections.save(connection, testCircumstances), true);
}

function logIn(site: AccountSite, differences: Parameters<typeof loginOf>[0] = {}) {
  return site.store.logins.logIn(tenantOf(site), loginOf(differences), application);
}

async function letIn(site: AccountSite, differences: Parameters<typeof loginOf>[0] = {}) {
  return acceptedOf(await logIn(site, differences));
}

function acceptedOf(outcome: LoginOutcome) {
  assert(outcome.kind === "accepted", JSON.stringify(outcome));
  return outcome;
}

async function refusalOf(site: AccountSite, differences: Parameters<typeof loginOf>[0] = {}) {
  await site.since();
  const outcome = await logIn(site, differences);
  assert(outcome.kind === "refused", JSON.stringify(outcome.kind));
  assert.deepEqual(await site.since(), { entries: 1, events: 0, mails: 0 });
  const [entry] = await site.store.auditLog.list(tenantOf(site), {
    action: "login.refuse",
    limit: 1,
  });
  assert.deepEqual(
    [entry?.outcome, entry?.actor.kind, entry?.requestId],
    ["refused", "login", "request-login"],
  );
  return { reason: outcome.reason, entry };
}

let made = 0;

async function addTeam(site: AccountSite, name: string): Promise<TeamId> {
  made += 1;
  const teamId = `team-${String(made).padStart(4, "0")}` as TeamId;
  const tenantId = tenantOf(site);
  const team = {
    tenantId,
    teamId,
    name,
    group: undefined,
    created: testTime(0),
    archived: undefined,
  };
  const outcome = await site.store.teams.create(team, testCircumstances);
  assert.equal(outcome.kind, "done");
  return teamId;
}

async function addMapping(
  site: AccountSite,
  pattern: GroupPattern,
  role: string,
  teamId?: TeamId,
): Promise<MappingId> {
  made += 1;
  const mappingId = `mapping-${String(made).padStart(4, "0")}` as MappingId;
  const mapping = {
    tenantId: tenantOf(site),
    mappingId,
    connectionId: undefined,
    pattern,
    teamId,
    role,
    version: 1,
    created: testTime(0),
  };
  const { mappings } = site.store;
  const wish = { kind: "add", mapping } as const;
  const mode = { kind: "apply", token: undefined } as const;
  const outcome = await mappings.change(tenantOf(site), wish, mode, testCircumstances);
  assert.equal(outcome.kind, "done", JSON.stringify(outcome));
  return mappingId;
}

const named = (text: string): GroupPattern => ({ kind: "name", text });

async function sourcesOf(site: AccountSite, accountId: AccountId) {
  const { access } = await site.member(accountId);
  return access.grants
    .filter(({ isEffective }) => isEffective)
    .map(({ source, role }: Pick<Grant, "source" | "role">) => `${source} ${role}`)
    .toSorted();
}

/** Posts a group with a User in it. */
async function postGroup(
  { population, group }: AccountSite,
  displayName: string,
  members: readonly string[],
) {
  const { id } = await population.create(group, { displayName }, { members });
  return id;
}

async function accessEvents(site: AccountSite) {
  return (await lastEvents(site)).filter(({ type }) => type === "access.changed");
}

const byLogin = { mode: "login", jit: "any" } as const;

/** Every promise. */
export const loginContract: readonly StoreContractTest[] = [
  accounts(
    "login only: a stranger joins, with one account, one event and one entry",
    async (site) => {
      await saveOidc(site, byLogin);
      await addMapping(site, named("Staff"), "admin");
      await site.since();
      const { member, access, isNew, hasJoined } = await letIn(site, {
        groups: ["staff", "others"],
      });
      assert.deepEqual(
        [isNew, hasJoined, access.state, access.role],
        [true, true, "active", "admin"],
      );
      assert.deepEqual(await site.since(), { entries: 1, events: 1, mails: 0 });
      const { accountId, email, emailVerified, hasLogin, madeBy } = member.account;
      // Nobody but the provider says that it is the person's.
      assert.deepEqual(
        [email, emailVerified, hasLogin, madeBy],
        [ann.userName, false, true, undefined],
      );
      const [event] = await accessEvents(site);
      assert.equal(event?.data["isNewAccount"], true);
      const [entry] = await site.store.auditLog.list(tenantOf(site), {
        action: "login.accept",
        limit: 1,
      });
      assert.deepEqual(entry?.actor, { kind: "login", id: accountId });
      assert.equal(entry?.target.id, accountId);
      const told = new Map(entry?.differences.map(({ path, after }) => [path, after]));
      assert.equal(told.get("login.subject"), "sub-ann");
      assert.deepEqual(told.get("login.groups"), ["others", "staff"]);
      assert.equal(told.get("login.via"), "admin application-1");
      const stored = await site.member(accountId);
      assert.deepEqual([stored.isMember, stored.access.role], [true, "admin"]);
      const held = await site.store.memberships.held(tenantOf(site), accountId);
      assert.deepEqual([held.loginSubjects, held.loginGroups], [["sub-ann"], ["others", "staff"]]);
      assert.deepEqual(await site.store.accounts.tenantsOf(accountId), [tenantOf(site)]);
    },
  ),
  accounts("login only: groups replace those of the login before, up and down", async (site) => {
    await saveOidc(site, byLogin);
    const team = await addTeam(site, "Apollo");
    await addMapping(site, named("Staff"), "viewer");
    await addMapping(site, named("Bosses"), "admin");
    await addMapping(site, { kind: "prefix", text: "Ap" }, "editor", team);
    const roles = async (groups: readonly string[] | undefined) => {
      const { access } = await letIn(site, { groups });
      return [access.role, access.teams.map(({ role }) => role).join()];
    };
    assert.deepEqual(await roles(["Staff", "Apes"]), ["viewer", "editor"]);
    assert.deepEqual(await roles(["Staff", "Bosses"]), ["admin", ""]);
    await site.since();
    assert.deepEqual(await roles(["Bosses", "Staff"]), ["admin", ""]);
    // Nothing differs: an entry that somebody came in, and nothing for the application.
    assert.deepEqual(await site.since(), { entries: 1, events: 0, mails: 0 });
    assert.deepEqual(await roles(undefined), ["admin", ""]);
    assert.deepEqual(await site.since(), { entries: 1, events: 0, mails: 0 });
    assert.deepEqual(await roles(["Staff"]), ["viewer", ""]);
    assert.deepEqual(await site.since(), { entries: 1, events: 1, mails: 0 });
    // Whoever joined by a login stays a member without any group, by default.
    assert.deepEqual(await roles([]), ["user", ""]);
    const reconciled = await site.store.mappings.reconcile(
      tenantOf(site),
      { isCheck: true },
      testCircumstances,
    );
    assert.equal(reconciled?.differences, 0);
  }),
  accounts(
    "what a login gives in an archived team has effect once it is live again",
    async (site) => {
      await saveOidc(site, byLogin);
      const { teams } = site.store;
      const teamId = await addTeam(site, "Apollo");
      const tenantId = tenantOf(site);
      await addMapping(site, named("Crew"), "editor", teamId);
      const first = await letIn(site, { groups: ["Crew"] });
      const archive = (isArchived: boolean) =>
        teams.archive({ tenantId, teamId, isArchived }, testCircumstances);
      await archive(true);
      const teamsOf = (outcome: { readonly access: { readonly teams: readonly object[] } }) =>
        outcome.access.teams.length;
      assert.equal(teamsOf(first), 1);
      assert.equal(teamsOf(await letIn(site, { groups: [] })), 0);
      assert.equal(teamsOf(await letIn(site, { groups: ["Crew"] })), 0);
      await archive(false);
      assert.equal(teamsOf(await site.member(first.member.account.accountId)), 1);
    },
  ),
  accounts(
    "SCIM and login: a sync after a login takes nothing that the login gave",
    async (site) => {
      await saveOidc(site, { mode: "scim" });
      await addMapping(site, named("From the token"), "admin");
      await addMapping(site, named("From the sync"), "viewer");
      const id = await site.post(ann);
      const accountId = await accountBehind(site, id);
      const { access, hasJoined, isNew } = await letIn(site, { groups: ["From the token"] });
      assert.deepEqual([access.role, hasJoined, isNew], ["admin", false, false]);
      const sources = await sourcesOf(site, accountId);
      assert.deepEqual(sources, ["login admin"]);
      const events = (await accessEvents(site)).length;
      const groupId = await postGroup(site, "From the sync", [id]);
      assert.deepEqual(await sourcesOf(site, accountId), ["group viewer", "login admin"]);
      await site.put(id, { ...ann, title: "Dr" });
      const { population, group } = site;
      await population.remove(group, await population.read(group, groupId));
      assert.deepEqual(await sourcesOf(site, accountId), sources);
      // The highest role was the same all the time, and the application was not told otherwise.
      assert.equal((await accessEvents(site)).length, events);
    },
  ),
  accounts(
    "a mapping that is saved after a login gives at once, and takes it back",
    async (site) => {
      await saveOidc(site, { mode: "scim" });
      const accountId = await accountBehind(site, await site.post(ann));
      await letIn(site, { groups: ["Crew"] });
      assert.deepEqual(await sourcesOf(site, accountId), ["default user"]);
      const mappingId = await addMapping(site, named("crew"), "admin");
      assert.deepEqual(await sourcesOf(site, accountId), ["login admin"]);
      const { mappings } = site.store;
      const mode = { kind: "apply", token: undefined } as const;
      for (const [wish, sources] of [
        [{ kind: "role", mappingId, role: "viewer" }, ["login viewer"]],
        [{ kind: "remove", mappingId }, ["default user"]],
      ] as const) {
        const outcome = await mappings.change(tenantOf(site), wish, mode, testCircumstances);
        assert.deepEqual(outcome.kind === "done" && outcome.preview.moves.length, 1);
        assert.deepEqual(await sourcesOf(site, accountId), sources);
      }
    },
  ),
  accounts("SCIM and login: a login after a sync takes nothing that groups gave", async (site) => {
    await saveOidc(site, { mode: "scim" });
    await addMapping(site, named("From the sync"), "admin");
    await addMapping(site, named("From the token"), "viewer");
    const id = await site.post(ann);
    const accountId = await accountBehind(site, id);
    await postGroup(site, "From the sync", [id]);
    assert.deepEqual(await sourcesOf(site, accountId), ["group admin"]);
    const events = (await accessEvents(site)).length;
    await letIn(site, { groups: [] });
    assert.deepEqual(await sourcesOf(site, accountId), ["group admin"]);
    await letIn(site, { groups: ["From the token"] });
    assert.deepEqual(await sourcesOf(site, accountId), ["group admin", "login viewer"]);
    await letIn(site, { groups: ["From the sync"] });
    assert.deepEqual(await sourcesOf(site, accountId), ["group admin", "login admin"]);
    await letIn(site, { groups: [] });
    assert.deepEqual(await sourcesOf(site, accountId), ["group admin"]);
    assert.equal((await accessEvents(site)).length, events);
  }),
  accounts("neither touches what was given by hand, nor an admin's lock", async (site) => {
    await saveOidc(site, byLogin);
    await addMapping(site, named("Staff"), "viewer");
    const { accountId } = await site.account(ann.userName);
    await site.wish(accountId, { kind: "add", role: "admin" });
    const by = async () => (await site.member(accountId)).facts.grants.map(({ source }) => source);
    await letIn(site, { groups: ["Staff"] });
    assert.deepEqual((await by()).toSorted(), ["login", "manual"]);
    await letIn(site, { groups: [] });
    assert.deepEqual(await by(), ["manual"]);
    assert.equal((await site.member(accountId)).facts.byLogin ?? false, false);
    await site.wish(accountId, { kind: "lock", source: "admin", reason: undefined });
    const { reason } = await refusalOf(site, { groups: ["Staff"] });
    assert.equal(reason, "locked");
    const { facts } = await site.member(accountId);
    assert.deepEqual([facts.grants.length, facts.locks.length], [1, 1]);
  }),
  accounts(
    "whom no connection has linked, and who is no member by hand, stays out in the mode scim",
    async (site) => {
      await saveOidc(site, { mode: "scim" });
      const { reason, entry } = await refusalOf(site);
      assert.deepEqual(
        [reason, entry?.target.type, entry?.target.id],
        ["not-provisioned", "login", "sub-ann"],
      );
      const before = await site.account(ann.userName);
      const elsewhere = await refusalOf(site);
      // With an account elsewhere nothing is different (I4).
      assert.deepEqual([elsewhere.reason, elsewhere.entry?.target], [reason, entry?.target]);
      await site.wish(before.accountId, { kind: "add", role: "viewer" });
      const { member } = await letIn(site);
      assert.equal(member.account.accountId, before.accountId);
      // The account itself is as it was (I1).
      assert.deepEqual(await site.store.accounts.byId(before.accountId), before);
    },
  ),
  accounts("whoever is deactivated, locked or has left is refused", async (site) => {
    await saveOidc(site, byLogin);
    const id = await site.post(ann);
    const accountId = await accountBehind(site, id);
    await letIn(site, { groups: [] });
    await site.put(id, { ...ann, active: false });
    assert.equal((await refusalOf(site)).reason, "locked");
    await site.put(id, { ...ann, active: true });
    await site.wish(accountId, { kind: "lock", source: "security", reason: undefined });
    const { reason, entry } = await refusalOf(site);
    assert.deepEqual([reason, entry?.target.id], ["locked", accountId]);
    await site.wish(accountId, { kind: "unlock", source: "security" });
    await letIn(site, { groups: [] });
    await site.wish(accountId, { kind: "leave" });
    assert.equal((await refusalOf(site)).reason, "declined");
    assert.equal((await site.member(accountId)).isMember, false);
  }),
  accounts(
    "a person is found by subject, by externalId, by a verified e-mail, in this order",
    async (site) => {
      await saveOidc(site, { mode: "scim" });
      const linked = await site.post({ ...ann, externalId: "ext-ann" });
      const accountId = await accountBehind(site, linked);
      const unverified = { isEmailVerified: false };
      const stranger = { address: "someone@else.example", ...unverified };
      assert.equal((await refusalOf(site, unverified)).reason, "not-provisioned");
      const foundAs = async (differences: Parameters<typeof loginOf>[0]) =>
        (await letIn(site, differences)).member.account.accountId;
      assert.equal(await foundAs({ subject: "ext-ann", ...stranger }), accountId);
      assert.equal(await foundAs({}), accountId);
      // Known by the subject from now on, whatever the address.
      assert.equal(await foundAs(stranger), accountId);
      const bea = await site.post({ userName: "bea@acme.example" });
      assert.equal(await foundAs({ address: "bea@acme.example" }), accountId);
      const beaId = await accountBehind(site, bea);
      assert.equal(await foundAs({ subject: "sub-bea", address: "BEA@acme.example" }), beaId);
      // Of Users whom two syncs call alike nobody knows who is meant, unless one person is behind them all.
      const eve = { userName: "eve@acme.example", externalId: "eve" };
      await site.post(eve);
      await site.post(eve, { of: site.other });
      await letIn(site, { subject: "eve", ...stranger });
      await site.post({ userName: "fay@acme.example", externalId: "fay" });
      await site.post(
        { userName: "f@acme.example", externalId: "fay", active: false },
        { of: site.other },
      );
      assert.equal(
        (await refusalOf(site, { subject: "fay", ...stranger })).reason,
        "not-provisioned",
      );
      await site.post({ userName: "cid@acme.example", externalId: "same" });
      await site.post({ userName: "dan@acme.example", externalId: "same" }, { of: site.other });
      assert.equal(
        (await refusalOf(site, { subject: "same", ...stranger })).reason,
        "not-provisioned",
      );
    },
  ),
  accounts(
    "an address that somebody registered without proof leads no login there",
    async (site) => {
      await saveOidc(site, byLogin);
      const squatter = await site.account(ann.userName, { emailVerified: false, hasLogin: true });
      const { member, isNew } = await letIn(site);
      assert.deepEqual([isNew, member.account.email], [true, undefined]);
      assert.notEqual(member.account.accountId, squatter.accountId);
      assert.deepEqual(await site.store.accounts.byId(squatter.accountId), squatter);
      // And is found again by the subject.
      assert.equal((await letIn(site)).member.account.accountId, member.account.accountId);
    },
  ),
  accounts("jit: verified domains alone, and the address is the account's then", async (site) => {
    await saveOidc(site, { mode: "login", jit: "verified-domains" });
    assert.equal((await refusalOf(site)).reason, "domain-unverified");
    await verifyDomain(site, "acme.example");
    assert.equal((await refusalOf(site, { isEmailVerified: false })).reason, "email-unverified");
    const { member } = await letIn(site);
    assert.deepEqual([member.account.email, member.account.emailVerified], [ann.userName, true]);
    await saveOidc(site, { mode: "login", jit: "off" });
    await letIn(site);
    assert.equal(
      (await refusalOf(site, { subject: "sub-bea", address: "bea@acme.example" })).reason,
      "jit-off",
    );
  }),
  accounts(
    "jit: somebody with an account joins and gets a mail; the attach policy may forbid it",
    async (site) => {
      await saveOidc(site, byLogin);
      const before = await site.account(ann.userName);
      await site.set({ attachPolicy: "invite" });
      assert.equal((await refusalOf(site)).reason, "attach-policy");
      await site.set({ attachPolicy: "attach" });
      await site.since();
      const { member, isNew, hasJoined } = await letIn(site);
      assert.deepEqual(
        [member.account.accountId, isNew, hasJoined],
        [before.accountId, false, true],
      );
      assert.deepEqual(await site.since(), { entries: 1, events: 1, mails: 1 });
      const [mail] = await site.store.mails.list(tenantOf(site), { limit: 1 });
      assert.deepEqual(
        [mail?.kind, mail?.to, mail?.facts.by],
        ["attached", ann.userName, "login.acme.example"],
      );
      assert.deepEqual(await site.store.accounts.byId(before.accountId), before);
      await letIn(site);
      assert.deepEqual(await site.since(), { entries: 1, events: 0, mails: 0 });
    },
  ),
  accounts("a login counts in its tenant only", async (site) => {
    await saveOidc(site, byLogin);
    const { member } = await letIn(site);
    const globex = await createPopulation(site.store, "globex");
    const { tenantId } = globex.scope;
    const elsewhere = await site.store.logins.logIn(tenantId, loginOf(), application);
    assert.deepEqual(elsewhere, { kind: "refused", reason: "not-provisioned" });
    const { accountId } = member.account;
    assert.equal((await site.store.memberships.read(tenantId, accountId))?.isMember, false);
    assert.deepEqual((await site.store.memberships.held(tenantId, accountId)).loginSubjects, []);
  }),
  accounts("two logins of one person at once end as one of them", async (site) => {
    await saveOidc(site, byLogin);
    await addMapping(site, named("A"), "admin");
    await addMapping(site, named("B"), "viewer");
    const logins = [["A"], ["B"], ["A", "B"], []].map((groups) => logIn(site, { groups }));
    const outcomes = (await Promise.all(logins)).map(acceptedOf);
    const ids = new Set(outcomes.map(({ member }) => member.account.accountId));
    assert.equal(ids.size, 1);
    assert.deepEqual(outcomes.filter(({ isNew }) => isNew).length, 1);
    assert.equal(outcomes.filter(({ hasJoined }) => hasJoined).length, 1);
    const [accountId] = ids;
    assert(accountId !== undefined);
    for (let round = 0; round < 5; round += 1) {
      await Promise.all([["A"], ["B"]].map((groups) => letIn(site, { groups })));
      const { loginGroups } = await site.store.memberships.held(tenantOf(site), accountId);
      const [group] = loginGroups;
      assert.equal(loginGroups.length, 1);
      const { access } = await site.member(accountId);
      assert.equal(access.role, group === "A" ? "admin" : "viewer");
    }
    const wish = { isCheck: true };
    const checked = await site.store.mappings.reconcile(tenantOf(site), wish, testCircumstances);
    assert.equal(checked?.differences, 0);
  }),
  accounts(
    "many first logins of one person at once put them into the default team once",
    async (site) => {
      const teamId = await addTeam(site, "Home");
      await site.set({ defaultTeam: teamId });
      await saveOidc(site, byLogin);
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => letIn(site)));
      const ids = new Set(outcomes.map(({ member }) => member.account.accountId));
      assert.equal(ids.size, 1);
      for (const { access } of outcomes) {
        assert.deepEqual([access.role, access.teams], ["user", [{ teamId, role: "viewer" }]]);
      }
      const [accountId] = ids;
      assert(accountId !== undefined);
      assert.deepEqual(await sourcesOf(site, accountId), ["default user", "default viewer"]);
      assert.equal((await accessEvents(site)).length, 1);
    },
  ),
  accounts("the last owner keeps the role that a login would take", async (site) => {
    await saveOidc(site, byLogin);
    await addMapping(site, named("Owners"), "owner");
    const { member } = await letIn(site, { groups: ["Owners"] });
    const { accountId } = member.account;
    assert.equal((await site.member(accountId)).access.isOwner, true);
    await site.since();
    const kept = await letIn(site, { groups: [] });
    assert.equal(kept.access.isOwner, true);
    assert.deepEqual(await site.since(), { entries: 1, events: 0, mails: 0 });
    assert.deepEqual(await sourcesOf(site, accountId), ["retained owner"]);
    const { accountId: bea } = await site.account("bea@acme.example");
    await site.wish(bea, { kind: "add", role: "owner" });
    await letIn(site, { groups: ["Owners"] });
    await site.wish(accountId, { kind: "revoke", teamId: undefined });
    assert.equal((await letIn(site, { groups: [] })).access.role, "user");
  }),
  accounts(
    "another issuer calls nobody by the name of before; a removed one takes no tokens",
    async (site) => {
      const { oidcConnections } = site.store;
      const tenantId = tenantOf(site);
      await saveOidc(site, byLogin);
      const { member } = await letIn(site, { isEmailVerified: false });
      const { accountId } = member.account;
      await saveOidc(site, { ...byLogin, groupsClaim: "roles" });
      const subjects = async () =>
        (await site.store.memberships.held(tenantId, accountId)).loginSubjects;
      assert.deepEqual(await subjects(), ["sub-ann"]);
      await site.since();
      await saveOidc(site, { ...byLogin, groupsClaim: "roles" });
      assert.deepEqual(await site.since(), { entries: 0, events: 0, mails: 0 });
      await saveOidc(site, { ...byLogin, issuer: "https://other.example", sealedSecret: "sealed" });
      assert.deepEqual(await subjects(), []);
      const read = await oidcConnections.read(tenantId);
      assert.deepEqual(
        [read?.issuer, read?.sealedSecret, read?.jit],
        ["https://other.example", "sealed", "any"],
      );
      const log = await site.store.auditLog.list(tenantId, { limit: 9 });
      assert.doesNotMatch(JSON.stringify(log), /"sealed"/);
      assert.equal(await oidcConnections.remove(tenantId, testCircumstances), true);
      assert.equal(await oidcConnections.remove(tenantId, testCircumstances), false);
      assert.equal(await oidcConnections.read(tenantId), undefined);
      assert.equal((await refusalOf(site)).reason, "not-provisioned");
    },
  ),
  accounts(
    "erasing a person removes how they are called, their groups and what they gave",
    async (site) => {
      await saveOidc(site, byLogin);
      await addMapping(site, named("Staff"), "admin");
      const { member } = await letIn(site, { groups: ["Staff"] });
      const { accountId } = member.account;
      await site.store.accounts.erase(accountId, testCircumstances);
      const { loginSubjects, loginGroups } = await site.store.memberships.held(
        tenantOf(site),
        accountId,
      );
      assert.deepEqual([loginSubjects, loginGroups], [[], []]);
      const types = (await lastEvents(site)).map(({ type }) => type);
      assert.deepEqual(types.slice(-3).toSorted(), [
        "access.changed",
        "account.deleted",
        "sessions.revoke",
      ]);
      const again = await letIn(site, { groups: ["Staff"] });
      assert.notEqual(again.member.account.accountId, accountId);
    },
  ),
  accounts("a refused token is in the audit log, and alerts nobody", async (site) => {
    const { logins, alerts } = site.store;
    await site.since();
    const why = "it has expired (exp)";
    assert.equal(await logins.refuse(tenantOf(site), { why }, application), true);
    assert.deepEqual(await site.since(), { entries: 1, events: 0, mails: 0 });
    await saveOidc(site);
    await refusalOf(site);
    const kept = await alerts.keptMembers(testTime(-1));
    assert.deepEqual(
      kept.filter(({ tenantId }) => tenantId === tenantOf(site)),
      [],
    );
    const gone = "tenant-nobody" as typeof site.population.scope.tenantId;
    assert.equal(await logins.refuse(gone, { why }, application), false);
    assert.deepEqual(await logins.logIn(gone, loginOf(), application), { kind: "gone" });
  }),
];
