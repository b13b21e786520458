/** E-mail addresses as accounts are found by them, and the domains behind the @ (RFC 5321 §4.1.2, RFC 5890 §2.3.2.1). */
import { domainToASCII, domainToUnicode } from "node:url";
import type { JsonObject, JsonValue } from "@rollcall/scim";
import { fold, isJsonArray, isJsonObject, memberOf } from "@rollcall/scim";

/** An address that mail can go to. */
export interface EmailAddress {
  /** As it was given. */
  readonly text: string;
  /** The A-label in lower case: `xn--bcher-kva.example`. */
  readonly domain: string;
  /** The folded local part, @ and the domain; unique over accounts. */
  readonly key: string;
  /** Whether an account may be found by it: two local parts that fold alike may be two people, unless both are ASCII. */
  readonly isMatchable: boolean;
}

const localBytesMax = 64;
const domainLengthMax = 253;

/** Blanks, control, invisible, private and unassigned code points, and lone surrogates. */
const unseenPattern = /[\s\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Default_Ignorable_Code_Point}]/u;
/** What ends or quotes an address in the header of a mail. */
const specialPattern = /["(),:;<>@[\\\]]/;
const asciiPattern = /^[!-~]+$/;
/** What makes of a name a URL, an address or an escape. */
const notNamePattern = /[/?#\\:@[\]%]/;
const labelPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Reads an address; undefined when the text is none. */
export function parseEmailAddress(text: string): EmailAddress | undefined {
  const at = text.indexOf("@");
  const local = text.slice(0, Math.max(at, 0));
  const domain = aLabelOf(text.slice(at + 1));
  if (!isLocalPart(local) || domain === undefined) {
    return undefined;
  }
  const folded = fold(local);
  const isMatchable = asciiPattern.test(local);
  // Full-width letters and the Kelvin sign fold to ASCII: such a text would take the key of somebody else's address.
  return isMatchable || (isLocalPart(folded) && !asciiPattern.test(folded))
    ? { text, domain, key: `${folded}@${domain}`, isMatchable }
    : undefined;
}

/**
 * Finds the address that a User logs in with, in the stored attributes: of the usable
 * e-mails the primary one, else the first of type `work`, else the first; without any the userName.
 */
export function loginEmailOf(attributes: JsonObject): EmailAddress | undefined {
  const emails = memberOf(attributes, "emails");
  const usable = (isJsonArray(emails) ? emails : []).filter(isJsonObject).flatMap((element) => {
    const email = addressIn(memberOf(element, "value"));
    return email === undefined ? [] : [{ element, email }];
  });
  const chosen =
    usable.find(({ element }) => memberOf(element, "primary") === true) ??
    usable.find(({ element }) => isOfTypeWork(memberOf(element, "type"))) ??
    usable[0];
  return chosen?.email ?? addressIn(memberOf(attributes, "userName"));
}

/**
 * Reads the domain a tenant wants to verify, as A-label; undefined when the text is none. A name of one label, as
 * networks have inside, has to be written with the dot of the root, `corp.`: `com` alone is a slip.
 */
export function domainOf(text: string): string | undefined {
  const isRooted = text.endsWith(".");
  const domain = aLabelOf(isRooted ? text.slice(0, -1) : text);
  return isRooted || domain?.includes(".") === true ? domain : undefined;
}

function addressIn(value: JsonValue | undefined): EmailAddress | undefined {
  return typeof value === "string" ? parseEmailAddress(value) : undefined;
}

function isOfTypeWork(type: JsonValue | undefined): boolean {
  return typeof type === "string" && fold(type) === "work";
}

function isLocalPart(text: string): boolean {
  return (
    text !== "" &&
    !unseenPattern.test(text) &&
    !specialPattern.test(text) &&
    new TextEncoder().encode(text).length <= localBytesMax
  );
}

/** The checked name after IDNA, in lower case; undefined for IP addresses and for what is no name. */
function aLabelOf(text: string): string | undefined {
  if (notNamePattern.test(text) || unseenPattern.test(text) || !URL.canParse(`http://${text}`)) {
    return undefined;
  }
  // The URL standard's IDNA: what looks like a number at the end has become an IPv4 address, or was refused.
  const name = new URL(`http://${text}`).hostname;
  const labels = name.split(".");
  const isName =
    name.length <= domainLengthMax && labels.every(isLabel) && !/^\d+$/.test(labels.at(-1) ?? "");
  return isName ? name : undefined;
}

/** Whether it is a label of a host name; what begins as an A-label has to be one, which some versions of Node do not ask. */
function isLabel(label: string): boolean {
  if (!labelPattern.test(label)) {
    return false;
  }
  const unicode = domainToUnicode(label);
  return !label.startsWith("xn--") || (unicode !== label && domainToASCII(unicode) === label);
}
