/** What every bearer authentication has in common: reading the header, refusing with a challenge (RFC 6750 §2.1, §3). */
import { ScimError } from "@rollcall/scim";
import type { KeptToken, TokenKind, TokenParts } from "../domain/credential.ts";
import { credentialStateOf, parseToken } from "../domain/credential.ts";

/** A refusal. `caller` is there as soon as the secret was right, for the log. */
export interface Refused<Caller> {
  readonly kind: "refused";
  readonly error: ScimError;
  readonly caller: Caller | undefined;
  /** Whether it counts as a guess. */
  readonly isFailure: boolean;
}

/** The challenge without an error. */
export const realm = 'Bearer realm="rollcall"';

/** A token as it was presented. */
export interface PresentedToken<Kind extends TokenKind> extends TokenParts {
  readonly tokenKind: Kind;
}

/** Reads the token of one of some kinds out of the Authorization header, or refuses. */
export function bearerTokenOf<Kind extends TokenKind>(
  authorization: string | null,
  ...kinds: readonly Kind[]
): PresentedToken<Kind> | Refused<never> {
  if (authorization === null) {
    return refuse(401, "Send a bearer token in the Authorization header.", {
      challenge: realm,
      reason: "no credentials",
    });
  }
  const [, text = ""] = /^Bearer +([^\s,]+)$/i.exec(authorization) ?? [];
  for (const tokenKind of kinds) {
    const parts = parseToken(text, tokenKind);
    if (parts !== undefined) {
      return { ...parts, tokenKind };
    }
  }
  return invalidToken<never>("The bearer token is not valid.", "malformed bearer token");
}

/** Refuses a credential with the right secret that has ended, which its holder may know. */
export function refusalOfState<Caller>(
  credential: Pick<KeptToken, "expires" | "revoked">,
  nowMs: number,
  caller: Caller,
): Refused<Caller> | undefined {
  const state = credentialStateOf(credential, nowMs);
  return state === "active"
    ? undefined
    : invalidToken(`The bearer token is ${state}.`, `${state} bearer token`, caller);
}

/** Refuses with `invalid_token`. */
export function invalidToken<Caller>(
  detail: string,
  reason: string,
  caller?: Caller,
): Refused<Caller> {
  return refuse(401, detail, { caller, challenge: `${realm}, error="invalid_token"`, reason });
}

/** Refuses, with a challenge where there is one. */
export function refuse<Caller>(
  status: 401 | 403,
  detail: string,
  more: {
    readonly caller?: Caller | undefined;
    readonly challenge?: string;
    readonly reason: string;
  },
): Refused<Caller> {
  const headers =
    more.challenge === undefined ? {} : { headers: { "WWW-Authenticate": more.challenge } };
  return {
    kind: "refused",
    error: new ScimError(status, detail, { reason: more.reason, ...headers }),
    caller: more.caller,
    isFailure: status === 401,
  };
}
