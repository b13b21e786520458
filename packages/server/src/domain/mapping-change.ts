/** Changes of group mappings: what is wanted, what it would do to people, and what became of it. Pure. */
import type { NamedMove } from "./access-move.ts";
import type { AccountId } from "./account.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { GroupMapping } from "./group-mapping.ts";
import type { MappingId, TenantId } from "./tenant.ts";

/** A mapping that is there. */
interface KnownMapping {
  readonly mappingId: MappingId;
  /** Its version to whoever wants that; whichever it is where nothing is said. */
  readonly expected?: number | undefined;
}

/** A change of the mappings of a tenant. */
export type MappingWish =
  | {
      readonly kind: "add";
      readonly mapping: GroupMapping;
      /** Whether its team may be archived, as where it comes from: then it gives something once that is restored. */
      readonly mayBeIdle?: boolean | undefined;
    }
  | ({ readonly kind: "remove" } & KnownMapping)
  | ({ readonly kind: "role"; readonly role: string } & KnownMapping);

/** What a change does to people, exactly. */
export interface AccessPreview {
  /** Good for this change as long as it does the same. */
  readonly token: string;
  readonly moves: readonly NamedMove[];
  /** Who keeps a role as `retained`, because it must not be lost. */
  readonly retained: readonly AccountId[];
}

/** How a change is made: asked about, or applied; with the token of a preview only while it does what was shown. */
export type ChangeMode =
  | { readonly kind: "preview" }
  | { readonly kind: "apply"; readonly token: string | undefined };

/** What became of a change that could be asked about. */
export type PreviewedOutcome<Done> =
  | { readonly kind: "preview"; readonly preview: AccessPreview }
  | ({ readonly kind: "done"; readonly preview: AccessPreview } & Done)
  /** It would do something else than the preview that the token is of; nothing is changed. */
  | { readonly kind: "moved"; readonly preview: AccessPreview };

/** What became of a change of mappings. */
export type MappingOutcome =
  | PreviewedOutcome<{ readonly mapping: GroupMapping }>
  /** The tenant has the same mapping. */
  | { readonly kind: "taken"; readonly by: MappingId }
  | { readonly kind: "gone"; readonly what: "tenant" | "mapping" | "team" }
  /** Somebody else has changed the mapping since it had the version that was expected. */
  | { readonly kind: "stale" }
  /** Neither the tenant nor its teams have such a role. */
  | { readonly kind: "no-role"; readonly roles: readonly string[] };

/** What a token stands for: the change and everything it does, in one text. */
export function previewTextOf(
  tenantId: TenantId,
  change: unknown,
  { moves, retained }: Pick<AccessPreview, "moves" | "retained">,
): string {
  return canonicalJson({ tenantId, change, moves, retained });
}

/** What of a wish a preview is good for: a mapping that is to be added has another id each time. */
export function wishedChangeOf(wish: MappingWish): unknown {
  if (wish.kind !== "add") {
    const { expected: _, ...change } = wish;
    return change;
  }
  const { connectionId, pattern, teamId, role } = wish.mapping;
  return { kind: "add", connectionId, pattern, teamId, role };
}
