/** Versions of resources: ETag, If-Match and If-None-Match (RFC 7644 §3.14, RFC 9110 §13.1). */
import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus, userBody } from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));
const ifMatch = (tag: string) => ({ headers: { "if-match": tag } });
const ifNoneMatch = (tag: string) => ({ headers: { "if-none-match": tag } });
const setTitle = (value: string) => [{ op: "replace", path: "title", value }];

test("ETAG-01 ETAG-02 every answer with a resource has its ETag", async () => {
  const { body } = await client.get("/ServiceProviderConfig");
  expect(body["etag"]).toEqual({ supported: true });
  const created = await client.post("/Users", userBody());
  const path = `/Users/${created.body.id}`;
  for (const answer of [
    created,
    await client.get(path),
    await client.put(path, userBody({ userName: created.body.userName })),
    await client.patch(path, setTitle("x")),
  ]) {
    expect(answer.headers.get("etag")).toBe(answer.body.meta.version);
  }
});

test("ETAG-03 a GET whose tag matches is 304 without a body, else 200", async () => {
  const user = await client.newUser();
  const path = `/Users/${user.id}`;
  const { version } = user.meta;
  for (const tag of [version, `"x", ${version}`, "*", version.replace("W/", "")]) {
    const answer = await client.get(path, ifNoneMatch(tag));
    expectStatus(answer, 304);
    expect(answer.text).toBe("");
    expect(answer.headers.get("etag")).toBe(version);
  }
  expectStatus(await client.get(path, ifNoneMatch('"x"')), 200);
});

test("ETAG-04 ETAG-05 ETAG-07 a write whose tag does not match is 412 and changes nothing", async () => {
  const user = await client.newUser();
  const path = `/Users/${user.id}`;
  const stale = ifMatch('W/"0"');
  expectError(
    await client.put(path, userBody({ userName: user.userName, title: "x" }), stale),
    412,
  );
  expectError(await client.patch(path, setTitle("x"), stale), 412);
  expectError(await client.delete(path, stale), 412);
  expect((await client.get(path)).body).toEqual(user);
  const first = await client.patch(path, setTitle("y"), ifMatch(user.meta.version));
  expectStatus(first, 200);
  expectError(await client.patch(path, setTitle("z"), ifMatch(user.meta.version)), 412);
});

test("ETAG-06 * means that it exists, and a list means any of them", async () => {
  const user = await client.newUser();
  const path = `/Users/${user.id}`;
  const body = userBody({ userName: user.userName });
  expectStatus(await client.put(path, body, ifMatch("*")), 200);
  expectStatus(await client.put(path, body, ifMatch(`"x", ${user.meta.version}`)), 200);
  expectError(await client.put(`/Users/${randomUUID()}`, body, ifMatch("*")), 404);
});

test("ETAG-08 a tag without quotes matches nothing", async () => {
  const user = await client.newUser();
  const answer = await client.patch(`/Users/${user.id}`, setTitle("x"), ifMatch("abc"));
  expectStatus(answer, 400, 412);
  expect((await client.get(`/Users/${user.id}`)).body).toEqual(user);
});

test("ETAG-09 the tag changes with every change and only then", async () => {
  const user = await client.newUser();
  const path = `/Users/${user.id}`;
  const tags = [user.meta.version];
  for (const title of ["a", "b", "c"]) {
    tags.push((await client.patch(path, setTitle(title))).body.meta.version);
  }
  expect(new Set(tags).size).toBe(4);
  await client.patch(path, setTitle("c"));
  expect((await client.get(path)).headers.get("etag")).toBe(tags.at(-1));
});

test("ETAG-10 a POST with If-None-Match creates all the same", async () => {
  expectStatus(await client.post("/Users", userBody(), ifNoneMatch("*")), 201);
});

test("ETAG-11 of simultaneous writes with one tag exactly one succeeds", async () => {
  const user = await client.newUser();
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      client.put(
        `/Users/${user.id}`,
        userBody({ userName: user.userName, title: `t${n}` }),
        ifMatch(user.meta.version),
      ),
    ),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  for (const answer of answers.filter(({ status }) => status !== 200)) {
    expectError(answer, 412);
  }
});

test("ETAG-13 If-None-Match wins over If-Modified-Since", async () => {
  const user = await client.newUser();
  const headers = { "if-none-match": '"x"', "if-modified-since": "Thu, 01 Jan 2099 00:00:00 GMT" };
  expectStatus(await client.get(`/Users/${user.id}`, { headers }), 200);
});
