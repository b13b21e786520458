/** Versions (RFC 7644 §3.14): one opaque weak tag for each revision. */

/** The version of a revision, as it stands in `meta.version` and ETag: `W/"3"`. */
export function versionOf(revision: number): string {
  return `W/"${revision}"`;
}
