/** Sends requests to addresses that tenants name: the name is resolved once, every address is checked, and only checked ones are connected to (RFC 9110 §9.3). */
import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import type { IncomingMessage, RequestOptions } from "node:http";
import { request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import type { LookupFunction } from "node:net";
import { isIP } from "node:net";
import { cleanText } from "../domain/clean-text.ts";
import { hostOf, parseOutboundUrl, whyAddressRefused } from "../domain/outbound-address.ts";

/** Asks for all addresses of a host. */
export type AddressResolver = (host: string) => Promise<readonly string[]>;

/** How connections are made. */
export interface CheckedConnectionParts {
  /** What the operator allows beyond public addresses, blocks in CIDR notation. */
  readonly allowed: readonly string[];
  readonly resolve: AddressResolver;
  /** For everything together: finding, reaching and hearing the other side. */
  readonly timeoutMs: number;
  /** Certificates to trust in place of those of the platform, PEM. */
  readonly trustedCertificates?: string;
}

/** What is sent. */
export interface OutboundPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Asked right before anything is sent; nothing is when it answers false. */
  readonly mayBegin?: () => boolean;
  /** Gives up. */
  readonly signal?: AbortSignal;
}

/** What is read. */
export interface OutboundGet {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A longer answer is none, in bytes. */
  readonly lengthMax: number;
}

/** What was read, whatever the status, or why there is nothing. */
export type OutboundText =
  | { readonly kind: "answered"; readonly status: number; readonly text: string }
  | { readonly kind: "unanswered"; readonly reason: string };

/** What came of it: an answer of the other side whatever its status, or why there is none. */
export type OutboundOutcome =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly retryAfter: string | undefined;
      /** The beginning of the answer, for who reads errors in it; nobody shows it as it is. */
      readonly text: string;
    }
  | { readonly kind: "unanswered"; readonly reason: string };

/** How much of an answer is read, in bytes, so that the other side may finish. */
export const answerLengthMax: number = 16 * 1024;
/** The longest reason, in characters. */
const reasonLengthMax = 300;

/** Sends once, follows no redirect, asks no proxy. Never throws. */
export function postChecked(
  post: OutboundPost,
  parts: CheckedConnectionParts,
): Promise<OutboundOutcome> {
  return askChecked({ ...post, method: "POST" }, parts, async (response) => {
    const { statusCode = 0, headers } = response;
    const text = await readAnswer(response);
    return { kind: "answered", status: statusCode, retryAfter: headers["retry-after"], text };
  });
}

/** Reads once, in the same way. Never throws. */
export function getChecked(
  { url, headers, lengthMax }: OutboundGet,
  parts: CheckedConnectionParts,
): Promise<OutboundText> {
  return askChecked({ url, headers, method: "GET" }, parts, async (response) => {
    const text = await readText(response, lengthMax);
    return text === undefined
      ? { kind: "unanswered", reason: `the answer is longer than ${lengthMax} bytes` }
      : { kind: "answered", status: response.statusCode ?? 0, text };
  });
}

interface OutboundRequest extends Omit<OutboundPost, "body"> {
  readonly method: "GET" | "POST";
  readonly body?: string;
}

async function askChecked<Answer>(
  request: OutboundRequest,
  parts: CheckedConnectionParts,
  read: (response: IncomingMessage) => Promise<Answer>,
): Promise<Answer | { readonly kind: "unanswered"; readonly reason: string }> {
  const deadline = AbortSignal.timeout(parts.timeoutMs);
  const signals = request.signal === undefined ? [deadline] : [deadline, request.signal];
  const signal = AbortSignal.any(signals);
  try {
    const target = await abortable(findTarget(request, parts), signal);
    if (target.kind === "refused") {
      return { kind: "unanswered", reason: target.reason };
    }
    return await read(await exchange(request, { ...target, signal }, parts));
  } catch (error) {
    const reason = deadline.aborted
      ? `no answer within ${parts.timeoutMs / 1000} seconds`
      : reasonOf(error);
    return { kind: "unanswered", reason };
  }
}

/** Makes a resolver that asks the machine; a name that takes long occupies it once, however many wait for it. */
export function createAddressResolver(): AddressResolver {
  const underWay = new Map<string, Promise<readonly string[]>>();
  const ask = async (host: string): Promise<readonly string[]> => {
    try {
      return (await lookup(host, { all: true })).map(({ address }) => address);
    } finally {
      underWay.delete(host);
    }
  };
  return (host) => {
    const asked = underWay.get(host) ?? ask(host);
    underWay.set(host, asked);
    return asked;
  };
}

