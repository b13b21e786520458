/** The operations of the access model that concern one membership: what operators and people want of it, and logins. */
import assert from "node:assert/strict";
import type { AccountId } from "../domain/account.ts";
import { parseEmailAddress } from "../domain/email-address.ts";
import type { MembershipWish } from "../domain/membership-wish.ts";
import type { ModelState } from "./access-model.ts";
import {
  allPlaces,
  copyOf,
  endMemberships,
  isLive,
  isModelMember,
  modelAccessOf,
  personIn,
  retainInModel,
  usersOf,
} from "./access-model.ts";
import { acceptLink, declineLink, leaveTenant } from "./access-model-changes.ts";
import type { ModelSite } from "./access-model-site.ts";
import { guarded, personNames, pick, populationIn, teamIdOf } from "./access-model-site.ts";
import { testCircumstances } from "./contract-population.ts";

/** What operators and the person want of a membership. */
export async function wishInModel(site: ModelSite): Promise<string> {
  const { state, store, tenantId } = site;
  const name = pick(
    site,
    personNames.filter((one) => personIn(state, one).exists),
  );
  if (name === undefined) {
    return "nobody is there";
  }
  const accountId = await accountOf(site, name);
  const drawn = drawWish(site, name);
  if (drawn === undefined) {
    return `${name} has no wish`;
  }
  const [wish, change] = drawn;
  const how = await guarded(site, name, change, async () => {
    const { kind } = await store.memberships.fulfil(tenantId, accountId, wish, testCircumstances);
    assert.notEqual(kind, "gone");
    return kind;
  });
  return `${name} ${JSON.stringify(wish)}${how}`;
}

async function accountOf({ store, emailOf }: ModelSite, name: string): Promise<AccountId> {
  const email = parseEmailAddress(emailOf(name));
  assert(email !== undefined);
  const accountId = await store.accounts.holderOfEmail(email);
  assert(accountId !== undefined);
  return accountId;
}

type Drawn = readonly [MembershipWish, (after: ModelState) => void];

function drawWish(site: ModelSite, name: string): Drawn | undefined {
  const { state, random } = site;
  const live = allPlaces(state).filter((one) => isLive(state, one));
  const place = random(2) === 0 ? "" : (pick(site, live) ?? "");
  const teamId = place === "" ? undefined : teamIdOf(site, place);
  const source = random(2) === 0 ? "admin" : "security";
  switch (random(9)) {
    case 0:
    case 1: {
      const roles = teamId === undefined ? state.settings.roles : state.settings.teamRoles;
      const role = pick(site, roles) ?? "";
      return [
        { kind: "grant", teamId, role },
        (after) => personIn(after, name).manual.set(place, role),
      ];
    }
    case 2:
    case 3:
      return [{ kind: "revoke", teamId }, (after) => revoke(after, name, place)];
    case 4:
      return [
        { kind: "lock", source, reason: undefined },
        (after) => personIn(after, name).locks.add(source),
      ];
    case 5:
      return [{ kind: "unlock", source }, (after) => personIn(after, name).locks.delete(source)];
    case 6:
      return drawProtection(site, name);
    case 7:
      return random(3) === 0 ? [{ kind: "leave" }, (after) => leaveTenant(after, name)] : undefined;
    default:
      return drawAcceptance(site, name);
  }
}

function revoke(after: ModelState, name: string, place: string): void {
  const person = personIn(after, name);
  person.manual.delete(place);
  if (place === "") {
    person.retained = undefined;
  }
}

function drawProtection({ state, random }: ModelSite, name: string): Drawn | undefined {
  const isProtected = random(3) === 0;
  return isModelMember(state, name)
    ? [
        { kind: "protect", protection: isProtected ? "break-glass" : undefined },
        (after) => {
          personIn(after, name).isProtected = isProtected;
        },
      ]
    : undefined;
}

function drawAcceptance(site: ModelSite, name: string): Drawn | undefined {
  const user = pick(
    site,
    usersOf(site.state, name).filter(({ link }) => link === "pending" || link === "declined"),
  );
  if (user === undefined) {
    return undefined;
  }
  const { connectionId } = populationIn(site, user.connection).scope;
  const resource = { connectionId, resourceId: user.id };
  return user.link === "pending" && site.random(3) === 0
    ? [{ kind: "decline", resource }, (after) => declineLink(after, user.id)]
    : [{ kind: "accept", resource }, (after) => acceptLink(after, user.id)];
}

const loginGroups = ["Eng-Core", "Sales", "Everybody", "x-1", "Boss"] as const;

/** A member logs in, with some groups or without any word of them. */
export async function logIn(site: ModelSite): Promise<string> {
  const { state, store, tenantId, random } = site;
  const name = pick(
    site,
    // Of whom nobody knows that the address is theirs is found by no login.
    personNames.filter((one) => personIn(state, one).isProven && isModelMember(state, one)),
  );
  if (name === undefined) {
    return "nobody is there to log in";
  }
  const groups = random(5) === 0 ? undefined : loginGroups.filter(() => random(3) === 0);
  const after = copyOf(state);
  personIn(after, name).loginGroups = new Set(groups ?? personIn(state, name).loginGroups);
  retainInModel(state, after);
  const { state: were } = modelAccessOf(after, name);
  const isIn = were === "active" && !personIn(state, name).hasDeclined;
  const outcome = await store.logins.logIn(
    tenantId,
    {
      subject: site.emailOf(name),
      email: parseEmailAddress(site.emailOf(name)),
      isEmailVerified: true,
      name: undefined,
      groups,
      warnings: [],
    },
    testCircumstances,
  );
  assert.equal(outcome.kind, isIn ? "accepted" : "refused");
  if (isIn) {
    endMemberships(state, after);
    site.state = after;
  }
  return `${name} logs in with ${groups?.join()}: ${outcome.kind}`;
}
