/** The operations of the admin API: where each of them is, and its type. Made by `npm run docs`; do not edit. */
import type { checkAccess, readAccess, readMemberAccess } from "../admin-contract/access.ts";
import type { eraseAccount, exportAccount } from "../admin-contract/account-data.ts";
import type {
  changeAccount,
  createAccount,
  listAccounts,
  lookUpAccounts,
  readAccount,
  readAccountByRef,
  saveAccountByRef,
} from "../admin-contract/accounts.ts";
import type {
  createAdminCredential,
  listAdminCredentials,
  revokeAdminCredential,
  rotateAdminCredential,
} from "../admin-contract/admin-credentials.ts";
import type {
  exportAuditLog,
  exportInstanceAuditLog,
  listAuditLog,
  listInstanceAuditLog,
  verifyAuditLog,
  verifyInstanceAuditLog,
} from "../admin-contract/audit-log.ts";
import type {
  activateConnection,
  previewActivation,
  previewConnectionRemoval,
  previewGroupRemoval,
  previewTenantSettings,
  removeConnection,
  stageConnection,
} from "../admin-contract/connection-rollout.ts";
import type {
  changeConnection,
  createConnection,
  listConnections,
  readConnection,
} from "../admin-contract/connections.ts";
import type {
  createCredential,
  listCredentials,
  revokeCredential,
  rotateCredential,
} from "../admin-contract/credentials.ts";
import type {
  addDomain,
  assertDomain,
  listDomains,
  removeDomain,
  verifyDomain,
} from "../admin-contract/domains.ts";
import type { readEventFeed } from "../admin-contract/event-feed.ts";
import type {
  createEventStream,
  listEventStreams,
  removeEventStream,
} from "../admin-contract/event-streams.ts";
import type { listEvents } from "../admin-contract/events.ts";
import type { explainAccess } from "../admin-contract/explain-access.ts";
import type {
  adoptGrant,
  listAccess,
  listGrants,
  removeGrant,
  saveGrant,
} from "../admin-contract/grants.ts";
import type {
  listInvitations,
  revokeInvitation,
  sendInvitation,
} from "../admin-contract/invitations.ts";
import type { readLink } from "../admin-contract/links.ts";
import type { logIn } from "../admin-contract/logins.ts";
import type { listMails, readMail } from "../admin-contract/mails.ts";
import type {
  addMapping,
  changeMapping,
  listMappings,
  previewMapping,
  readMapping,
  reconcileAccess,
  removeMapping,
} from "../admin-contract/mappings.ts";
import type {
  addLock,
  addMember,
  listLocks,
  listMembers,
  protectMember,
  readMember,
  removeLock,
  removeMember,
  unprotectMember,
} from "../admin-contract/members.ts";
import type {
  createOauthClient,
  listOauthClients,
  removeOauthClient,
  rotateOauthClient,
} from "../admin-contract/oauth-clients.ts";
import type {
  readOidcConnection,
  removeOidcConnection,
  saveOidcConnection,
} from "../admin-contract/oidc-connection.ts";
import type { readOpenApi } from "../admin-contract/read-openapi.ts";
import type { listRequestLog } from "../admin-contract/request-log.ts";
import type { changeTeam, createTeam, listTeams, readTeam } from "../admin-contract/teams.ts";
import type {
  changeTenantSettings,
  readTenantSettings,
} from "../admin-contract/tenant-settings.ts";
import type {
  createTenant,
  deleteTenant,
  listTenants,
  readTenant,
} from "../admin-contract/tenants.ts";
import type {
  listGroupMembers,
  listGroups,
  listUsers,
  readGroup,
  readUser,
} from "../admin-contract/users-and-groups.ts";
import type { listDeliveries, replayWebhook } from "../admin-contract/webhook-deliveries.ts";
import type {
  changeWebhook,
  createWebhook,
  disableWebhook,
  enableWebhook,
  listWebhooks,
  readWebhook,
  removeWebhook,
  rotateWebhook,
  testWebhook,
} from "../admin-contract/webhooks.ts";

