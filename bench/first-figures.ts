/**
 * First figures: creates, point reads, look-ups by userName, and adding one member to a small and to a
 * large group, over HTTP against a server of its own. `npm run bench -- [users] [members]`; default 100,000 each.
 * Load generator and server share the machine.
 */
import { makeDataFolder, rollcall, serve } from "../test/e2e/rollcall-process.ts";
import type { LoadRequest, LoadResult } from "./load.ts";
import { runLoad } from "./load.ts";

const users = Number(process.argv[2] ?? 100_000);
const members = Math.min(users, Number(process.argv[3] ?? 100_000));
const measured = 10_000;
const folder = makeDataFolder();
const server = await serve(folder.path, ["--rate-limit", "0"]);
const token = await rollcall("token", "create", "default/default", "--data", folder.path);
const target = { baseUrl: server.baseUrl, token, connections: 32 };
const rows: (LoadResult & { readonly what: string })[] = [];
const ids: string[] = [];

function userBody(index: number): unknown {
  return {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
    userName: `person${index}@example.com`,
    externalId: `00u${index}`,
    name: { givenName: `Given${index}`, familyName: `Family${index % 997}` },
    displayName: `Given${index} Family${index % 997}`,
    active: true,
    emails: [{ value: `person${index}@example.com`, type: "work", primary: true }],
    title: "Engineer",
    locale: "en-US",
  };
}

async function measure(
  what: string,
  count: number,
  make: (index: number) => LoadRequest,
  onAnswer?: (index: number, text: string) => void,
): Promise<void> {
  const result = await runLoad(
    target,
    (index) => (index < count ? make(index) : undefined),
    onAnswer,
  );
  rows.push({ what, ...result });
  console.info(`${what}: ${JSON.stringify(result)}`);
}

function pick(): string {
  return ids[Math.floor(Math.random() * ids.length)] ?? "";
}

function idOf(text: string): string {
  return JSON.parse(text).id;
}

function addMember(group: string, id: string): LoadRequest {
  return {
    method: "PATCH",
    // Without members in the answer, so that the figure is that of the write alone in both groups.
    path: `/Groups/${group}?excludedAttributes=members`,
    body: {
      schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
      Operations: [{ op: "add", path: "members", value: [{ value: id }] }],
    },
  };
}

async function makeGroup(name: string, size: number): Promise<string> {
  let group = "";
  await runLoad(
    { ...target, connections: 1 },
    (index) =>
      index > 0
        ? undefined
        : {
            method: "POST",
            path: "/Groups?excludedAttributes=members",
            body: {
              schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
              displayName: name,
              members: ids.slice(0, size).map((value) => ({ value })),
            },
          },
    (_, text) => {
      group = idOf(text);
    },
  );
  return group;
}

await measure(
  "POST /Users",
  users,
  (index) => ({ method: "POST", path: "/Users", body: userBody(index) }),
  (_, text) => ids.push(idOf(text)),
);
await measure("GET /Users/{id}", measured, () => ({ method: "GET", path: `/Users/${pick()}` }));
await measure("GET /Users?filter=userName eq", measured, () => ({
  method: "GET",
  path: `/Users?filter=${encodeURIComponent(`userName eq "person${Math.floor(Math.random() * users)}@example.com"`)}`,
}));
await measure("GET /Users?startIndex=1&count=100", 500, () => ({
  method: "GET",
  path: "/Users?startIndex=1&count=100",
}));
const spare = 1000;
const small = await makeGroup("small", 100);
const large = await makeGroup("large", Math.max(0, members - spare));
for (const [what, group] of [
  ["group of 100", small],
  [`group of ${members}`, large],
] as const) {
  await measure(`PATCH add one member, ${what}`, spare, (index) =>
    addMember(group, ids.at(-1 - index) ?? ""),
  );
}
await measure(`PUT ${members} members, one difference`, 1, () => ({
  method: "PUT",
  path: `/Groups/${large}?excludedAttributes=members`,
  body: {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
    displayName: "large",
    members: ids.slice(1, members).map((value) => ({ value })),
  },
}));
await server.stop();
folder.remove();
console.table(
  rows.map(({ what, perSecond, p50Ms, p99Ms, statuses }) => ({
    what,
    perSecond,
    p50Ms,
    p99Ms,
    statuses: JSON.stringify(statuses),
  })),
);
