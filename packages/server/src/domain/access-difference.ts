/** Effective access before and after: whether it differs, and the form in which events and the API show it. */
import type { GrantSource, LockSource } from "./account.ts";
import type { EffectiveAccess } from "./effective-access.ts";

/** Tells whether the application has to treat the person alike: the same state and the same role, wherever it comes from. */
export function sameAccess(one: EffectiveAccess, other: EffectiveAccess): boolean {
  return one.state === other.state && one.role === other.role && one.isOwner === other.isOwner;
}

/** Effective access as JSON. */
export type EffectiveAccessJson = {
  readonly state: EffectiveAccess["state"];
  readonly role: string | null;
  readonly grants: readonly {
    readonly source: GrantSource;
    readonly sourceId: string | null;
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
  grants,
  suspendedBy,
}: EffectiveAccess): EffectiveAccessJson {
  return {
    state,
    role: role ?? null,
    grants: grants.map(({ source, sourceId, role: granted, isEffective, why }) => ({
      source,
      sourceId: sourceId ?? null,
      role: granted,
      effective: isEffective,
      why,
    })),
    locks: [...suspendedBy],
  };
}
