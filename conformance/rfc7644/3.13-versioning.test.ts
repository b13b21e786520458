/** Protocol versions in the path (RFC 7644 §3.13). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus } from "../scim-client.ts";

const target = await freshConnection();
const client = createScimClient(target);
const atRoot = (suffix: string) =>
  createScimClient({ ...target, baseUrl: target.baseUrl.replace(/\/v2$/, suffix) });

test("VER-01 the version stands before the endpoint", async () => {
  expect(target.baseUrl).toMatch(/\/v2$/);
  expectStatus(await client.get("/Users"), 200);
});

test("VER-03 ERR-14 another version is refused, never replaced", async () => {
  const answer = await atRoot("/v1").get("/Users");
  expectStatus(answer, 400, 404);
  expectError(answer, answer.status, answer.status === 400 ? "invalidVers" : undefined);
});

test("VER-05 SEC-04 locations come from the configured base, not from forwarded hosts", async () => {
  const user = await client.newUser();
  const answer = await client.get(`/Users/${user.id}`, {
    headers: { "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" },
  });
  expect(answer.body.meta.location).toBe(`${target.baseUrl}/Users/${user.id}`);
  expect(answer.text).not.toContain("evil.example");
});

test("VER-02 without a version the newest is spoken, and locations name it", async () => {
  const unversioned = atRoot("");
  const user = await unversioned.newUser();
  expect(user.meta.location).toBe(`${target.baseUrl}/Users/${user.id}`);
  for (const path of ["/Users", `/Users/${user.id}`, "/ServiceProviderConfig"]) {
    const [plain, versioned] = [await unversioned.get(path), await client.get(path)];
    expectStatus(plain, 200);
    expect(plain.body).toEqual(versioned.body);
  }
  expectError(await atRoot("/v2x").get("/Users"), 404);
});
