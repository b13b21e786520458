/** Tells the application whose access a change of groups, mappings or teams has moved, and keeps what no sync may take away. */
import type { ResourceChange } from "@rollcall/scim";
import { sameAccess } from "../../domain/access-difference.ts";
import type { NamedMove } from "../../domain/access-move.ts";
import { movesBetween } from "../../domain/access-move.ts";
import type { Account, AccountId, Grant } from "../../domain/account.ts";
import type {
  AttributeDifference,
  AuditEntry,
  RelationDifference,
} from "../../domain/audit-entry.ts";
import { accessEventsOf } from "../../domain/consequences.ts";
import type { EffectiveAccess } from "../../domain/effective-access.ts";
import { effectiveAccessOf, lossOf } from "../../domain/effective-access.ts";
import type { AccountInTenant } from "../../domain/membership-edit.ts";
import type { OutboxEvent } from "../../domain/outbox-event.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type { TenantSettings } from "../../domain/tenant-settings.ts";
import { nextAccessRevision } from "./access-revision.ts";
import { accountsById } from "./accounts.ts";
import { idsNamedMax } from "./apply-relation-deltas.ts";
import { findOwner } from "./find-owner.ts";
import { endMemberships, saveGrant } from "./membership-facts.ts";
import type { PopulationFacts } from "./population-facts.ts";
import { eventRows } from "./record-consequences.ts";
import type { Recording } from "./recording.ts";
import type { Script } from "./script.ts";
import { settingsIn } from "./settings-in.ts";
import type { SqlContext } from "./sql-context.ts";
import type { Statement } from "./statement.ts";

/** Where it is told. */
export interface TellingSite {
  readonly tenantId: TenantId;
  readonly settings: TenantSettings;
  /** xsd:dateTime in UTC: the time of the change. */
  readonly at: string;
  readonly context: SqlContext;
}

/** What a tenant has on an account, before and after. */
export interface FactsChange {
  readonly before: AccountInTenant;
  readonly after: AccountInTenant;
  /** The settings before, where they differ. */
  readonly settingsBefore?: TenantSettings;
}

/** What was told. */
export interface ToldAccess {
  readonly moves: readonly NamedMove[];
  /** Whose grant was kept, because it would have been lost and must not be. */
  readonly retained: readonly AccountId[];
  /** What the audit log is told of teams that follow groups; left out where none has changed. */
  readonly teams?: {
    readonly relation: RelationDifference;
    readonly differences: readonly AttributeDifference[];
  };
}

/** What nobody was told of. */
export const nothingTold: ToldAccess = { moves: [], retained: [] };

interface Judged {
  readonly change: FactsChange;
  readonly from: EffectiveAccess;
  readonly to: EffectiveAccess;
}

/**
 * Writes the events of those whose access differs, with the facts of the tenant taken alone. Members who would lose what
 * they must not, being protected or the last owner, keep it as a grant of the source `retained`.
 */
export function* tellAccess(
  site: TellingSite,
  changes: readonly FactsChange[],
): Script<ToldAccess> {
  const judged = changes
    .map((change) => judgedOf(change, site))
    .filter(({ from, to }) => !sameAccess(from, to));
  const kept = judged.length === 0 ? noneKept : yield* keepWhatMustStay(site, judged);
  yield endedRows(
    site,
    changes.filter(({ after: { facts } }) => !kept.has(facts.accountId)),
  );
  if (judged.length === 0) {
    return nothingTold;
  }
  const told = judged.map((one) => kept.get(one.change.after.facts.accountId) ?? one);
  return {
    moves: yield* writeEvents(
      site,
      told.filter(({ from, to }) => !sameAccess(from, to)),
    ),
    retained: [...kept.keys()],
  };
}

const noneKept: ReadonlyMap<AccountId, Judged> = new Map();

/** Ends the memberships of those whom nothing keeps any more. */
function endedRows(
  { tenantId, context: { dialect } }: TellingSite,
  changes: readonly FactsChange[],
): readonly Statement[] {
  const ended = changes.filter(({ before, after }) => before.isMember && !after.isMember);
  return ended.length === 0
    ? []
    : endMemberships(
        tenantId,
        ended.map(({ after: { facts } }) => facts.accountId),
        dialect,
      );
}

/** The site of a change of a resource. */
export function tellingSiteOf(
  { scope, context }: Pick<Recording<ResourceChange>, "scope" | "context">,
  facts: PopulationFacts,
  at: string,
): TellingSite {
  return { tenantId: scope.tenantId, settings: settingsIn(facts, context), at, context };
}

