/** Stages the mails that a change of a User or a wish of an operator causes, in its transaction. */
import type { TenantId } from "../../domain/tenant.ts";
import { recordNotice, recordNoticesToMany, stageMails } from "./mails.ts";
import type { PersonNotice, PersonSite } from "./person-site.ts";
import type { Script } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";

/** The language of whoever has said nothing. */
const languageDefault = "en";

/** Where a mail is caused by a User, and the names that it tells. */
type NoticeSite = Pick<
  PersonSite,
  "scope" | "resourceId" | "at" | "tenantName" | "connectionName" | "context"
>;

/** Where a mail is caused by anything. */
interface NoticeCause {
  readonly tenantId: TenantId;
  readonly tenantName: string;
  /** The name of the connection; empty for an operator. */
  readonly by: string;
  /** Tells apart what is told at the same time. */
  readonly key: string;
  /** xsd:dateTime in UTC. */
  readonly at: string;
  readonly context: SqlContext;
}

/** Stages what a change of a User causes; whoever has no address gets nothing. */
export function* recordNotices(site: NoticeSite, notices: readonly PersonNotice[]): Script<void> {
  const { scope, resourceId, connectionName, tenantName, at, context } = site;
  const { tenantId, connectionId } = scope;
  const key = `${connectionId}/${resourceId}`;
  const cause = { tenantId, tenantName, by: connectionName, key, at, context };
  for (const notice of notices) {
    yield* stageNotice(cause, notice);
  }
}

/** Stages what an operator causes by hand. */
export function* recordNoticeByHand(
  site: Pick<NoticeCause, "tenantId" | "tenantName" | "at" | "context">,
  notice: PersonNotice,
): Script<void> {
  yield* stageNotice({ ...site, by: "", key: notice.account.accountId }, notice);
}

/** A notice to a person among many, and the User that it is about. */
export interface NoticeToOne {
  readonly resourceId: string;
  readonly notice: PersonNotice & { readonly kind: "attached" | "detached" };
}

/** Stages what a change of a whole connection causes, each person being told once; tells how many are told. */
export function* recordNoticesOfMany(
  { scope, connectionName, tenantName, at, context }: Omit<NoticeSite, "resourceId">,
  notices: readonly NoticeToOne[],
): Script<number> {
  const { tenantId, connectionId } = scope;
  const cause = { tenantId, tenantName, by: connectionName, key: "", at, context };
  const told = notices.flatMap(({ resourceId, notice }) => {
    const { account, kind, language = languageDefault } = notice;
    const idempotencyKey = `${kind}:${connectionId}/${resourceId}:${at}`;
    const { accountId, email: to } = account;
    const mail = { kind, accountId, language, idempotencyKey, at, facts: factsOf(cause, notice) };
    return to === undefined ? [] : [{ ...mail, to }];
  });
  return yield* recordNoticesToMany(tenantId, told, context);
}

function* stageNotice(cause: NoticeCause, notice: PersonNotice): Script<void> {
  const { tenantId, at, context } = cause;
  const { account, kind, invitationId } = notice;
  if (account.email === undefined) {
    return;
  }
  const mail = {
    accountId: account.accountId,
    to: account.email,
    language: notice.language ?? languageDefault,
    facts: factsOf(cause, notice),
    at,
  };
  if (kind === "invitation") {
    const idempotencyKey = `invitation:${invitationId}`;
    const staged = { ...mail, kind, mailId: context.newId(), idempotencyKey, due: at };
    yield stageMails(tenantId, [staged]);
  } else {
    const idempotencyKey = `${kind}:${cause.key}:${at}`;
    yield* recordNotice(tenantId, { ...mail, kind, idempotencyKey }, context);
  }
}

function factsOf(
  { tenantId, tenantName, by }: NoticeCause,
  { account, role, invitationId }: PersonNotice,
) {
  return {
    tenantName,
    by,
    ...(role === undefined ? {} : { role }),
    ...(account.name === undefined ? {} : { personName: account.name }),
    ids: {
      tenantId,
      accountId: account.accountId,
      ...(invitationId === undefined ? {} : { invitationId }),
    },
  };
}
