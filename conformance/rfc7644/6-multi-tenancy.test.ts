/** Tenants and connections do not see each other (RFC 7644 §6). */
import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { administration, freshConnection } from "../fresh-connection.ts";
import type { Answer, ScimClient } from "../scim-client.ts";
import {
  createScimClient,
  expectError,
  expectStatus,
  groupBody,
  idsOf,
  unique,
  userBody,
} from "../scim-client.ts";

const mine = createScimClient(await freshConnection());
const theirs = createScimClient(await freshConnection());
const theirUser = await theirs.newUser({ externalId: unique("ext") });
const theirGroup = await theirs.newGroup({ members: [{ value: theirUser.id }] });

/** What an answer says, with the id in question blotted out. */
function said({ status, body }: Answer, id: string) {
  return { status, scimType: body.scimType, detail: body.detail?.replaceAll(id, "ID") };
}

test.runIf(administration)(
  "TEN-03 TEN-04 RES-17 one userName and externalId may live in two tenants",
  async () => {
    const { userName, externalId } = theirUser;
    const user = await mine.newUser({ userName, externalId });
    expect(user.id).not.toBe(theirUser.id);
    const group = await mine.newGroup({ displayName: theirGroup.displayName });
    expect(group.id).not.toBe(theirGroup.id);
    expect(idsOf(await mine.filter("/Users", `userName eq "${userName}"`))).toEqual([user.id]);
  },
);

const uses: readonly (readonly [string, (client: ScimClient, id: string) => Promise<Answer>])[] = [
  ["GET /Users", (client, id) => client.get(`/Users/${id}`)],
  ["PUT /Users", (client, id) => client.put(`/Users/${id}`, userBody({ userName: "x" }))],
  [
    "PATCH /Users",
    (client, id) => client.patch(`/Users/${id}`, [{ op: "add", path: "title", value: "x" }]),
  ],
  ["DELETE /Users", (client, id) => client.delete(`/Users/${id}`)],
  ["GET /Groups", (client, id) => client.get(`/Groups/${id}`)],
  ["PUT /Groups", (client, id) => client.put(`/Groups/${id}`, groupBody({ displayName: "x" }))],
  [
    "PATCH /Groups",
    (client, id) => client.patch(`/Groups/${id}`, [{ op: "remove", path: "members" }]),
  ],
  ["DELETE /Groups", (client, id) => client.delete(`/Groups/${id}`)],
];
test.runIf(administration).each(uses)(
  "TEN-02 TEN-03 an id of another tenant in %s answers like a random one",
  async (_, use) => {
    for (const id of [theirUser.id, theirGroup.id]) {
      const random = randomUUID();
      const foreign = await use(mine, id);
      expectError(foreign, 404);
      expect(said(foreign, id)).toEqual(said(await use(mine, random), random));
    }
    expect((await theirs.get(`/Users/${theirUser.id}`)).body.userName).toBe(theirUser.userName);
    expect((await theirs.get(`/Groups/${theirGroup.id}`)).body).toEqual(
      (await theirs.get(`/Groups/${theirGroup.id}`)).body,
    );
  },
);

test.runIf(administration)(
  "TEN-03 GRP-20 a foreign id as a member is like an unknown one",
  async () => {
    const group = await mine.newGroup({ members: [{ value: theirUser.id }] });
    expect(group.members).toEqual([]);
    const operation = { op: "add", path: "members", value: [{ value: theirUser.id }] };
    expectStatus(await mine.patch(`/Groups/${group.id}`, [operation]), 200, 204);
    expect((await mine.get(`/Groups/${group.id}`)).body.members).toEqual([]);
    expect((await theirs.get(`/Users/${theirUser.id}`)).body.groups).toHaveLength(1);
  },
);

test.runIf(administration)(
  "TEN-03 lists, counts and filters show one population only",
  async () => {
    const alone = createScimClient(await freshConnection());
    expect((await alone.get("/Users?count=0")).body.totalResults).toBe(0);
    for (const filter of [
      `id eq "${theirUser.id}"`,
      `externalId eq "${theirUser.externalId}"`,
      `groups.value eq "${theirGroup.id}"`,
    ]) {
      expect(idsOf(await alone.filter("/Users", filter)), filter).toEqual([]);
    }
    expect(idsOf(await alone.filter("/Groups", `members eq "${theirUser.id}"`))).toEqual([]);
  },
);

test.runIf(administration)(
  "TEN-07 TEN-08 VER-05 locations keep the base of the request, ids tell nothing",
  async () => {
    const user = await mine.newUser({ userName: `jane.${unique("doe")}@example.com` });
    expect(user.meta.location.startsWith(`${mine.baseUrl}/Users/`)).toBe(true);
    expect(user.id).not.toContain("jane");
  },
);
