/** Recording a client and replaying what was recorded. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "../../../../test/command-line.ts";
import type { TestRollcall } from "../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../test/compose-for-tests.ts";
import { sendScim } from "../../../../test/e2e/scim-site.ts";
import { newProfileToken } from "../../../../test/scim-tokens.ts";

const folder = mkdtempSync(join(tmpdir(), "rollcall-flows-"));
let server: TestRollcall;
let url = "";
beforeAll(async () => {
  server = await composeForTests();
  url = `${await server.listen()}/scim/v2`;
});
afterAll(async () => {
  await server.remove();
  rmSync(folder, { recursive: true });
});

const userUri = "urn:ietf:params:scim:schemas:core:2.0:User";
const groupUri = "urn:ietf:params:scim:schemas:core:2.0:Group";
const patchUri = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const patch = (...operations: readonly unknown[]) => ({
  schemas: [patchUri],
  Operations: operations,
});
/** What a recording must not have in it. */
const personal = [
  "Quimby",
  "Ottilie",
  "quimby",
  "hunter2",
  "+49 30 1234567",
  "Bergbau",
  "4711",
  "P-77",
];

/** Starts to record; answers with where, and with what ends it. */
async function startRecording(out: string) {
  const stop = new AbortController();
  let said = "";
  let told: (proxy: string) => void = () => undefined;
  const proxy = new Promise<string>((resolve) => {
    told = resolve;
  });
  const words = ["record", "--target", url, "--port", "0", "--out", out, "--idp", "test", "--json"];
  const done = runCommand(words, {
    stopSignal: () => stop.signal,
    listen: (text) => {
      said += text;
      const [, found] = /records on (\S+):/.exec(said) ?? [];
      if (found !== undefined) {
        told(found);
      }
    },
  });
  return {
    proxy: await proxy,
    end: () => {
      stop.abort();
      return done;
    },
  };
}

test("a recorded client is masked, and its flow replays against a server that has nothing", async () => {
  const token = await newProfileToken(server, "recorded", "okta");
  const before = await sendScim(`${url}/Users`, token, "POST", {
    schemas: [userUri],
    userName: "old.quimby@example.com",
    externalId: "P-77",
    name: { givenName: "Ottilie", familyName: "Quimby" },
  });
  expect(before.status).toBe(201);
  const out = join(folder, "recorded.json");
  const { proxy, end } = await startRecording(out);
  const call = async (method: string, path: string, body?: unknown, headers = {}) => {
    const answer = await sendScim(`${proxy}${path}`, token, method, body, headers);
    return answer;
  };
  const found = await call(
    "GET",
    "/Users?filter=userName%20eq%20%22OLD.QUIMBY@example.com%22&startIndex=1",
  );
  expect(found.body.totalResults).toBe(1);
  const oldId: string = found.body.Resources[0].id;
  const nobody = await call("GET", "/Users?filter=userName+eq+%22new.quimby@example.com%22");
  expect(nobody.body.totalResults).toBe(0);
  const made = await call("POST", "/Users", {
    schemas: [userUri],
    userName: "new.quimby@example.com",
    name: { givenName: "Neu", familyName: "Quimby" },
    emails: [{ value: "new.quimby@example.com", type: "work", primary: true }],
    phoneNumbers: [{ value: "+49 30 1234567", type: "work" }],
    password: "hunter2",
    externalId: "4711",
    active: true,
  });
  expect(made.status).toBe(201);
  const taken = await call("POST", "/Users", {
    schemas: [userUri],
    userName: "new.quimby@example.com",
  });
  expect(taken.status).toBe(409);
  const group = await call("POST", "/Groups", {
    schemas: [groupUri],
    displayName: "Bergbau",
    members: [],
  });
  const members = [{ value: made.body.id }, { value: oldId, display: "Ottilie Quimby" }];
  await call(
    "PATCH",
    `/Groups/${group.body.id}`,
    patch({ op: "add", path: "members", value: members }),
  );
  await call(
    "PATCH",
    `/Groups/${group.body.id}`,
    patch(
      { op: "remove", path: `members[value eq "${oldId}"]` },
      { op: "replace", value: { displayName: "Bergbau II" } },
    ),
  );
  const seen = await call("GET", `/Groups/${group.body.id}`);
  expect(seen.body.members).toHaveLength(1);
  const version = (await call("GET", `/Users/${oldId}`)).etag;
  const put = { schemas: [userUri], id: oldId, userName: "Old.Quimby@example.com", active: false };
  const replaced = await call("PUT", `/Users/${oldId}`, put, { "if-match": version });
  expect(replaced.status).toBe(200);
  expect((await call("DELETE", `/Users/${made.body.id}`)).status).toBe(204);
  expect((await call("GET", `/Users/${made.body.id}`)).status).toBe(404);
  expect((await call("GET", "/Users/no-such-id")).status).toBe(404);
  expect((await sendScim(`${proxy}/Users`, "wrong", "GET")).status).toBe(401);
  const { code, out: said } = await end();
  expect(code).toBe(0);
  expect(JSON.parse(said)).toEqual({ file: out, requests: 14, fixtures: 1 });

  const text = readFileSync(out, "utf8");
  for (const word of [...personal, token, oldId, String(made.body.id), url]) {
    expect(text).not.toContain(word);
  }
  const fresh = await newProfileToken(server, "replayed", "okta");
  const words = ["replay", out, "--url", url, "--token", fresh];
  const first = await runCommand(words);
  expect(first.out).toContain("1 as expected, 0 different, 0 skipped");
  expect(first.code).toBe(0);
  // Each replay has names of its own.
  expect((await runCommand(words)).code).toBe(0);
});

