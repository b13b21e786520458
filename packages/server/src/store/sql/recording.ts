/** One change to record, and what recording it comes to. */
import type { CommitOptions, CommitOutcome, ResourceChange, ScimError } from "@rollcall/scim";
import type { Circumstances } from "../../domain/audit-entry.ts";
import type { Scope } from "../../domain/tenant.ts";
import type { DeletionPreview } from "../store.ts";
import type { SqlContext } from "./sql-context.ts";

/** One change to record, and what it is recorded with. */
export interface Recording<Change extends ResourceChange> {
  readonly scope: Scope;
  readonly change: Change;
  readonly options: CommitOptions;
  readonly circumstances: Circumstances;
  readonly context: SqlContext;
  /** Whether to take the facts of the tenant alone; shared unless something asks for it. */
  readonly isAlone?: boolean;
  /** Whether to tell what a deletion would do, and do nothing. */
  readonly isPreview?: boolean;
}

/**
 * What recording comes to: `unprepared` asks for `preparePopulation` first, `alone` for the facts of the tenant,
 * `again` for another try because somebody else was faster, and `refused` is the answer.
 */
export type RecordOutcome =
  | CommitOutcome
  | { readonly kind: "unprepared" | "alone" | "again" }
  | ({ readonly kind: "preview" } & DeletionPreview)
  | { readonly kind: "refused"; readonly error: ScimError };
