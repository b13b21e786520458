/** What ServiceProviderConfig says of a connection beside what the library knows: how else its client may authenticate, and which events receivers are told of (RFC 7643 §5, RFC 9967 §4). */
import type { AuthenticationScheme, ProviderDescription } from "@rollcall/scim";
import { setEventUris } from "../domain/set-claims.ts";
import type { Scope } from "../domain/tenant.ts";
import type { Store } from "../store/store.ts";

/** What streams of the tenant are told; requests are answered at once. */
const securityEvents = { asyncRequest: "none", eventUris: Object.values(setEventUris) } as const;

const oauth2: AuthenticationScheme = {
  type: "oauth2",
  name: "OAuth 2.0 client credentials",
  description:
    "An access token of an hour for a client that authenticates by a secret or by a signed assertion, as in RFC 6749 §4.4 and RFC 7523.",
  specUri: "https://www.rfc-editor.org/info/rfc6749",
};

/** Makes the function that describes the service provider to the client of a connection. */
export function describeProvider(
  { oauthClients, webhooks }: Pick<Store, "oauthClients" | "webhooks">,
  scope: Scope,
): () => Promise<ProviderDescription> {
  return async () => {
    const [clients, receivers] = await Promise.all([
      oauthClients.list(scope),
      webhooks.list(scope.tenantId),
    ]);
    const hasStream = receivers.some(({ stream }) => stream !== undefined);
    return {
      authenticationSchemes: clients.length === 0 ? [] : [oauth2],
      ...(hasStream ? { securityEvents } : {}),
    };
  };
}
