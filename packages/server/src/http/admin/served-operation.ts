/** Ties an operation of the contract to the function that does it: who may, what it takes, what it answers. */
import type { JsonObject, ResourceTypeRegistry } from "@rollcall/scim";
import { hasBody } from "../../admin-contract/openapi.ts";
import type { Operation } from "../../admin-contract/operation.ts";
import { parametersOf } from "../../admin-contract/operations.ts";
import type { Circumstances } from "../../domain/audit-entry.ts";
import type { Tenant, TenantId } from "../../domain/tenant.ts";
import type { InstancePolicy } from "../../domain/tenant-settings.ts";
import type { MailLinks } from "../../mail/mail-links.ts";
import type { TxtResolver } from "../../provisioning/domain-administration.ts";
import type { LoginTools } from "../../provisioning/login-administration.ts";
import type { SecretHash } from "../../provisioning/secret-hash.ts";
import type { WebhookTools } from "../../provisioning/webhook-administration.ts";
import type { Store } from "../../store/store.ts";
import type { EventWaiting } from "../event-waiting.ts";
import type { Site } from "../site.ts";
import type { TenantTurn } from "../tenant-turn.ts";
import type { AdminCaller } from "./authenticate-admin.ts";
import { checkedInput } from "./checked-input.ts";
import type { FeedCursors } from "./feed-cursor.ts";
import { notFound, problem } from "./problem.ts";

/** What the functions need. */
export interface AdminParts {
  readonly store: Store;
  readonly registry: ResourceTypeRegistry;
  readonly secretHash: SecretHash;
  /** What the instance says about the settings of its tenants. */
  readonly instancePolicy: InstancePolicy;
  /** What the links in mails are made with. */
  readonly mailLinks: MailLinks;
  readonly resolveTxt: TxtResolver;
  readonly webhookTools: WebhookTools;
  readonly loginTools: LoginTools;
  readonly feedCursors: FeedCursors;
  readonly eventWaiting: EventWaiting;
  readonly site: () => Site;
  readonly version: string;
}

/** A request of an operation, checked. */
export interface AdminCall<Query, Body> {
  /** The parameters of the path. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly caller: AdminCaller;
  /** In whose name everything is done. */
  readonly circumstances: Circumstances;
  readonly nowMs: number;
  /** The header If-Match. */
  readonly ifMatch: string | undefined;
  /** Whether the client went away without waiting for its answer. */
  readonly isGone: () => boolean;
  /** Waits without keeping others of the tenant from being worked on. */
  readonly away: TenantTurn["away"];
  /** Looks at the credential again, for what has waited; throws what refuses it when it is good no more. */
  readonly checkAgain: () => Promise<void>;
}

/** What an operation answers; `status` where it has several for success. */
export interface Answered<Body> {
  readonly body: Body;
  readonly status?: number;
  /** Headers beside those of every answer; for operations that a repeated request does anew. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request as it comes in. */
export interface RawCall extends Omit<AdminCall<unknown, unknown>, "query" | "body"> {
  readonly query: Readonly<Record<string, string>>;
  readonly readBody: () => Promise<JsonObject>;
}

/** An operation that may be done and only waits for it. */
export interface Prepared {
  /** Whose it is, for the log. */
  readonly tenantId: TenantId | undefined;
  /** The body as it came. */
  readonly body: JsonObject | undefined;
  readonly run: () => Promise<{
    readonly status: number;
    readonly body: unknown;
    readonly headers: Readonly<Record<string, string>>;
  }>;
}

/** An operation with what does it. */
export interface ServedOperation {
  readonly operation: Operation;
  /** Looks up the tenant, checks who calls and what was sent, and does nothing yet. Throws problems. */
  prepare(raw: RawCall, parts: AdminParts): Promise<Prepared>;
}

/** Serves an operation that is about no single tenant. */
export function served<Query, Body, Answer>(
  operation: Operation<Query, Body, Answer>,
  run: (call: AdminCall<Query, Body>, parts: AdminParts) => Promise<Answered<Answer>>,
): ServedOperation {
  if (parametersOf(operation).includes("tenant")) {
    throw new TypeError(`${operation.operationId} is about a tenant`);
  }
  return {
    operation,
    prepare: async (raw, parts) => {
      checkScope(operation, raw.caller);
      return prepared(operation, raw, raw.caller.tenantId, (call) => run(call, parts));
    },
  };
}

/** Serves an operation of the `{tenant}` in its path, which is looked up within what the credential may see. */
export function servedInTenant<Query, Body, Answer>(
  operation: Operation<Query, Body, Answer>,
  run: (
    call: AdminCall<Query, Body> & { readonly tenant: Tenant },
    parts: AdminParts,
  ) => Promise<Answered<Answer>>,
): ServedOperation {
  if (!parametersOf(operation).includes("tenant")) {
    throw new TypeError(`${operation.operationId} has no tenant in its path`);
  }
  return {
    operation,
    prepare: async (raw, parts) => {
      const tenant = await visibleTenant(raw, parts);
      checkScope(operation, raw.caller);
      return prepared(operation, raw, tenant.tenantId, (call) => run({ ...call, tenant }, parts));
    },
  };
}

/** Another tenant is answered like one that does not exist. */
async function visibleTenant({ path, caller }: RawCall, { store }: AdminParts): Promise<Tenant> {
  const tenant = await store.tenants.bySlug(path["tenant"] ?? "");
  if (
    tenant === undefined ||
    (caller.tenantId !== undefined && caller.tenantId !== tenant.tenantId)
  ) {
    throw notFound("tenant");
  }
  return tenant;
}

function checkScope({ scope }: Operation, { tenantId }: AdminCaller): void {
  if (scope === "instance" && tenantId !== undefined) {
    throw problem(403, "The bearer token is good for one tenant, and this is about the instance.");
  }
}

async function prepared<Query, Body, Answer>(
  operation: Operation<Query, Body, Answer>,
  raw: RawCall,
  tenantId: TenantId | undefined,
  run: (call: AdminCall<Query, Body>) => Promise<Answered<Answer>>,
): Promise<Prepared> {
  const { readBody, query, ...known } = raw;
  const checkedQuery = checkedInput(operation.query, query);
  const body = hasBody(operation) ? await readBody() : undefined;
  const call = { ...known, query: checkedQuery, body: checkedInput(operation.body, body) };
  return {
    tenantId,
    body,
    run: async () => {
      const { status = operation.statuses[0], body: answer, headers = {} } = await run(call);
      return { status, body: answer, headers };
    },
  };
}