/** Where each operation is. */
export const adminOperations = {
  readOpenApi: { method: "GET", path: "/openapi.json" },
  listTenants: { method: "GET", path: "/tenants" },
  createTenant: { method: "POST", path: "/tenants" },
  readTenant: { method: "GET", path: "/tenants/{tenant}" },
  deleteTenant: { method: "DELETE", path: "/tenants/{tenant}" },
  readTenantSettings: { method: "GET", path: "/tenants/{tenant}/settings" },
  changeTenantSettings: { method: "PATCH", path: "/tenants/{tenant}/settings" },
  previewTenantSettings: { method: "POST", path: "/tenants/{tenant}/settings/preview" },
  listConnections: { method: "GET", path: "/tenants/{tenant}/connections" },
  createConnection: { method: "POST", path: "/tenants/{tenant}/connections" },
  readConnection: { method: "GET", path: "/tenants/{tenant}/connections/{connection}" },
  changeConnection: { method: "PATCH", path: "/tenants/{tenant}/connections/{connection}" },
  stageConnection: { method: "POST", path: "/tenants/{tenant}/connections/{connection}/stage" },
  activateConnection: {
    method: "POST",
    path: "/tenants/{tenant}/connections/{connection}/activate",
  },
  previewActivation: {
    method: "POST",
    path: "/tenants/{tenant}/connections/{connection}/activate/preview",
  },
  previewConnectionRemoval: {
    method: "POST",
    path: "/tenants/{tenant}/connections/{connection}/removal/preview",
  },
  removeConnection: { method: "DELETE", path: "/tenants/{tenant}/connections/{connection}" },
  listUsers: { method: "GET", path: "/tenants/{tenant}/connections/{connection}/users" },
  readUser: { method: "GET", path: "/tenants/{tenant}/connections/{connection}/users/{user}" },
  listGroups: { method: "GET", path: "/tenants/{tenant}/connections/{connection}/groups" },
  readGroup: { method: "GET", path: "/tenants/{tenant}/connections/{connection}/groups/{group}" },
  listGroupMembers: {
    method: "GET",
    path: "/tenants/{tenant}/connections/{connection}/groups/{group}/members",
  },
  previewGroupRemoval: {
    method: "POST",
    path: "/tenants/{tenant}/connections/{connection}/groups/{group}/removal/preview",
  },
  listCredentials: {
    method: "GET",
    path: "/tenants/{tenant}/connections/{connection}/credentials",
  },
  createCredential: {
    method: "POST",
    path: "/tenants/{tenant}/connections/{connection}/credentials",
  },
  rotateCredential: {
    method: "POST",
    path: "/tenants/{tenant}/connections/{connection}/credentials/{credential}/rotate",
  },
  revokeCredential: {
    method: "DELETE",
    path: "/tenants/{tenant}/connections/{connection}/credentials/{credential}",
  },
  listOauthClients: {
    method: "GET",
    path: "/tenants/{tenant}/connections/{connection}/oauth-clients",
  },
  createOauthClient: {
    method: "POST",
    path: "/tenants/{tenant}/connections/{connection}/oauth-clients",
  },
  rotateOauthClient: {
    method: "POST",
    path: "/tenants/{tenant}/connections/{connection}/oauth-clients/{client}/rotate",
  },
  removeOauthClient: {
    method: "DELETE",
    path: "/tenants/{tenant}/connections/{connection}/oauth-clients/{client}",
  },
  listAdminCredentials: { method: "GET", path: "/admin-credentials" },
  createAdminCredential: { method: "POST", path: "/admin-credentials" },
  rotateAdminCredential: { method: "POST", path: "/admin-credentials/{credential}/rotate" },
  revokeAdminCredential: { method: "DELETE", path: "/admin-credentials/{credential}" },
  listAccounts: { method: "GET", path: "/accounts" },
  createAccount: { method: "POST", path: "/accounts" },
  lookUpAccounts: { method: "POST", path: "/accounts/lookup" },
  readAccountByRef: { method: "GET", path: "/accounts/by-ref/{ref}" },
  saveAccountByRef: { method: "PUT", path: "/accounts/by-ref/{ref}" },
  readAccount: { method: "GET", path: "/accounts/{account}" },
  changeAccount: { method: "PATCH", path: "/accounts/{account}" },
  eraseAccount: { method: "DELETE", path: "/accounts/{account}" },
  exportAccount: { method: "GET", path: "/accounts/{account}/export" },
  listMembers: { method: "GET", path: "/tenants/{tenant}/members" },
  addMember: { method: "POST", path: "/tenants/{tenant}/members" },
  readMember: { method: "GET", path: "/tenants/{tenant}/members/{account}" },
  removeMember: { method: "DELETE", path: "/tenants/{tenant}/members/{account}" },
  readMemberAccess: { method: "GET", path: "/tenants/{tenant}/members/{account}/access" },
  protectMember: { method: "PUT", path: "/tenants/{tenant}/members/{account}/protection" },
  unprotectMember: { method: "DELETE", path: "/tenants/{tenant}/members/{account}/protection" },
  listLocks: { method: "GET", path: "/tenants/{tenant}/members/{account}/locks" },
  addLock: { method: "POST", path: "/tenants/{tenant}/members/{account}/locks" },
  removeLock: { method: "DELETE", path: "/tenants/{tenant}/members/{account}/locks/{source}" },
  listGrants: { method: "GET", path: "/tenants/{tenant}/members/{account}/grants" },
  saveGrant: { method: "PUT", path: "/tenants/{tenant}/members/{account}/grants/{target}" },
  removeGrant: { method: "DELETE", path: "/tenants/{tenant}/members/{account}/grants/{target}" },
  adoptGrant: { method: "POST", path: "/tenants/{tenant}/members/{account}/grants/{target}/adopt" },
  listTeams: { method: "GET", path: "/tenants/{tenant}/teams" },
  createTeam: { method: "POST", path: "/tenants/{tenant}/teams" },
  readTeam: { method: "GET", path: "/tenants/{tenant}/teams/{team}" },
  changeTeam: { method: "PATCH", path: "/tenants/{tenant}/teams/{team}" },
  listMappings: { method: "GET", path: "/tenants/{tenant}/mappings" },
  readMapping: { method: "GET", path: "/tenants/{tenant}/mappings/{mapping}" },
  addMapping: { method: "POST", path: "/tenants/{tenant}/mappings" },
  previewMapping: { method: "POST", path: "/tenants/{tenant}/mappings/preview" },
  changeMapping: { method: "PATCH", path: "/tenants/{tenant}/mappings/{mapping}" },
  removeMapping: { method: "DELETE", path: "/tenants/{tenant}/mappings/{mapping}" },
  reconcileAccess: { method: "POST", path: "/tenants/{tenant}/reconcile" },
  listAccess: { method: "GET", path: "/tenants/{tenant}/access" },
  readAccess: { method: "GET", path: "/access/{tenant}/{account}" },
  explainAccess: { method: "GET", path: "/access/{tenant}/{account}/{target}/why" },
  checkAccess: { method: "POST", path: "/access/check" },
  readOidcConnection: { method: "GET", path: "/tenants/{tenant}/oidc-connection" },
  saveOidcConnection: { method: "PUT", path: "/tenants/{tenant}/oidc-connection" },
  removeOidcConnection: { method: "DELETE", path: "/tenants/{tenant}/oidc-connection" },
  logIn: { method: "POST", path: "/logins" },
  listDomains: { method: "GET", path: "/tenants/{tenant}/domains" },
  addDomain: { method: "POST", path: "/tenants/{tenant}/domains" },
  verifyDomain: { method: "POST", path: "/tenants/{tenant}/domains/{domain}/verify" },
  assertDomain: { method: "POST", path: "/tenants/{tenant}/domains/{domain}/assert" },
  removeDomain: { method: "DELETE", path: "/tenants/{tenant}/domains/{domain}" },
  listInvitations: { method: "GET", path: "/tenants/{tenant}/invitations" },
  sendInvitation: { method: "POST", path: "/tenants/{tenant}/invitations" },
  revokeInvitation: { method: "DELETE", path: "/tenants/{tenant}/invitations/{invitation}" },
  readLink: { method: "GET", path: "/tenants/{tenant}/links/{connection}/{user}" },
  listMails: { method: "GET", path: "/tenants/{tenant}/mails" },
  readMail: { method: "GET", path: "/tenants/{tenant}/mails/{mail}" },
  listAuditLog: { method: "GET", path: "/tenants/{tenant}/audit-log" },
  exportAuditLog: { method: "GET", path: "/tenants/{tenant}/audit-log/export" },
  verifyAuditLog: { method: "POST", path: "/tenants/{tenant}/audit-log/verify" },
  listInstanceAuditLog: { method: "GET", path: "/audit-log" },
  exportInstanceAuditLog: { method: "GET", path: "/audit-log/export" },
  verifyInstanceAuditLog: { method: "POST", path: "/audit-log/verify" },
  listRequestLog: { method: "GET", path: "/tenants/{tenant}/request-log" },
  listEvents: { method: "GET", path: "/tenants/{tenant}/events" },
  readEventFeed: { method: "GET", path: "/events" },
  listWebhooks: { method: "GET", path: "/tenants/{tenant}/webhooks" },
  createWebhook: { method: "POST", path: "/tenants/{tenant}/webhooks" },
  readWebhook: { method: "GET", path: "/tenants/{tenant}/webhooks/{webhook}" },
  changeWebhook: { method: "PATCH", path: "/tenants/{tenant}/webhooks/{webhook}" },
  removeWebhook: { method: "DELETE", path: "/tenants/{tenant}/webhooks/{webhook}" },
  rotateWebhook: { method: "POST", path: "/tenants/{tenant}/webhooks/{webhook}/rotate" },
  disableWebhook: { method: "POST", path: "/tenants/{tenant}/webhooks/{webhook}/disable" },
  enableWebhook: { method: "POST", path: "/tenants/{tenant}/webhooks/{webhook}/enable" },
  testWebhook: { method: "POST", path: "/tenants/{tenant}/webhooks/{webhook}/test" },
  listDeliveries: { method: "GET", path: "/tenants/{tenant}/webhooks/{webhook}/deliveries" },
  replayWebhook: { method: "POST", path: "/tenants/{tenant}/webhooks/{webhook}/replay" },
  listEventStreams: { method: "GET", path: "/tenants/{tenant}/event-streams" },
  createEventStream: { method: "POST", path: "/tenants/{tenant}/event-streams" },
  removeEventStream: { method: "DELETE", path: "/tenants/{tenant}/event-streams/{stream}" },
} as const;

