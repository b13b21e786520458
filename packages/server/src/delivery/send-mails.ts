/** The sender of a server: takes mails that are due and hands them to an SMTP server (RFC 5321), each at least once and nearly always once. */
import { cleanText } from "../domain/clean-text.ts";
import type { Mail } from "../domain/mail.ts";
import type { MailLinks } from "../mail/mail-links.ts";
import { mailText } from "../mail/mail-text.ts";
import { createSmtpTransport } from "../mail/smtp-transport.ts";
import type { MailQueue } from "../store/store.ts";
import { startWorkLoop } from "./work-loop.ts";

/** Where mails are handed over, and whom they are from. */
export interface MailTransport {
  /** `smtp://` or `smtps://`, with user and password if there are any. */
  readonly url: string;
  /** An address, also as `Name <address>`. */
  readonly from: string;
}

/** What a sender works with. */
export interface MailSenderParts {
  /** Without one nothing is claimed, and mails wait. */
  readonly transport: MailTransport | undefined;
  readonly queue: MailQueue;
  readonly links: MailLinks;
  readonly now: () => number;
  readonly log: {
    warn(message: string, fields: Readonly<Record<string, string | number | undefined>>): void;
    error(message: string, error: unknown): void;
  };
}

/** Sends in the background. */
export interface MailSender {
  /** Says that there may be something to send. */
  wake(): void;
  /** Takes nothing new, and settles when what is under way is done. */
  stop(): Promise<void>;
}

/** How often the queue is looked at when nobody says that there is something. */
const pollMs = 5_000;
/** The most mails that are under way at once. */
const underWayMax = 4;
/** How long sending one mail may take; others may take the mail after a minute. */
const sendTimeoutMs = 50_000;
/** How long after a claim sending may still begin, so that it ends before others may take the mail. */
const beginMsMax = 8_000;
/** How often sending a mail is tried. */
const attemptsMax = 10;
/** The longest error that is kept, in characters. */
const errorLengthMax = 500;

const minuteMs = 60_000;
const pausesMs = [1, 5, 30, 120, 360].map((minutes) => minutes * minuteMs);
const longestPauseMs = 720 * minuteMs;

/** How long to wait after so many failed attempts; undefined when it was the last one. */
export function pauseMsAfter(attempts: number): number | undefined {
  return attempts >= attemptsMax ? undefined : (pausesMs[attempts - 1] ?? longestPauseMs);
}

/** Starts a sender. */
export function createMailSender({ transport, ...parts }: MailSenderParts): MailSender {
  if (transport === undefined) {
    return { wake: () => undefined, stop: async () => undefined };
  }
  const loop = startWorkLoop({
    placesMax: underWayMax,
    pollMs,
    take: async (places) => {
      const taken = await takeDue(places, parts);
      return { taken, found: taken.length > 0 };
    },
    work: createDelivery(transport, parts),
    onTrouble: (error) => parts.log.error("mails could not be taken", error),
  });
  return {
    wake: loop.wake,
    stop: async () => {
      await loop.halt();
      await loop.settled();
    },
  };
}

type Parts = Omit<MailSenderParts, "transport">;

/** Takes what is due, unless the process was frozen meanwhile: then it has lost the claim. */
async function takeDue(limit: number, { queue, now }: Parts): Promise<readonly Mail[]> {
  const claimedMs = now();
  const mails = await queue.claimDue(claimedMs, limit);
  return now() - claimedMs <= beginMsMax ? mails : [];
}

type Deliver = (mail: Mail) => Promise<void>;

/** Makes the function that sends one mail and notes what came of it; it never throws. */
function createDelivery(settings: MailTransport, { queue, links, now, log }: Parts): Deliver {
  const send = createSend(settings, links);
  // Sent, but the database was away when that was to be noted.
  const unnoted = new Map<string, string>();
  const attempt = async (mail: Mail): Promise<unknown> => {
    try {
      await send(mail);
      return undefined;
    } catch (error) {
      return error ?? new Error("no reason given");
    }
  };
  const note = async (mail: Mail): Promise<void> => {
    const known = unnoted.get(mail.mailId);
    const error = known === undefined ? await attempt(mail) : undefined;
    if (error === undefined) {
      const sent = known ?? new Date(now()).toISOString();
      unnoted.set(mail.mailId, sent);
      await queue.markSent(mail, sent);
      unnoted.delete(mail.mailId);
      return;
    }
    const attempts = mail.attempts + 1;
    const pauseMs = pauseMsAfter(attempts);
    const retryAt = pauseMs === undefined ? undefined : new Date(now() + pauseMs).toISOString();
    // Answers of SMTP servers name the recipient, so the log gets the code alone.
    log.warn("mail could not be sent", {
      mailId: mail.mailId,
      tenantId: mail.tenantId,
      attempts,
      code: codeOf(error),
      retryAt,
    });
    await queue.markFailed(mail, cleanText(messageOf(error), errorLengthMax), retryAt);
  };
  return (mail) =>
    note(mail).catch((error: unknown) => {
      log.error("what came of a mail could not be noted", error);
    });
}

function createSend(
  { url, from }: MailTransport,
  links: MailLinks,
): (mail: Mail) => Promise<unknown> {
  const transport = createSmtpTransport(url);
  return async (mail) => {
    const { language, subject, text, html } = mailText(mail, links);
    return transport.sendMail({
      from,
      // An address and no list: a comma in it must not make two of one.
      to: { name: "", address: mail.to },
      subject,
      text,
      html,
      messageId: messageIdOf(mail, links.publicUrl()),
      headers: { "Auto-Submitted": "auto-generated", "Content-Language": language },
      signal: AbortSignal.timeout(sendTimeoutMs),
    });
  };
}

/** The same at every attempt, so that whoever gets a mail twice can tell (RFC 5322 §3.6.4). */
function messageIdOf({ mailId }: Mail, publicUrl: string): string {
  const { hostname } = new URL(publicUrl);
  const host = /^[\d.]+$/.test(hostname) ? `[${hostname}]` : hostname;
  return `<${mailId}@${host}>`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string {
  const { code, responseCode } = Object(error);
  return [code, responseCode].filter((part) => part !== undefined).join(" ");
}
