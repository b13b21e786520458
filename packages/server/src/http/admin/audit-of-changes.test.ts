/** Every operation of the admin API that changes something leaves its audit entry. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AdminAnswer, AdminClient } from "../../../../../test/admin-client.ts";
import { adminToken, createAdminClient } from "../../../../../test/admin-client.ts";
import type { TestRollcall } from "../../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../../test/compose-for-tests.ts";
import { operations } from "../../admin-contract/operations.ts";
import { instanceAuditId } from "../../domain/admin-credential.ts";
import type { TenantId } from "../../domain/tenant.ts";

const txtRecords = new Map<string, readonly string[]>();
let rollcall: TestRollcall;
let instance: AdminClient;
let tenantId: TenantId | undefined;
beforeAll(async () => {
  rollcall = await composeForTests({}, { resolveTxt: async (name) => txtRecords.get(name) ?? [] });
  instance = createAdminClient(await rollcall.listen(), await adminToken(rollcall));
});
afterAll(() => rollcall.remove());

/** What asks and changes nothing, though it is sent by POST. */
const questions = [
  "lookUpAccounts",
  "checkAccess",
  "previewMapping",
  "previewTenantSettings",
  "previewActivation",
  "previewConnectionRemoval",
  "previewGroupRemoval",
  "testWebhook",
  "verifyAuditLog",
  "verifyInstanceAuditLog",
];

/** The names that the requests of this test put into paths. */
const names: Record<string, string> = {
  tenant: "audited",
  connection: "main",
  account: "email:ann@audited.example",
  ref: "bea-1",
  domain: "audited.example",
  source: "admin",
};

interface Step {
  readonly operationId: string;
  readonly body?: object;
  readonly action: string;
  /** A second entry, of what changes beside it. */
  readonly and?: string;
  /** Whose log: that of the tenant, or that of the instance. */
  readonly log?: "instance";
  /** What is learned from the answer for later steps. */
  readonly learn?: (answer: AdminAnswer["body"]) => void;
}

const person = { email: "ann@audited.example", emailVerified: true, hasLogin: true };

/** In an order in which each has something to change. */
const steps: readonly Step[] = [
  { operationId: "createTenant", body: { slug: "audited" }, action: "tenant.create" },
  {
    operationId: "changeTenantSettings",
    body: { attachPolicy: "invite" },
    action: "tenant.update",
  },
  {
    operationId: "createConnection",
    body: { slug: "main", profile: "generic" },
    action: "connection.create",
  },
  { operationId: "changeConnection", body: { name: "Main" }, action: "connection.update" },
  {
    operationId: "createCredential",
    body: {},
    action: "credential.create",
    learn: ({ credentialId }) => {
      names["credential"] = credentialId;
    },
  },
  {
    operationId: "rotateCredential",
    body: {},
    action: "credential.create",
    and: "credential.update",
  },
  { operationId: "revokeCredential", action: "credential.revoke" },
  {
    operationId: "createOauthClient",
    body: { method: "client_secret_basic" },
    action: "oauth-client.create",
    learn: ({ clientId }) => {
      names["client"] = clientId;
    },
  },
  { operationId: "rotateOauthClient", body: {}, action: "oauth-client.rotate" },
  { operationId: "removeOauthClient", action: "oauth-client.remove" },
  {
    operationId: "createAdminCredential",
    body: { tenant: "audited" },
    action: "admin-credential.create",
    learn: ({ credentialId }) => {
      names["credential"] = credentialId;
    },
  },
  {
    operationId: "rotateAdminCredential",
    body: {},
    action: "admin-credential.create",
    and: "admin-credential.update",
  },
  { operationId: "revokeAdminCredential", action: "admin-credential.revoke" },
  { operationId: "createAccount", body: person, action: "account.create", log: "instance" },
  {
    operationId: "saveAccountByRef",
    body: { email: "bea@audited.example" },
    action: "account.create",
    log: "instance",
  },
  {
    operationId: "changeAccount",
    body: { name: "Ann" },
    action: "account.update",
    log: "instance",
  },
  {
    operationId: "addMember",
    body: { email: "ann@audited.example", role: "admin" },
    action: "membership.add",
  },
  { operationId: "protectMember", action: "membership.protect" },
  { operationId: "unprotectMember", action: "membership.protect" },
  { operationId: "addLock", body: { source: "admin" }, action: "lock.add" },
  { operationId: "removeLock", action: "lock.remove" },
  {
    operationId: "createTeam",
    body: { name: "Blue" },
    action: "team.create",
    learn: ({ id }) => {
      names["team"] = id;
      names["target"] = id;
    },
  },
  { operationId: "changeTeam", body: { name: "Red" }, action: "team.rename" },
  {
    operationId: "addMapping",
    body: { group: "Eng", team: "Red", role: "viewer" },
    action: "mapping.add",
    learn: ({ id }) => {
      names["mapping"] = id;
    },
  },
  { operationId: "changeMapping", body: { role: "editor" }, action: "mapping.update" },
  { operationId: "removeMapping", action: "mapping.remove" },
  { operationId: "saveGrant", body: { role: "editor" }, action: "grant.add" },
  { operationId: "removeGrant", action: "grant.remove" },
  { operationId: "removeMember", action: "membership.remove" },
  {
    operationId: "createWebhook",
    body: { url: "https://hooks.audited.example/", types: ["group."] },
    action: "webhook.create",
    learn: ({ id }) => {
      names["webhook"] = id;
    },
  },
  { operationId: "changeWebhook", body: { types: ["access."] }, action: "webhook.update" },
  { operationId: "rotateWebhook", body: {}, action: "webhook.rotate" },
  {
    operationId: "replayWebhook",
    body: { from: new Date(Date.now() - 3_600_000).toISOString() },
    action: "webhook.replay",
  },
  { operationId: "disableWebhook", body: { reason: "moved" }, action: "webhook.disable" },
  { operationId: "enableWebhook", action: "webhook.enable" },
  { operationId: "removeWebhook", action: "webhook.remove" },
  {
    operationId: "createEventStream",
    body: {},
    action: "event-stream.create",
    learn: ({ id }) => {
      names["stream"] = id;
    },
  },
  { operationId: "removeEventStream", action: "event-stream.remove" },
  {
    operationId: "addDomain",
    body: { domain: "audited.example" },
    action: "domain.add",
    learn: ({ record, challenge }) => txtRecords.set(record, [challenge]),
  },
  { operationId: "verifyDomain", body: {}, action: "domain.verify" },
  { operationId: "removeDomain", action: "domain.remove" },
  {
    operationId: "saveOidcConnection",
    body: { issuer: "https://login.audited.example", clientId: "client-1" },
    action: "oidc-connection.save",
  },
  { operationId: "removeOidcConnection", action: "oidc-connection.remove" },
  { operationId: "stageConnection", action: "connection.stage" },
  { operationId: "activateConnection", action: "connection.activate" },
  { operationId: "removeConnection", action: "connection.delete" },
  { operationId: "eraseAccount", action: "account.erase", log: "instance" },
  { operationId: "deleteTenant", action: "tenant.delete" },
];

