/** Event streams: receivers of Security Event Tokens about what a tenant's clients provision, by push or by poll (RFC 9967 §1.3, RFC 8935, RFC 8936). */
import type { ResourceTypeRegistry } from "@rollcall/scim";
import { cleanText } from "./clean-text.ts";
import { refusal } from "./refusal.ts";

/** How much an event tells: which attributes, or what they are now (RFC 9967 §2.4). */
export const streamModes = ["notice", "full"] as const;

/** One of them. */
export type StreamMode = (typeof streamModes)[number];

/** What a stream is beside a place in the queue of deliveries. */
export interface EventStream {
  /** `push`: SETs are sent to a URL; `poll`: the receiver fetches them. */
  readonly delivery: "push" | "poll";
  readonly mode: StreamMode;
  /** The claim `aud`. */
  readonly audience: string;
  /** What a receiver that polls authenticates with; the secret itself is nowhere. */
  readonly token:
    | {
        /** HMAC-SHA-256 under the instance's pepper, hexadecimal. */
        readonly secretHash: string;
        readonly pepperVersion: number;
        readonly lastFour: string;
      }
    | undefined;
}

/** What a new stream shall be. */
export interface EventStreamWish {
  /** Where SETs are pushed to; undefined for a receiver that polls. */
  readonly url: string | undefined;
  /** A bearer token that the receiver wants. */
  readonly authorization: string | undefined;
  readonly mode: StreamMode;
  /** Undefined for the address of the stream. */
  readonly audience: string | undefined;
  /** Names of resource types; empty for all. */
  readonly resourceTypes: readonly string[];
}

/** The errors of a SET that trying again does not mend (RFC 8935 §2.4). */
const finalErrors: readonly string[] = [
  "invalid_request",
  "invalid_key",
  "invalid_issuer",
  "invalid_audience",
];

/** Tells whether an error code of a receiver is one that trying again does not mend. */
export function isFinalSetError(code: string): boolean {
  return finalErrors.includes(code);
}

/** The longest audience, in characters. */
const audienceLengthMax = 2048;

/** Reads an audience; refuses what is none. */
export function checkedAudience(audience: string): string {
  if (audience === "" || audience.length > audienceLengthMax || /\s/.test(audience)) {
    throw refusal(`an audience has 1 to ${audienceLengthMax} characters, none of them blank`);
  }
  return audience;
}

/** The types of events that tell of resources of some types; all of the registry where none is named. Refuses unknown ones. */
export function eventTypesOfResources(
  names: readonly string[],
  { resourceTypes }: Pick<ResourceTypeRegistry, "resourceTypes">,
): readonly string[] {
  const known = resourceTypes.map(({ name }) => name);
  for (const name of names) {
    if (!known.includes(name)) {
      throw refusal(
        `"${cleanText(name, 64)}" is not a resource type: expected ${known.join(", ")}`,
      );
    }
  }
  return (names.length === 0 ? known : [...new Set(names)]).map((name) => `${name.toLowerCase()}.`);
}

/** The names of the resource types that types of events tell of. */
export function resourcesOfEventTypes(
  types: readonly string[],
  { resourceTypes }: Pick<ResourceTypeRegistry, "resourceTypes">,
): readonly string[] {
  return resourceTypes
    .map(({ name }) => name)
    .filter((name) => types.includes(`${name.toLowerCase()}.`));
}
