/** Adopt or refuse: what a POST does that meets resources already there (RFC 7644 §3.3; docs/decisions/0005-adoption.md). */
import type { CreateDecision, CreateFacts, CreatePolicy, StoredResource } from "@rollcall/scim";

/**
 * The decision table for every resource type. A is the live resource with the name of the body, B the one with its
 * externalId (never there while `uniqueExternalId` is off); x is the body's externalId. The row numbers are those of docs/decisions/0005-adoption.md.
 */
export const adoptionPolicy: CreatePolicy = (facts) => {
  const { byName: a, byExternalId: b } = facts;
  if (a === undefined) {
    // Rows 2–6 and 13 create; row 8 adopts B and gives it the new name.
    return b === undefined ? { kind: "create" } : adoptIfAllowed(b, "externalId", facts);
  }
  const namePath = facts.namePath ?? "externalId";
  if (b !== undefined) {
    // Row 7 when both are the same resource, row 11 when the name belongs to one and the externalId to another.
    return a.id === b.id ? adoptIfAllowed(a, namePath, facts) : refuse(a, namePath);
  }
  const x = facts.attributes["externalId"];
  const known = a.attributes["externalId"];
  // Row 12: nothing but the name matches, which is a conflict. Row 10: the name is another's.
  if (x === undefined || (known !== undefined && known !== x)) {
    return refuse(a, namePath);
  }
  // Row 9: A has no externalId yet and takes x. With the rule off, row 7 arrives here too: A already has x.
  return adoptIfAllowed(a, namePath, facts);
};

function adoptIfAllowed(
  existing: StoredResource,
  path: string,
  { settings }: CreateFacts,
): CreateDecision {
  const allowed =
    settings.adoption === "always" ||
    // Interop: Okta re-assigns by POST, and its own test suite demands 409 for an active duplicate (okta.json,
    // SPEC suite step 14), so only a resource that is inactive is taken over.
    (settings.adoption === "inactive-only" && existing.attributes["active"] === false);
  return allowed ? { kind: "adopt", existing } : refuse(existing, path);
}

function refuse(existing: StoredResource, path: string): CreateDecision {
  return { kind: "refuse", path, existingId: existing.id };
}
