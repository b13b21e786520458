/** What ServiceProviderConfig says of a connection beside what the library knows: how else its client may authenticate (RFC 7643 §5). */
import type { AuthenticationScheme, ProviderDescription } from "@rollcall/scim";
import type { Scope } from "../domain/tenant.ts";
import type { Store } from "../store/store.ts";

const oauth2: AuthenticationScheme = {
  type: "oauth2",
  name: "OAuth 2.0 client credentials",
  description:
    "An access token of an hour for a client that authenticates by a secret or by a signed assertion, as in RFC 6749 §4.4 and RFC 7523.",
  specUri: "https://www.rfc-editor.org/info/rfc6749",
};

/** Makes the function that describes the service provider to the client of a connection. */
export function describeProvider(
  { oauthClients }: Pick<Store, "oauthClients">,
  scope: Scope,
): () => Promise<ProviderDescription> {
  return async () => ({
    authenticationSchemes: (await oauthClients.list(scope)).length === 0 ? [] : [oauth2],
  });
}
