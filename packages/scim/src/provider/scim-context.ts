/** What the operations of a service provider get handed with each request. */
import type { ClientProfile, ClientSettings } from "../interop/client-profile.ts";
import type { ResourceType, ResourceTypeRegistry } from "../schema/resource-type.ts";
import type { ComputeExtensions } from "./compute-extensions.ts";
import type { CreatePolicy } from "./create-policy.ts";
import type { CursorSeal } from "./cursor-seal.ts";
import type { ResourceStore } from "./resource-store.ts";
import type { TakeTurn } from "./take-turn.ts";

/** How clients authenticate, as ServiceProviderConfig says it (RFC 7643 §5). */
export interface AuthenticationScheme {
  readonly type: "oauth" | "oauth2" | "oauthbearertoken" | "httpbasic" | "httpdigest";
  readonly name: string;
  readonly description: string;
  /** Absolute URLs. */
  readonly specUri?: string;
  readonly documentationUri?: string;
}

/** What a service provider has beside what the library knows of. */
export interface ProviderDescription {
  /** Beside bearer tokens, which are the primary scheme. */
  readonly authenticationSchemes: readonly AuthenticationScheme[];
  /** Left out where no security events are offered. */
  readonly securityEvents?: SecurityEvents;
}

/** Which security events a service provider offers (RFC 9967 §4). */
export interface SecurityEvents {
  readonly asyncRequest: "none" | "long" | "request";
  readonly eventUris: readonly string[];
}

/** One population, its rules and its surroundings; cheap to make for every request. */
export interface ScimContext {
  readonly store: ResourceStore;
  readonly registry: ResourceTypeRegistry;
  /** Absolute, without trailing slash, such as `https://id.example.com/scim/v2` (RFC 7644 §1.3). */
  readonly baseUrl: string;
  readonly settings: ClientSettings;
  readonly profile: ClientProfile;
  /** Decides what a POST does that meets a resource already there. */
  readonly createPolicy: CreatePolicy;
  /** Needed where an extension of the registry is computed; without it such extensions have no values. */
  readonly computeExtensions?: ComputeExtensions;
  /** The resource of whoever is calling, which /Me stands for (RFC 7644 §3.11); without it there is no /Me. */
  readonly subject?: { readonly resourceType: ResourceType; readonly id: string };
  /** For pages by cursor, for this caller; without it there are pages by index alone. */
  readonly cursors?: CursorSeal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Makes an opaque id that is never used again and does not contain `bulkId`. */
  readonly newId: () => string;
  /** Lines up writes that have met a conflict; the keys are those of this population. Without it they all try again. */
  readonly takeTurn?: TakeTurn;
  /** What the service provider has beside what the library knows of; asked for with each ServiceProviderConfig. */
  readonly describeProvider?: () => Promise<ProviderDescription>;
  /** Whether the answer has to leave now: a bulk job then begins no further operation. */
  readonly isTimeUp?: () => boolean;
  /** Told what was ignored or skipped, in words an operator understands; never personal data. */
  readonly warn: (warning: string) => void;
}