interface Target {
  readonly kind: "target";
  readonly url: URL;
  /** All of them checked; there is at least one. */
  readonly addresses: readonly string[];
}

async function findTarget(
  { url: text }: OutboundRequest,
  { allowed, resolve }: CheckedConnectionParts,
): Promise<Target | { readonly kind: "refused"; readonly reason: string }> {
  const parsed = parseOutboundUrl(text, allowed);
  if (parsed.kind === "refused") {
    return parsed;
  }
  const { url } = parsed;
  const host = hostOf(url);
  const addresses = isIP(host) === 0 ? await resolve(host) : [host];
  if (addresses.length === 0) {
    return { kind: "refused", reason: `${host} has no address` };
  }
  const use = { allowed, isSecure: url.protocol === "https:" };
  // One bad address among good ones is reason enough: whoever answers chooses which one is used.
  const [reason] = addresses
    .map((address) => whyAddressRefused(address, use))
    .filter((one) => one !== undefined);
  // Which address it was is left out: names of a network are not everybody's to look up.
  return reason === undefined
    ? { kind: "target", url, addresses }
    : { kind: "refused", reason: `${host} leads to ${reason}` };
}

function exchange(
  { method, headers, body, mayBegin = () => true }: OutboundRequest,
  { url, addresses, signal }: Target & { readonly signal: AbortSignal },
  { trustedCertificates }: CheckedConnectionParts,
): Promise<IncomingMessage> {
  const host = hostOf(url);
  const isSecure = url.protocol === "https:";
  const options: RequestOptions = {
    method,
    host,
    port: url.port === "" ? undefined : url.port,
    path: `${url.pathname}${url.search}`,
    headers: {
      ...headers,
      host: url.host,
      ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
    },
    // An agent of its own: no connection is used twice, and no proxy of the environment at all.
    agent: false,
    lookup: createLookup(addresses),
    signal,
  };
  return new Promise((resolve, reject) => {
    const request = isSecure
      ? requestSecure({
          ...options,
          // The certificate has to name the host of the URL, whatever it resolves to.
          servername: isIP(host) === 0 ? host : "",
          ...(trustedCertificates === undefined ? {} : { ca: trustedCertificates }),
        })
      : requestPlain(options);
    request.on("response", resolve);
    request.on("error", reject);
    request.on("close", () => reject(new Error("the connection was closed without an answer")));
    request.on("socket", (socket) => {
      socket.once(isSecure ? "secureConnect" : "connect", () => {
        if (mayBegin()) {
          request.end(body);
        } else {
          request.destroy(new Error("the process was held up for too long"));
        }
      });
    });
  });
}

/** Answers with what has been checked, whatever the name leads to by now. */
function createLookup(addresses: readonly string[]): LookupFunction {
  const entries = addresses.map((address): LookupAddress => ({ address, family: isIP(address) }));
  return (_host, options, callback) => {
    const [first] = entries;
    if (options.all) {
      callback(null, entries);
    } else {
      callback(null, first?.address ?? "", first?.family ?? 0);
    }
  };
}

/** Reads the answer as far as is polite. */
async function readAnswer(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of response) {
      pieces.push(piece);
      length += piece.length;
      if (length >= answerLengthMax) {
        break;
      }
    }
  } catch {
    // The status is the answer; that the rest of it was cut off, or took too long, changes nothing.
  } finally {
    response.destroy();
  }
  return Buffer.concat(pieces).toString("utf8");
}

/** Reads the whole answer; undefined when it is too long. */
async function readText(response: IncomingMessage, lengthMax: number): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of response) {
      length += piece.length;
      if (length > lengthMax) {
        return undefined;
      }
      pieces.push(piece);
    }
  } finally {
    response.destroy();
  }
  return Buffer.concat(pieces).toString("utf8");
}

function abortable<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  return Promise.race([work, aborted]);
}

const reasonsByCode: Readonly<Record<string, string>> = {
  ENOTFOUND: "the host name is not known",
  EAI_AGAIN: "the name server does not answer",
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was closed without an answer",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ETIMEDOUT: "the host cannot be reached",
};

/** In words where they say more than the platform's, which name addresses; the text may come from the other side. */
function reasonOf(error: unknown): string {
  const { code } = Object(error);
  const message = error instanceof Error ? error.message : String(error);
  return reasonsByCode[code] ?? cleanText(message || `failed with ${code}`, reasonLengthMax);
}
