/** The tables of people as the store's port has them, the same on every database: accounts, memberships, domains, invitations. */
import type { AccountOutcome } from "../../domain/account.ts";
import type { Circumstances } from "../../domain/audit-entry.ts";
import { isOpen, linkToInvite } from "../../domain/invitation.ts";
import type { LoginOutcome } from "../../domain/login.ts";
import type { WishOutcome } from "../../domain/member.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type {
  AccountTable,
  DomainTable,
  InvitationTable,
  LoginTable,
  MappingTable,
  MembershipTable,
  OidcConnectionTable,
  TeamTable,
} from "../store.ts";
import { storeAwayError } from "../store-away.ts";
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
import { changeMappings } from "./change-mappings.ts";
import { addDomain, listDomains, removeDomain, verifyDomain } from "./domains.ts";
import type { ErasureTrial } from "./erase-account.ts";
import { eraseAccount } from "./erase-account.ts";
import type { Wishing } from "./fulfil-wish.ts";
import { fulfilWish } from "./fulfil-wish.ts";
import { groupMappings } from "./group-mappings.ts";
import { groupPaths } from "./group-paths.ts";
import { heldRecords } from "./held-records.ts";
import {
  insertInvitation,
  invitationById,
  listInvitations,
  revokeInvitations,
  settleInvitation,
} from "./invitations.ts";
import { linksOfUsers } from "./links-of-users.ts";
import { lockSources } from "./lock-sources.ts";
import { stageMails } from "./mails.ts";
import { linkAsked } from "./membership-facts.ts";
import { oidcConnection, removeOidcConnection, saveOidcConnection } from "./oidc-connections.ts";
import { reconcileTenant } from "./reconcile-tenant.ts";
import { recordLogin, recordTokenRefusal } from "./record-login.ts";
import type { Script, Verdict } from "./script.ts";
import { archiveTeam, createTeam, listTeams, renameTeam, teamsByIds } from "./teams.ts";
import { listMembers, memberAsked, membershipsByIds, settingsOfTenant } from "./tenant-members.ts";

