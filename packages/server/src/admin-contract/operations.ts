/** Every operation of the admin API; each noun has a file of its own. */
import { checkAccess, readAccess, readMemberAccess } from "./access.ts";
import { eraseAccount, exportAccount } from "./account-data.ts";
import {
  changeAccount,
  createAccount,
  listAccounts,
  lookUpAccounts,
  readAccount,
  readAccountByRef,
  saveAccountByRef,
} from "./accounts.ts";
import {
  createAdminCredential,
  listAdminCredentials,
  revokeAdminCredential,
  rotateAdminCredential,
} from "./admin-credentials.ts";
import {
  exportAuditLog,
  exportInstanceAuditLog,
  listAuditLog,
  listInstanceAuditLog,
  verifyAuditLog,
  verifyInstanceAuditLog,
} from "./audit-log.ts";
import {
  activateConnection,
  previewActivation,
  previewConnectionRemoval,
  previewGroupRemoval,
  previewTenantSettings,
  removeConnection,
  stageConnection,
} from "./connection-rollout.ts";
import {
  changeConnection,
  createConnection,
  listConnections,
  readConnection,
} from "./connections.ts";
import {
  createCredential,
  listCredentials,
  revokeCredential,
  rotateCredential,
} from "./credentials.ts";
import { addDomain, assertDomain, listDomains, removeDomain, verifyDomain } from "./domains.ts";
import { readEventFeed } from "./event-feed.ts";
import { createEventStream, listEventStreams, removeEventStream } from "./event-streams.ts";
import { listEvents } from "./events.ts";
import { explainAccess } from "./explain-access.ts";
import { adoptGrant, listAccess, listGrants, removeGrant, saveGrant } from "./grants.ts";
import { listInvitations, revokeInvitation, sendInvitation } from "./invitations.ts";
import { readLink } from "./links.ts";
import { logIn } from "./logins.ts";
import { listMails, readMail } from "./mails.ts";
import {
  addMapping,
  changeMapping,
  listMappings,
  previewMapping,
  readMapping,
  reconcileAccess,
  removeMapping,
} from "./mappings.ts";
import {
  addLock,
  addMember,
  listLocks,
  listMembers,
  protectMember,
  readMember,
  removeLock,
  removeMember,
  unprotectMember,
} from "./members.ts";
import {
  createOauthClient,
  listOauthClients,
  removeOauthClient,
  rotateOauthClient,
} from "./oauth-clients.ts";
import { readOidcConnection, removeOidcConnection, saveOidcConnection } from "./oidc-connection.ts";
import type { Operation } from "./operation.ts";
import { readOpenApi } from "./read-openapi.ts";
import { listRequestLog } from "./request-log.ts";
import { changeTeam, createTeam, listTeams, readTeam } from "./teams.ts";
import { changeTenantSettings, readTenantSettings } from "./tenant-settings.ts";
import { createTenant, deleteTenant, listTenants, readTenant } from "./tenants.ts";
import {
  listGroupMembers,
  listGroups,
  listUsers,
  readGroup,
  readUser,
} from "./users-and-groups.ts";
import { listDeliveries, replayWebhook } from "./webhook-deliveries.ts";
import {
  changeWebhook,
  createWebhook,
  disableWebhook,
  enableWebhook,
  listWebhooks,
  readWebhook,
  removeWebhook,
  rotateWebhook,
  testWebhook,
} from "./webhooks.ts";

/** The operations, in the order of the documentation. */
export const operations: readonly Operation[] = [
  readOpenApi,
  listTenants,
  createTenant,
  readTenant,
  deleteTenant,
  readTenantSettings,
  changeTenantSettings,
  previewTenantSettings,
  listConnections,
  createConnection,
  readConnection,
  changeConnection,
  stageConnection,
  activateConnection,
  previewActivation,
  previewConnectionRemoval,
  removeConnection,
  listUsers,
  readUser,
  listGroups,
  readGroup,
  listGroupMembers,
  previewGroupRemoval,
  listCredentials,
  createCredential,
  rotateCredential,
  revokeCredential,
  listOauthClients,
  createOauthClient,
  rotateOauthClient,
  removeOauthClient,
  listAdminCredentials,
  createAdminCredential,
  rotateAdminCredential,
  revokeAdminCredential,
  listAccounts,
  createAccount,
  lookUpAccounts,
  readAccountByRef,
  saveAccountByRef,
  readAccount,
  changeAccount,
  eraseAccount,
  exportAccount,
  listMembers,
  addMember,
  readMember,
  removeMember,
  readMemberAccess,
  protectMember,
  unprotectMember,
  listLocks,
  addLock,
  removeLock,
  listGrants,
  saveGrant,
  removeGrant,
  adoptGrant,
  listTeams,
  createTeam,
  readTeam,
  changeTeam,
  listMappings,
  readMapping,
  addMapping,
  previewMapping,
  changeMapping,
  removeMapping,
  reconcileAccess,
  listAccess,
  readAccess,
  explainAccess,
  checkAccess,
  readOidcConnection,
  saveOidcConnection,
  removeOidcConnection,
  logIn,
  listDomains,
  addDomain,
  verifyDomain,
  assertDomain,
  removeDomain,
  listInvitations,
  sendInvitation,
  revokeInvitation,
  readLink,
  listMails,
  readMail,
  listAuditLog,
  exportAuditLog,
  verifyAuditLog,
  listInstanceAuditLog,
  exportInstanceAuditLog,
  verifyInstanceAuditLog,
  listRequestLog,
  listEvents,
  readEventFeed,
  listWebhooks,
  createWebhook,
  readWebhook,
  changeWebhook,
  removeWebhook,
  rotateWebhook,
  disableWebhook,
  enableWebhook,
  testWebhook,
  listDeliveries,
  replayWebhook,
  listEventStreams,
  createEventStream,
  removeEventStream,
];

/** What the parameters of paths are. */
export const pathParameters: Readonly<Record<string, string>> = {
  tenant: "The slug of a tenant",
  connection: "The slug of a connection of the tenant",
  credential: "The id of a credential: of the connection, or of the admin API",
  client: "The id of an OAuth client of the connection",
  account: "An account: its id, ref: with the application's own id, or email: with its address",
  ref: "The application's own id of a person",
  source: "The source of a lock: admin or security",
  domain: "A domain of the tenant",
  user: "The id of a User of the connection",
  invitation: "The id of an invitation of the tenant",
  mail: "The id of a mail about the tenant",
  group: "The id of a Group of the connection",
  webhook:
    "The id of a webhook of the tenant; to list deliveries and to replay also that of an event stream",
  stream: "The id of an event stream of the tenant",
  team: "A team of the tenant: its id or its name",
  mapping: "The id of a mapping of the tenant",
  target: "tenant, the id of a team, or team: and its name",
};

/** The names of the parameters of a path, in order. */
export function parametersOf({ path }: Pick<Operation, "path">): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
}
