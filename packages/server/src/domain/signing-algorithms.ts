/** The algorithms that others may sign with (RFC 7518 §3.1, RFC 8037 §3.1). */

/** No HMAC: its secret would be known to the client, and a public key could be taken for one. */
export const signingAlgorithms: readonly string[] = ["RS256", "PS256", "ES256", "EdDSA"];
