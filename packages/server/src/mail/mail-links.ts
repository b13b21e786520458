/**
 * The links in mails. A link carries ids and a code that only this instance can make (RFC 2104), so that it can be made
 * anew whenever a mail is rendered and nothing about it is kept.
 */
import { timingSafeEqual } from "node:crypto";
import type { AccountId } from "../domain/account.ts";
import type { TenantId } from "../domain/tenant.ts";

/** What a link is good for. */
export type MailToken =
  | { readonly kind: "leave"; readonly tenantId: TenantId; readonly accountId: AccountId }
  | { readonly kind: "invitation"; readonly tenantId: TenantId; readonly invitationId: string };

/** Makes and reads links. */
export interface MailLinks {
  /** Where a person leaves a tenant. */
  leaveLink(membership: { readonly tenantId: TenantId; readonly accountId: AccountId }): string;
  /** Where a person accepts or declines an invitation. */
  invitationLink(invitation: {
    readonly tenantId: TenantId;
    readonly invitationId: string;
  }): string;
  /** The token that the link of an invitation ends with. */
  invitationToken(invitation: {
    readonly tenantId: TenantId;
    readonly invitationId: string;
  }): string;
  /** Reads the token of a link; undefined for one that this instance has not made. */
  parseMailToken(text: string): MailToken | undefined;
  /** What may be stored of a token. */
  hashOfToken(token: string): string;
  /** Where clients reach the server, without trailing slash. */
  publicUrl(): string;
}

/** Where the pages behind the links are, below the public URL. */
export const personPaths = { leave: "/leave", invitation: "/invitations" } as const;

/** The token in a link, which is its last part; a token is one of itself. */
export function tokenOfLink(text: string): string {
  const [link = ""] = text.trim().split(/[?#]/, 1);
  return link.replace(/\/+$/, "").split("/").at(-1) ?? "";
}

/** Bytes of the code in a token: 192 bit. */
const codeLength = 24;
/** The longest token that is looked at, in characters. */
const tokenLengthMax = 512;

/** Makes the links of an instance; `keyedHash` answers in hexadecimal, with at least 48 digits. */
export function createMailLinks(
  keyedHash: (text: string) => string,
  publicUrl: () => string,
): MailLinks {
  // The texts that are hashed begin with what they are for: a code is never the hash of a token.
  const codeOf = (payload: string): Buffer =>
    Buffer.from(keyedHash(`code ${payload}`), "hex").subarray(0, codeLength);
  const formatToken = (kind: MailToken["kind"], tenantId: TenantId, id: string): string => {
    const payload = JSON.stringify([kind, tenantId, id]);
    return Buffer.concat([codeOf(payload), Buffer.from(payload)]).toString("base64url");
  };
  const invitationToken: MailLinks["invitationToken"] = ({ tenantId, invitationId }) =>
    formatToken("invitation", tenantId, invitationId);
  return {
    publicUrl,
    invitationToken,
    leaveLink: ({ tenantId, accountId }) =>
      `${publicUrl()}${personPaths.leave}/${formatToken("leave", tenantId, accountId)}`,
    invitationLink: (invitation) =>
      `${publicUrl()}${personPaths.invitation}/${invitationToken(invitation)}`,
    parseMailToken(text) {
      if (text.length > tokenLengthMax || !/^[\w-]+$/.test(text)) {
        return undefined;
      }
      const bytes = Buffer.from(text, "base64url");
      const code = bytes.subarray(0, codeLength);
      const payload = bytes.subarray(codeLength).toString();
      const expected = codeOf(payload);
      return code.length === expected.length &&
        timingSafeEqual(code, expected) &&
        // Base64url has several spellings of one value; a link has one.
        bytes.toString("base64url") === text
        ? tokenOf(payload)
        : undefined;
    },
    hashOfToken: (token) => keyedHash(`token ${token}`),
  };
}

/** The payload is what this instance wrote, or its code would not fit. */
function tokenOf(payload: string): MailToken {
  const [kind, tenantId, id]: readonly string[] = JSON.parse(payload);
  return kind === "leave"
    ? { kind, tenantId: tenantId as TenantId, accountId: id as AccountId }
    : { kind: "invitation", tenantId: tenantId as TenantId, invitationId: id ?? "" };
}
