/** Every text that a person reads in mails and on the pages behind their links, by language; a missing one does not compile. */
import type { GatheredNotice } from "../domain/mail.ts";
import type { AlertMessages } from "./alert-messages.ts";
import { englishAlerts, germanAlerts } from "./alert-messages.ts";

/** The languages there are texts in; the first one serves for all others. */
export const languages = ["en", "de"] as const;

/** A language there are texts in. */
export type Language = (typeof languages)[number];

/** What a text may name; every part of it is harmless by the time it gets here. */
export interface NamedFacts {
  readonly tenant: string;
  /** A connection; empty for somebody who looks after the tenant. */
  readonly by: string;
  readonly role: string | undefined;
}

/** How the link of an invitation may stand. */
export type InvitationEnd = "accepted" | "declined" | "revoked" | "expired";

/** A page that says one thing. */
export interface PageText {
  readonly title: string;
  readonly text: string;
}

/** All texts of a language. */
export interface Messages {
  readonly mail: {
    greeting(name: string | undefined): string;
    /** Why the mail came, and from what. */
    readonly closing: string;
    readonly attached: MailMessages;
    readonly detached: MailMessages;
    readonly invitation: MailMessages;
    readonly digest: {
      subject(facts: Pick<NamedFacts, "tenant">): string;
      body(facts: Pick<NamedFacts, "tenant">): string;
      line(notice: Omit<GatheredNotice, "at">, day: string): string;
    };
    readonly leave: string;
    readonly leaveLabel: string;
    readonly answer: string;
    readonly answerLabel: string;
    /** To operators. */
    readonly alert: AlertMessages;
  };
  readonly page: {
    invitation(facts: Pick<NamedFacts, "tenant" | "by">): PageText;
    readonly accept: string;
    readonly decline: string;
    accepted(tenant: string): PageText;
    declined(tenant: string): PageText;
    ended(state: InvitationEnd, tenant: string): PageText;
    leave(facts: Pick<NamedFacts, "tenant" | "role">): PageText;
    readonly leaveButton: string;
    left(tenant: string): PageText;
    /** For somebody who cannot leave, such as the last owner. */
    needed(tenant: string): PageText;
    readonly unknown: PageText;
    readonly tooMany: PageText;
    readonly noAction: PageText;
    readonly wrongMethod: PageText;
    readonly failed: PageText;
  };
}

interface MailMessages {
  subject(facts: NamedFacts): string;
  body(facts: NamedFacts): readonly string[];
}

const english: Messages = {
  mail: {
    greeting: (name) => (name === undefined ? "Hello," : `Hello ${name},`),
    closing:
      "You get this mail because your address belongs to an account here. Nobody can log in as you because of it.",
    attached: {
      subject: ({ tenant }) => `You are now a member of “${tenant}”`,
      body: ({ tenant, by, role }) => [
        by === ""
          ? `An administrator has added your account to “${tenant}”.`
          : `“${by}”, the directory of “${tenant}”, has added your account to “${tenant}”.`,
        ...(role === undefined ? [] : [`Your role there is “${role}”.`]),
        "Your account itself, your password and your other memberships have not been changed.",
      ],
    },
    detached: {
      subject: ({ tenant }) => `You are no longer a member of “${tenant}”`,
      body: ({ tenant, by }) => [
        by === ""
          ? `An administrator has removed your account from “${tenant}”.`
          : `“${by}”, the directory of “${tenant}”, has removed your account from “${tenant}”.`,
        "Your account itself and your other memberships have not been changed.",
      ],
    },
    invitation: {
      subject: ({ tenant }) => `Invitation to “${tenant}”`,
      body: ({ tenant, by, role }) => [
        `“${by}”, the directory of “${tenant}”, wants to add your account to “${tenant}”.`,
        ...(role === undefined ? [] : [`Your role there would be “${role}”.`]),
        "Nothing happens unless you accept. The invitation is valid for 14 days.",
      ],
    },
    digest: {
      subject: ({ tenant }) => `Changes of your membership in “${tenant}”`,
      body: ({ tenant }) =>
        `Since our last mail the following has changed about your membership in “${tenant}”:`,
      line: ({ kind, by, role }, day) => {
        const who = by === "" ? "An administrator" : `“${by}”`;
        const what = kind === "attached" ? "added you" : "removed you";
        return `${day}: ${who} has ${what}${role === undefined || kind === "detached" ? "" : ` with the role “${role}”`}.`;
      },
    },
    leave: "If you do not want to be a member, you can leave:",
    leaveLabel: "Leave",
    answer: "Here you can accept or decline:",
    answerLabel: "Answer the invitation",
    alert: englishAlerts,
  },
  page: {
    invitation: ({ tenant, by }) => ({
      title: `Invitation to “${tenant}”`,
      text: `“${by}”, the directory of “${tenant}”, wants to add your account to “${tenant}”. Nothing happens unless you accept.`,
    }),
    accept: "Accept",
    decline: "Decline",
    accepted: (tenant) => ({
      title: "Thank you",
      text: `You are now a member of “${tenant}”.`,
    }),
    declined: (tenant) => ({
      title: "Declined",
      text: `You are not a member of “${tenant}”, and nobody will be added again without your consent.`,
    }),
    ended: (state, tenant) => ({
      title: `Invitation to “${tenant}”`,
      text: {
        accepted: "This invitation has been accepted already.",
        declined: "This invitation has been declined already.",
        revoked: "This invitation was withdrawn or replaced by a newer one.",
        expired: "This invitation has expired. Ask whoever invited you for a new one.",
      }[state],
    }),
    leave: ({ tenant, role }) => ({
      title: `Leave “${tenant}”`,
      text: `You are a member of “${tenant}”${role === undefined ? "" : ` with the role “${role}”`}. If you leave, you lose your access there, and you will not be added again without your consent. Your account stays.`,
    }),
    leaveButton: "Leave",
    left: (tenant) => ({
      title: "You have left",
      text: `You are no longer a member of “${tenant}”. Your account and your other memberships have not been changed.`,
    }),
    needed: (tenant) => ({
      title: "You cannot leave yet",
      text: `“${tenant}” would be without an owner, or has protected your membership. Ask an administrator of “${tenant}”. Nothing has been changed.`,
    }),
    unknown: {
      title: "There is nothing here",
      text: "This link does not lead anywhere, or not any more. If you have copied it, check that it is complete.",
    },
    tooMany: {
      title: "Too many attempts",
      text: "Too many wrong links were opened from your network. Please try again in a minute.",
    },
    noAction: {
      title: "Nothing was chosen",
      text: "Please open the link again and use one of its buttons. Nothing has been changed.",
    },
    wrongMethod: { title: "This is not possible", text: "Please open the link in a browser." },
    failed: {
      title: "This has not worked",
      text: "It is not possible at the moment. Please try again later.",
    },
  },
};

