/** A client that brings a whole directory over, sends again what got 503, and keeps count of every status. */
import type { Finding } from "./invariants.ts";
import { groupMessage, patchMessage, sendScim, userMessage } from "./scim-site.ts";

/** A sync. */
export interface Sync {
  /** Sends everything; settles when everything was acknowledged. */
  run(): Promise<void>;
  /** How many people were acknowledged so far. */
  acknowledged(): number;
  /** How often each status came, and `none` for a request that got no answer. */
  readonly statuses: ReadonlyMap<number | "none", number>;
  /** The longest time a request took. */
  slowestMs(): number;
  /** Compares what the server has with what it acknowledged. */
  verify(): Promise<Finding[]>;
}

/** What is to be synced, and where to. */
export interface SyncWish {
  /** Servers on the same data; requests go to each in turn. */
  readonly baseUrls: readonly string[];
  readonly token: string;
  readonly users: number;
  readonly workers: number;
}

/** How many people are in one group. */
const groupSize = 50;
/** How long to wait before something is sent again; the server asks for 5 s. */
const retryDelayMs = 100;
const pageLength = 500;

/** Makes a sync: each person is created and changed once, and added to a group. */
export function createSync({ baseUrls, token, users, workers }: SyncWish): Sync {
  const statuses = new Map<number | "none", number>();
  const ids = new Map<number, string>();
  const groups = new Map<number, Promise<string>>();
  let next = 0;
  let done = 0;
  let turn = 0;
  let slowestMs = 0;

  const note = (status: number | "none"): void => {
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  };

  /** Sends until the answer is another one than 503. */
  const send = async (method: string, path: string, body?: unknown) => {
    for (;;) {
      turn += 1;
      const beganAt = Date.now();
      const url = `${baseUrls[turn % baseUrls.length]}${path}`;
      const answer = await sendScim(url, token, method, body).catch((error: unknown) => {
        note("none");
        throw error;
      });
      slowestMs = Math.max(slowestMs, Date.now() - beganAt);
      note(answer.status);
      if (answer.status !== 503) {
        return answer;
      }
      if (answer.retryAfter === null) {
        throw new Error("503 without Retry-After");
      }
      await new Promise((settle) => setTimeout(settle, retryDelayMs));
    }
  };

  const sendWell = async (method: string, path: string, body: unknown) => {
    const answer = await send(method, path, body);
    // A POST that had its effect although it got 503 finds what it made: 200, by its externalId.
    if (answer.status !== 200 && answer.status !== 201) {
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer.body;
  };

  const groupOf = (index: number): Promise<string> => {
    const number = Math.floor(index / groupSize);
    const made =
      groups.get(number) ??
      sendWell(
        "POST",
        "/Groups",
        groupMessage({ displayName: `Team ${number}`, externalId: `g${number}` }),
      ).then(({ id }) => String(id));
    groups.set(number, made);
    return made;
  };

  const syncPerson = async (index: number): Promise<void> => {
    const message = userMessage({ userName: `person${index}`, externalId: `p${index}` });
    const { id } = await sendWell("POST", "/Users", message);
    ids.set(index, id);
    const change = patchMessage({ op: "replace", path: "title", value: `title ${index}` });
    await sendWell("PATCH", `/Users/${id}`, change);
    const joining = patchMessage({ op: "add", path: "members", value: [{ value: id }] });
    await sendWell("PATCH", `/Groups/${await groupOf(index)}`, joining);
    done += 1;
  };

  const worker = async (): Promise<void> => {
    while (next < users) {
      next += 1;
      await syncPerson(next - 1);
    }
  };

  const everyone = async () => {
    const found = new Map<string, { externalId: string; title: string; groups: unknown[] }>();
    let total = 0;
    for (let start = 1; start <= Math.max(1, total); start += pageLength) {
      const { body } = await send("GET", `/Users?startIndex=${start}&count=${pageLength}`);
      total = body.totalResults;
      for (const { id, externalId, title, groups } of body.Resources) {
        found.set(id, { externalId, title, groups: groups ?? [] });
      }
    }
    return { found, total };
  };

  return {
    statuses,
    acknowledged: () => done,
    slowestMs: () => slowestMs,
    run: async () => {
      await Promise.all(Array.from({ length: workers }, worker));
    },
    verify: async () => {
      const { found, total } = await everyone();
      const findings: Finding[] = [];
      if (total !== users || found.size !== users) {
        findings.push({ rule: "INV-1", detail: `${total} people, ${found.size} on all pages` });
      }
      for (const [index, id] of ids) {
        const person = found.get(id);
        const isWhole =
          person?.externalId === `p${index}` &&
          person.title === `title ${index}` &&
          person.groups.length === 1;
        if (!isWhole) {
          findings.push({ rule: "INV-1", detail: `person${index}: ${JSON.stringify(person)}` });
        }
      }
      return findings;
    },
  };
}
