/** A real OpenID provider on this machine, at which people of a test log in by the authorization code flow. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { CryptoKey, JWK } from "jose";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { Provider } from "oidc-provider";

/** What the provider says of somebody, beside `sub`. */
export type ProviderClaims = Readonly<Record<string, unknown>>;

/** How somebody logs in. */
export interface SignIn {
  readonly clientId?: string;
  readonly nonce?: string;
}

/** A provider that runs. */
export interface IdentityProvider {
  readonly issuer: string;
  /** The clients there are: one for each algorithm that the provider signs with. */
  readonly clients: readonly string[];
  /** Has somebody log in; answers with the ID token. */
  signIn(sub: string, claims?: ProviderClaims, how?: SignIn): Promise<string>;
  /** A token that the provider itself would not make, signed with its key for RS256. */
  forge(claims: ProviderClaims, header?: Readonly<Record<string, string>>): Promise<string>;
  /** The public key for RS256. */
  publicKey(): JWK;
  /** Signs with other keys from now on. */
  rotateKeys(): Promise<void>;
  /** The paths that were asked for. */
  readonly asked: string[];
  close(): Promise<void>;
}

const algorithms = ["RS256", "PS256", "ES256", "EdDSA"] as const;
const redirectUri = "http://127.0.0.1:9/callback";
const secret = "secret-of-the-client-that-is-long-enough";

interface Keys {
  readonly rsa: CryptoKey;
  readonly publicRsa: JWK;
  readonly jwks: readonly JWK[];
}

/** Starts a provider. */
export async function startIdentityProvider(): Promise<IdentityProvider> {
  const current: { listener?: RequestListener; keys: Keys } = { keys: await makeKeys() };
  const asked: string[] = [];
  const people = new Map<string, ProviderClaims>();
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    current.listener?.(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // A server on a port has an address.
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const open = () => {
    current.listener = createProvider(issuer, current.keys, people).callback();
  };
  open();
  return {
    issuer,
    clients: algorithms.map(clientOf),
    asked,
    publicKey: () => current.keys.publicRsa,
    async signIn(sub, claims = {}, { clientId = clientOf("RS256"), nonce } = {}) {
      people.set(sub, claims);
      return await signInAt(issuer, { sub, clientId, nonce });
    },
    forge: (claims, header = {}) => {
      const { kid = "" } = current.keys.publicRsa;
      return new SignJWT({ ...claims })
        .setProtectedHeader({ alg: "RS256", kid, ...header })
        .sign(current.keys.rsa);
    },
    async rotateKeys() {
      current.keys = await makeKeys();
      open();
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function clientOf(algorithm: string): string {
  return `client-${algorithm}`;
}

async function makeKeys(): Promise<Keys> {
  const kid = randomBytes(6).toString("hex");
  const extractable = { extractable: true };
  const rsa = await generateKeyPair("RS256", extractable);
  const ec = await generateKeyPair("ES256", extractable);
  const okp = await generateKeyPair("EdDSA", extractable);
  const publicRsa = { ...(await exportJWK(rsa.publicKey)), kid: `rsa-${kid}` };
  return {
    rsa: rsa.privateKey,
    publicRsa,
    jwks: [
      { ...(await exportJWK(rsa.privateKey)), kid: `rsa-${kid}` },
      { ...(await exportJWK(ec.privateKey)), kid: `ec-${kid}` },
      { ...(await exportJWK(okp.privateKey)), kid: `okp-${kid}` },
    ],
  };
}

function createProvider(
  issuer: string,
  { jwks }: Keys,
  people: ReadonlyMap<string, ProviderClaims>,
): Provider {
  const provider: Provider = new Provider(issuer, {
    clients: algorithms.map((algorithm) => ({
      client_id: clientOf(algorithm),
      client_secret: secret,
      redirect_uris: [redirectUri],
      id_token_signed_response_alg: algorithm,
    })),
    jwks: { keys: jwks },
    enabledJWA: { idTokenSigningAlgValues: algorithms },
    claims: {
      openid: ["sub"],
      email: ["email", "email_verified"],
      profile: ["name"],
      groups: ["groups", "_claim_names", "_claim_sources", "oid"],
    },
    scopes: ["openid", "email", "profile", "groups"],
    conformIdTokenClaims: false,
    cookies: { keys: ["a key of a test"] },
    // Else each is told of.
    ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600 },
    findAccount: (_: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ sub, ...people.get(sub) }),
    }),
    loadExistingGrant: async ({ oidc }: { readonly oidc: GrantedAccess }) => {
      const { accountId } = oidc.session;
      const grant = new provider.Grant({ accountId, clientId: oidc.client.clientId });
      grant.addOIDCScope("openid email profile groups");
      await grant.save();
      return grant;
    },
  });
  return provider;
}

interface GrantedAccess {
  readonly client: { readonly clientId: string };
  readonly session: { readonly accountId: string };
}

/** Plays a browser up to where the provider sends it back to the client, and the client from there. */
async function signInAt(
  issuer: string,
  {
    sub,
    clientId,
    nonce,
  }: { readonly sub: string; readonly clientId: string; readonly nonce: string | undefined },
): Promise<string> {
  const verifier = randomBytes(32).toString("base64url");
  const authorization = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    scope: "openid email profile groups",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...(nonce === undefined ? {} : { nonce }),
  });
  const browser = createBrowser(issuer);
  const interaction = await browser.get(`/auth?${authorization}`);
  const code = new URL(
    await browser.post(interaction, { prompt: "login", login: sub, password: "any" }),
  ).searchParams.get("code");
  const response = await fetch(`${issuer}/token`, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString("base64")}`,
    },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code: code ?? "",
      redirect_uri: redirectUri,
      code_verifier: verifier,
    }),
  });
  const { id_token: idToken } = Object(await response.json());
  if (typeof idToken !== "string") {
    throw new Error(`the provider answered ${response.status} without an ID token`);
  }
  return idToken;
}

/** Follows redirects with the cookies it gets, until it is shown a page or sent elsewhere; answers with where that is. */
function createBrowser(issuer: string) {
  const cookies = new Map<string, string>();
  const follow = async (url: string, init: RequestInit = {}): Promise<string> => {
    const response = await fetch(url, {
      ...init,
      redirect: "manual",
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
    });
    await response.arrayBuffer();
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get("location");
    if (location === null) {
      return url;
    }
    const next = new URL(location, issuer).href;
    return next.startsWith(`${issuer}/`) ? await follow(next) : next;
  };
  return {
    get: (path: string) => follow(`${issuer}${path}`),
    post: (url: string, form: Readonly<Record<string, string>>) =>
      follow(url, { method: "POST", body: new URLSearchParams(form) }),
  };
}
