/** Does what the admin API does to event streams of a tenant. */
import type { EventStreamJson } from "../../admin-contract/event-streams.ts";
import {
  createEventStream,
  eventStreamJsonOf,
  listEventStreams,
  removeEventStream,
} from "../../admin-contract/event-streams.ts";
import type { EventStream } from "../../domain/event-stream.ts";
import {
  checkedAudience,
  eventTypesOfResources,
  resourcesOfEventTypes,
} from "../../domain/event-stream.ts";
import type { Webhook } from "../../domain/webhook.ts";
import {
  checkedReceiver,
  createEventStreamAdministration,
} from "../../provisioning/event-stream-administration.ts";
import { streamsRoot } from "../event-poll.ts";
import { publishedKeysPath } from "../published-keys.ts";
import { pageOfAll } from "./cursor.ts";
import { checkedPart, notFound } from "./problem.ts";
import type { AdminParts, ServedOperation } from "./served-operation.ts";
import { servedInTenant } from "./served-operation.ts";
import type { CallInTenant } from "./tenant-access.ts";

/** The operations. */
export const servedEventStreams: readonly ServedOperation[] = [
  servedInTenant(listEventStreams, async ({ tenant, query }, parts) => {
    const { store } = parts;
    const shown: EventStreamJson[] = [];
    for (const webhook of await store.webhooks.list(tenant.tenantId)) {
      if (webhook.stream !== undefined) {
        const counts = await store.webhooks.countUnsettled(tenant.tenantId, webhook.webhookId);
        shown.push(shownStream(webhook, webhook.stream, parts, counts));
      }
    }
    return {
      body: pageOfAll(shown, query, {
        list: "event-streams",
        keyOf: ({ created, id }) => `${created} ${id}`,
        shown: (stream) => stream,
      }),
    };
  }),
  servedInTenant(createEventStream, async (call, parts) => {
    const { url, authorization, mode = "notice", audience, resourceTypes = [] } = call.body;
    const { allowed } = parts.webhookTools;
    if (url !== undefined) {
      checkedPart("url", () => checkedReceiver(url, allowed));
    }
    if (audience !== undefined) {
      checkedPart("audience", () => checkedAudience(audience));
    }
    checkedPart("resourceTypes", () => eventTypesOfResources(resourceTypes, parts.registry));
    const wish = { url, authorization, mode, audience, resourceTypes };
    const { webhook, stream, token } = await streamsOf(call, parts).create(call.tenant, wish);
    const site = parts.site().url;
    return {
      body: {
        token: token ?? null,
        pollUrl: token === undefined ? null : `${site}${streamsRoot}/${webhook.webhookId}/poll`,
        issuer: site,
        jwksUrl: `${site}${publishedKeysPath}`,
        ...shownStream(webhook, stream, parts),
      },
    };
  }),
  servedInTenant(removeEventStream, async (call, parts) => {
    const all = await parts.store.webhooks.list(call.tenant.tenantId);
    const found = all.find(
      ({ webhookId, stream }) => stream !== undefined && webhookId === call.path["stream"],
    );
    if (found === undefined || !(await streamsOf(call, parts).remove(found))) {
      throw notFound("event stream");
    }
    return { body: undefined };
  }),
];

function shownStream(
  webhook: Webhook,
  stream: EventStream,
  { registry }: Pick<AdminParts, "registry">,
  counts?: { readonly waiting: number; readonly dead: number },
): EventStreamJson {
  const resourceTypes = resourcesOfEventTypes(webhook.types, registry);
  return eventStreamJsonOf(webhook, stream, {
    resourceTypes,
    ...(counts === undefined ? {} : { counts }),
  });
}

function streamsOf({ circumstances, nowMs }: CallInTenant, parts: AdminParts) {
  const { store, registry, secretHash, webhookTools, site } = parts;
  return createEventStreamAdministration({
    store,
    registry,
    secretHash,
    seal: webhookTools.seal,
    allowed: webhookTools.allowed,
    publicUrl: () => site().url,
    now: () => nowMs,
    circumstances: () => circumstances,
  });
}
