/** Records what a change of a User does to the account behind it, beside the change of the resource itself. */
import type { JsonObject, ResourceChange } from "@rollcall/scim";
import { sameJson } from "@rollcall/scim";
import type { Link } from "../../domain/account.ts";
import type { AccessConsequence } from "../../domain/consequences.ts";
import type { Person } from "../../domain/person.ts";
import { personOf, personType } from "../../domain/person.ts";
import { nextAccessRevision } from "./access-revision.ts";
import type { Candidates } from "./account-candidates.ts";
import { candidatesAsked } from "./account-candidates.ts";
import type { Asked } from "./asked.ts";
import { allAsked, known } from "./asked.ts";
import { attachPerson } from "./attach-person.ts";
import type { PersonChange, PersonGround } from "./change-person.ts";
import { changePerson, personGroundAsked, removePerson } from "./change-person.ts";
import { linkAsked } from "./membership-facts.ts";
import type { PersonEffect, PersonOutcome, PersonSite } from "./person-site.ts";
import { noPersonEffect } from "./person-site.ts";
import type { Script } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";

/** What is read of accounts for a change, and how the change concerns them. */
export type PersonQuestion =
  | { readonly kind: "none" }
  | { readonly kind: "create"; readonly person: Person; readonly candidates: Candidates }
  | ({ readonly kind: "update"; readonly change: PersonChange } & PersonGround)
  | { readonly kind: "delete"; readonly person: Person; readonly link: Link | undefined };

/** Asks what a change needs to know of accounts; `form` is the comparison form of the resource afterwards. */
export function personAsked(
  scope: PersonSite["scope"],
  change: ResourceChange,
  form: JsonObject | undefined,
  context: SqlContext,
): Asked<PersonQuestion> {
  if (change.resourceType.name !== personType) {
    return known({ kind: "none" });
  }
  if (change.kind === "delete") {
    return allAsked<PersonQuestion & Readonly<Record<string, unknown>>>({
      kind: known("delete" as const),
      person: known(personOf(change.before.attributes)),
      link: linkAsked(scope, change.id),
    });
  }
  if (form === undefined) {
    return known({ kind: "none" });
  }
  const after = personOf(change.after);
  if (change.kind === "create") {
    const { statements, answer } = candidatesAsked(scope, after, form, context);
    return {
      statements,
      answer: (results) => ({ kind: "create", person: after, candidates: answer(results) }),
    };
  }
  const changed = { before: personOf(change.before.attributes), after };
  if (sameJson({ ...shownOf(changed.before) }, { ...shownOf(after) })) {
    return known({ kind: "none" });
  }
  const site = { scope, resourceId: change.id, context };
  const { statements, answer } = personGroundAsked(site, changed, form);
  return {
    statements,
    answer: (results) => ({ kind: "update", change: changed, ...answer(results) }),
  };
}

/** What of a person an account depends on. */
function shownOf({ active, userName, externalId, email, roles }: Person): JsonObject {
  return {
    active,
    userName: userName ?? null,
    externalId: externalId ?? null,
    email: email?.text ?? null,
    roles: roles ?? null,
  };
}

/** Decides what becomes of the account. */
export function* personOutcome(site: PersonSite, question: PersonQuestion): Script<PersonOutcome> {
  switch (question.kind) {
    case "none":
      return noPersonEffect;
    case "create":
      return yield* attachPerson(site, question.person, question.candidates, "post");
    case "update":
      return yield* changePerson(site, question.change, question);
    case "delete":
      return yield* removePerson(site, question);
  }
}

/** What the audit log and the application are told. */
export function accessConsequenceOf(
  { effect, account, accountDifferences }: PersonEffect,
  context: SqlContext,
): AccessConsequence | undefined {
  return effect === undefined || account === undefined
    ? undefined
    : {
        accountId: account.accountId,
        ref: account.ref,
        isNew: account.isNew,
        before: effect.access.before,
        after: effect.access.after,
        differences: [...accountDifferences, ...effect.differences],
        revision: nextAccessRevision(effect.before, context),
      };
}
