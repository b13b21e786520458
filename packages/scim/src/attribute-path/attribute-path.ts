/** Attribute notation (RFC 7644 §3.10), as written and as resolved against a resource type. */
import type { Attribute } from "../schema/attribute.ts";

/** `[URI ":"] attribute ["." subAttribute]`, names in the case they were written. */
export interface AttributePath {
  /** The schema URI in front, as written. */
  readonly schema: string | undefined;
  /** Undefined when the path is a bare schema URI, which means the whole extension (or the core). */
  readonly attribute: string | undefined;
  readonly subAttribute: string | undefined;
}

/** A path whose names are known to a resource type. */
export interface ResolvedPath {
  /** URI of the extension that holds the attribute; undefined for core and common attributes. */
  readonly extension: string | undefined;
  /** Undefined when the path is the extension itself. */
  readonly attribute: Attribute | undefined;
  readonly subAttribute: Attribute | undefined;
}
