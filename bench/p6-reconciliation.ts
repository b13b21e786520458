/** P6: how long it takes to save a mapping that concerns 100,000 people, with everything that it means for them. */
import type { AccessPreview, MappingWish } from "../packages/server/src/domain/mapping-change.ts";
import type { MappingId, TeamId, TenantId } from "../packages/server/src/domain/tenant.ts";
import { newId } from "../packages/server/src/provisioning/new-id.ts";
import type { Store } from "../packages/server/src/store/store.ts";
import { withInstance } from "./fill-directory.ts";
import type { Finding, PromiseReport } from "./finding.ts";
import { count, milliseconds, orientation, within } from "./finding.ts";
import type { Workplace } from "./workplace.ts";

const promisedSeconds = 5;
const fullMembers = 100_000;
/** Some people of a directory are inactive, and nobody is told of them. */
const activeShareMin = 0.9;
const circumstances = { actor: { kind: "operator", id: "bench" }, requestId: "bench" } as const;

/** The tenant whose mappings are changed, and how many people that concerns. */
interface Tenant {
  readonly store: Store;
  readonly tenantId: TenantId;
  readonly groupId: string;
  readonly members: number;
}

/** A change, and how it is called. */
interface Step {
  readonly what: string;
  readonly wish: MappingWish;
  readonly isAsked?: boolean;
}

/** Measures it. */
export async function reconciliation(place: Workplace): Promise<PromiseReport> {
  const members = Math.min(fullMembers, place.scale.large);
  const site = await place.site({ users: members, groups: 1, largestGroup: members });
  const { folder, databaseUrl, directory } = site;
  const findings = await withInstance({ folder, databaseUrl }, async ({ store }) => {
    const [tenant] = await store.tenants.list();
    if (tenant === undefined) {
      throw new TypeError("a filled database has a tenant");
    }
    const groupId = directory.groupIdAt(directory.largestGroup);
    return measure({ store, tenantId: tenant.tenantId, groupId, members });
  });
  return {
    promise: "P6",
    title: "Reconciliation set-wise",
    findings,
    notes: [
      `A group of ${count(members)} members. Each change moves the access of everybody in it: grants, an event for each person and ` +
        "one audit entry, in one transaction. How many statements that takes is counted by a test.",
      ...(members === fullMembers ? [] : ["The promise is scaled to the size of this group."]),
    ],
  };
}

async function measure(tenant: Tenant): Promise<readonly Finding[]> {
  const { store, tenantId } = tenant;
  const teamId = newId() as TeamId;
  const team = { tenantId, teamId, name: "Everybody", group: undefined, archived: undefined };
  await store.teams.create({ ...team, created: new Date().toISOString() }, circumstances);
  const toTenant = mappingOf(tenant, undefined, "viewer");
  const toTeam = mappingOf(tenant, teamId, "viewer");
  const steps: readonly Step[] = [
    { what: "ask what a mapping to a role would do", wish: toTenant, isAsked: true },
    { what: "save a mapping to a role", wish: toTenant },
    { what: "save a mapping to a team", wish: toTeam },
    { what: "give the mapping another role", wish: roleOf(toTeam, "editor") },
    { what: "remove the mapping to the team", wish: removalOf(toTeam) },
    { what: "remove the mapping to the role", wish: removalOf(toTenant) },
  ];
  const findings: Finding[] = [];
  for (const step of steps) {
    findings.push(await findingOf(tenant, step));
  }
  findings.push(await checkFinding(tenant));
  return findings;
}

async function findingOf(
  { store, tenantId, members }: Tenant,
  { what, wish, isAsked = false }: Step,
): Promise<Finding> {
  const mode = isAsked
    ? ({ kind: "preview" } as const)
    : ({ kind: "apply", token: undefined } as const);
  const start = performance.now();
  const outcome = await store.mappings.change(tenantId, wish, mode, circumstances);
  const seconds = (performance.now() - start) / 1000;
  if (outcome.kind !== "done" && outcome.kind !== "preview") {
    throw new Error(`${what}: ${outcome.kind}`);
  }
  const people = movedIn(outcome.preview);
  if (people < activeShareMin * members) {
    throw new Error(`${what}: ${people} of ${members} people were moved`);
  }
  return {
    what: `${what}, ${count(members)} members`,
    ours: `${milliseconds(1000 * seconds)}; ${count(people)} people moved`,
    against: "",
    ...within(seconds, (promisedSeconds * members) / fullMembers, "s"),
  };
}

async function checkFinding({ store, tenantId, members }: Tenant): Promise<Finding> {
  const start = performance.now();
  const found = await store.mappings.reconcile(tenantId, { isCheck: true }, circumstances);
  if (found?.differences !== 0) {
    throw new Error(`${found?.differences} grants differ`);
  }
  return {
    what: `reconcile --check behind it, ${count(members)} members`,
    ours: milliseconds(performance.now() - start),
    against: "",
    ratio: "",
    ...orientation,
  };
}

function movedIn({ moves }: AccessPreview): number {
  return new Set(moves.map(({ accountId }) => accountId)).size;
}

type Addition = Extract<MappingWish, { kind: "add" }>;

function mappingOf(
  { tenantId, groupId }: Tenant,
  teamId: TeamId | undefined,
  role: string,
): Addition {
  return {
    kind: "add",
    mapping: {
      tenantId,
      mappingId: newId() as MappingId,
      connectionId: undefined,
      pattern: { kind: "id", text: groupId },
      teamId,
      role,
      version: 1,
      created: new Date().toISOString(),
    },
  };
}

function roleOf({ mapping: { mappingId } }: Addition, role: string): MappingWish {
  return { kind: "role", mappingId, role };
}

function removalOf({ mapping: { mappingId } }: Addition): MappingWish {
  return { kind: "remove", mappingId };
}
