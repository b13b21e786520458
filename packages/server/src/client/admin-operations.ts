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
import type { listAuditLog, listInstanceAuditLog } from "../admin-contract/audit-log.ts";
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
import type { listEvents } from "../admin-contract/events.ts";
import type { listInvitations } from "../admin-contract/invitations.ts";
import type { readLink } from "../admin-contract/links.ts";
import type { listMails } from "../admin-contract/mails.ts";
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
import type { readOpenApi } from "../admin-contract/read-openapi.ts";
import type { listRequestLog } from "../admin-contract/request-log.ts";
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
  listConnections: { method: "GET", path: "/tenants/{tenant}/connections" },
  createConnection: { method: "POST", path: "/tenants/{tenant}/connections" },
  readConnection: { method: "GET", path: "/tenants/{tenant}/connections/{connection}" },
  changeConnection: { method: "PATCH", path: "/tenants/{tenant}/connections/{connection}" },
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
  readAccess: { method: "GET", path: "/access/{tenant}/{account}" },
  checkAccess: { method: "POST", path: "/access/check" },
  listDomains: { method: "GET", path: "/tenants/{tenant}/domains" },
  addDomain: { method: "POST", path: "/tenants/{tenant}/domains" },
  verifyDomain: { method: "POST", path: "/tenants/{tenant}/domains/{domain}/verify" },
  assertDomain: { method: "POST", path: "/tenants/{tenant}/domains/{domain}/assert" },
  removeDomain: { method: "DELETE", path: "/tenants/{tenant}/domains/{domain}" },
  listInvitations: { method: "GET", path: "/tenants/{tenant}/invitations" },
  readLink: { method: "GET", path: "/tenants/{tenant}/links/{connection}/{user}" },
  listMails: { method: "GET", path: "/tenants/{tenant}/mails" },
  listAuditLog: { method: "GET", path: "/tenants/{tenant}/audit-log" },
  listInstanceAuditLog: { method: "GET", path: "/audit-log" },
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
  readonly listConnections: typeof listConnections;
  readonly createConnection: typeof createConnection;
  readonly readConnection: typeof readConnection;
  readonly changeConnection: typeof changeConnection;
  readonly listCredentials: typeof listCredentials;
  readonly createCredential: typeof createCredential;
  readonly rotateCredential: typeof rotateCredential;
  readonly revokeCredential: typeof revokeCredential;
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
  readonly readAccess: typeof readAccess;
  readonly checkAccess: typeof checkAccess;
  readonly listDomains: typeof listDomains;
  readonly addDomain: typeof addDomain;
  readonly verifyDomain: typeof verifyDomain;
  readonly assertDomain: typeof assertDomain;
  readonly removeDomain: typeof removeDomain;
  readonly listInvitations: typeof listInvitations;
  readonly readLink: typeof readLink;
  readonly listMails: typeof listMails;
  readonly listAuditLog: typeof listAuditLog;
  readonly listInstanceAuditLog: typeof listInstanceAuditLog;
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
}
