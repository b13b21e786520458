/** Webhooks of a tenant in the admin API: their secrets are shown once (Standard Webhooks 1.0). */
import { z } from "zod";
import { countedMax } from "../domain/instance-figures.ts";
import type { Webhook } from "../domain/webhook.ts";
import { typesProblemOf, webhookTypesMax } from "../domain/webhook.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import {
  named,
  noBody,
  noQuery,
  pageOf,
  pageQuery,
  timeOrNullSchema,
  timeSchema,
} from "./operation.ts";

/** A webhook as the command line and the admin API show it. */
export interface WebhookJson {
  readonly id: string;
  readonly url: string;
  readonly types: readonly string[];
  readonly disabled: boolean;
  readonly disabledAt: string | null;
  readonly disabledReason: string | null;
  readonly secrets: readonly { readonly createdAt: string; readonly endsAt: string | null }[];
  readonly createdAt: string;
}

/** A webhook with a secret that was just made: the one time that it is shown. */
export interface WebhookWithSecretJson extends WebhookJson {
  readonly secret: string;
}

/** A webhook after a change, with a secret where the address is another one. */
export interface ChangedWebhookJson extends WebhookJson {
  readonly secret: string | null;
}

/** A webhook with what has not been delivered. */
export interface WebhookStateJson extends WebhookJson {
  readonly waiting: number;
  readonly dead: number;
}

/** Shows a webhook. */
export function webhookJsonOf(webhook: Webhook): WebhookJson {
  const { webhookId, url, types, disabled, secrets, created } = webhook;
  return {
    id: webhookId,
    url,
    types,
    disabled: disabled !== undefined,
    disabledAt: disabled?.at ?? null,
    disabledReason: disabled?.reason ?? null,
    secrets: secrets.map((secret) => ({
      createdAt: secret.created,
      endsAt: secret.ends ?? null,
    })),
    createdAt: created,
  };
}

const webhookMembers = {
  id: z.string(),
  url: z.string(),
  types: z
    .array(z.string())
    .describe("Types of events, or the beginning of some such as user.; empty for all"),
  disabled: z.boolean(),
  disabledAt: timeOrNullSchema,
  disabledReason: z.string().nullable(),
  secrets: z
    .array(
      z.object({
        createdAt: timeSchema,
        endsAt: timeOrNullSchema.describe("Null for the newest"),
      }),
    )
    .describe("When the secrets were made that messages are signed with, the newest first"),
  createdAt: timeSchema,
};

const counted = `; counted up to ${countedMax.toLocaleString("en")}`;
const secretSchema = z.string().describe("whsec_ and base64; shown this once");

const webhookSchema: z.ZodType<WebhookJson> = named("Webhook", z.object(webhookMembers));
const webhookStateSchema: z.ZodType<WebhookStateJson> = named(
  "WebhookState",
  z.object({
    ...webhookMembers,
    waiting: z.int().describe(`Deliveries that wait${counted}`),
    dead: z.int().describe(`Deliveries that nobody tries any more${counted}`),
  }),
);
const webhookWithSecretSchema: z.ZodType<WebhookWithSecretJson> = named(
  "WebhookWithSecret",
  z.object({ secret: secretSchema, ...webhookMembers }),
);
const changedWebhookSchema: z.ZodType<ChangedWebhookJson> = named(
  "ChangedWebhook",
  z.object({
    secret: secretSchema.nullable().describe("Of another address, shown this once; else null"),
    ...webhookMembers,
  }),
);
const urlSchema = z
  .string()
  .min(1)
  .max(2048)
  .describe("An https URL that leads to a public address");
const typesSchema = z
  .array(z.string())
  .superRefine((types, context) => {
    const problem = typesProblemOf(types);
    if (problem !== undefined) {
      context.addIssue(problem);
    }
  })
  .describe(`Up to ${webhookTypesMax} types, or the beginning of some such as user.; none for all`);

/** What a new webhook shall be. */
export interface WebhookCreation {
  readonly url: string;
  readonly types?: readonly string[] | undefined;
}

const webhookCreationSchema: z.ZodType<WebhookCreation> = named(
  "WebhookCreation",
  z.strictObject({ url: urlSchema, types: typesSchema.optional() }),
);

/** What shall be different about a webhook. */
export interface WebhookPatch {
  readonly url?: string | undefined;
  readonly types?: readonly string[] | undefined;
}

const webhookPatchSchema: z.ZodType<WebhookPatch> = named(
  "WebhookPatch",
  z.strictObject({ url: urlSchema.optional(), types: typesSchema.optional() }),
);

