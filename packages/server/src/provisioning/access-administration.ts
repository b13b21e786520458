/** Everything that is done about access, in the name of whoever has opened the data: teams, mappings, manual grants, reconciling. */
import type { ResourceTypeRegistry } from "@rollcall/scim";
import type { Circumstances } from "../domain/audit-entry.ts";
import { teamNamesOf } from "../domain/find-team.ts";
import type { GrantWish } from "../domain/grant-wish.ts";
import type { GroupMapping } from "../domain/group-mapping.ts";
import type { AccessPreview, MappingWish } from "../domain/mapping-change.ts";
import type { MappingText } from "../domain/mapping-text.ts";
import type { CountsByTarget, PreviewSummary } from "../domain/preview-summary.ts";
import { moveCountsOf, previewSummaryOf } from "../domain/preview-summary.ts";
import { refusal } from "../domain/refusal.ts";
import type { Team } from "../domain/team.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { WhyAccess } from "../domain/why-access.ts";
import type { Store } from "../store/store.ts";
import type { AccessView } from "./access-view.ts";
import { openAccessView } from "./access-view.ts";
import type { GrantPlace } from "./grant-administration.ts";
import { changeGrant } from "./grant-administration.ts";
import type { CheckPart } from "./mapping-administration.ts";
import {
  changeMapping,
  mappingGroundOf,
  parseMapping,
  previewMapping,
} from "./mapping-administration.ts";
import type { ChangedMembership } from "./membership-administration.ts";
import type { TeamChange } from "./team-administration.ts";
import { archiveTeam, createTeam, renameTeam } from "./team-administration.ts";
import type { WhyQuestion } from "./why-access.ts";
import { explainAccess } from "./why-access.ts";

/** A mapping after a change, with what that came to. */
export interface AppliedMapping {
  readonly mapping: GroupMapping;
  readonly counts: CountsByTarget;
}

/** What reconciling came to. */
export interface Reconciliation {
  /** How many grants were there and not due, or due and not there. */
  readonly differences: number;
  readonly counts: CountsByTarget;
}

/** What is done about access. Whatever cannot be done is a refusal. */
export interface AccessAdministration {
  createTeam(tenant: Tenant, name: string): Promise<Team>;
  /** Without a name a team that follows a group is called as its group again. */
  renameTeam(tenant: Tenant, change: TeamChange, name: string | undefined): Promise<Team>;
  archiveTeam(tenant: Tenant, change: TeamChange, isArchived: boolean): Promise<Team>;
  /** Reads a mapping that is written down; `checked` runs the check of each part. */
  parseMapping(tenant: Tenant, text: MappingText, checked: CheckPart): Promise<GroupMapping>;
  previewMapping(tenant: Tenant, wish: MappingWish): Promise<PreviewSummary>;
  /** With the token of a preview only while the change does what was shown. */
  changeMapping(
    tenant: Tenant,
    wish: MappingWish,
    token: string | undefined,
  ): Promise<AppliedMapping>;
  changeGrant(place: GrantPlace, wish: GrantWish): Promise<ChangedMembership>;
  reconcile(tenant: Tenant, isCheck: boolean): Promise<Reconciliation>;
  openAccessView(tenant: Tenant): Promise<AccessView>;
  /** Why somebody has a role, or what is missing for one; undefined where there is no such account. */
  explain(tenant: Tenant, question: WhyQuestion): Promise<WhyAccess | undefined>;
}

/** What it needs. */
export interface AccessAdministrationParts {
  readonly store: Store;
  readonly registry: ResourceTypeRegistry;
  readonly now: () => number;
  readonly circumstances: () => Circumstances;
}

/** Makes it. */
export function createAccessAdministration(parts: AccessAdministrationParts): AccessAdministration {
  const { store, now, circumstances } = parts;
  return {
    createTeam: (tenant, name) =>
      createTeam(store, tenant, name, { ...circumstances(), nowMs: now() }),
    renameTeam: (tenant, change, name) =>
      renameTeam(store, tenant, { ...change, name }, circumstances()),
    archiveTeam: (tenant, change, isArchived) =>
      archiveTeam(store, tenant, { ...change, isArchived }, circumstances()),
    parseMapping: async (tenant, text, checked) =>
      parseMapping(text, await mappingGroundOf(store, tenant), { nowMs: now(), checked }),
    previewMapping: async (tenant, wish) =>
      shownPreview(await previewMapping(store, tenant, wish, circumstances()), tenant, store),
    changeMapping: async (tenant, wish, token) => {
      const change = { wish, token };
      const { mapping, preview } = await changeMapping(store, tenant, change, circumstances());
      return { mapping, counts: moveCountsOf(preview.moves, await namesIn(tenant, store)) };
    },
    changeGrant: (place, wish) => changeGrant(store, place, wish, circumstances()),
    reconcile: async (tenant, isCheck) => {
      const { tenantId, slug } = tenant;
      const found = await store.mappings.reconcile(tenantId, { isCheck }, circumstances());
      if (found === undefined) {
        throw refusal(`tenant ${slug} is gone`);
      }
      const { differences, moves } = found;
      return { differences, counts: moveCountsOf(moves, await namesIn(tenant, store)) };
    },
    openAccessView: (tenant) => openAccessView(parts, tenant),
    explain: (tenant, question) => explainAccess(store, tenant, question),
  };
}

async function namesIn({ tenantId }: Tenant, { teams }: Pick<Store, "teams">) {
  return teamNamesOf(await teams.list(tenantId));
}

async function shownPreview(
  preview: AccessPreview,
  tenant: Tenant,
  store: Store,
): Promise<PreviewSummary> {
  const [names, accounts] = await Promise.all([
    namesIn(tenant, store),
    store.accounts.byIds(preview.retained),
  ]);
  return previewSummaryOf(preview, names, accounts);
}
