/** The keys that the instance signs Security Event Tokens with, for who verifies them (RFC 7517 §5, RFC 8417 §5). */
import { ScimError } from "@rollcall/scim";
import type { SetSigner } from "../provisioning/sign-sets.ts";
import type { Answer, Exchange } from "./exchange.ts";

/** Where they are, below the public URL. */
export const publishedKeysPath = "/.well-known/jwks.json";

/** Answers with the key set. */
export async function publishedKeys(
  { request }: Exchange,
  { setSigner }: { readonly setSigner: Pick<SetSigner, "publicKeys"> },
): Promise<Answer> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    throw new ScimError(405, "Use GET.", { headers: { Allow: "GET, HEAD" } });
  }
  return {
    response: {
      status: 200,
      headers: {
        "Content-Type": "application/jwk-set+json",
        "Cache-Control": "public, max-age=600",
      },
      body: JSON.stringify(await setSigner.publicKeys()),
    },
    report: {
      pathTemplate: publishedKeysPath,
      scimType: undefined,
      reason: undefined,
      warnings: [],
      defect: undefined,
    },
    caller: undefined,
    isLogged: false,
  };
}
