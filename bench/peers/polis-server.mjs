/**
 * The directory sync of the Polis library behind a plain node:http server; copied into the scratch folder.
 * `polis-server.mjs [DATABASE_URL]`: in memory without a URL, on PostgreSQL with one.
 */
import { createServer } from "node:http";
import jackson from "@boxyhq/saml-jackson";

const url = process.argv[2];
const quiet = () => undefined;
const { directorySyncController } = await jackson.controllers({
  externalUrl: "http://127.0.0.1",
  samlPath: "/saml",
  noAnalytics: true,
  db: url === undefined ? { engine: "mem" } : { engine: "sql", type: "postgres", url },
  dsync: { callback: async () => undefined },
  logger: { info: quiet, warn: quiet, error: quiet },
});
const { data: directory } = await directorySyncController.directories.create({
  tenant: "bench",
  product: "bench",
  type: "generic-scim-v2",
});

async function answer(request, response, text) {
  const { pathname, searchParams } = new URL(request.url, "http://127.0.0.1");
  const [, resourceType = "", resourceId] = pathname.split("/");
  const { status, data } = await directorySyncController.requests.handle({
    method: request.method,
    body: text === "" ? undefined : JSON.parse(text),
    directoryId: directory.id,
    resourceType,
    resourceId,
    apiSecret: directory.scim.secret,
    query: {
      count: Number(searchParams.get("count") ?? 50),
      startIndex: Number(searchParams.get("startIndex") ?? 1),
      filter: searchParams.get("filter") ?? undefined,
    },
  });
  const body = JSON.stringify(data);
  response.writeHead(status, {
    "content-type": "application/scim+json",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    answer(request, response, Buffer.concat(chunks).toString()).catch((error) => {
      response.writeHead(500);
      response.end(String(error));
    });
  });
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`listening on http://127.0.0.1:${server.address().port}\n`);
});
process.once("SIGTERM", () => process.exit(0));
