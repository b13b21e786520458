/** Every operation of the admin API with what does it; an operation that nothing does stops the program at its start. */
import type { Operation } from "../../admin-contract/operation.ts";
import { operations } from "../../admin-contract/operations.ts";
import { servedAccess } from "./access.ts";
import { servedAccounts } from "./accounts.ts";
import { servedAdminCredentials } from "./admin-credentials.ts";
import { servedConnections } from "./connections.ts";
import { servedCredentials } from "./credentials.ts";
import { servedDomains } from "./domains.ts";
import { servedEventFeed } from "./event-feed.ts";
import { servedEventStreams } from "./event-streams.ts";
import { servedGrants } from "./grants.ts";
import { servedInvitations } from "./invitations.ts";
import { servedLinks } from "./links.ts";
import { servedLogins } from "./logins.ts";
import { servedLogs } from "./logs.ts";
import { servedMails } from "./mails.ts";
import { servedMappings } from "./mappings.ts";
import { servedMembers } from "./members.ts";
import { servedOauthClients } from "./oauth-clients.ts";
import { servedResources } from "./resources.ts";
import { servedRollout } from "./rollout.ts";
import { servedDocument } from "./served-document.ts";
import type { ServedOperation } from "./served-operation.ts";
import { servedTeams } from "./teams.ts";
import { servedTenantSettings } from "./tenant-settings.ts";
import { servedTenants } from "./tenants.ts";
import { servedWebhooks } from "./webhooks.ts";

const all: readonly ServedOperation[] = [
  ...servedDocument,
  ...servedTenants,
  ...servedTenantSettings,
  ...servedConnections,
  ...servedRollout,
  ...servedResources,
  ...servedCredentials,
  ...servedOauthClients,
  ...servedAdminCredentials,
  ...servedAccounts,
  ...servedMembers,
  ...servedGrants,
  ...servedTeams,
  ...servedMappings,
  ...servedAccess,
  ...servedLogins,
  ...servedDomains,
  ...servedInvitations,
  ...servedLinks,
  ...servedMails,
  ...servedLogs,
  ...servedEventFeed,
  ...servedWebhooks,
  ...servedEventStreams,
];

/** The operations, in the order of the contract. */
export const servedOperations: readonly ServedOperation[] = operations.map(servedOf);

function servedOf(operation: Operation): ServedOperation {
  const found = all.find((one) => one.operation === operation);
  if (found === undefined) {
    throw new TypeError(`nothing does ${operation.operationId}`);
  }
  return found;
}
