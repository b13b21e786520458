/** Makes the Security Event Token of an event for a stream: its claims, signed (RFC 8417 §2). */
import type { ResourceTypeRegistry } from "@rollcall/scim";
import type { SetClaims, ToldEvent } from "../domain/set-claims.ts";
import { setClaimsOf } from "../domain/set-claims.ts";
import type { Webhook } from "../domain/webhook.ts";
import type { SetSigner } from "./sign-sets.ts";

/** A SET, and what is in it. */
export interface MadeSet {
  readonly claims: SetClaims;
  /** The compact form of a JWS. */
  readonly text: string;
}

/** Makes the function; it answers undefined where there is nothing to tell. */
export function createMakeSet({
  signer,
  registry,
  site,
}: {
  readonly signer: Pick<SetSigner, "sign">;
  readonly registry: ResourceTypeRegistry;
  /** The public URL, and where SCIM begins. */
  readonly site: () => { readonly issuer: string; readonly baseUrl: string };
}): (
  stream: Pick<Webhook, "webhookId" | "stream">,
  event: ToldEvent,
) => Promise<MadeSet | undefined> {
  return async ({ webhookId, stream }, event) => {
    const claims =
      stream && setClaimsOf(event, { ...site(), streamId: webhookId, stream, registry });
    return claims && { claims, text: await signer.sign(claims) };
  };
}
