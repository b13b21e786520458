/** `rollcall event-stream`: who is sent Security Event Tokens, or fetches them (RFC 9967, RFC 8935, RFC 8936). */
import { eventStreamJsonOf } from "../admin-contract/event-streams.ts";
import type { Instance } from "../compose.ts";
import { resourcesOfEventTypes, streamModes } from "../domain/event-stream.ts";
import { refusal } from "../domain/refusal.ts";
import type { Call, Command } from "./command.ts";
import { findTenant } from "./find-connection.ts";
import { formatFields, formatTable } from "./format-table.ts";
import { textOrStdin } from "./text-or-stdin.ts";

const shared = { usedBy: "all", folder: "need" } as const;

/** The commands. */
export const eventStreamCommands: readonly Command[] = [
  {
    ...shared,
    usage: "event-stream add <tenant>",
    summary: "tell a receiver of what happens from now on in Security Event Tokens",
    options: [
      ["--url <url>", "where they are pushed to; without it the receiver polls, with a token"],
      ["--authorization <->", "- reads from stdin a bearer token that the receiver wants"],
      ["--mode <mode>", `${streamModes.join(" or ")} (default: notice)`],
      ["--audience <audience>", "the claim aud (default: a URL of the stream)"],
      ["--resource-type <name...>", "what it is told of, such as User (default: everything)"],
    ],
    run: addStream,
  },
  {
    ...shared,
    usage: "event-stream list <tenant>",
    summary: "list the receivers of Security Event Tokens, with what waits for them",
    options: [],
    run: listStreams,
  },
  {
    ...shared,
    usage: "event-stream remove <tenant> <id>",
    summary: "remove a receiver with what waits for it",
    options: [],
    run: removeStream,
  },
];

async function addStream(call: Call): Promise<number> {
  const instance = await call.open();
  const tenant = await findTenant(instance.store, call.args[0] ?? "");
  const { webhook, stream, token } = await instance.eventStreams.create(tenant, {
    url: call.text("url"),
    authorization: await authorizationOf(call),
    mode: modeOf(call),
    audience: call.text("audience"),
    resourceTypes: call.list("resourceType"),
  });
  const { issuer, jwksUrl, pollUrl } = instance.eventSite(webhook.webhookId);
  const known = { resourceTypes: resourcesOfEventTypes(webhook.types, instance.registry) };
  const isPolled = token !== undefined;
  call.answer(
    {
      token: token ?? null,
      pollUrl: isPolled ? pollUrl : null,
      issuer,
      jwksUrl,
      ...eventStreamJsonOf(webhook, stream, known),
    },
    formatFields([
      ["Stream", webhook.webhookId],
      ...(isPolled
        ? ([
            ["Poll URL", pollUrl],
            ["Token", token],
          ] as const)
        : ([["URL", webhook.url]] as const)),
      ["Issuer", issuer],
      ["Audience", stream.audience],
      ["Keys", jwksUrl],
    ]),
  );
  if (isPolled && !call.json) {
    call.io.err("The token is shown this once.\n");
  }
  return 0;
}

async function authorizationOf(call: Call): Promise<string | undefined> {
  const text = call.text("authorization");
  if (text !== undefined && text !== "-") {
    throw refusal("--authorization - reads it from stdin: others could see it here");
  }
  return text === undefined ? undefined : await textOrStdin(call, "--authorization", text);
}

function modeOf(call: Call): (typeof streamModes)[number] {
  const text = call.text("mode") ?? "notice";
  const mode = streamModes.find((one) => one === text);
  if (mode === undefined) {
    throw refusal(`--mode ${text}: expected ${streamModes.join(" or ")}`);
  }
  return mode;
}

async function listStreams(call: Call): Promise<number> {
  const instance = await call.open();
  const { store, registry } = instance;
  const { tenantId } = await findTenant(store, call.args[0] ?? "");
  const shown = [];
  for (const webhook of await store.webhooks.list(tenantId)) {
    if (webhook.stream !== undefined) {
      const counts = await store.webhooks.countUnsettled(tenantId, webhook.webhookId);
      const resourceTypes = resourcesOfEventTypes(webhook.types, registry);
      shown.push(eventStreamJsonOf(webhook, webhook.stream, { resourceTypes, counts }));
    }
  }
  call.answer(
    shown,
    formatTable(
      ["STREAM", "DELIVERY", "MODE", "RECEIVER", "TYPES", "WAITING", "DEAD"],
      shown.map((stream) => [
        stream.id,
        stream.delivery,
        stream.mode,
        stream.url ?? `polls, token …${stream.lastFour}`,
        stream.resourceTypes.join(" "),
        String(stream.waiting),
        String(stream.dead),
      ]),
    ),
  );
  return 0;
}

async function removeStream(call: Call): Promise<number> {
  const instance = await call.open();
  const [slug = "", id = ""] = call.args;
  const stream = await namedStream(instance, slug, id, call);
  if (!(await instance.eventStreams.remove(stream))) {
    throw refusal(`tenant ${slug} has no event stream ${id} any more`);
  }
  call.answer({ removed: true }, [`Event stream ${id} of tenant ${slug} is removed.`]);
  return 0;
}

async function namedStream({ store }: Instance, slug: string, id: string, { io }: Call) {
  const { tenantId } = await findTenant(store, slug);
  const all = await store.webhooks.list(tenantId);
  const found = all.find(({ webhookId, stream }) => stream !== undefined && webhookId === id);
  if (found === undefined) {
    throw refusal(
      `tenant ${slug} has no event stream ${id}; see ${io.program} event-stream list ${slug}`,
    );
  }
  return found;
}
