/** What tests of mappings work with: the groups, teams and mappings of one tenant, and what comes of them for people. */
import assert from "node:assert/strict";
import type { CommitOutcome, JsonObject, RelationStep, ResourceType } from "@rollcall/scim";
import type { AccessMove } from "../domain/access-move.ts";
import type { AccountId } from "../domain/account.ts";
import type { NumberedAuditEntry } from "../domain/audit-entry.ts";
import { teamNamesOf } from "../domain/find-team.ts";
import type { GroupPattern } from "../domain/group-mapping.ts";
import type {
  AccessPreview,
  ChangeMode,
  MappingOutcome,
  MappingWish,
} from "../domain/mapping-change.ts";
import type { OutboxEvent } from "../domain/outbox-event.ts";
import type { TeamOutcome } from "../domain/team.ts";
import type { MappingId, TeamId, TenantId } from "../domain/tenant.ts";
import type { AccountSite } from "./account-site.ts";
import { accountBehind, accounts } from "./account-site.ts";
import type { TestPopulation } from "./contract-population.ts";
import { testCircumstances, testTime, testTypes } from "./contract-population.ts";
import type { Store } from "./store.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

/** A change of a group. */
export interface GroupEdit {
  readonly name?: string;
  readonly externalId?: string;
  readonly steps?: readonly RelationStep[];
  readonly of?: TestPopulation;
  readonly strictReferences?: boolean;
}

/** What members of some groups get. */
export interface TestTarget {
  /** The tenant itself where there is none. */
  readonly team?: TeamId;
  readonly role: string;
  /** Whose groups; those of all connections where there is none. */
  readonly of?: TestPopulation;
}

/** What a test works with. */
export interface GrantsSite extends AccountSite {
  readonly tenantId: TenantId;
  readonly group: ResourceType;
  /** Provisions somebody with this name and an address that goes with it. */
  person(name: string, options?: PersonOptions): Promise<string>;
  makeGroup(name: string, members?: readonly string[], edit?: GroupEdit): Promise<string>;
  edit(id: string, edit: GroupEdit): Promise<CommitOutcome>;
  removeGroup(id: string, of?: TestPopulation): Promise<void>;
  team(name: string): Promise<TeamId>;
  archive(teamId: TeamId, isArchived: boolean): Promise<TeamOutcome>;
  wishFor(pattern: GroupPattern, target: TestTarget): MappingWish & { readonly kind: "add" };
  changeMapping(wish: MappingWish, mode?: ChangeMode): Promise<MappingOutcome>;
  /** Makes a mapping that can be made. */
  map(pattern: GroupPattern, target: TestTarget): Promise<MappingId>;
  unmap(mappingId: MappingId): Promise<AccessPreview>;
  /** The effective access of whoever is behind a User, such as `tenant user` or `Blue editor`. */
  access(userId: string, of?: TestPopulation): Promise<string>;
  /** The events since the last call. */
  told(): Promise<readonly OutboxEvent[]>;
  lastEntry(): Promise<NumberedAuditEntry>;
  /** Everything that the store keeps. */
  rows(): Promise<string>;
  differences(): Promise<number>;
}

interface PersonOptions {
  readonly of?: TestPopulation;
  readonly attributes?: JsonObject;
}

/** A promise about what groups give. */
export function grants(name: string, keep: (site: GrantsSite) => Promise<void>): StoreContractTest {
  return {
    name: `grants: ${name}`,
    run: (store, registry) =>
      accounts(name, async (accountSite) => {
        const site = grantsSite(accountSite, testTypes(registry).group);
        await keep(site);
        assert.equal(await site.differences(), 0, "what groups give is what they should");
      }).run(store, registry),
  };
}

/** The names of those who are meant, whatever the letter case. */
export function named(text: string): GroupPattern {
  return { kind: "name", text };
}