/** The operations of the contract by their ids. */
export interface AdminOperations {
  readonly readOpenApi: typeof readOpenApi;
  readonly listTenants: typeof listTenants;
  readonly createTenant: typeof createTenant;
  readonly readTenant: typeof readTenant;
  readonly deleteTenant: typeof deleteTenant;
  readonly readTenantSettings: typeof readTenantSettings;
  readonly changeTenantSettings: typeof changeTenantSettings;
  readonly previewTenantSettings: typeof previewTenantSettings;
  readonly listConnections: typeof listConnections;
  readonly createConnection: typeof createConnection;
  readonly readConnection: typeof readConnection;
  readonly changeConnection: typeof changeConnection;
  readonly stageConnection: typeof stageConnection;
  readonly activateConnection: typeof activateConnection;
  readonly previewActivation: typeof previewActivation;
  readonly previewConnectionRemoval: typeof previewConnectionRemoval;
  readonly removeConnection: typeof removeConnection;
  readonly listUsers: typeof listUsers;
  readonly readUser: typeof readUser;
  readonly listGroups: typeof listGroups;
  readonly readGroup: typeof readGroup;
  readonly listGroupMembers: typeof listGroupMembers;
  readonly previewGroupRemoval: typeof previewGroupRemoval;
  readonly listCredentials: typeof listCredentials;
  readonly createCredential: typeof createCredential;
  readonly rotateCredential: typeof rotateCredential;
  readonly revokeCredential: typeof revokeCredential;
  readonly listOauthClients: typeof listOauthClients;
  readonly createOauthClient: typeof createOauthClient;
  readonly rotateOauthClient: typeof rotateOauthClient;
  readonly removeOauthClient: typeof removeOauthClient;
  readonly listAdminCredentials: typeof listAdminCredentials;
  readonly createAdminCredential: typeof createAdminCredential;
  readonly rotateAdminCredential: typeof rotateAdminCredential;
  readonly revokeAdminCredential: typeof revokeAdminCredential;
  readonly listAccounts: typeof listAccounts;
  readonly createAccount: typeof createAccount;
  readonly lookUpAccounts: typeof lookUpAccounts;
  readonly readAccountByRef: typeof readAccountByRef;
  readonly saveAccountByRef: typeof saveAccountByRef;
  readonly readAccount: typeof readAccount;
  readonly changeAccount: typeof changeAccount;
  readonly eraseAccount: typeof eraseAccount;
  readonly exportAccount: typeof exportAccount;
  readonly listMembers: typeof listMembers;
  readonly addMember: typeof addMember;
  readonly readMember: typeof readMember;
  readonly removeMember: typeof removeMember;
  readonly readMemberAccess: typeof readMemberAccess;
  readonly protectMember: typeof protectMember;
  readonly unprotectMember: typeof unprotectMember;
  readonly listLocks: typeof listLocks;
  readonly addLock: typeof addLock;
  readonly removeLock: typeof removeLock;
  readonly listGrants: typeof listGrants;
  readonly saveGrant: typeof saveGrant;
  readonly removeGrant: typeof removeGrant;
  readonly adoptGrant: typeof adoptGrant;
  readonly listTeams: typeof listTeams;
  readonly createTeam: typeof createTeam;
  readonly readTeam: typeof readTeam;
  readonly changeTeam: typeof changeTeam;
  readonly listMappings: typeof listMappings;
  readonly readMapping: typeof readMapping;
  readonly addMapping: typeof addMapping;
  readonly previewMapping: typeof previewMapping;
  readonly changeMapping: typeof changeMapping;
  readonly removeMapping: typeof removeMapping;
  readonly reconcileAccess: typeof reconcileAccess;
  readonly listAccess: typeof listAccess;
  readonly readAccess: typeof readAccess;
  readonly explainAccess: typeof explainAccess;
  readonly checkAccess: typeof checkAccess;
  readonly readOidcConnection: typeof readOidcConnection;
  readonly saveOidcConnection: typeof saveOidcConnection;
  readonly removeOidcConnection: typeof removeOidcConnection;
  readonly logIn: typeof logIn;
  readonly listDomains: typeof listDomains;
  readonly addDomain: typeof addDomain;
  readonly verifyDomain: typeof verifyDomain;
  readonly assertDomain: typeof assertDomain;
  readonly removeDomain: typeof removeDomain;
  readonly listInvitations: typeof listInvitations;
  readonly sendInvitation: typeof sendInvitation;
  readonly revokeInvitation: typeof revokeInvitation;
  readonly readLink: typeof readLink;
  readonly listMails: typeof listMails;
  readonly readMail: typeof readMail;
  readonly listAuditLog: typeof listAuditLog;
  readonly exportAuditLog: typeof exportAuditLog;
  readonly verifyAuditLog: typeof verifyAuditLog;
  readonly listInstanceAuditLog: typeof listInstanceAuditLog;
  readonly exportInstanceAuditLog: typeof exportInstanceAuditLog;
  readonly verifyInstanceAuditLog: typeof verifyInstanceAuditLog;
  readonly listRequestLog: typeof listRequestLog;
  readonly listEvents: typeof listEvents;
  readonly readEventFeed: typeof readEventFeed;
  readonly listWebhooks: typeof listWebhooks;
  readonly createWebhook: typeof createWebhook;
  readonly readWebhook: typeof readWebhook;
  readonly changeWebhook: typeof changeWebhook;
  readonly removeWebhook: typeof removeWebhook;
  readonly rotateWebhook: typeof rotateWebhook;
  readonly disableWebhook: typeof disableWebhook;
  readonly enableWebhook: typeof enableWebhook;
  readonly testWebhook: typeof testWebhook;
  readonly listDeliveries: typeof listDeliveries;
  readonly replayWebhook: typeof replayWebhook;
  readonly listEventStreams: typeof listEventStreams;
  readonly createEventStream: typeof createEventStream;
  readonly removeEventStream: typeof removeEventStream;
}
