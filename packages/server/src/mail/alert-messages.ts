/** The texts of mails to operators, by language; the others stand in the message catalogue, which these are part of. */
import type { KeepingCause, RefusalReason } from "../domain/alert.ts";

/** What stands in a mail to an operator. */
export interface AlertText {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  readonly items?: readonly string[];
}

/** What every alert about a webhook names. */
interface NamedWebhook {
  readonly tenant: string;
  readonly webhook: string;
  readonly host: string;
}

/** The texts of alerts in one language. */
export interface AlertMessages {
  /** Why the mail came. */
  readonly closing: string;
  credentialExpiring(facts: {
    readonly tenant: string;
    readonly connection: string;
    /** May be empty. */
    readonly name: string;
    readonly time: string;
    readonly days: number;
  }): AlertText;
  webhookDisabled(facts: NamedWebhook & { readonly reason: string }): AlertText;
  webhookDeadLetters(facts: NamedWebhook & { readonly count: number }): AlertText;
  connectionRefused(facts: {
    readonly tenant: string;
    readonly connection: string;
    readonly count: number;
    readonly reasons: readonly { readonly reason: RefusalReason; readonly count: number }[];
  }): AlertText;
  memberKept(facts: {
    readonly tenant: string;
    readonly account: string;
    readonly cause: KeepingCause;
  }): AlertText;
}

const englishReasons: Readonly<Record<RefusalReason, string>> = {
  invalidFilter: "a filter that is not understood (invalidFilter)",
  tooMany: "a search that finds too much or takes too long (tooMany)",
  mutability: "a change of what cannot be changed (mutability)",
  invalidSyntax: "a message that is not understood (invalidSyntax)",
  invalidPath: "a path that leads to no attribute (invalidPath)",
  noTarget: "a path that finds nothing to change (noTarget)",
  invalidValue: "a value that is missing or does not fit (invalidValue)",
  invalidVers: "an unknown version of the protocol (invalidVers)",
  sensitive: "something secret in an address (sensitive)",
  forbidden: "something that the token is not allowed (403)",
  tooLarge: "a message that is too large (413)",
  mediaType: "a media type that is not spoken (415)",
  method: "a method that is not offered (405)",
  other: "other reasons",
};

/** The English ones. */
export const englishAlerts: AlertMessages = {
  closing:
    "You get this mail because your address is among those that this server sends alerts to. What to do is in the guide on running it.",
  credentialExpiring: ({ tenant, connection, name, time, days }) => {
    const token = name === "" ? "A token" : `The token “${name}”`;
    return {
      subject: `A token of “${connection}” (“${tenant}”) ends in ${days === 1 ? "a day" : `${days} days`}`,
      paragraphs: [
        `${token} of the connection “${connection}” of “${tenant}” ends at ${time}, in ${days === 1 ? "a day" : `${days} days`} or less.`,
        "Make a new one with “rollcall token rotate” and give it to the client before then; otherwise its sync stops.",
      ],
    };
  },
  webhookDisabled: ({ tenant, webhook, host, reason }) => ({
    subject: `A webhook of “${tenant}” has been disabled`,
    paragraphs: [
      `The webhook ${webhook} of “${tenant}”, which leads to ${host}, has been disabled: ${reason}.`,
      "Its receiver is told nothing any more. What happens meanwhile is delivered once you enable it: “rollcall webhook enable”.",
    ],
  }),
  webhookDeadLetters: ({ tenant, webhook, host, count }) => ({
    subject: `A webhook of “${tenant}” was not told ${count === 1 ? "of an event" : `of ${count} events`}`,
    paragraphs: [
      `The webhook ${webhook} of “${tenant}”, which leads to ${host}, has not taken ${count === 1 ? "an event" : `${count} events`}, and nobody tries ${count === 1 ? "it" : "them"} any more.`,
      "“rollcall webhook deliveries” shows why, “rollcall webhook replay” delivers them again.",
    ],
  }),
  connectionRefused: ({ tenant, connection, count, reasons }) => ({
    subject: `Many requests of “${connection}” (“${tenant}”) are refused`,
    paragraphs: [
      `Within an hour ${count} requests of the connection “${connection}” of “${tenant}” were refused. The most frequent reasons are below; “rollcall log” shows each request.`,
    ],
    items: reasons.map((one) => `${one.count} ×: ${englishReasons[one.reason]}`),
  }),
  memberKept: ({ tenant, account, cause }) =>
    cause === "refused"
      ? {
          subject: `A change of a protected member of “${tenant}” was refused`,
          paragraphs: [
            `The account ${account} is the last owner of “${tenant}” or protected there. A change that would have taken away its access was refused, and nothing has been changed. There may be more of them today.`,
            "“rollcall audit list” shows who wanted what. If the person is to go, make somebody else owner, or end the protection with “rollcall member unprotect”; then the change can be made again.",
          ],
        }
      : {
          subject: `“${tenant}” has kept a role that nothing gives any more`,
          paragraphs: [
            `Nothing gives the account ${account} its role in “${tenant}” any more. It is the last owner there or protected, and has therefore kept the role.`,
            "“rollcall access show” shows it among the grants, with the source retained. If the person is to go, make somebody else owner, or end the protection with “rollcall member unprotect”, and take the role back by hand.",
          ],
        },
};

