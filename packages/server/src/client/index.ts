/** The public names of `rollcall/client`, for applications: the admin API, the event feed and webhooks. */
export type { CallOptions } from "./call-options.ts";
export type { ClientOptions, InputOf, RollcallClient } from "./create-client.ts";
export { createRollcallClient } from "./create-client.ts";
export type { FeedOptions } from "./follow-events.ts";
export type { RollcallProblem } from "./problem-error.ts";
export { isRollcallProblem } from "./problem-error.ts";
export type { EventOf, RollcallEvent, WebhookEvent } from "./rollcall-event.ts";
export type { WebhookRequest } from "./verify-webhook.ts";
export { verifyWebhook } from "./verify-webhook.ts";
