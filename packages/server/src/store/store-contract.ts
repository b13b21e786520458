/** The meaning of the server's Store, as tests that need no test runner; the library has that of ResourceStore. */
import { accessContract } from "./access-contract.ts";
import { accountContract } from "./account-contract.ts";
import { adminCredentialContract } from "./admin-credential-contract.ts";
import { alertContract } from "./alert-contract.ts";
import { attachContract } from "./attach-contract.ts";
import { auditContract } from "./audit-contract.ts";
import { concurrencyContract } from "./concurrency-contract.ts";
import { connectionContract } from "./connection-contract.ts";
import { connectionRemovalContract } from "./connection-removal-contract.ts";
import { credentialContract } from "./credential-contract.ts";
import { erasureContract } from "./erasure-contract.ts";
import { eventStreamContract } from "./event-stream-contract.ts";
import { figuresContract } from "./figures-contract.ts";
import { grantsContract } from "./grants-contract.ts";
import { grantsTenantsContract } from "./grants-tenants-contract.ts";
import { groupTeamContract } from "./group-team-contract.ts";
import { heldRecordsContract } from "./held-records-contract.ts";
import { idempotencyContract } from "./idempotency-contract.ts";
import { indexContract } from "./index-contract.ts";
import { instanceContract } from "./instance-contract.ts";
import { invitationContract } from "./invitation-contract.ts";
import { loginContract } from "./login-contract.ts";
import { mailContract } from "./mail-contract.ts";
import { mappingContract } from "./mapping-contract.ts";
import { oauthClientContract } from "./oauth-client-contract.ts";
import { outboxContract } from "./outbox-contract.ts";
import { pageContract } from "./page-contract.ts";
import { previewContract } from "./preview-contract.ts";
import { recordContract } from "./record-contract.ts";
import { requestLogContract } from "./request-log-contract.ts";
import { scopeContract } from "./scope-contract.ts";
import { snapshotContract } from "./snapshot-contract.ts";
import { stagingContract } from "./staging-contract.ts";
import type { StoreContractTest } from "./store-contract-test.ts";
import { teamContract } from "./team-contract.ts";
import { tenantContract } from "./tenant-contract.ts";
import { tieContract } from "./tie-contract.ts";
import { verificationContract } from "./verification-contract.ts";
import { webhookContract } from "./webhook-contract.ts";
import { webhookQueueContract } from "./webhook-queue-contract.ts";

/** Every promise. */
export const storeContract: readonly StoreContractTest[] = [
  ...scopeContract,
  ...recordContract,
  ...pageContract,
  ...attachContract,
  ...tieContract,
  ...invitationContract,
  ...accessContract,
  ...grantsContract,
  ...mappingContract,
  ...teamContract,
  ...groupTeamContract,
  ...grantsTenantsContract,
  ...accountContract,
  ...loginContract,
  ...verificationContract,
  ...erasureContract,
  ...heldRecordsContract,
  ...auditContract,
  ...outboxContract,
  ...tenantContract,
  ...connectionContract,
  ...stagingContract,
  ...connectionRemovalContract,
  ...previewContract,
  ...credentialContract,
  ...oauthClientContract,
  ...adminCredentialContract,
  ...idempotencyContract,
  ...indexContract,
  ...concurrencyContract,
  ...requestLogContract,
  ...mailContract,
  ...webhookContract,
  ...webhookQueueContract,
  ...eventStreamContract,
  ...alertContract,
  ...instanceContract,
  ...figuresContract,
  ...snapshotContract,
];
