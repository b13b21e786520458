/**
 * A small application that keeps its own users in step with Rollcall: by the event feed when it has a token of the admin
 * API, by a webhook when it has its secret, by both when it has both.
 */
import { createServer } from "node:http";
import { createRollcallClient, isRollcallProblem, verifyWebhook } from "rollcall/client";
import { openUserTable } from "./user-table.mjs";

const {
  PORT = "3000",
  APP_FILE = "./app.json",
  ROLLCALL_URL,
  ROLLCALL_TOKEN,
  ROLLCALL_WEBHOOK_SECRET,
} = process.env;

const users = openUserTable(APP_FILE);
const stopping = new AbortController();

const server = createServer(async (request, response) => {
  const { status, body } = await answer(request).catch((error) => {
    console.error(error);
    return { status: 500 };
  });
  response.writeHead(status, body === undefined ? {} : { "content-type": "application/json" });
  response.end(body === undefined ? undefined : JSON.stringify(body));
});

async function answer(request) {
  switch (`${request.method} ${request.url}`) {
    case "POST /hooks/rollcall":
      return takeWebhook(request);
    case "POST /sign-in":
      return signIn(JSON.parse(await bodyOf(request)));
    case "GET /me":
      return showMe(request.headers.authorization);
    case "GET /users":
      return { status: 200, body: users.list() };
    default:
      return { status: 404 };
  }
}

/** 2xx says that the event is kept; anything else, and it is told again. */
async function takeWebhook(request) {
  const body = await bodyOf(request);
  let event;
  try {
    event = verifyWebhook({
      body,
      headers: request.headers,
      secret: ROLLCALL_WEBHOOK_SECRET ?? "",
    });
  } catch {
    return { status: 401 };
  }
  users.apply(event);
  return { status: 204 };
}

/** Whoever comes here has shown who they are, with a password or at the identity provider; that is left out. */
function signIn({ userName }) {
  const session = users.signIn(String(userName));
  return session === undefined ? { status: 403 } : { status: 200, body: { session } };
}

function showMe(authorization = "") {
  const person = users.signedIn(authorization.replace(/^Bearer /, ""));
  return person === undefined ? { status: 401 } : { status: 200, body: person };
}

async function bodyOf(request) {
  const pieces = [];
  for await (const piece of request) {
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

/** Follows the feed; a place in it that is gone for good means to load everything anew. */
async function follow(client) {
  const { signal } = stopping;
  try {
    const onTrouble = (error) => console.error(`the feed does not answer: ${error.message}`);
    for await (const event of client.followEvents({ after: users.cursor(), signal, onTrouble })) {
      users.apply(event);
    }
  } catch (error) {
    if (!isRollcallProblem(error) || error.status !== 410) {
      throw error;
    }
    await loadAnew(client);
    await follow(client);
  }
}

/** Where the feed ends is asked first: what changes while everything is read is told behind it. */
async function loadAnew(client) {
  const startedMs = Date.now();
  const { nextCursor } = await client.readEventFeed({ after: "now" });
  const [{ slug: tenant }] = await everything(client.listTenants, {});
  const members = await everything(client.listMembers, { tenant });
  const people = [];
  for (const { slug: connection } of await everything(client.listConnections, { tenant })) {
    people.push(...(await everything(client.listUsers, { tenant, connection })));
  }
  users.replaceAll({ users: people, members, cursor: nextCursor, startedMs });
}

/** All items of a list, page by page. */
async function everything(list, wish) {
  const items = [];
  let cursor;
  do {
    const page = await list({ ...wish, limit: 1000, ...(cursor && { cursor }) });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}

server.listen(Number(PORT), "127.0.0.1", () => {
  console.log(`the application listens on http://127.0.0.1:${server.address().port}`);
});
if (ROLLCALL_TOKEN !== undefined) {
  const client = createRollcallClient({ url: ROLLCALL_URL, token: ROLLCALL_TOKEN });
  follow(client).catch((error) => {
    console.error(`the feed cannot be followed: ${error.message}`);
    process.exit(1);
  });
}
process.once("SIGTERM", () => {
  stopping.abort();
  server.close();
});
