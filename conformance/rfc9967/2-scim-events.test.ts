/** SCIM Events are Security Event Tokens (RFC 9967 §2, RFC 8417 §2, RFC 8936 §2). */
import { createLocalJWKSet, jwtVerify } from "jose";
import { expect, test } from "vitest";
import { eventSite } from "../event-receiver.ts";
import { expectStatus, unique, userBody } from "../scim-client.ts";

const site = await eventSite("notice");

test.skipIf(site === undefined)(
  "EVT-01 EVT-02 EVT-03 EVT-04 EVT-05 EVT-23 a change is one SET, typed, signed and complete",
  async () => {
    const { client, fetchSets, raw, jwksUrl } = site ?? (undefined as never);
    const names = ["a", "b"].map(unique);
    for (const userName of names) {
      expectStatus(await client.post("/Users", userBody({ userName })), 201);
    }
    const sets = await fetchSets(names.length);
    expect(sets).toHaveLength(names.length);
    expect(new Set(sets.map(({ claims }) => claims.jti)).size).toBe(names.length);
    for (const { header, claims } of sets) {
      expect(header["typ"]).toBe("secevent+jwt");
      expect(header["alg"]).not.toBe("none");
      for (const claim of ["iss", "iat", "jti", "aud", "events"]) {
        expect(claims).toHaveProperty(claim);
      }
      expect(claims).not.toHaveProperty("exp");
      expect(Object.keys(claims.events)).toHaveLength(1);
      expect(Object.values(claims.events)).toEqual([expect.any(Object)]);
    }
    if (jwksUrl !== undefined) {
      const keys = createLocalJWKSet(await (await fetch(jwksUrl)).json());
      for (const set of raw) {
        await jwtVerify(set, keys);
      }
    }
  },
);

test.skipIf(site === undefined)(
  "EVT-19 what changes nothing, or fails, is told nobody",
  async () => {
    const { client, fetchSets } = site ?? (undefined as never);
    const userName = unique("same");
    const made = await client.post("/Users", userBody({ userName }));
    await fetchSets(1);
    const rename = { op: "replace", path: "userName", value: userName };
    await client.patch(`/Users/${made.body.id}`, [rename]);
    expectStatus(await client.delete(`/Users/${unique("nobody")}`), 404);
    expect(await fetchSets(0)).toEqual([]);
  },
);
