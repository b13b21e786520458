/** The tables of people as the store's port has them, the same on every database: accounts, memberships, domains, invitations. */
import type { AccountOutcome } from "../../domain/account.ts";
import type { Circumstances } from "../../domain/audit-entry.ts";
import { isOpen } from "../../domain/invitation.ts";
import type { WishOutcome } from "../../domain/member.ts";
import type { AccountTable, DomainTable, InvitationTable, MembershipTable } from "../store.ts";
import { changeAccount, createAccount } from "./account-changes.ts";
import { emailHolders, refHolders } from "./account-holders.ts";
import {
  accountById,
  accountsById,
  emailHolderAsked,
  listAccounts,
  refHolderAsked,
  tenantsOfAccountAsked,
} from "./accounts.ts";
import type { AdministrationParts } from "./administration.ts";
import { ask } from "./asked.ts";
import { addDomain, listDomains, removeDomain, verifyDomain } from "./domains.ts";
import type { ErasureTrial } from "./erase-account.ts";
import { eraseAccount } from "./erase-account.ts";
import type { Wishing } from "./fulfil-wish.ts";
import { fulfilWish } from "./fulfil-wish.ts";
import { heldRecords } from "./held-records.ts";
import { invitationById, listInvitations, settleInvitation } from "./invitations.ts";
import { lockSources } from "./lock-sources.ts";
import { linkAsked } from "./membership-facts.ts";
import type { Script, Verdict } from "./script.ts";
import { listMembers, memberAsked, membershipsByIds, settingsOfTenant } from "./tenant-members.ts";

/** Makes the tables. */
export function createPeopleTables({
  context,
  write,
  readOnce,
}: Omit<AdministrationParts, "dropRequestLog">): {
  readonly accounts: AccountTable;
  readonly memberships: MembershipTable;
  readonly domains: DomainTable;
  readonly invitations: InvitationTable;
} {
  const { dialect } = context;
  const sharedOrAlone = createTrials(write);
  const fulfil = (wishing: Omit<Wishing, "isAlone">, circumstances: Circumstances) =>
    sharedOrAlone<WishOutcome>((isAlone) =>
      fulfilWish({ ...wishing, isAlone }, circumstances, context),
    );
  return {
    accounts: {
      create: (account, circumstances) =>
        write(() => createAccount(account, circumstances, context)),
      change: (accountId, change, circumstances) =>
        sharedOrAlone<AccountOutcome>((isAlone) =>
          changeAccount({ accountId, change, isAlone }, circumstances, context),
        ),
      byId: (accountId) => readOnce(accountById(accountId)),
      byIds: (accountIds) => readOnce(accountsById(accountIds, dialect)),
      page: (options) => readOnce(listAccounts(options)),
      holderOfEmail: (email) => readOnce(ask(emailHolderAsked(email))),
      holderOfRef: (ref) => readOnce(ask(refHolderAsked(ref))),
      holdersOfEmails: (emails) => readOnce(emailHolders(emails, dialect)),
      holdersOfRefs: (refs) => readOnce(refHolders(refs, dialect)),
      tenantsOf: (accountId) => readOnce(ask(tenantsOfAccountAsked(accountId))),
      checkErasure: async (accountId, circumstances) => {
        const wish = { accountId, isTrial: true };
        const outcome = await sharedOrAlone<Exclude<ErasureTrial, { kind: "alone" }>>((isAlone) =>
          eraseAccount({ ...wish, isAlone }, circumstances, context),
        );
        if (outcome.kind === "erased") {
          throw new TypeError("a trial erases nothing");
        }
        return outcome;
      },
      erase: async (accountId, circumstances) => {
        const wish = { accountId, isTrial: false };
        const outcome = await sharedOrAlone<Exclude<ErasureTrial, { kind: "alone" }>>((isAlone) =>
          eraseAccount({ ...wish, isAlone }, circumstances, context),
        );
        if (outcome.kind === "erasable") {
          throw new TypeError("what may be erased is erased");
        }
        return outcome;
      },
    },
    memberships: {
      read: (tenantId, accountId) =>
        readOnce(ask(memberAsked(tenantId, accountId, { lock: false, dialect }))),
      list: (tenantId, options) => readOnce(listMembers(tenantId, options, context)),
      many: (tenantId, accountIds) => readOnce(membershipsByIds(tenantId, accountIds, dialect)),
      held: (tenantId, accountId) => readOnce(heldRecords(tenantId, accountId)),
      linkOf: (scope, resourceId) => readOnce(ask(linkAsked(scope, resourceId))),
      lockSources: (scope, resourceIds) => readOnce(lockSources(scope, resourceIds, dialect)),
      settings: (tenantId) => readOnce(settingsOfTenant(tenantId, context)),
      fulfil: (tenantId, accountId, wish, circumstances) =>
        fulfil({ tenantId, accountId, wish }, circumstances),
    },
    domains: {
      list: (tenantId) => readOnce(listDomains(tenantId)),
      add: (tenantId, domain, circumstances) =>
        write(() => addDomain(tenantId, domain, circumstances, context)),
      verify: (tenantId, domain, proof, circumstances) =>
        write(() => verifyDomain(tenantId, domain, proof, circumstances, context)),
      remove: (tenantId, domain, circumstances) =>
        write(() => removeDomain(tenantId, domain, circumstances, context)),
    },
    invitations: {
      list: (tenantId, options) => readOnce(listInvitations(tenantId, options)),
      byId: (tenantId, invitationId) =>
        readOnce(invitationById(tenantId, invitationId, { lock: false, dialect })),
      settle: (tenantId, invitation, kind, circumstances) => {
        const { invitationId, accountId, connectionId, resourceId, email } = invitation;
        return fulfil(
          {
            tenantId,
            accountId,
            wish: { kind, resource: { connectionId, resourceId } },
            *mayBe(at) {
              const reading = { lock: true, dialect };
              const current = yield* invitationById(tenantId, invitationId, reading);
              return current !== undefined && isOpen(current, at);
            },
            also: (at) => [settleInvitation(tenantId, invitationId, settledStates[kind], at)],
            // Only whoever reads that mail can have accepted.
            proves: kind === "accept" ? email : undefined,
          },
          circumstances,
        );
      },
    },
  };
}

/** Makes the function that runs a script, and once more with the facts of the tenants alone where an owner may go. */
function createTrials(write: AdministrationParts["write"]) {
  return async <Outcome extends { readonly kind: string }>(
    trial: (isAlone: boolean) => Script<Verdict<Outcome | { readonly kind: "alone" }>>,
  ): Promise<Outcome> => {
    for (const isAlone of [false, true]) {
      const outcome = await write(() => trial(isAlone));
      if (!isCallForAll(outcome)) {
        return outcome;
      }
    }
    throw new TypeError("whoever has the facts of a tenant alone needs no more");
  };
}

function isCallForAll(outcome: { readonly kind: string }): outcome is { readonly kind: "alone" } {
  return outcome.kind === "alone";
}

const settledStates = { accept: "accepted", decline: "declined" } as const;
