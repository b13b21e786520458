/** A request of Node as the server reads it: target, headers and body (RFC 9112 §3, RFC 9110 §7.2). */
import type { IncomingMessage, ServerResponse } from "node:http";
import { brokenBody, joinedBytes } from "@rollcall/scim";
import type { ServerRequest } from "./exchange.ts";

/** Reads a request; undefined when its target or its Host header makes no sense. */
export function incomingRequest(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): ServerRequest | undefined {
  const target = targetOf(incoming);
  return (
    target && {
      method: incoming.method ?? "",
      path: target.path,
      query: target.query,
      headers: { get: (name) => headerOf(incoming, name.toLowerCase()) },
      readBody: (lengthMax) => readBody(incoming, lengthMax),
      isGone: () => outgoing.destroyed && !outgoing.writableFinished,
    }
  );
}

/** HTTP/1.1 wants exactly one Host header (RFC 9112 §3.2), although nothing is ever made of it. */
export function hasRightHost({ httpVersion, rawHeaders }: IncomingMessage): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === "host") {
      count += 1;
    }
  }
  return count === 1 || (count === 0 && httpVersion === "1.0");
}

/** A name or an IPv4 address with or without port, which is what nearly everybody sends. */
const plainHost = /^[a-z0-9._-]+(?::[1-5]?\d{1,4})?$/i;
/** What must not be in a Host header, or it would be read as something else than a host. */
const noHost = /[\s/?#@\\]/;

/** A path and a query in which no parser of URLs would change a character. */
const plainTarget = /^(\/[\w\-~!$&()*+,;=:@/]*)(?:\?([\w\-~!$&()*+,;=:@/?.%]*))?$/;

/** Where a request goes. */
type Target = Pick<ServerRequest, "path" | "query">;

function targetOf({ url = "", headers }: IncomingMessage): Target | undefined {
  const { host = "localhost" } = headers;
  if (!plainHost.test(host) && (noHost.test(host) || !URL.canParse(`http://${host}`))) {
    return undefined;
  }
  const [, path, query = ""] = plainTarget.exec(url) ?? [];
  return path === undefined ? parsedTarget(url) : { path, query };
}

function parsedTarget(url: string): Target | undefined {
  const [path = ""] = url.split("?", 1);
  // A backslash would be read as a slash, so that it could not be said which path was meant.
  const text = url.startsWith("/") ? `http://localhost${url}` : url;
  if (path.includes("\\") || !/^https?:/i.test(text) || !URL.canParse(text)) {
    return undefined;
  }
  const { pathname, search } = new URL(text);
  return { path: pathname, query: search.slice(1) };
}

function headerOf({ headers }: IncomingMessage, name: string): string | null {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return typeof value === "string" ? value : (value?.join(", ") ?? null);
}

function readBody(incoming: IncomingMessage, lengthMax: number): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = [];
    let length = 0;
    if (incoming.destroyed) {
      reject(brokenBody(incoming.errored));
      return;
    }
    incoming.on("data", (piece: Buffer) => {
      length += piece.length;
      if (length <= lengthMax) {
        pieces.push(piece);
      } else {
        incoming.removeAllListeners("data");
        incoming.pause();
        resolve(undefined);
      }
    });
    incoming.once("end", () => resolve(joinedBytes(pieces)));
    incoming.once("error", (cause) => reject(brokenBody(cause)));
    // An error that nobody gets is not free: it takes down where it was made.
    incoming.once("close", () => incoming.readableEnded || reject(brokenBody(undefined)));
  });
}
