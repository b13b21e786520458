/**
 * The pages behind the links in mails. Reading one changes nothing, since programs open links too (RFC 9110 §9.2.1);
 * only its form acts. A page never has the token of its link in it, nor anything that would be fetched.
 */
import { createHash } from "node:crypto";
import type { PlainResponse } from "@rollcall/scim";
import { ScimError } from "@rollcall/scim";
import { cleanText } from "../domain/clean-text.ts";
import { escapeHtml } from "../mail/escape-html.ts";
import { personPaths } from "../mail/mail-links.ts";
import type { Language, Messages, PageText } from "../mail/message-catalogue.ts";
import { languageAccepted, messageCatalogue } from "../mail/message-catalogue.ts";
import type { PersonActions } from "../provisioning/person-actions.ts";
import type { Answer, Exchange } from "./exchange.ts";
import type { FailureLimit } from "./failure-limit.ts";

/** What the pages need. */
export interface PersonPageParts {
  readonly personActions: PersonActions;
  readonly failureLimit: FailureLimit;
}

/** The longest form that is read, in bytes. */
const formLengthMax = 1024;
/** The longest name that is shown, in characters. */
const shownLengthMax = 100;

/** One page, before it is laid out. */
interface Page extends PageText {
  readonly status: number;
  /** The buttons of the form, by what they do. */
  readonly buttons?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly defect?: unknown;
}

/** What was asked, in the words of one language. */
interface Visit {
  readonly token: string;
  /** The button that was pressed; undefined when the page is only looked at. */
  readonly button: string | undefined;
  readonly texts: Messages["page"];
  readonly actions: PersonActions;
}

/** Answers on the link of an invitation. */
export function invitationPage(exchange: Exchange, parts: PersonPageParts): Promise<Answer> {
  return answerVisit(exchange, parts, personPaths.invitation, pageOfInvitation);
}

/** Answers on the link to leave a tenant. */
export function leavePage(exchange: Exchange, parts: PersonPageParts): Promise<Answer> {
  return answerVisit(exchange, parts, personPaths.leave, pageOfLeaving);
}

async function answerVisit(
  exchange: Exchange,
  { personActions: actions, failureLimit }: PersonPageParts,
  path: string,
  pageOf: (visit: Visit) => Promise<Page | undefined>,
): Promise<Answer> {
  const { request, address, startMs } = exchange;
  const language = languageAccepted(request.headers.get("accept-language"));
  const texts = messageCatalogue[language].page;
  const answer = (page: Page, isLogged = true): Answer =>
    pageAnswer(page, {
      language,
      pathTemplate: `${path}/{token}`,
      isHead: request.method === "HEAD",
      isLogged,
    });
  if (!["GET", "HEAD", "POST"].includes(request.method)) {
    return answer({ ...texts.wrongMethod, status: 405, headers: { Allow: "GET, HEAD, POST" } });
  }
  const token = exchange.path.slice(path.length + 1);
  const button = request.method === "POST" ? await buttonPressed(request) : undefined;
  const page = await pageOf({ token, button, texts, actions }).catch((thrown: unknown) =>
    failedPage(thrown, texts),
  );
  if (page !== undefined) {
    return answer(page);
  }
  const counted = failureLimit.note(address, startMs);
  if (counted === "within") {
    return answer({ ...texts.unknown, status: 404 });
  }
  const headers = { "Retry-After": String(failureLimit.retryAfterSeconds(startMs)) };
  return answer({ ...texts.tooMany, status: 429, headers }, counted === "first-over");
}

/** A person gets a page whatever happens; a defect goes to the server's log. */
function failedPage(thrown: unknown, { failed }: Messages["page"]): Page {
  return thrown instanceof ScimError
    ? { ...failed, status: thrown.status, headers: thrown.headers }
    : { ...failed, status: 500, defect: thrown };
}

/** What the form says was pressed; empty when it says nothing. */
async function buttonPressed(request: Exchange["request"]): Promise<string> {
  const body = await request.readBody(formLengthMax);
  const form = new URLSearchParams(new TextDecoder().decode(body));
  return form.get("action") ?? "";
}