const germanReasons: Readonly<Record<RefusalReason, string>> = {
  invalidFilter: "ein Filter, der nicht verstanden wird (invalidFilter)",
  tooMany: "eine Suche, die zu viel findet oder zu lange dauert (tooMany)",
  mutability: "eine Änderung an etwas, das nicht geändert werden kann (mutability)",
  invalidSyntax: "eine Nachricht, die nicht verstanden wird (invalidSyntax)",
  invalidPath: "ein Pfad, der zu keinem Attribut führt (invalidPath)",
  noTarget: "ein Pfad, der nichts zu ändern findet (noTarget)",
  invalidValue: "ein Wert, der fehlt oder nicht passt (invalidValue)",
  invalidVers: "eine unbekannte Version des Protokolls (invalidVers)",
  sensitive: "etwas Geheimes in einer Adresse (sensitive)",
  forbidden: "etwas, das dem Token nicht erlaubt ist (403)",
  tooLarge: "eine zu große Nachricht (413)",
  mediaType: "ein Medientyp, der nicht gesprochen wird (415)",
  method: "eine Methode, die nicht angeboten wird (405)",
  other: "andere Gründe",
};

/** The German ones. */
export const germanAlerts: AlertMessages = {
  closing:
    "Sie erhalten diese E-Mail, weil Ihre Adresse zu denen gehört, an die dieser Server Warnungen schickt. Was zu tun ist, steht in der Anleitung zum Betrieb.",
  credentialExpiring: ({ tenant, connection, name, time, days }) => {
    const token = name === "" ? "Ein Token" : `Das Token „${name}“`;
    const left = days === 1 ? "einem Tag" : `${days} Tagen`;
    return {
      subject: `Ein Token von „${connection}“ („${tenant}“) endet in ${left}`,
      paragraphs: [
        `${token} der Verbindung „${connection}“ von „${tenant}“ endet am ${time}, in ${left} oder früher.`,
        "Stellen Sie mit „rollcall token rotate“ ein neues aus und geben Sie es vorher dem Client; sonst bleibt seine Synchronisation stehen.",
      ],
    };
  },
  webhookDisabled: ({ tenant, webhook, host, reason }) => ({
    subject: `Ein Webhook von „${tenant}“ wurde abgeschaltet`,
    paragraphs: [
      `Der Webhook ${webhook} von „${tenant}“, der zu ${host} führt, wurde abgeschaltet: ${reason}.`,
      "Sein Empfänger erfährt nichts mehr. Was inzwischen geschieht, wird zugestellt, sobald Sie ihn wieder einschalten: „rollcall webhook enable“.",
    ],
  }),
  webhookDeadLetters: ({ tenant, webhook, host, count }) => ({
    subject: `Ein Webhook von „${tenant}“ hat ${count === 1 ? "ein Ereignis" : `${count} Ereignisse`} nicht erfahren`,
    paragraphs: [
      `Der Webhook ${webhook} von „${tenant}“, der zu ${host} führt, hat ${count === 1 ? "ein Ereignis" : `${count} Ereignisse`} nicht angenommen, und niemand versucht es mehr.`,
      "„rollcall webhook deliveries“ zeigt, warum, „rollcall webhook replay“ stellt noch einmal zu.",
    ],
  }),
  connectionRefused: ({ tenant, connection, count, reasons }) => ({
    subject: `Viele Anfragen von „${connection}“ („${tenant}“) werden abgelehnt`,
    paragraphs: [
      `Innerhalb einer Stunde wurden ${count} Anfragen der Verbindung „${connection}“ von „${tenant}“ abgelehnt. Die häufigsten Gründe stehen unten; „rollcall log“ zeigt jede Anfrage.`,
    ],
    items: reasons.map((one) => `${one.count} ×: ${germanReasons[one.reason]}`),
  }),
  memberKept: ({ tenant, account, cause }) =>
    cause === "refused"
      ? {
          subject: `Eine Änderung an einem geschützten Mitglied von „${tenant}“ wurde abgelehnt`,
          paragraphs: [
            `Das Konto ${account} ist der letzte Inhaber von „${tenant}“ oder dort geschützt. Eine Änderung, die ihm den Zugang genommen hätte, wurde abgelehnt; es wurde nichts geändert. Heute können es mehrere gewesen sein.`,
            "„rollcall audit list“ zeigt, wer was wollte. Soll die Person gehen, machen Sie jemand anderen zum Inhaber oder beenden Sie den Schutz mit „rollcall member unprotect“; dann ist die Änderung möglich.",
          ],
        }
      : {
          subject: `„${tenant}“ hat eine Rolle behalten, die nichts mehr gibt`,
          paragraphs: [
            `Nichts gibt dem Konto ${account} noch seine Rolle in „${tenant}“. Es ist dort der letzte Inhaber oder geschützt und hat die Rolle deshalb behalten.`,
            "„rollcall access show“ zeigt sie unter den Rechten mit der Quelle retained. Soll die Person gehen, machen Sie jemand anderen zum Inhaber oder beenden Sie den Schutz mit „rollcall member unprotect“, und nehmen Sie die Rolle von Hand zurück.",
          ],
        },
};
