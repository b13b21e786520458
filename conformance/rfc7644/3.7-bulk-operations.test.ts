/** Bulk operations (RFC 7644 §3.7, §3.7.1, §3.7.2, §3.7.3, §3.7.4). */
import { describe, expect, test } from "vitest";
import { administration, freshConnection } from "../fresh-connection.ts";
import type { Answer, Representation } from "../scim-client.ts";
import {
  createScimClient,
  expectError,
  expectStatus,
  groupBody,
  unique,
  urn,
  userBody,
} from "../scim-client.ts";

const target = await freshConnection({ settings: { strict: true } });
const client = createScimClient(target);
const { bulk } = (await client.get("/ServiceProviderConfig")).body as unknown as {
  readonly bulk: {
    readonly supported: boolean;
    readonly maxOperations: number;
    readonly maxPayloadSize: number;
  };
};

/** What came of one operation. */
interface BulkResult {
  readonly method: string;
  readonly bulkId?: string;
  readonly location?: string;
  readonly version?: string;
  readonly status: string;
  readonly response?: Representation;
}

interface BulkOperation {
  readonly method: string;
  readonly path?: string;
  readonly bulkId?: string;
  readonly version?: string;
  readonly data?: unknown;
}

const post = (bulkId: string, data: unknown, path = "/Users"): BulkOperation => ({
  method: "POST",
  path,
  bulkId,
  data,
});
const group = (bulkId: string, ...members: readonly string[]): BulkOperation =>
  post(bulkId, groupBody({ members: members.map((value) => ({ value })) }), "/Groups");
const patchOf = (...operations: readonly unknown[]) => ({
  schemas: [urn.patchOp],
  Operations: operations,
});

function jobOf(operations: readonly unknown[], more: object = {}): object {
  return { schemas: [urn.bulkRequest], Operations: operations, ...more };
}

function resultsIn(answer: Answer): readonly BulkResult[] {
  expect(answer.status, answer.text.slice(0, 1000)).toBe(200);
  expect(answer.body.schemas).toEqual([urn.bulkResponse]);
  return answer.body["Operations"] as readonly BulkResult[];
}

async function run(operations: readonly BulkOperation[], more: object = {}) {
  const results = resultsIn(await client.post("/Bulk", jobOf(operations, more)));
  return { results, statuses: results.map(({ status }) => status) };
}

function pathOf({ location = "" }: Pick<BulkResult, "location"> = {}): string {
  expect(location.startsWith(client.baseUrl), location).toBe(true);
  return location.slice(client.baseUrl.length);
}

const idIn = (result: Pick<BulkResult, "location"> | undefined): string =>
  pathOf(result).split("/").at(-1) ?? "";

/** A body of which nobody knows beforehand how long it is. */
function inPieces(text: string): ReadableStream<Uint8Array> {
  const rest = text.match(/.{1,65536}/gs)?.values();
  return new ReadableStream({
    pull(controller) {
      const next = rest?.next();
      if (next?.value === undefined) {
        controller.close();
      } else {
        controller.enqueue(new TextEncoder().encode(next.value));
      }
    },
  });
}

async function membersAt(result: BulkResult | undefined): Promise<readonly unknown[]> {
  const { body } = await client.get(pathOf(result));
  return (body.members ?? []).map(({ value }) => value).toSorted();
}

