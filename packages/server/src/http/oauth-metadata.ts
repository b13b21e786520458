/** What clients may know of the authorization server before they are known to it (RFC 8414 §3). */
import { ScimError } from "@rollcall/scim";
import { signingAlgorithms } from "../domain/signing-algorithms.ts";
import { grantTypes } from "../provisioning/grant-access-token.ts";
import type { Answer, Exchange } from "./exchange.ts";
import { tokenPath } from "./oauth-token-endpoint.ts";
import { publishedKeysPath } from "./published-keys.ts";
import type { Site } from "./site.ts";

/** Where it is; the path of the public URL comes behind it (RFC 8414 §3.1). */
export const oauthMetadataPath = "/.well-known/oauth-authorization-server";

/** Answers with the metadata. */
export async function oauthMetadata(
  { request, path }: Exchange,
  { site }: { readonly site: () => Site },
): Promise<Answer> {
  const { url, path: prefix } = site();
  if (![oauthMetadataPath, `${oauthMetadataPath}${prefix}`].includes(path)) {
    throw new ScimError(404, "There is no authorization server of this name.");
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    throw new ScimError(405, "Use GET.", { headers: { Allow: "GET, HEAD" } });
  }
  const metadata = {
    issuer: url,
    token_endpoint: `${url}${tokenPath}`,
    scopes_supported: ["scim:read", "scim:write"],
    jwks_uri: `${url}${publishedKeysPath}`,
    // There is no authorization endpoint: nobody logs in here.
    response_types_supported: [],
    grant_types_supported: grantTypes,
    token_endpoint_auth_methods_supported: ["client_secret_basic", "private_key_jwt"],
    token_endpoint_auth_signing_alg_values_supported: signingAlgorithms,
  };
  return {
    response: {
      status: 200,
      headers: { "Content-Type": "application/json", "Cache-Control": "public, max-age=3600" },
      body: JSON.stringify(metadata),
    },
    report: {
      pathTemplate: oauthMetadataPath,
      scimType: undefined,
      reason: undefined,
      warnings: [],
      defect: undefined,
    },
    caller: undefined,
    isLogged: false,
  };
}