/** Makes the site of a tenant with accounts. */
export function grantsSite(site: AccountSite, group: ResourceType): GrantsSite {
  const { store, population } = site;
  const { tenantId } = population.scope;
  let made = 0;
  let position = 0;
  const nextId = (kind: string) => {
    made += 1;
    return `${kind}-${String(made).padStart(4, "0")}`;
  };
  const events = () => store.outbox.list(tenantId, { after: position, limit: 100_000 });
  const changeMapping = (
    wish: MappingWish,
    mode: ChangeMode = { kind: "apply", token: undefined },
  ) => store.mappings.change(tenantId, wish, mode, testCircumstances);
  const wishFor: GrantsSite["wishFor"] = (pattern, { team, role, of }) => ({
    kind: "add",
    mapping: {
      tenantId,
      mappingId: nextId("mapping") as MappingId,
      connectionId: of?.scope.connectionId,
      pattern,
      teamId: team,
      role,
      version: 1,
      created: testTime(0),
    },
  });
  return {
    ...site,
    tenantId,
    group,
    person: (name, { of = population, attributes = {} } = {}) =>
      site.post({ userName: `${name}@acme.example`, ...attributes }, { of }),
    async makeGroup(name, members, { externalId, of = population, strictReferences } = {}) {
      const attributes = { displayName: name, ...(externalId === undefined ? {} : { externalId }) };
      const { id, outcome } = await of.create(group, attributes, {
        ...(members === undefined ? {} : { members }),
        ...(strictReferences === undefined ? {} : { options: { strictReferences } }),
      });
      assert.equal(outcome.kind, "committed");
      return id;
    },
    async edit(id, { name, externalId, steps, of = population, strictReferences = false }) {
      const before = await of.read(group, id);
      const after = {
        ...before.attributes,
        ...(name === undefined ? {} : { displayName: name }),
        ...(externalId === undefined ? {} : { externalId }),
      };
      return of.update(group, before, {
        after,
        ...(steps === undefined ? {} : { steps }),
        options: { strictReferences },
      });
    },
    async removeGroup(id, of = population) {
      const outcome = await of.remove(group, await of.read(group, id));
      assert.equal(outcome.kind, "committed");
    },
    async team(name) {
      const teamId = nextId("team") as TeamId;
      const team = { tenantId, teamId, name, group: undefined, created: testTime(0) };
      const outcome = await store.teams.create({ ...team, archived: undefined }, testCircumstances);
      assert.equal(outcome.kind, "done");
      return teamId;
    },
    archive: (teamId, isArchived) =>
      store.teams.archive({ tenantId, teamId, isArchived }, testCircumstances),
    wishFor,
    changeMapping,
    async map(pattern, target) {
      const wish = wishFor(pattern, target);
      const outcome = await changeMapping(wish);
      assert.equal(outcome.kind, "done");
      return wish.mapping.mappingId;
    },
    async unmap(mappingId) {
      const outcome = await changeMapping({ kind: "remove", mappingId });
      assert(outcome.kind === "done");
      return outcome.preview;
    },
    async access(userId, of = population) {
      const { access } = await site.member(await accountBehind(site, userId, of));
      const names = teamNamesOf(await store.teams.list(tenantId));
      const places = [
        ...(access.role === undefined ? [] : [`tenant ${access.role}`]),
        ...access.teams.map(({ teamId, role }) => `${names.get(teamId) ?? teamId} ${role}`),
      ];
      return access.state === "active" ? places.join(", ") : access.state;
    },
    async told() {
      const found = await events();
      position = found.at(-1)?.position ?? position;
      return found;
    },
    async lastEntry() {
      const [entry] = (await store.auditLog.list(tenantId, { limit: 1000 })).toSorted(
        (one, other) => other.number - one.number,
      );
      assert(entry !== undefined);
      return entry;
    },
    rows: () => allRows(store),
    async differences() {
      const found = await store.mappings.reconcile(tenantId, { isCheck: true }, testCircumstances);
      assert(found !== undefined);
      return found.differences;
    },
  };
}

/** What the store writes in the background, whoever acts: the hash chain of the audit log. */
const backgroundColumns = /^(chain_|last_chain)/;

/** Everything that a store keeps, or what of it belongs to a tenant, as one text. */
export async function allRows(store: Store, tenantId?: TenantId): Promise<string> {
  const lines: string[] = [];
  await store.snapshots.read(async ({ table, columns, rows }) => {
    const tenantAt = columns.indexOf("tenant_id");
    for (const row of rows) {
      if (tenantId === undefined || row[tenantAt] === tenantId) {
        const kept = row.filter((_, index) => !backgroundColumns.test(columns[index] ?? ""));
        lines.push(JSON.stringify([table, ...kept]));
      }
    }
  });
  return lines.sort().join("\n");
}

/** Whose access was told of, and what the events were. */
export function toldOf(
  events: readonly OutboxEvent[],
  type: "access.changed" | "sessions.revoke" = "access.changed",
): readonly string[] {
  return events
    .filter((event) => event.type === type)
    .map(({ resourceId }) => resourceId)
    .toSorted();
}

/** Moves without addresses: `account team from→to`. */
export function movesShown(moves: readonly AccessMove[]): readonly string[] {
  return moves.map(
    ({ accountId, teamId, from, to }) =>
      `${accountId} ${teamId ?? "tenant"} ${from ?? "-"}→${to ?? "-"}`,
  );
}

/** Everybody whose access changed with an edit gets one event, and nobody else any. */
export async function tellsOnly(
  site: GrantsSite,
  userIds: readonly string[],
  act: () => Promise<unknown>,
): Promise<void> {
  const wanted: AccountId[] = [];
  for (const userId of userIds) {
    wanted.push(await accountBehind(site, userId));
  }
  await site.told();
  await act();
  assert.deepEqual(toldOf(await site.told()), wanted.toSorted());
}
