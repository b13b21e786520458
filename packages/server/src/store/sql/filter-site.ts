/** What compiling a filter to SQL needs to know. */
import type { ResourceType } from "@rollcall/scim";
import type { Scope } from "../../domain/tenant.ts";
import type { SqlDialect } from "./sql-dialect.ts";

/** Where a filter is read. */
export interface FilterSite {
  readonly dialect: SqlDialect;
  readonly scope: Scope;
  readonly resourceType: ResourceType;
  /** Base URL of the service, without trailing slash. */
  readonly baseUrl: string;
  /** Makes a name for a table that no other part of the statement has. */
  readonly newAlias: () => string;
}

/** Makes the site of one statement. */
export function filterSite(site: Omit<FilterSite, "newAlias">): FilterSite {
  let count = 0;
  return {
    ...site,
    newAlias: () => {
      count += 1;
      return `t${count}`;
    },
  };
}