test("a replay says what is different, step by step, and goes on", async () => {
  const file = join(folder, "wrong.json");
  const headers = { authorization: "Bearer {{token}}", "content-type": "application/scim+json" };
  const flow = {
    idp: "test",
    scenario: "wrong",
    source: "here",
    steps: [
      {
        method: "GET",
        path: "/Users",
        headers,
        expect: { status: [200], bodyContains: { totalResults: 7 } },
      },
      {
        method: "POST",
        path: "/Users",
        headers,
        body: {},
        expect: { status: [201] },
        save: { u: "id" },
      },
      { method: "GET", path: "/Users/{{u}}", headers, expect: { status: [200] } },
      { method: "GET", path: "/Users", headers, expect: { status: [200] } },
    ],
  };
  const other = { ...flow, scenario: "two tenants", needs: "token2" };
  const empty = { ...flow, scenario: "empty", fresh: true };
  writeFileSync(file, JSON.stringify([flow, other, empty]));
  const token = await newProfileToken(server, "wrong", "generic");
  const { code, out } = await runCommand([
    "replay",
    file,
    "--url",
    `${url}/`,
    "--token",
    token,
    "--json",
  ]);
  expect(code).toBe(1);
  const report = JSON.parse(out);
  expect(report).toMatchObject({ same: 0, different: 1, skipped: 2 });
  expect(report.flows[0].problems).toEqual([
    "step 0 client GET /Users: body.totalResults is 0, not 7",
    expect.stringMatching(/^step 1 client POST \/Users: status 400 \(.*\), wanted 201$/),
    "step 2 client GET /Users/{{u}}: cannot be sent: {{u}} is used and no step before has saved it",
  ]);
});

test.each([
  [
    "replay",
    ["no-such-file.json", "--url", "http://127.0.0.1:1"],
    /cannot read no-such-file\.json/,
  ],
  ["replay", ["x.json"], /--url: expected the URL of a SCIM/],
  ["replay", ["x.json", "--url", "ftp://a/"], /--url: expected the URL of a SCIM/],
  ["record", ["--target", "http://a/?b=c", "--out", "x"], /--target: a SCIM base URL has no query/],
  ["record", ["--target", "http://a"], /--out: say into which file/],
  ["record", ["--target", "http://a", "--out", "package.json"], /package\.json is there already/],
  [
    "record",
    ["--target", "http://a", "--out", "x", "--port", "x"],
    /--port x: expected a whole number/,
  ],
])("rollcall %s %j is refused", async (command, words, message) => {
  const { code, err, out } = await runCommand([command, ...words]);
  expect(code).toBe(1);
  expect(out).toBe("");
  expect(err).toMatch(message);
});

test("a file that is no flow is refused with what is wrong in it", async () => {
  const file = join(folder, "no-flow.json");
  const run = async (text: string) => {
    writeFileSync(file, text);
    return (await runCommand(["replay", file, "--url", "http://127.0.0.1:1"])).err;
  };
  expect(await run("{")).toMatch(/no-flow\.json is not JSON/);
  expect(await run('[{"idp":"a","scenario":"b","source":"c","steps":[{"method":"GET"}]}]')).toMatch(
    /no file of flows: 0\.steps\.0\.path/,
  );
});

test("a server that does not answer is a difference", async () => {
  const file = join(folder, "silent.json");
  const step = { method: "GET", path: "/Users", headers: {}, expect: { status: [200] } };
  writeFileSync(file, JSON.stringify([{ idp: "a", scenario: "b", source: "c", steps: [step] }]));
  const { code, out } = await runCommand(["replay", file, "--url", "http://127.0.0.1:1"]);
  expect(code).toBe(1);
  expect(out).toMatch(/no answer: /);
});

test("a limit of requests is waited out, and is no difference", async () => {
  const limited = createServer((request, response) => {
    request.resume();
    const isFirst = !seen.has(request.url);
    seen.add(request.url);
    const headers = { "retry-after": "0" };
    response.writeHead(isFirst ? 429 : 200, headers).end(isFirst ? "" : "{}");
  });
  const seen = new Set<string | undefined>();
  await new Promise<void>((resolve) => limited.listen(0, "127.0.0.1", resolve));
  const { port } = limited.address() as AddressInfo;
  const file = join(folder, "limited.json");
  const step = { method: "GET", path: "/Users", headers: {}, expect: { status: [200] } };
  writeFileSync(file, JSON.stringify([{ idp: "a", scenario: "b", source: "c", steps: [step] }]));
  const { code, out } = await runCommand(["replay", file, "--url", `http://127.0.0.1:${port}`]);
  limited.close();
  expect(out).toContain("1 as expected");
  expect(code).toBe(0);
});
