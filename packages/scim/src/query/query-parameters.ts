/** Which parameters of a query string an operation knows (RFC 7644 §3.4.2, §3.9); their names are read in any case. */

const projectionNames = ["attributes", "excludedAttributes"];
const searchNames = [...projectionNames, "filter", "sortBy", "sortOrder", "startIndex", "count"];

/** What parameters are for: one resource, a list, one that can be walked through, or nothing. */
export type ParameterKind = "projection" | "search" | "searchByCursor" | "none";

const namesOf: Readonly<Record<ParameterKind, readonly string[]>> = {
  projection: projectionNames,
  search: searchNames,
  searchByCursor: [...searchNames, "cursor"],
  none: [],
};

/** A query string, read. */
export interface QueryParameters {
  /** The known parameters under their names. */
  readonly known: URLSearchParams;
  /** The names of the others, as they were written. */
  readonly ignored: readonly string[];
}

/** Sorts the parameters out. */
export function readQueryParameters(given: URLSearchParams, kind: ParameterKind): QueryParameters {
  const names = namesOf[kind];
  const known = new URLSearchParams();
  const ignored = new Set<string>();
  for (const [written, value] of given) {
    const name = names.find((one) => one.toLowerCase() === written.toLowerCase());
    if (name !== undefined) {
      known.append(name, value);
    } else if (written !== "") {
      ignored.add(written);
    }
  }
  return { known, ignored: [...ignored] };
}