test("each change leaves its entry, in the name of its credential and of its request", async () => {
  for (const { operationId, body, action, and, log, learn } of steps) {
    const before = await entriesOf(log);
    const answer = await call(operationId, body);
    expect(answer.status, `${operationId}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
    learn?.(answer.body);
    // With a tenant goes its log, but for the entry that says so.
    const count = operationId === "deleteTenant" ? 0 : before.length;
    const fresh = (await entriesOf(log)).slice(count);
    const actions = and === undefined ? [action] : [action, and];
    expect(fresh, operationId).toEqual(
      actions.map((one) =>
        expect.objectContaining({
          action: one,
          outcome: "done",
          actor: expect.objectContaining({ kind: "admin" }),
          requestId: answer.headers.get("x-request-id"),
        }),
      ),
    );
  }
});

test("the steps are all the operations that change something", () => {
  const changing = operations
    .filter(({ method, operationId }) => method !== "GET" && !questions.includes(operationId))
    .map(({ operationId }) => operationId);
  // Domains are verified in one of two ways, a grant that is adopted is saved, and nothing is there to be mended. A login
  // is in the name of the person, and invitations need a User that waits: their own tests count the entries.
  const others = [
    ...["assertDomain", "adoptGrant", "reconcileAccess"],
    ...["logIn", "sendInvitation", "revokeInvitation"],
  ];
  const taken = [...steps.map(({ operationId }) => operationId), ...others];
  expect(taken.toSorted()).toEqual(changing.toSorted());
});

/** The entries of the tenant, which has none before it is made and keeps them when it is gone; or of the instance. */
async function entriesOf(log: Step["log"]) {
  tenantId ??= (await rollcall.store.tenants.bySlug("audited"))?.tenantId;
  const id = log === "instance" ? instanceAuditId : tenantId;
  return id === undefined ? [] : await rollcall.store.auditLog.list(id, { limit: 1000 });
}

function call(operationId: string, body: object | undefined): Promise<AdminAnswer> {
  const operation = operations.find((one) => one.operationId === operationId);
  if (operation === undefined) {
    throw new Error(`there is no ${operationId}`);
  }
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name) => names[name] ?? "");
  const confirmed = operationId === "eraseAccount" ? "?confirm=true" : "";
  return instance(operation.method, `${path}${confirmed}`, body === undefined ? {} : { body });
}
