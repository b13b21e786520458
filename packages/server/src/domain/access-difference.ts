/** Effective access before and after: whether it differs, and the form in which events and the API show it. */
import type { GrantSource, LockSource } from "./account.ts";
import type { EffectiveAccess } from "./effective-access.ts";

/** Tells whether the application has to treat the person alike: the same state and the same roles, wherever they come from. */
export function sameAccess(one: EffectiveAccess, other: EffectiveAccess): boolean {
  return (
    one.state === other.state &&
    one.role === other.role &&
    one.isOwner === other.isOwner &&
    one.teams.length === other.teams.length &&
    one.teams.every(({ teamId, role }, index) => {
      const beside = other.teams[index];
      return beside?.teamId === teamId && beside.role === role;
    })
  );
}

/** Effective access as JSON. */
export type EffectiveAccessJson = {
  readonly state: EffectiveAccess["state"];
  readonly role: string | null;
  readonly teams: readonly { readonly teamId: string; readonly role: string }[];
  readonly grants: readonly {
    readonly source: GrantSource;
    readonly sourceId: string | null;
    readonly teamId: string | null;
    readonly role: string;
    readonly effective: boolean;
    readonly why: string;
  }[];
  readonly locks: readonly LockSource[];
};

/** Writes the complete state; what is missing is null. */
export function accessJson({
  state,
  role,
  teams,
  grants,
  suspendedBy,
}: EffectiveAccess): EffectiveAccessJson {
  return {
    state,
    role: role ?? null,
    teams: teams.map(({ teamId, role: held }) => ({ teamId, role: held })),
    grants: grants.map(({ source, sourceId, teamId, role: granted, isEffective, why }) => ({
      source,
      sourceId: sourceId ?? null,
      teamId: teamId ?? null,
      role: granted,
      effective: isEffective,
      why,
    })),
    locks: [...suspendedBy],
  };
}
