/** What a requirement of the RFCs is for `rollcall check`: a row with the function that looks. */
import type { CheckSite, Feature } from "./check-site.ts";

/** How binding it is: RFC 2119 words, what follows from the text, what the RFC leaves open, what clients need. */
export type RequirementLevel = "MUST" | "DERIVED" | "SHOULD" | "CHOICE" | "INTEROP";

/** A requirement. */
export interface Requirement {
  /** Its number in the list of requirements, such as `FILT-08`. */
  readonly id: string;
  readonly level: RequirementLevel;
  /** Such as `RFC 7644 §3.4.2.2`. */
  readonly section: string;
  /** What has to hold. */
  readonly title: string;
  /** What an identity provider does where it does not hold. */
  readonly consequence: string;
  /** It only concerns who advertises this. */
  readonly needs?: Feature;
  /** Settles when it holds; rejects with a mismatch that says what came instead. */
  readonly check: (site: CheckSite) => Promise<void>;
}

/** One file of requirements: what they share, and each with its function. */
export function requirementsOf(
  shared: Pick<Requirement, "section" | "needs">,
  rows: readonly RequirementRow[],
): readonly Requirement[] {
  return rows.map(([id, level, title, consequence, check, section = shared.section]) => ({
    ...shared,
    id,
    level,
    title,
    consequence,
    check,
    section,
  }));
}

/** A requirement as it is written down. */
export type RequirementRow = readonly [
  id: string,
  level: RequirementLevel,
  title: string,
  consequence: string,
  check: Requirement["check"],
  section?: string,
];
