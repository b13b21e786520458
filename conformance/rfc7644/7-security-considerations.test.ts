/** Security: headers, origins and hostile input (RFC 7644 §1.3, §7, §7.2, §7.4, §7.5.2, §7.7, RFC 7643 §9.2, §9.3). */
import { expect, test } from "vitest";
import { administration, freshConnection } from "../fresh-connection.ts";
import {
  createScimClient,
  expectError,
  expectStatus,
  idsOf,
  unique,
  userBody,
} from "../scim-client.ts";
import { startProvider } from "../start-provider.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));

test("SEC-09 no other origin may read answers", async () => {
  const origin = { headers: { origin: "https://evil.example" } };
  for (const answer of [
    await client.get("/Users", origin),
    await client.send("OPTIONS", "/Users", undefined, origin),
  ]) {
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  }
});

test("SEC-04 FILT-39 hostile values are stored and compared as text", async () => {
  const hostile = `'; DROP TABLE resources; -- <script>alert(1)</script> \${1+1} %00`;
  const user = await client.newUser({ displayName: hostile });
  expect((await client.get(`/Users/${user.id}`)).body.displayName).toBe(hostile);
  const found = await client.filter("/Users", `displayName eq ${JSON.stringify(hostile)}`);
  expect(idsOf(found)).toEqual([user.id]);
  expect(Number((await client.get("/Users?count=0")).body.totalResults)).toBeGreaterThan(0);
});

test("SEC-10 a fuzz of names leaves the server as it was", async () => {
  for (const name of ["__proto__", "constructor", "prototype", "hasOwnProperty", "toString"]) {
    const user = await client.newUser({ [name]: "x" });
    expect(Object.keys(user)).not.toContain(name);
    for (const operation of [
      { op: "add", path: name, value: "x" },
      { op: "add", path: `name.${name}`, value: "x" },
    ]) {
      expectError(await client.patch(`/Users/${user.id}`, [operation]), 400, "invalidPath");
    }
    expectStatus(await client.get(`/Users?attributes=${name}`), 200);
    const sorted = await client.get(`/Users?sortBy=${name}`);
    expect(["invalidValue", "invalidPath"]).toContain(sorted.body.scimType);
    expectError(sorted, 400, sorted.body.scimType);
  }
});

test("SEC-12 addresses in attributes are only text", async () => {
  const url = "http://127.0.0.1:1/never-fetched.jpg";
  const body = userBody({ photos: [{ value: url }], profileUrl: url });
  expectStatus(await client.post("/Users", body), 201);
});

test.runIf(administration)(
  "PWD-02 PWD-05 SEC-02 SEC-06 SEC-08 neither passwords nor tokens are stored anywhere, nor personal data in the request log",
  async () => {
    const target = await freshConnection();
    const own = createScimClient(target);
    const password = unique("hunter");
    const userName = unique("private");
    const user = await own.newUser({ password, userName });
    await own.patch(`/Users/${user.id}`, [{ op: "replace", path: "password", value: password }]);
    await own.filter("/Users", `userName eq "${userName}"`);
    await administration?.requests(target, 3);
    const stored = (await administration?.everythingStored()) ?? [];
    expect(stored.length).toBeGreaterThan(1);
    expect(stored.some(({ bytes }) => bytes.includes(userName))).toBe(true);
    for (const { name, bytes } of stored) {
      expect(bytes.includes(password), name).toBe(false);
      expect(bytes.includes(String(target.token)), name).toBe(false);
    }
    const log = stored.filter(({ name }) => /request.?log/.test(name));
    expect(log.length).toBeGreaterThan(0);
    for (const { name, bytes } of log) {
      expect(bytes.includes(userName), name).toBe(false);
    }
  },
);

test.runIf(administration)(
  "SEC-05 HTTP-25 failed logins are throttled: 429 with Retry-After, good tokens work on",
  async () => {
    const provider = await startProvider(["--failed-auth-limit", "5"]);
    try {
      const stranger = createScimClient({ baseUrl: provider.baseUrl, token: "nope" });
      const answers = [];
      for (let attempt = 0; attempt < 12; attempt++) {
        answers.push(await stranger.get("/Users"));
      }
      expectError(answers[0] ?? (await stranger.get("/Users")), 401);
      const last = await stranger.get("/Users");
      expectError(last, 429);
      expect(last.headers.get("retry-after")).toMatch(/^\d+$/);
    } finally {
      expect(await provider.stop()).toBe(0);
    }
  },
);

test.runIf(administration)(
  "AUTH-09 SEC-01 plain HTTP for other machines is refused at start",
  async () => {
    await expect(startProvider(["--host", "0.0.0.0"])).rejects.toThrow(/plain HTTP/);
  },
);

test.runIf(administration)("HTTP-16 a base URL with a query is refused at start", async () => {
  await expect(startProvider(["--public-url", "https://id.example.com/?a=b"])).rejects.toThrow(
    /query/,
  );
});
