/** Stages the mails that a change of a User causes, in its transaction. */
import { recordNotice, stageMails } from "./mails.ts";
import type { PersonNotice, PersonSite } from "./person-site.ts";
import type { Script } from "./script.ts";

/** The language of whoever has said nothing. */
const languageDefault = "en";

/** Where a mail is caused, and the names that it tells. */
type NoticeSite = Pick<
  PersonSite,
  "scope" | "resourceId" | "at" | "tenantName" | "connectionName" | "context"
>;

/** Stages them; whoever has no address gets none. */
export function* recordNotices(site: NoticeSite, notices: readonly PersonNotice[]): Script<void> {
  const { scope, at, context, resourceId } = site;
  for (const notice of notices) {
    const { account, kind, invitationId } = notice;
    if (account.email === undefined) {
      continue;
    }
    const mail = {
      accountId: account.accountId,
      to: account.email,
      language: notice.language ?? languageDefault,
      facts: factsOf(site, notice),
      at,
    };
    if (kind === "invitation") {
      const idempotencyKey = `invitation:${invitationId}`;
      const staged = { ...mail, kind, mailId: context.newId(), idempotencyKey, due: at };
      yield stageMails(scope.tenantId, [staged]);
    } else {
      const idempotencyKey = `${kind}:${scope.connectionId}/${resourceId}:${at}`;
      yield* recordNotice(scope.tenantId, { ...mail, kind, idempotencyKey }, context);
    }
  }
}

function factsOf(
  { scope, tenantName, connectionName }: NoticeSite,
  { account, role, invitationId }: PersonNotice,
) {
  return {
    tenantName,
    by: connectionName,
    ...(role === undefined ? {} : { role }),
    ...(account.name === undefined ? {} : { personName: account.name }),
    ids: {
      tenantId: scope.tenantId,
      accountId: account.accountId,
      ...(invitationId === undefined ? {} : { invitationId }),
    },
  };
}
