/** Provisioning events (RFC 9967 §2.4). */
import { describe, expect, test } from "vitest";
import { eventSite } from "../event-receiver.ts";
import { groupBody, unique, userBody } from "../scim-client.ts";

const [notice, full] = [await eventSite("notice"), await eventSite("full")];
const uri = (rest: string) => `urn:ietf:params:scim:event:prov:${rest}`;
const patchOp = (...operations: readonly object[]) => ({
  schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
  Operations: operations,
});
const registered =
  /^urn:ietf:params:scim:event:prov:(create|patch|put):(notice|full)$|^urn:ietf:params:scim:event:prov:(delete|activate|deactivate)$/;

describe.each([
  ["notice", notice, "attributes", "data"],
  ["full", full, "data", "attributes"],
] as const)("in the mode %s", (mode, site, present, absent) => {
  test.skipIf(site === undefined)(
    "EVT-09 EVT-10 EVT-11 EVT-12 EVT-13 EVT-25 create, patch, put and delete (RFC 9967 §2.4.1–2.4.4)",
    async () => {
      const { client, fetchSets } = site ?? (undefined as never);
      const userName = unique("ann");
      const made = await client.post("/Users", userBody({ userName }));
      const where = `/Users/${made.body.id}`;
      await client.patch(where, [{ op: "add", path: "title", value: "Dr" }]);
      await client.put(where, userBody({ userName, nickName: "A" }));
      await client.delete(where);
      const events = (await fetchSets(4)).map(({ claims }) => claims.events);
      expect(events.map((told) => Object.keys(told))).toEqual([
        [uri(`create:${mode}`)],
        [uri(`patch:${mode}`)],
        [uri(`put:${mode}`)],
        [uri("delete")],
      ]);
      for (const told of events.slice(0, 3)) {
        const [payload] = Object.values(told);
        expect(payload).toHaveProperty(present);
        expect(payload).not.toHaveProperty(absent);
      }
      expect(events[3][uri("delete")]).toEqual({});
      expect(events.flatMap((told) => Object.keys(told)).every((one) => registered.test(one))).toBe(
        true,
      );
      if (mode === "full") {
        expect(events[0][uri("create:full")].data).toMatchObject({ id: made.body.id, userName });
        expect(events[1][uri("patch:full")].data).toEqual(
          patchOp({ op: "replace", path: "title", value: "Dr" }),
        );
        expect(events[2][uri("put:full")].data).toMatchObject({ userName, nickName: "A" });
        expect(events[2][uri("put:full")].data).not.toHaveProperty("title");
      }
    },
  );

  test.skipIf(site === undefined)(
    "EVT-14 who is switched off or on is told beside the change (RFC 9967 §2.4.5, §2.4.6)",
    async () => {
      const { client, fetchSets } = site ?? (undefined as never);
      const made = await client.post("/Users", userBody({ userName: unique("bea"), active: true }));
      for (const active of [false, true]) {
        await client.patch(`/Users/${made.body.id}`, [
          { op: "replace", path: "active", value: active },
        ]);
      }
      const [, off, on] = (await fetchSets(3)).map(({ claims }) => Object.keys(claims.events));
      expect(off).toEqual([uri(`patch:${mode}`), uri("deactivate")]);
      expect(on).toEqual([uri(`patch:${mode}`), uri("activate")]);
    },
  );

  test.skipIf(site === undefined)(
    "EVT-11 EVT-26 members of a group are told as what came and went",
    async () => {
      const { client, fetchSets } = site ?? (undefined as never);
      const user = await client.post("/Users", userBody({ userName: unique("eve") }));
      const group = await client.post("/Groups", groupBody({ displayName: unique("crew") }));
      await fetchSets(2);
      const value = user.body.id;
      await client.patch(`/Groups/${group.body.id}`, [
        { op: "add", path: "members", value: [{ value }] },
      ]);
      const [set] = await fetchSets(1);
      const payload = set?.claims.events[uri(`patch:${mode}`)];
      if (mode === "full") {
        expect(payload.data.Operations).toEqual([
          { op: "add", path: "members", value: [{ value }] },
        ]);
      } else {
        expect(payload.attributes).toEqual(["members"]);
      }
    },
  );
});
