/** A receiver of Security Event Tokens of the service provider under test, which fetches them by polling (RFC 8936). */
import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { administration, freshConnection } from "./fresh-connection.ts";
import type { ScimClient } from "./scim-client.ts";
import { createScimClient } from "./scim-client.ts";

/** A SET without its signature. */
export interface ReadSet {
  readonly header: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of JSON
  readonly claims: any;
}

/** A client of the service provider, and who is told of what it does. */
export interface EventSite {
  readonly client: ScimClient;
  /** Fetches what waits until so many have come, for a while at most, and acknowledges it; more than that is fetched too. */
  fetchSets(count: number): Promise<readonly ReadSet[]>;
  /** Undefined where a foreign service provider does not say. */
  readonly jwksUrl: string | undefined;
  /** The sets as they came. */
  readonly raw: readonly string[];
}

/** How long an event may take to be there, in ms. */
const patienceMs = 5000;

const { SCIM_EVENTS_URL, SCIM_EVENTS_TOKEN = "", SCIM_EVENTS_MODE } = process.env;

/** Makes a site whose events tell so much; undefined for a foreign service provider without a stream of that kind. */
export async function eventSite(mode: "notice" | "full"): Promise<EventSite | undefined> {
  const target = await freshConnection();
  const stream = await streamOf(target, mode);
  if (stream === undefined) {
    return undefined;
  }
  const { pollUrl, token, jwksUrl } = stream;
  const poll = async (body: object): Promise<Readonly<Record<string, string>>> => {
    const response = await fetch(pollUrl, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ returnImmediately: true, ...body }),
    });
    if (response.status !== 200) {
      throw new Error(`polling was answered with ${response.status}`);
    }
    return (await response.json()).sets;
  };
  const raw: string[] = [];
  return {
    client: createScimClient(target),
    jwksUrl,
    raw,
    fetchSets: async (count) => {
      const found: ReadSet[] = [];
      const untilMs = performance.now() + patienceMs;
      // Of one resource the next comes when the one before is acknowledged; what just happened may take a moment to be queued.
      let sets = await poll({});
      for (;;) {
        found.push(...Object.values(sets).map(readSet));
        raw.push(...Object.values(sets));
        const isDone = found.length >= count || performance.now() > untilMs;
        if (Object.keys(sets).length === 0) {
          if (isDone) {
            return found;
          }
          await setTimeout(20);
        }
        sets = await poll({ ack: Object.keys(sets) });
      }
    },
  };
}

async function streamOf(
  target: Awaited<ReturnType<typeof freshConnection>>,
  mode: "notice" | "full",
): Promise<{ pollUrl: string; token: string; jwksUrl: string | undefined } | undefined> {
  if (administration === undefined) {
    return SCIM_EVENTS_URL === undefined || (SCIM_EVENTS_MODE ?? "notice") !== mode
      ? undefined
      : { pollUrl: SCIM_EVENTS_URL, token: SCIM_EVENTS_TOKEN, jwksUrl: undefined };
  }
  const { instance } = administration;
  const connection = administration.connectionOf(target);
  const tenant = await instance.store.tenants.byId(connection.tenantId);
  if (tenant === undefined) {
    throw new TypeError("the tenant of the connection is gone");
  }
  const { webhook, token = "" } = await instance.eventStreams.create(tenant, {
    url: undefined,
    authorization: undefined,
    mode,
    audience: `urn:uuid:${randomUUID()}`,
    resourceTypes: [],
  });
  const { pollUrl, jwksUrl } = instance.eventSite(webhook.webhookId);
  return { pollUrl, token, jwksUrl };
}

function readSet(text: string): ReadSet {
  const [header = "", claims = ""] = text
    .split(".")
    .map((part) => Buffer.from(part, "base64url").toString("utf8"));
  return { header: JSON.parse(header), claims: JSON.parse(claims) };
}
