/** How a simulated client finds out what the service provider has already. */
import type { Answer } from "../target.ts";
import { memberAt } from "../target.ts";
import type { Caller } from "./caller.ts";
import type { LookUp } from "./scim-client-habits.ts";

/** A resource as an answer carries it. */
export type Found = Readonly<Record<string, unknown>>;

/** Reads all pages of an endpoint. Undefined when one cannot be had. */
export async function readAll(
  caller: Caller,
  endpoint: string,
  query: string,
): Promise<readonly Found[] | undefined> {
  const found: Found[] = [];
  const parameters = new URLSearchParams(query);
  for (;;) {
    const text = parameters.size === 0 ? "" : `?${parameters}`;
    const answer = await caller.ask("GET", `${endpoint}${text}`, {
      accepts: [200],
      needsBody: true,
    });
    if (answer === undefined) {
      return undefined;
    }
    const page = resourcesIn(answer);
    found.push(...page);
    if (page.length === 0 || found.length >= Number(memberAt(answer.body, "totalResults"))) {
      return found;
    }
    parameters.set("startIndex", String(found.length + 1));
  }
}

/** Asks with one query. Undefined when it could not be asked, null when there is nothing. */
export async function findBy(
  caller: Caller,
  endpoint: string,
  query: string,
): Promise<Found | null | undefined> {
  const answer = await caller.ask("GET", `${endpoint}${query}`, {
    accepts: [200],
    needsBody: true,
  });
  return answer === undefined ? undefined : (resourcesIn(answer)[0] ?? null);
}

/** What a client knows that lists everything at the start, and compares. */
export type Listing = ReadonlyMap<string, Found>;

/** Reads the listing for clients that have one. */
export async function readListing<Of>(
  caller: Caller,
  endpoint: string,
  find: LookUp<Of>,
): Promise<Listing> {
  if (find.kind !== "list") {
    return new Map();
  }
  const all = (await readAll(caller, endpoint, find.query.replace("?", ""))) ?? [];
  return new Map(all.map((one) => [String(memberAt(one, find.attribute)).toLowerCase(), one]));
}

/** Looks for one before it is created. Undefined when it could not be asked, null when there is nothing. */
export async function lookUp<Of>(
  caller: Caller,
  endpoint: string,
  find: LookUp<Of>,
  of: Of,
  listing: Listing,
): Promise<Found | null | undefined> {
  if (find.kind === "list") {
    return listing.get(find.own(of).toLowerCase()) ?? null;
  }
  for (const query of find.kind === "filter" ? find.queries(of) : []) {
    const found = await findBy(caller, endpoint, query);
    if (found !== null) {
      return found;
    }
  }
  return null;
}

function resourcesIn({ body }: Answer): readonly Found[] {
  const resources = memberAt(body, "Resources");
  return Array.isArray(resources) ? resources : [];
}