/** The entry of a change, with whose access it moved. */
export function withAccess(entry: AuditEntry, told: ToldAccess): AuditEntry {
  const { teams, retained } = told;
  const relations = [
    ...entry.relations,
    ...accessDifferenceOf(told),
    ...(teams === undefined ? [] : [teams.relation]),
  ];
  const differences = [
    ...entry.differences,
    ...(retained.length === 0 ? [] : [{ path: "access.retained", after: [...retained] }]),
    ...(teams?.differences ?? []),
  ];
  return { ...entry, relations, differences };
}

/** What the audit log is told: who got in and who lost something, the first 1,000 by name. */
function accessDifferenceOf({ moves }: ToldAccess): readonly RelationDifference[] {
  const added = accountsIn(moves.filter(({ to }) => to !== undefined));
  const removed = accountsIn(moves.filter(({ to }) => to === undefined));
  return moves.length === 0
    ? []
    : [
        {
          attribute: "access",
          addedCount: added.length,
          removedCount: removed.length,
          added: added.slice(0, idsNamedMax),
          removed: removed.slice(0, idsNamedMax),
        },
      ];
}

function accountsIn(moves: readonly NamedMove[]): readonly AccountId[] {
  return [...new Set(moves.map(({ accountId }) => accountId))];
}

function judgedOf(change: FactsChange, { settings }: TellingSite): Judged {
  const { before, after, settingsBefore = settings } = change;
  const access = ({ isMember, facts }: AccountInTenant, as: TenantSettings) =>
    effectiveAccessOf(isMember ? facts : undefined, as);
  return { change, from: access(before, settingsBefore), to: access(after, settings) };
}

/** Gives those what they had who must not lose it. */
function* keepWhatMustStay(
  site: TellingSite,
  judged: readonly Judged[],
): Script<ReadonlyMap<AccountId, Judged>> {
  const { tenantId, settings, at, context } = site;
  const losing = judged.map((one) => ({
    one,
    loss: lossOf(one.change.after.facts, one, settings),
  }));
  const owners = losing.filter(({ loss }) => loss === "owner");
  const hasOwner =
    owners.length === 0 ||
    (yield* findOwner({ tenantId, settings, dialect: context.dialect })) !== undefined;
  const keeping = losing.filter(
    ({ loss }) => loss === "break-glass" || (loss === "owner" && !hasOwner),
  );
  const kept = keeping.map(({ one }) => withRetained(one, site));
  yield kept.map(({ facts, grant }) => saveGrant(tenantId, facts.accountId, grant, at));
  return new Map(kept.map(({ facts, judged: one }) => [facts.accountId, one]));
}

function withRetained(one: Judged, site: TellingSite) {
  const { after } = one.change;
  const grant: Grant = {
    source: "retained",
    sourceId: undefined,
    teamId: undefined,
    role: one.from.role ?? site.settings.defaultRole,
    at: site.at,
  };
  const facts = { ...after.facts, grants: [...after.facts.grants, grant] };
  // A grant of its own keeps a membership that nothing else does.
  const change = { ...one.change, after: { ...after, isMember: true, facts } };
  return { facts, grant, judged: judgedOf(change, site) };
}

/** How many people are told of at once. */
const toldAtOnceMax = 20_000;

function* writeEvents(site: TellingSite, told: readonly Judged[]): Script<readonly NamedMove[]> {
  const { tenantId, context } = site;
  const moves: NamedMove[] = [];
  for (let start = 0; start < told.length; start += toldAtOnceMax) {
    const part = told.slice(start, start + toldAtOnceMax);
    const ids = part.map(({ change }) => change.after.facts.accountId);
    const accounts = new Map(
      (yield* accountsById(ids, context.dialect)).map((account) => [account.accountId, account]),
    );
    const events = part.flatMap((one) => eventsOf(one, accounts, site));
    yield yield* eventRows(tenantId, events, context);
    for (const { change, from, to } of part) {
      const { accountId } = change.after.facts;
      const email = accounts.get(accountId)?.email;
      moves.push(...movesBetween(accountId, from, to).map((move) => ({ ...move, email })));
    }
  }
  return moves;
}

function eventsOf(
  { change, from, to }: Judged,
  accounts: ReadonlyMap<AccountId, Account>,
  { at, context }: TellingSite,
): readonly OutboxEvent[] {
  const { accountId } = change.after.facts;
  return accessEventsOf(
    {
      accountId,
      ref: accounts.get(accountId)?.ref,
      isNew: false,
      before: from,
      after: to,
      differences: [],
      revision: nextAccessRevision(change.after, context),
    },
    { at, newId: context.newId, isRevoking: true },
  );
}
