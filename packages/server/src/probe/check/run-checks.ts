/** Looks at every requirement in turn, and says which hold. */
import type { Target } from "../target.ts";
import { memberAt, silenceOf } from "../target.ts";
import { allRequirements } from "./all-requirements.ts";
import type { CheckSite } from "./check-site.ts";
import { createCheckSite } from "./check-site.ts";
import { isMismatch } from "./expect.ts";
import type { Requirement } from "./requirement.ts";

/** What came of one requirement. */
export interface CheckResult extends Omit<Requirement, "check" | "needs"> {
  readonly outcome: "pass" | "fail" | "skipped";
  /** What came instead, or why it was not looked at; empty where it holds. */
  readonly found: string;
}

/** What came of all. */
export interface CheckReport {
  readonly url: string;
  readonly results: readonly CheckResult[];
  readonly passed: number;
  /** Requirements that bind and do not hold: MUST and DERIVED. */
  readonly failed: number;
  /** Recommendations, choices and needs of clients that do not hold. */
  readonly advised: number;
  readonly skipped: number;
  /** What was made and could not be deleted, or was found afterwards. */
  readonly leftOver: readonly string[];
}

/** Tells whether what does not hold is against the RFCs. */
export function isBinding({ level }: Pick<Requirement, "level">): boolean {
  return level === "MUST" || level === "DERIVED";
}

/** Looks at all of them. Rejects when the service provider cannot be reached at all. */
export async function runChecks(
  target: Target,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<CheckReport> {
  const site = await createCheckSite(target);
  const results: CheckResult[] = [];
  let undeletable: readonly string[] = [];
  try {
    for (const requirement of allRequirements) {
      results.push(await lookAt(requirement, site));
      onProgress(results.length, allRequirements.length);
    }
  } finally {
    undeletable = await site.cleanUp();
  }
  const count = (holds: (result: CheckResult) => boolean) => results.filter(holds).length;
  return {
    url: target.baseUrl,
    results,
    passed: count(({ outcome }) => outcome === "pass"),
    failed: count((result) => result.outcome === "fail" && isBinding(result)),
    advised: count((result) => result.outcome === "fail" && !isBinding(result)),
    skipped: count(({ outcome }) => outcome === "skipped"),
    leftOver: [...new Set([...undeletable, ...(await leftOverOn(site))])],
  };
}

async function lookAt(requirement: Requirement, site: CheckSite): Promise<CheckResult> {
  const { check, needs, ...about } = requirement;
  if (needs !== undefined && !site.offers(needs)) {
    const found = `${needs} is not advertised in ServiceProviderConfig`;
    return { ...about, outcome: "skipped", found };
  }
  try {
    await check(site);
    return { ...about, outcome: "pass", found: "" };
  } catch (error) {
    return {
      ...about,
      outcome: "fail",
      found: isMismatch(error) ? error.message : silenceOf(error),
    };
  }
}

/** Looks for anything that still has the prefix, as far as the service provider can be asked. */
async function leftOverOn(site: CheckSite): Promise<readonly string[]> {
  const questions = [
    ["/Users", "userName"],
    ["/Groups", "displayName"],
  ] as const;
  const left: string[] = [];
  for (const [endpoint, attribute] of questions) {
    const answer = await site.filter(endpoint, `${attribute} sw "${site.prefix}"`);
    const resources = memberAt(answer.body, "Resources");
    for (const resource of Array.isArray(resources) ? resources : []) {
      const name = String(memberAt(resource, attribute));
      if (name.startsWith(site.prefix)) {
        left.push(`${endpoint}/${memberAt(resource, "id")}`);
      }
    }
  }
  return left;
}
