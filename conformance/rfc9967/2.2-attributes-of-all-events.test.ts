/** Attributes that events have in common (RFC 9967 §2.2). */
import { expect, test } from "vitest";
import { eventSite } from "../event-receiver.ts";
import { unique, userBody } from "../scim-client.ts";

const site = await eventSite("notice");
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

test.skipIf(site === undefined)(
  "EVT-08 EVT-17 EVT-18 txn, the version that an answer has, and paths of what changed",
  async () => {
    const { client, fetchSets } = site ?? (undefined as never);
    const { body } = await client.post("/Users", userBody({ userName: unique("ann") }));
    const answer = await client.patch(`/Users/${body.id}`, [
      { op: "add", path: "name.familyName", value: "Archer" },
      { op: "add", path: `${enterprise}:department`, value: "Ops" },
    ]);
    const sets = await fetchSets(2);
    expect(sets.map(({ claims }) => typeof claims.txn)).toEqual(["string", "string"]);
    expect(new Set(sets.map(({ claims }) => claims.txn)).size).toBe(2);
    const [payload] = Object.values<{ version?: string; attributes?: string[] }>(
      sets.at(-1)?.claims.events,
    );
    expect(payload?.version).toBe(answer.body.meta.version);
    expect(payload?.attributes?.map((path) => path.replace(/\..*$/, "")).toSorted()).toEqual(
      ["name", "urn:ietf:params:scim:schemas:extension:enterprise:2"].toSorted(),
    );
    expect(payload?.attributes).toContain(`${enterprise}:department`);
  },
);
