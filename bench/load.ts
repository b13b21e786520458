/** A small load generator: a fixed number of connections, each sending its next request when the last one was answered. */
import { Agent, request } from "node:http";

/** One request to send. */
export interface LoadRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** What a run measured; times in milliseconds. */
export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** How many answers there were of each status. */
  readonly statuses: Readonly<Record<number, number>>;
}

/** Where and how to send. */
export interface LoadTarget {
  readonly baseUrl: string;
  readonly token: string;
  readonly connections: number;
}

/** Sends one request and answers with status and text. */
export function send(
  target: LoadTarget,
  agent: Agent,
  { method, path, body }: LoadRequest,
): Promise<{ readonly status: number; readonly text: string }> {
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  return new Promise((settle, fail) => {
    const outgoing = request(
      `${target.baseUrl}${path}`,
      {
        method,
        agent,
        headers: {
          authorization: `Bearer ${target.token}`,
          ...(payload === undefined
            ? {}
            : { "content-type": "application/scim+json", "content-length": payload.length }),
        },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.once("error", fail);
        incoming.once("end", () =>
          settle({
            status: incoming.statusCode ?? 0,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    outgoing.once("error", fail);
    outgoing.end(payload);
  });
}

/** Sends the requests that `next` gives until it gives no more. */
export async function runLoad(
  target: LoadTarget,
  next: (index: number) => LoadRequest | undefined,
  onAnswer: (index: number, text: string) => void = () => undefined,
): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: target.connections });
  const times: number[] = [];
  const statuses: Record<number, number> = {};
  let index = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: target.connections }, async () => {
      for (;;) {
        const mine = index;
        index += 1;
        const load = next(mine);
        if (load === undefined) {
          return;
        }
        const from = performance.now();
        const { status, text } = await send(target, agent, load);
        times.push(performance.now() - from);
        statuses[status] = (statuses[status] ?? 0) + 1;
        onAnswer(mine, text);
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  times.sort((left, right) => left - right);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? 0;
  return {
    requests: times.length,
    perSecond: Math.round(times.length / seconds),
    p50Ms: Number(at(0.5).toFixed(2)),
    p99Ms: Number(at(0.99).toFixed(2)),
    statuses,
  };
}
