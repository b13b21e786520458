/** Identifying the subject of an event (RFC 9967 §2.1, RFC 9493 §3). */
import { expect, test } from "vitest";
import { eventSite } from "../event-receiver.ts";
import { unique, userBody } from "../scim-client.ts";

const site = await eventSite("notice");

test.skipIf(site === undefined)(
  "EVT-06 EVT-07 the subject is sub_id: the path below the base URL, and no sub",
  async () => {
    const { client, fetchSets } = site ?? (undefined as never);
    const [userName, externalId] = [unique("ann"), unique("x")];
    const { body } = await client.post("/Users", userBody({ userName, externalId }));
    const [set] = await fetchSets(1);
    expect(set?.claims).not.toHaveProperty("sub");
    expect(set?.claims.sub_id).toMatchObject({
      format: "scim",
      uri: `/Users/${body.id}`,
      externalId,
    });
    for (const payload of Object.values(set?.claims.events)) {
      expect(payload).not.toHaveProperty("sub_id");
    }
  },
);
