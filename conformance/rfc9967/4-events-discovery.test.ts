/** Discovery of events (RFC 9967 §4). */
import { expect, test } from "vitest";
import { eventSite } from "../event-receiver.ts";
import { urn } from "../scim-client.ts";

const site = await eventSite("notice");

test.skipIf(site === undefined)(
  "EVT-24 DISC-20 ServiceProviderConfig names the events, and its schema the attribute",
  async () => {
    const { client } = site ?? (undefined as never);
    const { body } = await client.get("/ServiceProviderConfig");
    const { securityEvents } = body as never as {
      securityEvents: { asyncRequest: string; eventUris: string[] };
    };
    expect(["none", "long", "request"]).toContain(securityEvents.asyncRequest);
    expect(securityEvents.eventUris.length).toBeGreaterThan(0);
    for (const uri of securityEvents.eventUris) {
      expect(uri).toMatch(/^urn:ietf:params:scim:event:(feed|prov|misc):/);
    }
    const schema = await client.get(`/Schemas/${urn.serviceProviderConfig}`);
    const attributes = schema.body["attributes"] as readonly { name: string }[];
    expect(attributes.map(({ name }) => name)).toContain("securityEvents");
  },
);