/** Why a webhook shall be told nothing. */
export interface WebhookDisablingWish {
  readonly reason?: string | undefined;
}

const webhookDisablingSchema: z.ZodType<WebhookDisablingWish> = named(
  "WebhookDisabling",
  z.strictObject({ reason: z.string().min(1).max(200).optional() }),
);

/** What a receiver made of an event that was sent to try it out. */
export interface WebhookTestJson {
  readonly delivered: boolean;
  readonly status: number | null;
  readonly durationMs: number;
  readonly error: string | null;
}

const webhookTestSchema: z.ZodType<WebhookTestJson> = named(
  "WebhookTest",
  z.object({
    delivered: z.boolean(),
    status: z.int().nullable().describe("Null without an answer"),
    durationMs: z.int(),
    error: z.string().nullable(),
  }),
);

/** A webhook that is removed. */
export interface RemovedWebhookJson {
  readonly removed: true;
  readonly id: string;
}

const removedWebhookSchema: z.ZodType<RemovedWebhookJson> = named(
  "RemovedWebhook",
  z.object({ removed: z.literal(true), id: z.string() }),
);

const path = "/tenants/{tenant}/webhooks";
const one = `${path}/{webhook}` as const;
const shared = { noun: "webhooks", scope: "tenant" } as const;

/** Lists webhooks. */
export const listWebhooks: Operation<PageQuery, undefined, Page<WebhookJson>> = {
  ...shared,
  operationId: "listWebhooks",
  method: "GET",
  path,
  summary: "List the webhooks of a tenant, oldest first; their secrets are nowhere",
  query: pageQuery,
  body: noBody,
  statuses: [200],
  answer: pageOf("WebhookPage", webhookSchema),
};

/** Makes a webhook. */
export const createWebhook: Operation<object, WebhookCreation, WebhookWithSecretJson> = {
  ...shared,
  operationId: "createWebhook",
  method: "POST",
  path,
  summary:
    "Make a webhook, which is told of all events from now on, and show its secret, this once",
  query: noQuery,
  body: webhookCreationSchema,
  statuses: [201],
  answer: webhookWithSecretSchema,
  conflict: "The tenant has as many webhooks as it may",
};

/** Reads a webhook. */
export const readWebhook: Operation<object, undefined, WebhookStateJson> = {
  ...shared,
  operationId: "readWebhook",
  method: "GET",
  path: one,
  summary: "Read a webhook, with how much waits for it",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: webhookStateSchema,
};

/** Changes a webhook. */
export const changeWebhook: Operation<object, WebhookPatch, ChangedWebhookJson> = {
  ...shared,
  operationId: "changeWebhook",
  method: "PATCH",
  path: one,
  summary:
    "Change the address of a webhook or what it is told of; another address has a secret of its own, and the others end at once",
  query: noQuery,
  body: webhookPatchSchema,
  statuses: [200],
  answer: changedWebhookSchema,
};

/** Makes another secret. */
export const rotateWebhook: Operation<object, undefined, WebhookWithSecretJson> = {
  ...shared,
  operationId: "rotateWebhook",
  method: "POST",
  path: `${one}/rotate`,
  summary:
    "Make another secret and show it, this once; for 24 hours messages are signed with the one before it too",
  query: noQuery,
  body: noBody,
  statuses: [201],
  answer: webhookWithSecretSchema,
};

/** Disables a webhook. */
export const disableWebhook: Operation<object, WebhookDisablingWish, WebhookJson> = {
  ...shared,
  operationId: "disableWebhook",
  method: "POST",
  path: `${one}/disable`,
  summary: "Tell a webhook nothing any more; what waits stays",
  query: noQuery,
  body: webhookDisablingSchema,
  statuses: [200],
  answer: webhookSchema,
};

/** Enables a webhook. */
export const enableWebhook: Operation<object, undefined, WebhookJson> = {
  ...shared,
  operationId: "enableWebhook",
  method: "POST",
  path: `${one}/enable`,
  summary: "Tell a disabled webhook everything again from where it stopped",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: webhookSchema,
};

/** Removes a webhook. */
export const removeWebhook: Operation<object, undefined, RemovedWebhookJson> = {
  ...shared,
  operationId: "removeWebhook",
  method: "DELETE",
  path: one,
  summary: "Remove a webhook with its deliveries",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: removedWebhookSchema,
};

/** Tries a webhook out. */
export const testWebhook: Operation<object, undefined, WebhookTestJson> = {
  ...shared,
  operationId: "testWebhook",
  method: "POST",
  path: `${one}/test`,
  summary: "Send an event of the type webhook.test, once, and tell what the receiver made of it",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: webhookTestSchema,
};
