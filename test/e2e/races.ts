/** Races over HTTP: what must happen exactly once, on whatever database and however many servers (RFC 7644 §3.3, §3.14). */
import { expect } from "vitest";
import type { RowCounts } from "./invariants.ts";
import type { ScimSite } from "./scim-site.ts";
import { groupMessage, patchMessage, tally, userMessage } from "./scim-site.ts";

/** Where a race takes place. */
export interface RaceSite extends ScimSite {
  countRows(): RowCounts | Promise<RowCounts>;
}

/** A race, and what has to come of it. */
export interface Race {
  readonly name: string;
  readonly run: (site: RaceSite) => Promise<void>;
}

const times = <Result>(count: number, run: (index: number) => Promise<Result>) =>
  Promise.all(Array.from({ length: count }, (_, index) => run(index)));

/** Runs what shall leave one row, one audit entry and one event behind. */
async function once(site: RaceSite, run: () => Promise<void>): Promise<void> {
  const before = await site.countRows();
  await run();
  const after = await site.countRows();
  expect(after.resources - before.resources).toBe(1);
  expect(after.auditEntries - before.auditEntries).toBe(1);
  expect(after.outboxEvents - before.outboxEvents).toBe(1);
}

/** All races. */
export const races: readonly Race[] = [
  {
    name: "64 identical POSTs without externalId: one 201, 63 × 409, one row, one audit entry, one event",
    run: async (site) => {
      for (const round of [1, 2, 3]) {
        const token = await site.freshConnection(`race-a${round}`);
        await once(site, async () => {
          const post = () => site.call(token, "POST", "/Users", userMessage({ userName: "Ada" }));
          const answers = await times(64, post);
          expect(tally(answers)).toEqual({ 201: 1, 409: 63 });
          const refused = answers.filter(({ status }) => status === 409);
          expect(refused.every(({ body }) => body.scimType === "uniqueness")).toBe(true);
        });
      }
    },
  },
  {
    name: "64 identical POSTs with the same externalId: one 201, 63 × 200 with the same id, and nothing twice",
    run: async (site) => {
      const token = await site.freshConnection("race-b");
      await once(site, async () => {
        const message = userMessage({ userName: "Ada", externalId: "x-1" });
        const answers = await times(64, () => site.call(token, "POST", "/Users", message));
        expect(tally(answers)).toEqual({ 200: 63, 201: 1 });
        expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
      });
    },
  },
  {
    name: "20 PUTs with one version: one 200, 19 × 412",
    run: async (site) => {
      const token = await site.freshConnection("race-c");
      const { body, etag } = await site.call(
        token,
        "POST",
        "/Users",
        userMessage({ userName: "ada" }),
      );
      const answers = await times(20, (index) =>
        site.call(
          token,
          "PUT",
          `/Users/${body.id}`,
          userMessage({ userName: "ada", title: `t${index}` }),
          { "if-match": etag },
        ),
      );
      expect(tally(answers)).toEqual({ 200: 1, 412: 19 });
    },
  },
  {
    name: "64 PATCHes of one user at once are all applied: no 503, no lost value",
    run: async (site) => {
      const token = await site.freshConnection("race-f");
      const { body } = await site.call(token, "POST", "/Users", userMessage({ userName: "ada" }));
      const answers = await times(64, (index) =>
        site.call(
          token,
          "PATCH",
          `/Users/${body.id}`,
          patchMessage({ op: "add", path: "emails", value: [{ value: `${index}@example.com` }] }),
        ),
      );
      expect(tally(answers)).toEqual({ 200: 64 });
      const after = await site.call(token, "GET", `/Users/${body.id}`);
      expect(after.body.emails).toHaveLength(64);
      expect(after.etag).toBe('W/"65"');
    },
  },
  {
    name: "50 PATCHes that add one member each to one group at once: 50 members, none lost",
    run: async (site) => {
      const token = await site.freshConnection("race-d");
      const people = await times(50, (index) =>
        site.call(token, "POST", "/Users", userMessage({ userName: `p${index}` })),
      );
      const group = await site.call(token, "POST", "/Groups", groupMessage({ displayName: "S" }));
      const answers = await Promise.all(
        people.map(({ body }) => addMember(site, token, group.body.id, body.id)),
      );
      expect(tally(answers)).toEqual({ 200: 50 });
      const after = await site.call(token, "GET", `/Groups/${group.body.id}`);
      expect(after.body.members).toHaveLength(50);
    },
  },
  {
    name: "a rename and a create race for one name: one of them wins, the other gets 409",
    run: async (site) => {
      const token = await site.freshConnection("race-e");
      const { body } = await site.call(token, "POST", "/Users", userMessage({ userName: "old" }));
      const [renamed, created] = await Promise.all([
        site.call(
          token,
          "PATCH",
          `/Users/${body.id}`,
          patchMessage({ op: "replace", path: "userName", value: "new" }),
        ),
        site.call(token, "POST", "/Users", userMessage({ userName: "NEW" })),
      ]);
      expect([
        [200, 409],
        [409, 201],
      ]).toContainEqual([renamed.status, created.status]);
    },
  },
  {
    name: "users are deleted while they are added to a group: nobody dangles, nothing fails",
    run: async (site) => {
      const token = await site.freshConnection("race-g");
      const people = await times(40, (index) =>
        site.call(token, "POST", "/Users", userMessage({ userName: `p${index}` })),
      );
      const group = await site.call(token, "POST", "/Groups", groupMessage({ displayName: "S" }));
      const answers = await Promise.all(
        people.flatMap(({ body }) => [
          addMember(site, token, group.body.id, body.id),
          site.call(token, "DELETE", `/Users/${body.id}`),
        ]),
      );
      // A member that is gone is skipped, with a warning in the log.
      expect(tally(answers)).toEqual({ 200: 40, 204: 40 });
      const after = await site.call(token, "GET", `/Groups/${group.body.id}`);
      expect(after.body.members ?? []).toEqual([]);
    },
  },
];

function addMember(site: ScimSite, token: string, groupId: string, userId: string) {
  const operation = { op: "add", path: "members", value: [{ value: userId }] };
  return site.call(token, "PATCH", `/Groups/${groupId}`, patchMessage(operation));
}
