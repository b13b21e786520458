/** What a client wants to see of a resource (RFC 7644 §3.9). */
import type { ResolvedPath } from "../attribute-path/attribute-path.ts";

/** What a client wants to see: `attributes` or `excludedAttributes`, resolved; unknown names are gone. */
export type Projection =
  | { readonly kind: "default" }
  | { readonly kind: "only"; readonly paths: readonly ResolvedPath[] }
  | { readonly kind: "without"; readonly paths: readonly ResolvedPath[] };

/** The projection of whoever names nothing. */
export const defaultProjection: Projection = { kind: "default" };
