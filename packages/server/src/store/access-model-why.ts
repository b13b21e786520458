/** Asks why of everybody and everything in the final state of a run of the access model: every role has its reasons. */
import assert from "node:assert/strict";
import { parseEmailAddress } from "../domain/email-address.ts";
import type { Member } from "../domain/member.ts";
import type { WhyAccess } from "../domain/why-access.ts";
import { whyAccess } from "../domain/why-access.ts";
import { modelAccessOf } from "./access-model.ts";
import type { ModelSite } from "./access-model-site.ts";
import { placeOf } from "./access-model-site.ts";

/** Every effective role has a chain of facts that ends in what gives it, and every absent one something that is missing. */
export async function checkWhy(site: ModelSite): Promise<void> {
  const { store, tenantId, state, emailOf } = site;
  const settings = await store.memberships.settings(tenantId);
  assert(settings !== undefined);
  const teams = await store.teams.list(tenantId);
  const mappings = await store.mappings.list(tenantId);
  const connections = await store.connections.list(tenantId);
  const connectionNames = new Map(connections.map((one) => [one.connectionId, one.slug]));
  for (const name of state.people.keys()) {
    const email = parseEmailAddress(emailOf(name));
    const accountId = email && (await store.accounts.holderOfEmail(email));
    const member = accountId && (await store.memberships.read(tenantId, accountId));
    if (member === undefined) {
      continue;
    }
    const steps = await Promise.all(
      member.facts.links.map(({ connectionId, resourceId }) =>
        store.memberships.groupPaths({ tenantId, connectionId }, resourceId),
      ),
    );
    const { role, teams: held } = modelAccessOf(state, name);
    for (const team of [undefined, ...teams]) {
      const ground = { member, settings, team, mappings, steps: steps.flat(), connectionNames };
      const why = whyAccess(ground);
      const place = placeOf(site, team?.teamId ?? "");
      const wanted =
        team === undefined
          ? role
          : held.find((one) => one.startsWith(`${place} `))?.slice(place.length + 1);
      assert.equal(why.role, wanted ?? null, `why ${name} ${place}`);
      assert.equal(why.effective, wanted !== undefined);
      const isTold = wanted === undefined ? why.missing.length > 0 : isChain(why, member);
      assert.ok(isTold, `why ${name} ${place}: ${JSON.stringify(why)}`);
    }
  }
}

/** What a group gives has each step from the User to the group, what makes the group give it, and the link. */
function isChain({ because, missing }: WhyAccess, { facts }: Member): boolean {
  const starts = because.flatMap(({ fact }, index) => (fact === "grant" ? [index] : []));
  const chains = starts.map((start, index) => because.slice(start, starts[index + 1]));
  const groups = new Set(
    facts.links.flatMap(({ groupGrants }) => groupGrants.map(({ groupId }) => groupId)),
  );
  return (
    missing.length === 0 &&
    chains.length > 0 &&
    chains.every(([grant, ...rest]) => {
      const isOfGroup = grant?.id !== null && groups.has(String(grant?.id));
      const has = (...kinds: readonly string[]) => rest.some(({ fact }) => kinds.includes(fact));
      return !isOfGroup || (has("membership") && has("mapping", "team") && has("link"));
    })
  );
}