const german: Messages = {
  mail: {
    greeting: (name) => (name === undefined ? "Guten Tag," : `Guten Tag ${name},`),
    closing:
      "Sie erhalten diese E-Mail, weil Ihre Adresse zu einem Konto hier gehört. Niemand kann sich deswegen an Ihrer Stelle anmelden.",
    attached: {
      subject: ({ tenant }) => `Sie sind jetzt Mitglied von „${tenant}“`,
      body: ({ tenant, by, role }) => [
        by === ""
          ? `Die Verwaltung hat Ihr Konto zu „${tenant}“ hinzugefügt.`
          : `„${by}“, das Verzeichnis von „${tenant}“, hat Ihr Konto zu „${tenant}“ hinzugefügt.`,
        ...(role === undefined ? [] : [`Ihre Rolle dort ist „${role}“.`]),
        "Ihr Konto selbst, Ihr Passwort und Ihre anderen Mitgliedschaften wurden nicht verändert.",
      ],
    },
    detached: {
      subject: ({ tenant }) => `Sie sind nicht mehr Mitglied von „${tenant}“`,
      body: ({ tenant, by }) => [
        by === ""
          ? `Die Verwaltung hat Ihr Konto aus „${tenant}“ entfernt.`
          : `„${by}“, das Verzeichnis von „${tenant}“, hat Ihr Konto aus „${tenant}“ entfernt.`,
        "Ihr Konto selbst und Ihre anderen Mitgliedschaften wurden nicht verändert.",
      ],
    },
    invitation: {
      subject: ({ tenant }) => `Einladung zu „${tenant}“`,
      body: ({ tenant, by, role }) => [
        `„${by}“, das Verzeichnis von „${tenant}“, möchte Ihr Konto zu „${tenant}“ hinzufügen.`,
        ...(role === undefined ? [] : [`Ihre Rolle dort wäre „${role}“.`]),
        "Ohne Ihre Zustimmung geschieht nichts. Die Einladung gilt 14 Tage.",
      ],
    },
    digest: {
      subject: ({ tenant }) => `Änderungen Ihrer Mitgliedschaft in „${tenant}“`,
      body: ({ tenant }) =>
        `Seit unserer letzten E-Mail hat sich an Ihrer Mitgliedschaft in „${tenant}“ Folgendes geändert:`,
      line: ({ kind, by, role }, day) => {
        const who = by === "" ? "Die Verwaltung" : `„${by}“`;
        const what = kind === "attached" ? "hinzugefügt" : "entfernt";
        return `${day}: ${who} hat Sie ${role === undefined || kind === "detached" ? "" : `mit der Rolle „${role}“ `}${what}.`;
      },
    },
    leave: "Wenn Sie nicht Mitglied sein möchten, können Sie austreten:",
    leaveLabel: "Austreten",
    answer: "Hier können Sie annehmen oder ablehnen:",
    answerLabel: "Einladung beantworten",
    alert: germanAlerts,
  },
  page: {
    invitation: ({ tenant, by }) => ({
      title: `Einladung zu „${tenant}“`,
      text: `„${by}“, das Verzeichnis von „${tenant}“, möchte Ihr Konto zu „${tenant}“ hinzufügen. Ohne Ihre Zustimmung geschieht nichts.`,
    }),
    accept: "Annehmen",
    decline: "Ablehnen",
    accepted: (tenant) => ({
      title: "Vielen Dank",
      text: `Sie sind jetzt Mitglied von „${tenant}“.`,
    }),
    declined: (tenant) => ({
      title: "Abgelehnt",
      text: `Sie sind nicht Mitglied von „${tenant}“ und werden ohne Ihre Zustimmung nicht wieder hinzugefügt.`,
    }),
    ended: (state, tenant) => ({
      title: `Einladung zu „${tenant}“`,
      text: {
        accepted: "Diese Einladung wurde bereits angenommen.",
        declined: "Diese Einladung wurde bereits abgelehnt.",
        revoked: "Diese Einladung wurde zurückgezogen oder durch eine neuere ersetzt.",
        expired:
          "Diese Einladung ist abgelaufen. Bitten Sie um eine neue, wenn Sie Mitglied werden möchten.",
      }[state],
    }),
    leave: ({ tenant, role }) => ({
      title: `Aus „${tenant}“ austreten`,
      text: `Sie sind Mitglied von „${tenant}“${role === undefined ? "" : ` mit der Rolle „${role}“`}. Wenn Sie austreten, verlieren Sie den Zugang dort und werden ohne Ihre Zustimmung nicht wieder hinzugefügt. Ihr Konto bleibt bestehen.`,
    }),
    leaveButton: "Austreten",
    left: (tenant) => ({
      title: "Sie sind ausgetreten",
      text: `Sie sind nicht mehr Mitglied von „${tenant}“. Ihr Konto und Ihre anderen Mitgliedschaften wurden nicht verändert.`,
    }),
    needed: (tenant) => ({
      title: "Sie können noch nicht austreten",
      text: `„${tenant}“ wäre ohne Inhaber oder hat Ihre Mitgliedschaft geschützt. Wenden Sie sich an die Verwaltung von „${tenant}“. Es wurde nichts geändert.`,
    }),
    unknown: {
      title: "Hier ist nichts",
      text: "Dieser Link führt nirgendwohin, oder nicht mehr. Wenn Sie ihn kopiert haben, prüfen Sie, ob er vollständig ist.",
    },
    tooMany: {
      title: "Zu viele Versuche",
      text: "Aus Ihrem Netz wurden zu viele falsche Links geöffnet. Bitte versuchen Sie es in einer Minute wieder.",
    },
    noAction: {
      title: "Es wurde nichts gewählt",
      text: "Bitte öffnen Sie den Link noch einmal und benutzen Sie eine der Schaltflächen. Es wurde nichts geändert.",
    },
    wrongMethod: {
      title: "Das ist nicht möglich",
      text: "Bitte öffnen Sie den Link in einem Browser.",
    },
    failed: {
      title: "Das hat nicht geklappt",
      text: "Es ist im Moment nicht möglich. Bitte versuchen Sie es später noch einmal.",
    },
  },
};

/** The texts of every language. */
export const messageCatalogue: Readonly<Record<Language, Messages>> = { en: english, de: german };

/** The language of texts for a language tag (RFC 4647 §3.4): that of its first part, English where there are none. */
export function languageOf(tag: string): Language {
  return languageNamed(tag) ?? languages[0];
}

/** The most parts of an Accept-Language header that are looked at. */
const rangesMax = 20;

/** The language of texts for an Accept-Language header (RFC 9110 §12.5.4). */
export function languageAccepted(header: string | null): Language {
  const ranges = (header ?? "")
    .split(",", rangesMax)
    .map((part) => {
      const [tag = "", ...parameters] = part.split(";").map((text) => text.trim());
      const quality = parameters.find((text) => /^q=/i.test(text));
      return { tag, weight: quality === undefined ? 1 : Number(quality.slice(2)) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight);
  for (const { tag } of ranges) {
    const language = languageNamed(tag);
    if (language !== undefined) {
      return language;
    }
  }
  return languages[0];
}

function languageNamed(tag: string): Language | undefined {
  const [first = ""] = tag.toLowerCase().split(/[-_]/, 1);
  return languages.find((language) => language === first);
}
