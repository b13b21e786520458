import { expect, test } from "vitest";
import type { AccountId, Link, LinkState } from "./account.ts";
import { isOpen, linkToInvite } from "./invitation.ts";
import type { ConnectionId } from "./tenant.ts";

const okta = "okta" as ConnectionId;
const entra = "entra" as ConnectionId;

function link(state: LinkState, active = true, connectionId = okta): Link {
  return {
    connectionId,
    resourceId: `${state} of ${connectionId}`,
    state,
    accountId: "ann" as AccountId,
    active,
    role: undefined,
    groupGrants: [],
  };
}

function foundIn(links: readonly Link[], connectionId?: ConnectionId): string {
  const found = linkToInvite(links, connectionId);
  return found.kind === "link" ? found.link.resourceId : found.reason;
}

test("an invitation goes to the one active User that waits for the person or was declined", () => {
  for (const [links, found] of [
    [[], "no-user"],
    [[link("none")], "no-user"],
    [[link("linked")], "linked"],
    [[link("linked", false)], "linked"],
    [[link("pending")], "pending of okta"],
    [[link("declined")], "declined of okta"],
    [[link("declined", false)], "inactive"],
    [[link("linked"), link("declined", false, entra)], "inactive"],
    [[link("linked"), link("pending", true, entra)], "pending of entra"],
    [[link("declined", false), link("declined", true, entra)], "declined of entra"],
    [[link("declined"), link("pending", true, entra)], "several"],
  ] as const) {
    expect([links.map(({ resourceId }) => resourceId), foundIn(links)]).toEqual([
      links.map(({ resourceId }) => resourceId),
      found,
    ]);
  }
});

test("of several connections one is named", () => {
  const links = [link("declined"), link("pending", true, entra)];
  expect(foundIn(links, okta)).toBe("declined of okta");
  expect(foundIn(links, entra)).toBe("pending of entra");
  expect(foundIn([link("pending")], entra)).toBe("no-user");
  expect(foundIn([link("linked"), link("pending", true, entra)], okta)).toBe("linked");
});

test("an invitation is open until it is settled or its time is over", () => {
  const expires = "2025-06-15T12:00:00.000Z";
  expect(isOpen({ state: "open", expires }, "2025-06-15T11:59:59.999Z")).toBe(true);
  expect(isOpen({ state: "open", expires }, expires)).toBe(false);
  expect(isOpen({ state: "revoked", expires }, "2025-06-15T11:59:59.999Z")).toBe(false);
});