describe.runIf(bulk.supported)("bulk", () => {
  test("BULK-03 BULK-08 BULK-09 BULK-11 BULK-26 each operation has its result, in the order of the request", async () => {
    const [one, two] = [await client.newUser(), await client.newUser()];
    const { results } = await run([
      post("a", userBody()),
      { method: "PUT", path: `/Users/${one.id}`, data: userBody({ title: "T" }) },
      {
        method: "PATCH",
        path: `/Users/${two.id}`,
        data: patchOf({ op: "add", path: "title", value: "T" }),
      },
      { method: "DELETE", path: `/Users/${one.id}` },
      { method: "DELETE", path: `/Users/${one.id}` },
    ]);
    expect(results.map(({ method, status }) => `${method} ${status}`)).toEqual([
      "POST 201",
      "PUT 200",
      expect.stringMatching(/^PATCH 20[04]$/),
      "DELETE 204",
      "DELETE 404",
    ]);
    expect(results.map(({ bulkId }) => bulkId)).toEqual(["a", ...Array(4).fill(undefined)]);
    for (const [index, result] of results.entries()) {
      expect(typeof result.status).toBe("string");
      expect(result).not.toHaveProperty("data");
      expect(result).not.toHaveProperty("path");
      expect(pathOf(result)).toMatch(/^\/Users\/[^/]+$/);
      expect(result.response === undefined, `operation ${index}`).toBe(index < 4);
    }
    const created = await client.get(pathOf(results[0]));
    expect(created.headers.get("etag")).toBe(results[0]?.version);
    expect((await client.get(`/Users/${two.id}`)).headers.get("etag")).toBe(results[2]?.version);
  });

  test("BULK-02 BULK-25 what is no job is refused as a whole", async () => {
    const operation = { method: "DELETE", path: "/Users/none" };
    for (const body of [
      { Operations: [operation] },
      { schemas: [urn.patchOp], Operations: [operation] },
      { schemas: [urn.bulkRequest] },
      { schemas: [urn.bulkRequest], Operations: operation },
      jobOf([]),
      jobOf(["x"]),
      jobOf([operation], { failOnErrors: -1 }),
      jobOf([operation], { failOnErrors: "1" }),
    ]) {
      expectError(await client.post("/Bulk", body), 400, "invalidSyntax");
    }
  });

  test("BULK-28 BULK-29 only POST, and methods in any case", async () => {
    for (const method of ["GET", "PUT", "PATCH", "DELETE"]) {
      const answer = await client.send(method, "/Bulk", method === "GET" ? undefined : "{}");
      expectError(answer, 405);
      expect(answer.headers.get("allow")).toBe("POST");
    }
    const { id } = await client.newUser();
    expect((await run([{ method: "delete", path: `/Users/${id}` }])).statuses).toEqual(["204"]);
  });

  test("BULK-04 BULK-05 BULK-06 BULK-07 BULK-27 what is wrong with one operation refuses that one alone", async () => {
    const { id } = await client.newUser();
    const data = userBody();
    const wrong: readonly BulkOperation[] = [
      { method: "GET", path: `/Users/${id}` },
      { method: "POST", path: "/Users", data },
      { method: "POST", bulkId: "x", data },
      post("x1", data, `/Users/${id}`),
      post("x2", data, "/Bulk"),
      post("x3", data, "/Users/.search"),
      post("x4", data, "/Me"),
      post("x5", data, "/Schemas"),
      { method: "PUT", path: "/Users", data },
      { method: "PUT", path: `/Users/${id}` },
      { method: "PATCH", path: `/Users/${id}` },
      { method: "PATCH", path: `/Users/${id}`, data: { Operations: [] } },
      { method: "POST", path: "/Users", bulkId: "x6" },
    ];
    const { results, statuses } = await run([...wrong, post("fine", data)]);
    expect(statuses).toEqual([...wrong.map(() => "400"), "201"]);
    for (const { response, status } of results.slice(0, -1)) {
      expect(response).toMatchObject({ schemas: [urn.error], status, scimType: "invalidSyntax" });
    }
    const nowhere = [{ method: "DELETE", path: "/Nope/1" }, post("y", data, "/Nope")];
    for (const status of (await run(nowhere)).statuses) {
      expect(["400", "404"]).toContain(status);
    }
  });

  test("BULK-10 BULK-12 BULK-14 BULK-23 a failed operation says why and leaves the others alone", async () => {
    const { id, userName } = await client.newUser();
    const { results, statuses } = await run([
      post("a", userBody({ userName })),
      { method: "PATCH", path: `/Users/${id}`, data: patchOf({ op: "remove" }) },
      { method: "PATCH", path: `/Users/${id}`, data: patchOf({ op: "remove", path: "userName" }) },
      post("b", userBody()),
    ]);
    expect(statuses).toEqual(["409", "400", "400", "201"]);
    expect(results.map(({ response }) => response?.scimType)).toEqual([
      "uniqueness",
      "noTarget",
      "mutability",
      undefined,
    ]);
    expect(results[0]).not.toHaveProperty("location");
    expect(results[0]?.bulkId).toBe("a");
    for (const { response, status } of results.slice(0, 3)) {
      expect(response).toMatchObject({ schemas: [urn.error], status, detail: expect.any(String) });
    }
    expectStatus(await client.get(pathOf(results[3])), 200);
    expect((await client.get(`/Users/${id}`)).body.userName).toBe(userName);
    const bad = [{ method: "DELETE", path: "/Users/none" }, post("c", userBody({ userName }))];
    expect((await run(bad)).statuses, "all of them").toEqual(["404", "409"]);
  });

  test("BULK-13 BULK-14 failOnErrors ends the job; what was done stays, what was left is not done", async () => {
    const { userName } = await client.newUser();
    const last = unique("last");
    const operations = [
      post("a", userBody()),
      post("b", userBody({ userName })),
      post("c", userBody({ userName })),
      post("d", userBody({ userName: last })),
    ];
    const once = await run(operations, { failOnErrors: 1 });
    expect(once.statuses).toEqual(["201", "409"]);
    expectStatus(await client.get(pathOf(once.results[0])), 200);
    const zero = await run(operations.slice(1), { failOnErrors: 0 });
    expect(zero.statuses).toEqual(["409"]);
    const twice = await run(operations.slice(1), { failOnErrors: 2 });
    expect(twice.statuses).toEqual(["409", "409"]);
    expect((await client.filter("/Users", `userName eq "${last}"`)).body.totalResults).toBe(0);
    const thrice = await run(operations.slice(1), { failOnErrors: 3 });
    expect(thrice.statuses).toEqual(["409", "409", "201"]);
  });

  test("BULK-15 BULK-16 references to what the job creates become ids, wherever they stand", async () => {
    const there = await client.newGroup();
    const { results, statuses } = await run([
      post("ann", userBody()),
      group("crew", "bulkId:ann"),
      post(
        "bea",
        userBody({
          schemas: [urn.user, urn.enterprise],
          [urn.enterprise]: { manager: { value: "bulkId:ann" } },
        }),
      ),
      {
        method: "PATCH",
        path: `/Groups/${there.id}`,
        data: patchOf(
          { op: "add", path: "members", value: [{ value: "bulkId:ann" }, { value: "bulkId:bea" }] },
          { op: "remove", path: 'members[value eq "bulkId:ann"]' },
        ),
      },
      {
        method: "PATCH",
        path: "/Users/bulkId:bea",
        data: patchOf({ op: "add", path: "title", value: "T" }),
      },
    ]);
    expect(statuses.map((status) => status.slice(0, 2))).toEqual(["20", "20", "20", "20", "20"]);
    const [ann, crew, bea] = results;
    expect(await membersAt(crew)).toEqual([idIn(ann)]);
    expect(await membersAt(results[3])).toEqual([idIn(bea)]);
    const { body } = await client.get(pathOf(bea));
    expect(body[urn.enterprise]).toMatchObject({ manager: { value: idIn(ann) } });
    expect(body.title).toBe("T");
    expect(results[4]?.location).toBe(bea?.location);
  });

  test("BULK-17 references ahead lead to what is created later", async () => {
    const { results, statuses } = await run([
      group("crew", "bulkId:ann", "bulkId:team"),
      group("team", "bulkId:bea"),
      post("ann", userBody()),
      post("bea", userBody()),
    ]);
    expect(statuses).toEqual(["201", "201", "201", "201"]);
    expect(results.map(({ bulkId }) => bulkId)).toEqual(["crew", "team", "ann", "bea"]);
    const [crew, team, ann, bea] = results;
    expect(await membersAt(crew)).toEqual([idIn(ann), idIn(team)].toSorted());
    expect(await membersAt(team)).toEqual([idIn(bea)]);
  });

  test("BULK-18 references in a circle are resolved", async () => {
    const { results, statuses } = await run([
      group("a", "bulkId:b"),
      group("b", "bulkId:c", "bulkId:u"),
      group("c", "bulkId:a"),
      post(
        "u",
        userBody({
          schemas: [urn.user, urn.enterprise],
          [urn.enterprise]: { department: "D", manager: { value: "bulkId:u" } },
        }),
      ),
    ]);
    expect(statuses).toEqual(["201", "201", "201", "201"]);
    const [a, b, c, u] = results;
    expect(await membersAt(a)).toEqual([idIn(b)]);
    expect(await membersAt(b)).toEqual([idIn(c), idIn(u)].toSorted());
    expect(await membersAt(c)).toEqual([idIn(a)]);
    const { body, headers } = await client.get(pathOf(u));
    expect(body[urn.enterprise]).toMatchObject({ department: "D", manager: { value: idIn(u) } });
    expect(u?.version).toBe(headers.get("etag"));
  });

  test("BULK-19 BULK-20 what cannot be resolved fails alone and writes nothing", async () => {
    const { userName } = await client.newUser();
    const [orphans, heirs] = [groupBody(), groupBody()];
    const member = (value: string) => ({ members: [{ value }] });
    const { results, statuses } = await run([
      post("o", { ...orphans, ...member("bulkId:nobody") }, "/Groups"),
      post("taken", userBody({ userName })),
      post("h", { ...heirs, ...member("bulkId:taken") }, "/Groups"),
      post("a", userBody()),
      post("a", userBody()),
      group("g", "bulkId:a"),
    ]);
    expect(statuses).toEqual(["400", "409", "409", "201", "400", "201"]);
    expect([results[0]?.response?.scimType, results[4]?.response?.scimType]).toEqual([
      "invalidValue",
      "invalidValue",
    ]);
    expect(await membersAt(results[5])).toEqual([idIn(results[3])]);
    for (const { displayName } of [orphans, heirs]) {
      const { body } = await client.filter("/Groups", `displayName eq "${displayName}"`);
      expect(body.totalResults).toBe(0);
    }
  });

  test("BULK-22 a version guards its operation", async () => {
    const user = await client.newUser();
    const path = `/Users/${user.id}`;
    const data = userBody({ userName: user.userName, title: "T" });
    const { statuses } = await run([
      { method: "PUT", path, version: 'W/"stale"', data },
      { method: "DELETE", path, version: 'W/"stale"' },
      { method: "PUT", path, version: user.meta.version, data },
      { method: "DELETE", path, version: user.meta.version },
    ]);
    expect(statuses).toEqual(["412", "412", "200", "412"]);
    expect((await client.get(path)).body.title).toBe("T");
  });

  test("BULK-21 limits pass, and one more is refused by name without being carried out", async () => {
    const missing = { method: "DELETE", path: "/Users/none" };
    const many = (count: number) => Array.from({ length: count }, () => missing);
    const full = await client.post("/Bulk", jobOf(many(bulk.maxOperations)));
    expect(resultsIn(full)).toHaveLength(bulk.maxOperations);
    const over = await client.post("/Bulk", jobOf([...many(bulk.maxOperations), missing]));
    expectError(over, 413);
    expect(over.body.detail).toContain("maxOperations");

    const text = (length: number) => {
      const job = JSON.stringify(jobOf([missing]));
      return `${job.slice(0, -1)}${" ".repeat(length - job.length)}}`;
    };
    expectStatus(await client.send("POST", "/Bulk", text(bulk.maxPayloadSize)), 200);
    const long = await client.send("POST", "/Bulk", text(bulk.maxPayloadSize + 1));
    expectError(long, 413);
    expect(long.body.detail).toContain("maxPayloadSize");
    const chunked = await client.send("POST", "/Bulk", inPieces(text(bulk.maxPayloadSize + 1)));
    expectError(chunked, 413);
  });

  test.runIf(administration)("BULK-24 AUTH-04 whoever may only read begins no job", async () => {
    const reader = createScimClient(await freshConnection({ scopes: ["scim:read"] }));
    const answer = await reader.post("/Bulk", jobOf([post("a", userBody())]));
    expectError(answer, 403);
    expect((await reader.get("/Users")).body.totalResults).toBe(0);
  });

  test("BULK-18 BULK-26 a thousand mixed operations, with circles and failures among them", async () => {
    const own = await freshConnection({ settings: { strict: true } });
    const mine = createScimClient(own);
    const old = await mine.newUser();
    const users = Array.from({ length: 700 }, (_, index) =>
      post(`u${index}`, userBody({ userName: `user-${index}`, externalId: `x-${index}` })),
    );
    // Every group has the next one in it, the last one the first, and some users who come later.
    const groups = Array.from({ length: 100 }, (_, index) =>
      group(
        `g${index}`,
        `bulkId:g${(index + 1) % 100}`,
        `bulkId:u${index}`,
        `bulkId:u${699 - index}`,
      ),
    );
    const patches = Array.from({ length: 100 }, (_, index) => ({
      method: "PATCH",
      path: `/Users/bulkId:u${index}`,
      data: patchOf({ op: "replace", path: "active", value: false }),
    }));
    const taken = Array.from({ length: 50 }, (_, index) =>
      post(`t${index}`, userBody({ userName: `user-${index}` })),
    );
    const deletions = Array.from({ length: 50 }, (_, index) => ({
      method: "DELETE",
      path: `/Users/bulkId:u${300 + index}`,
    }));
    const operations: readonly BulkOperation[] = [
      ...groups,
      ...users,
      ...patches,
      ...taken,
      ...deletions,
    ];
    expect(operations).toHaveLength(1000);
    const results = resultsIn(await mine.post("/Bulk", jobOf(operations)));
    const counts: Record<string, number> = {};
    for (const { method, status } of results) {
      counts[`${method} ${status}`] = (counts[`${method} ${status}`] ?? 0) + 1;
    }
    expect(counts).toEqual({
      "POST 201": 800,
      "PATCH 200": 100,
      "POST 409": 50,
      "DELETE 204": 50,
    });
    expect(results.map(({ bulkId }) => bulkId)).toEqual(operations.map(({ bulkId }) => bulkId));
    expect((await mine.get("/Users?count=0")).body.totalResults).toBe(651);
    const first = await mine.get(pathOf(results[0]));
    const idsOfFirst = [results[1], results[100], results[100 + 699]].map(idIn);
    expect(first.body.members?.map(({ value }) => value).toSorted()).toEqual(idsOfFirst.toSorted());
    const all = await mine.get("/Groups?count=200");
    expect(all.body.Resources.map(({ members }) => members?.length)).toEqual(Array(100).fill(3));
    if (administration !== undefined) {
      const audits = await administration.audits(own, idIn(results[100]));
      expect(audits.map(({ action }) => action)).toEqual(["user.create", "user.patch"]);
      const [entry] = (await administration.requests(own, 5)).filter(({ pathTemplate }) =>
        pathTemplate.endsWith("/Bulk"),
      );
      expect(entry).toMatchObject({
        status: 200,
        method: "POST",
        reason: "bulk of 1000: 950 done, 50 failed",
      });
    }
    expect((await mine.get(`/Users/${old.id}`)).body).toEqual(old);
  });

  test.runIf(administration)(
    "BULK-14 SEC-11 each operation done has one audit entry and its event, a failed one has none",
    async () => {
      const { id, userName } = await client.newUser();
      const { results } = await run([
        post("a", userBody()),
        post("b", userBody({ userName })),
        { method: "PUT", path: `/Users/${id}`, data: userBody({ userName, title: "T" }) },
        { method: "PUT", path: `/Users/${id}`, data: userBody({ userName, title: "T" }) },
      ]);
      expect(results.map(({ status }) => status)).toEqual(["201", "409", "200", "200"]);
      expect(await administration?.audits(target, idIn(results[0]))).toHaveLength(1);
      expect(await administration?.events(target, idIn(results[0]))).toHaveLength(1);
      expect(await administration?.audits(target, id), "made and changed once").toHaveLength(2);
      expect(await administration?.events(target, id)).toHaveLength(2);
    },
  );
});

test.runIf(!bulk.supported)(
  "BULK-01 HTTP-18 without bulk every job is 501 (only where bulk is not supported)",
  async () => {
    expectError(await client.post("/Bulk", jobOf([])), 501);
  },
);

test("BULK-01 DISC-02 the limits of jobs are published", () => {
  expect(Number.isInteger(bulk.maxOperations)).toBe(true);
  expect(Number.isInteger(bulk.maxPayloadSize)).toBe(true);
});
