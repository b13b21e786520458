/** What one check of `rollcall doctor` found. */

/** A finding. */
export interface Finding {
  readonly check: string;
  readonly state: "ok" | "warning" | "problem";
  readonly text: string;
}