async function pageOfInvitation(visit: Visit): Promise<Page | undefined> {
  const { token, button, texts, actions } = visit;
  const invitation = await actions.invitation(token);
  if (invitation === undefined) {
    return undefined;
  }
  const tenant = nameOf(invitation.tenantName);
  if (invitation.state !== "open") {
    return { ...texts.ended(invitation.state, tenant), status: 410 };
  }
  switch (button) {
    case undefined:
      return {
        ...texts.invitation({ tenant, by: nameOf(invitation.by) }),
        status: 200,
        buttons: { accept: texts.accept, decline: texts.decline },
      };
    case "accept":
      return (await actions.accept(token))
        ? { ...texts.accepted(tenant), status: 200 }
        : endOf(visit);
    case "decline":
      return (await actions.decline(token))
        ? { ...texts.declined(tenant), status: 200 }
        : endOf(visit);
    default:
      return { ...texts.noAction, status: 400 };
  }
}

/** Somebody was faster, such as the same person with a second click. */
async function endOf({ token, texts, actions }: Visit): Promise<Page | undefined> {
  const invitation = await actions.invitation(token);
  return invitation === undefined || invitation.state === "open"
    ? undefined
    : { ...texts.ended(invitation.state, nameOf(invitation.tenantName)), status: 410 };
}

async function pageOfLeaving({ token, button, texts, actions }: Visit): Promise<Page | undefined> {
  const membership = await actions.membership(token);
  if (membership === undefined) {
    return undefined;
  }
  const tenant = nameOf(membership.tenantName);
  const role = membership.role === undefined ? undefined : nameOf(membership.role);
  if (button === undefined) {
    const buttons = { leave: texts.leaveButton };
    return { ...texts.leave({ tenant, role }), status: 200, buttons };
  }
  if (button !== "leave") {
    return { ...texts.noAction, status: 400 };
  }
  switch (await actions.leave(token)) {
    case "left":
      return { ...texts.left(tenant), status: 200 };
    case "protected":
      return { ...texts.needed(tenant), status: 409 };
    case "gone":
      return undefined;
  }
}

function nameOf(name: string): string {
  return cleanText(name, shownLengthMax);
}

const style =
  "body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}" +
  "button{font:inherit;padding:.5rem 1rem;margin-right:.5rem}" +
  "@media (prefers-color-scheme:dark){body{color:#eee;background:#1a1a1a}}";
const styleHash = createHash("sha256").update(style).digest("base64");

/** What the request log says, whatever the language of the page. */
const reasons: Readonly<Record<number, string>> = {
  400: "no button of the page",
  404: "a link that nobody has, or nobody has any more",
  409: "a protected member, or the last owner, who cannot leave",
  410: "an invitation that is not open any more",
  429: "unknown links; further ones of this minute are not logged",
};

/** Nothing is fetched, nothing runs, nobody frames the page, and its address is told to nobody. */
const pageHeaders = {
  "Content-Type": "text/html; charset=utf-8",
  "Content-Security-Policy": `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "X-Robots-Tag": "noindex, nofollow",
};

function pageAnswer(
  page: Page,
  more: {
    readonly language: Language;
    readonly pathTemplate: string;
    readonly isHead: boolean;
    readonly isLogged: boolean;
  },
): Answer {
  const response: PlainResponse = {
    status: page.status,
    headers: { ...pageHeaders, "Content-Language": more.language, ...page.headers },
    body: more.isHead ? undefined : htmlOf(page, more.language),
  };
  const report = {
    pathTemplate: more.pathTemplate,
    scimType: undefined,
    reason: reasons[page.status],
    warnings: [],
    defect: page.defect,
  };
  return { response, report, caller: undefined, isLogged: more.isLogged };
}

/** The form goes to the address of the page, so that the token stands in no page. */
function htmlOf({ title, text, buttons = {} }: Page, language: Language): string {
  const pressed = Object.entries(buttons).map(
    ([action, label]) => `<button name="action" value="${action}">${escapeHtml(label)}</button>`,
  );
  return [
    `<!DOCTYPE html>`,
    `<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">`,
    `<title>${escapeHtml(title)}</title><style>${style}</style></head><body>`,
    `<h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>`,
    ...(pressed.length === 0 ? [] : [`<form method="post">${pressed.join("")}</form>`]),
    `</body></html>`,
    "",
  ].join("\n");
}
