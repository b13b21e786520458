/** ID tokens of a real provider, and tokens that it would not make: what is accepted, and why others are not. */
import { createHmac } from "node:crypto";
import { exportSPKI, importJWK, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { IdentityProvider } from "../../../../test/identity-provider.ts";
import { startIdentityProvider } from "../../../../test/identity-provider.ts";
import { createAddressResolver, getChecked } from "../delivery/checked-connection.ts";
import { keysAgeMax, renewalPauseMs } from "./provider-keys.ts";
import type { PresentedToken, VerifyIdToken } from "./verify-id-token.ts";
import { createVerifyIdToken } from "./verify-id-token.ts";
import { clockSkewSecondsMax, signedTokenLengthMax } from "./verify-signed-token.ts";

const clientId = "client-RS256";
let provider: IdentityProvider;
let verify: VerifyIdToken;
let aheadMs = 0;

beforeAll(async () => {
  provider = await startIdentityProvider();
});
beforeEach(() => {
  aheadMs = 0;
  provider.asked.length = 0;
  verify = newVerify(["127.0.0.0/8"]);
});
afterAll(() => provider.close());

function newVerify(allowed: readonly string[]): VerifyIdToken {
  const parts = { allowed, resolve: createAddressResolver(), timeoutMs: 10_000 };
  return createVerifyIdToken({
    fetchDocument: (url, lengthMax) => getChecked({ url, headers: {}, lengthMax }, parts),
    now: () => Date.now() + aheadMs,
  });
}

function verdictOf(idToken: string, differences: Partial<PresentedToken> = {}) {
  const { issuer } = provider;
  return verify({ idToken, issuer, clientId, nonce: undefined, ...differences });
}

async function whyRefused(idToken: string, differences: Partial<PresentedToken> = {}) {
  const verdict = await verdictOf(idToken, differences);
  expect(verdict.kind).toBe("refused");
  return verdict.kind === "refused" ? verdict.why : "";
}

/** What a good token says, at the time of the test. */
function goodClaims() {
  const now = Math.floor((Date.now() + aheadMs) / 1000);
  return { iss: provider.issuer, aud: clientId, sub: "ann", iat: now, exp: now + 600 };
}

const keysAsked = () => provider.asked.filter((path) => path === "/jwks").length;

test("a token of the authorization code flow, with every algorithm that is accepted", async () => {
  for (const client of provider.clients) {
    const idToken = await provider.signIn(
      "ann",
      { email: "ann@acme.example" },
      { clientId: client },
    );
    const verdict = await verdictOf(idToken, { clientId: client });
    expect(verdict).toMatchObject({
      kind: "verified",
      claims: { sub: "ann", email: "ann@acme.example", iss: provider.issuer, aud: client },
    });
  }
  expect(keysAsked()).toBe(1);
});

test("the nonce has to be repeated where the caller gave one", async () => {
  const idToken = await provider.signIn("ann", {}, { nonce: "n-1" });
  expect((await verdictOf(idToken, { nonce: "n-1" })).kind).toBe("verified");
  expect((await verdictOf(idToken)).kind).toBe("verified");
  expect(await whyRefused(idToken, { nonce: "n-2" })).toMatch(/nonce/);
  const without = await provider.signIn("ann");
  expect(await whyRefused(without, { nonce: "n-1" })).toMatch(/nonce/);
});

test("new keys are asked for once in a while, when a token names one that is not known", async () => {
  const before = await provider.signIn("ann");
  expect((await verdictOf(before)).kind).toBe("verified");
  await provider.rotateKeys();
  const after = await provider.signIn("ann");
  expect(await whyRefused(after)).toMatch(/key/);
  expect(keysAsked()).toBe(1);
  aheadMs += renewalPauseMs;
  const both = await Promise.all([verdictOf(after), verdictOf(after)]);
  expect(both.map(({ kind }) => kind)).toEqual(["verified", "verified"]);
  expect(keysAsked()).toBe(2);
  // The old key is gone.
  expect(await whyRefused(before)).toMatch(/key/);
  aheadMs += keysAgeMax;
  await verdictOf(after);
  expect(keysAsked()).toBe(3);
});

test("known keys stay good while the provider is away, whatever tokens name meanwhile", async () => {
  const away = await startIdentityProvider();
  const { issuer } = away;
  const claims = { ...goodClaims(), iss: issuer };
  const [good, unknown] = [await away.forge(claims), await away.forge(claims, { kid: "unknown" })];
  expect((await verdictOf(good, { issuer })).kind).toBe("verified");
  await away.close();
  aheadMs += renewalPauseMs;
  expect(await whyRefused(unknown, { issuer })).toMatch(/key/);
  expect((await verdictOf(good, { issuer })).kind).toBe("verified");
  aheadMs += keysAgeMax;
  expect((await verdictOf(good, { issuer })).kind).toBe("unavailable");
});

describe("refused is a token", () => {
  test.each([
    ["of another issuer", () => ({ iss: "https://other.example" }), /iss/],
    ["for another client", () => ({ aud: "another" }), /aud/],
    ["for nobody", () => ({ aud: undefined }), /aud/],
    ["for several clients without saying which", () => ({ aud: [clientId, "another"] }), /azp/],
    ["that was made for another client", () => ({ azp: "another" }), /azp/],
    ["of nobody", () => ({ sub: undefined }), /sub/],
    ["that never ends", () => ({ exp: undefined }), /exp/],
    ["without a time", () => ({ iat: undefined }), /iat/],
  ] as const)("%s", async (_, differences, why) => {
    expect(await whyRefused(await provider.forge({ ...goodClaims(), ...differences() }))).toMatch(
      why,
    );
  });

  test("for several clients, unless it says that it is for this one", async () => {
    const claims = { ...goodClaims(), aud: [clientId, "another"], azp: clientId };
    expect((await verdictOf(await provider.forge(claims))).kind).toBe("verified");
  });

  test("whose time is over, or has not come, beyond what clocks may differ", async () => {
    const now = Math.floor(Date.now() / 1000);
    const skew = clockSkewSecondsMax;
    for (const [differences, isGood] of [
      [{ exp: now - skew + 20 }, true],
      [{ exp: now - skew - 20 }, false],
      [{ nbf: now + skew - 20 }, true],
      [{ nbf: now + skew + 20 }, false],
      [{ iat: now + skew - 20 }, true],
      [{ iat: now + skew + 20 }, false],
    ] as const) {
      const { kind } = await verdictOf(await provider.forge({ ...goodClaims(), ...differences }));
      expect(kind, JSON.stringify(differences)).toBe(isGood ? "verified" : "refused");
    }
  });

  test("of another kind", async () => {
    for (const typ of ["at+jwt", "logout+jwt", "dpop+jwt"]) {
      expect(await whyRefused(await provider.forge(goodClaims(), { typ }))).toMatch(/typ/);
    }
    expect((await verdictOf(await provider.forge(goodClaims(), { typ: "jwt" }))).kind).toBe(
      "verified",
    );
  });

  test("without a signature, or with that of somebody else", async () => {
    const unsigned = new UnsecuredJWT(goodClaims()).encode();
    await whyRefused(unsigned);
    const other = await startIdentityProvider();
    const { kid = "" } = provider.publicKey();
    const forged = await other.forge(goodClaims(), { kid });
    await other.close();
    expect(await whyRefused(forged)).toMatch(/signature/);
    const good = await provider.forge(goodClaims());
    const [header, payload, signature = ""] = good.split(".");
    const flipped = signature.startsWith("A") ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
    expect(await whyRefused(`${header}.${payload}.${flipped}`)).toMatch(/signature/);
  });

  test("signed with the public key as the secret of an HMAC", async () => {
    const key = provider.publicKey();
    const { kid = "" } = key;
    const imported = await importJWK(key, "RS256");
    if (imported instanceof Uint8Array) {
      throw new TypeError("a public key is no secret");
    }
    const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    for (const secret of [await exportSPKI(imported), JSON.stringify(key), key.n ?? ""]) {
      const signed = `${encoded({ alg: "HS256", kid })}.${encoded(goodClaims())}`;
      const signature = createHmac("sha256", secret).update(signed).digest("base64url");
      expect(await whyRefused(`${signed}.${signature}`)).toMatch(/algorithm/);
    }
  });

  test("signed with an algorithm that is weak or not expected", async () => {
    for (const alg of ["RS512", "RS384"]) {
      const header = Buffer.from(JSON.stringify({ alg })).toString("base64url");
      const [, payload, signature] = (await provider.forge(goodClaims())).split(".");
      expect(await whyRefused(`${header}.${payload}.${signature}`)).toMatch(/algorithm/);
    }
  });

  test.each([
    "",
    ".",
    "..",
    "a.b.c",
    "not a token",
    "é.é.é",
    "eyJhbGciOiJSUzI1NiJ9..",
    "a.b.c.d.e",
  ])("that is none: %j", async (text) => {
    await whyRefused(text);
  });

  test("longer than the limit, before anybody is asked", async () => {
    expect(await whyRefused("a".repeat(signedTokenLengthMax + 1))).toMatch(/longer/);
    expect(provider.asked).toEqual([]);
    const padded = await provider.forge({ ...goodClaims(), padding: "x".repeat(40_000) });
    expect(padded.length).toBeLessThanOrEqual(signedTokenLengthMax);
    expect((await verdictOf(padded)).kind).toBe("verified");
  });
});

describe("a provider whose keys cannot be read is told apart", () => {
  test("nobody connects to an address that is not allowed", async () => {
    verify = newVerify([]);
    const token = await provider.forge(goodClaims());
    expect((await verdictOf(token)).kind).toBe("unavailable");
    expect(provider.asked).toEqual([]);
  });

  test("nor believes a configuration that is of another issuer", async () => {
    const token = await provider.forge(goodClaims());
    const verdict = await verdictOf(token, { issuer: `${provider.issuer}/` });
    expect(verdict).toMatchObject({
      kind: "unavailable",
      why: expect.stringMatching(/another issuer/),
    });
  });

  test("and is left alone for a moment", async () => {
    const token = await provider.forge(goodClaims());
    const issuer = `${provider.issuer}/nowhere`;
    expect((await verdictOf(token, { issuer })).kind).toBe("unavailable");
    const asked = provider.asked.length;
    expect((await verdictOf(token, { issuer })).kind).toBe("unavailable");
    expect(provider.asked.length).toBe(asked);
    aheadMs += 60_000;
    await verdictOf(token, { issuer });
    expect(provider.asked.length).toBeGreaterThan(asked);
  });
});
