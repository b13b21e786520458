/** Sends a response through Node: short ones at once, long ones as fast as the client takes them (RFC 9112 §7.1). */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { PlainResponse } from "@rollcall/scim";

/** How long what is left of a body is still taken when the answer is out, so that the client gets to read it. */
const restTimeoutMs = 500;

/** Sends it; settles when all has been handed over, or when the client is gone. */
export async function sendResponse(
  outgoing: ServerResponse,
  { status, headers, body }: PlainResponse,
): Promise<void> {
  const fields: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    fields.push(name, value);
  }
  if (body === undefined) {
    outgoing.writeHead(status, fields).end();
  } else if (typeof body === "string") {
    fields.push("Content-Length", String(Buffer.byteLength(body)));
    outgoing.writeHead(status, fields).end(body);
  } else {
    outgoing.writeHead(status, fields);
    await sendPieces(outgoing, body);
  }
}

async function sendPieces(outgoing: ServerResponse, pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) {
    if (!outgoing.write(piece) && !outgoing.destroyed) {
      await drainOrClose(outgoing);
    }
    if (outgoing.destroyed) {
      return;
    }
  }
  outgoing.end();
}

function drainOrClose(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      outgoing.off("drain", settle);
      outgoing.off("close", settle);
      resolve();
    };
    outgoing.on("drain", settle);
    outgoing.on("close", settle);
  });
}

/** Takes what is left of a body that nobody read, for a moment; a client that goes on sending is cut off. */
export function takeRest(incoming: IncomingMessage): void {
  if (incoming.complete || incoming.destroyed) {
    return;
  }
  const timer = setTimeout(() => incoming.socket.destroy(), restTimeoutMs).unref();
  incoming.once("close", () => clearTimeout(timer));
  incoming.resume();
}
