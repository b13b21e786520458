/** A service provider in memory: for tests, examples and first steps. */
import type { ScimReport } from "../http/answer-request.ts";
import { answerScimRequest } from "../http/scim-handler.ts";
import type { ClientProfileName, ClientSettings } from "../interop/client-profile.ts";
import { clientProfileNamed, clientSettingsOf } from "../interop/client-profiles.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { ComputeExtensions } from "../provider/compute-extensions.ts";
import type { CreatePolicy } from "../provider/create-policy.ts";
import { refuseDuplicates } from "../provider/create-policy.ts";
import type { CursorSeal } from "../provider/cursor-seal.ts";
import type { ResourceStore } from "../provider/resource-store.ts";
import type { ScimContext } from "../provider/scim-context.ts";
import { createTakeTurn } from "../provider/take-turn.ts";
import type { ResourceTypeRegistry } from "../schema/resource-type.ts";
import { createStandardRegistry } from "../schema/standard-registry.ts";
import { createMemoryResourceStore } from "./memory-resource-store.ts";
import { createTestCursorSeal } from "./test-cursor-seal.ts";

/** What can be chosen; everything has a default. */
export interface TestProviderOptions {
  readonly registry?: ResourceTypeRegistry;
  readonly store?: ResourceStore;
  readonly profile?: ClientProfileName;
  readonly settings?: Partial<ClientSettings>;
  readonly createPolicy?: CreatePolicy;
  readonly computeExtensions?: ComputeExtensions;
  readonly isTimeUp?: () => boolean;
  /** The id of the User that is calling. */
  readonly userId?: string;
  /** A seal of its own for each caller unless it is given; `false` for pages by index alone. */
  readonly cursors?: CursorSeal | false;
  /** Milliseconds since 1970; a second later each time it is asked unless it is given. */
  readonly now?: () => number;
  readonly baseUrl?: string;
}

/** What to send besides method and path. */
export interface TestRequest {
  /** JSON, or text or bytes to be sent as they are. */
  readonly body?: JsonValue | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What came back. */
export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, parsed; an empty object when there was none. */
  readonly body: JsonObject;
  readonly report: ScimReport;
}

/** A service provider that requests can be sent to without a network. */
export interface TestProvider {
  readonly store: ResourceStore;
  readonly registry: ResourceTypeRegistry;
  readonly baseUrl: string;
  /** Sends one request to a path below the base URL. */
  send(method: string, path: string, request?: TestRequest): Promise<TestAnswer>;
}

/** Makes a service provider whose ids count up (`id-1`, `id-2`, …) and whose clock moves a second with each write. */
export function createTestProvider(options: TestProviderOptions = {}): TestProvider {
  const registry = options.registry ?? createStandardRegistry();
  const store = options.store ?? createMemoryResourceStore(registry);
  const baseUrl = options.baseUrl ?? "https://scim.example/scim/v2";
  const profile = clientProfileNamed(options.profile ?? "generic");
  let ids = 0;
  let nowMs = 1_749_945_600_000;
  const takeTurn = createTakeTurn();
  const context = {
    store,
    takeTurn,
    registry,
    baseUrl,
    profile,
    settings: clientSettingsOf(profile, options.settings ?? {}),
    createPolicy: options.createPolicy ?? refuseDuplicates,
    ...(options.computeExtensions === undefined
      ? {}
      : { computeExtensions: options.computeExtensions }),
    ...(options.isTimeUp === undefined ? {} : { isTimeUp: options.isTimeUp }),
    ...subjectOf(options.userId, registry),
    ...(options.cursors === false
      ? {}
      : { cursors: options.cursors ?? createTestCursorSeal("test") }),
    now:
      options.now ??
      (() => {
        nowMs += 1000;
        return nowMs;
      }),
    newId: () => `id-${++ids}`,
  };
  return {
    store,
    registry,
    baseUrl,
    send: async (method, path, { body, headers = {} } = {}) => {
      const content =
        body === undefined || typeof body === "string" || body instanceof Uint8Array
          ? body
          : JSON.stringify(body);
      const request = new Request(baseUrl + path, {
        method,
        headers: { "Content-Type": "application/scim+json", ...headers },
        ...(content === undefined ? {} : { body: content }),
      });
      const { response, report } = await answerScimRequest(request, context);
      const text = await response.text();
      const parsed = text === "" ? {} : JSON.parse(text);
      return { status: response.status, headers: response.headers, text, body: parsed, report };
    },
  };
}

function subjectOf(
  id: string | undefined,
  registry: ResourceTypeRegistry,
): Pick<ScimContext, "subject"> {
  const resourceType = registry.named("User");
  return id === undefined || resourceType === undefined ? {} : { subject: { resourceType, id } };
}