/** Makes the tables. */
export function createPeopleTables({
  context,
  write,
  readOnce,
}: Omit<AdministrationParts, "dropRequestLog">): {
  readonly accounts: AccountTable;
  readonly memberships: MembershipTable;
  readonly teams: TeamTable;
  readonly mappings: MappingTable;
  readonly oidcConnections: OidcConnectionTable;
  readonly logins: LoginTable;
  readonly domains: DomainTable;
  readonly invitations: InvitationTable;
} {
  const { dialect } = context;
  const sharedOrAlone = createTrials(write);
  const fulfil = (wishing: Omit<Wishing, "isAlone">, circumstances: Circumstances) =>
    sharedOrAlone<WishOutcome>((isAlone) =>
      fulfilWish({ ...wishing, isAlone }, circumstances, context),
    );
  /** Tells whether an invitation is open; whoever settles the same one waits. */
  const whileOpen = (tenantId: TenantId, invitationId: string) =>
    function* (at: string): Script<boolean> {
      const current = yield* invitationById(tenantId, invitationId, { lock: true, dialect });
      return current !== undefined && isOpen(current, at);
    };
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
      linksOf: (scope, resourceIds) => readOnce(linksOfUsers(scope, resourceIds, dialect)),
      lockSources: (scope, resourceIds) => readOnce(lockSources(scope, resourceIds, dialect)),
      groupPaths: (scope, resourceId) => readOnce(groupPaths(scope, resourceId)),
      settings: (tenantId) => readOnce(settingsOfTenant(tenantId, context)),
      fulfil: (tenantId, accountId, wish, circumstances) =>
        fulfil({ tenantId, accountId, wish }, circumstances),
    },
    teams: {
      list: (tenantId) => readOnce(listTeams(tenantId)),
      byIds: (tenantId, teamIds) => readOnce(teamsByIds(tenantId, teamIds, dialect)),
      create: (team, circumstances) => write(() => createTeam(team, circumstances, context)),
      rename: (team, circumstances) => write(() => renameTeam(team, circumstances, context)),
      archive: (team, circumstances) => write(() => archiveTeam(team, circumstances, context)),
    },
    mappings: {
      list: (tenantId) => readOnce(groupMappings(tenantId)),
      change: (tenantId, wish, mode, circumstances) =>
        write(() => changeMappings({ tenantId, wish, mode }, circumstances, context)),
      reconcile: (tenantId, { isCheck }, circumstances) =>
        write(() => reconcileTenant({ tenantId, isCheck }, circumstances, context)),
    },
    oidcConnections: {
      read: (tenantId) => readOnce(oidcConnection(tenantId)),
      save: (connection, circumstances) =>
        write(() => saveOidcConnection(connection, circumstances, context)),
      remove: (tenantId, circumstances) =>
        write(() => removeOidcConnection(tenantId, circumstances, context)),
    },
    logins: {
      logIn: (tenantId, login, circumstances) =>
        sharedOrAlone<LoginOutcome>((isAlone) =>
          recordLogin({ tenantId, login, isAlone }, circumstances, context),
        ),
      refuse: (tenantId, refusal, circumstances) =>
        write(() => recordTokenRefusal(tenantId, refusal, circumstances, context)),
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
            mayBe: whileOpen(tenantId, invitationId),
            also: (at) => [settleInvitation(tenantId, invitationId, settledStates[kind], at)],
            // Only whoever reads that mail can have accepted.
            proves: kind === "accept" ? email : undefined,
          },
          circumstances,
        );
      },
      send: (tenantId, { invitation, mail }, circumstances) => {
        const { accountId, connectionId, resourceId } = invitation;
        const scope = { tenantId, connectionId };
        return fulfil(
          {
            tenantId,
            accountId,
            wish: { kind: "invite", resource: { connectionId, resourceId } },
            *mayBe() {
              const link = yield* ask(linkAsked(scope, resourceId));
              return (
                linkToInvite(link?.accountId === accountId ? [link] : [], undefined).kind === "link"
              );
            },
            also: (at) => [
              revokeInvitations({ scope, resourceId, at }),
              insertInvitation({ scope, resourceId, at }, invitation),
              ...stageMails(tenantId, [{ ...mail, at, due: at }]),
            ],
          },
          circumstances,
        );
      },
      revoke: (tenantId, invitation, circumstances) => {
        const { invitationId, accountId, connectionId, resourceId } = invitation;
        return fulfil(
          {
            tenantId,
            accountId,
            wish: { kind: "withdraw", resource: { connectionId, resourceId } },
            mayBe: whileOpen(tenantId, invitationId),
            also: (at) => [settleInvitation(tenantId, invitationId, "revoked", at)],
          },
          circumstances,
        );
      },
    },
  };
}

/** How often a script is run: somebody else may be faster each time, but there are not that many who change one account. */
const trialsMax = 8;

/**
 * Makes the function that runs a script, and once more with the facts of the tenants alone where an owner may go, or
 * where somebody else was faster.
 */
function createTrials(write: AdministrationParts["write"]) {
  return async <Outcome extends { readonly kind: string }>(
    trial: (isAlone: boolean) => Script<Verdict<Outcome | AnotherTrial>>,
  ): Promise<Outcome> => {
    let isAlone = false;
    for (let round = 0; round < trialsMax; round += 1) {
      const outcome = await write(() => trial(isAlone));
      if (!isAnotherTrial(outcome)) {
        return outcome;
      }
      isAlone ||= outcome.kind === "alone";
    }
    throw storeAwayError("an account is changed by others all the time");
  };
}

interface AnotherTrial {
  readonly kind: "alone" | "again";
}

function isAnotherTrial(outcome: { readonly kind: string }): outcome is AnotherTrial {
  return outcome.kind === "alone" || outcome.kind === "again";
}

const settledStates = { accept: "accepted", decline: "declined" } as const;
