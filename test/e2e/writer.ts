/**
 * A client that writes resources of its own, remembers what was acknowledged and what was under way, and can say
 * whether a server that was killed has kept its word.
 */
import type { Finding } from "./invariants.ts";

/** What the writer believes about one resource; undefined when it must not exist. */
type Belief =
  | { readonly name: string; readonly title: string; readonly active: boolean }
  | undefined;

/** One writer. */
export interface Writer {
  /** Writes until the server does not answer any more, or it is told to end. */
  write(baseUrl: string, token: string, stop?: AbortSignal): Promise<void>;
  /** Compares the server's state with what was acknowledged or under way, and settles on it. */
  verify(baseUrl: string, token: string): Promise<Finding[]>;
  /** How many writes were acknowledged so far. */
  acknowledged(): number;
}

interface Known {
  readonly userId: string;
  belief: Belief;
  /** The state after the request that got no answer. */
  pending: { readonly state: Belief } | undefined;
  member: boolean;
  pendingMember: boolean | undefined;
}

/** A small generator with a seed, so that a failing run can be repeated. */
function createRandom(seed: number): (below: number) => number {
  let state = (seed % 2_147_483_646) + 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** How long a writer waits before it sends again what got 503; a client would wait longer. */
const retryDelayMs = 100;

/**
 * Makes a writer; `prefix` keeps its names apart from those of others. A patient one sends again what got 503 until it
 * gets another answer; what it sends again may have had its effect before.
 */
export function createWriter(
  prefix: string,
  seed: number,
  { patient = false }: { readonly patient?: boolean } = {},
): Writer {
  const random = createRandom(seed);
  const known: Known[] = [];
  let groupId: string | undefined;
  let counter = 0;
  let acknowledged = 0;
  /** The userName of a POST without answer: it may or may not be there. */
  let unansweredCreate: string | undefined;

  const call = async (url: string, token: string, method: string, body?: unknown) => {
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/scim+json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  };

  /** Sends a write. `again` is the status of one that had its effect already when it was sent the first time. */
  const write = async (
    url: string,
    token: string,
    method: string,
    {
      body,
      done,
      again,
    }: { readonly body?: unknown; readonly done: readonly number[]; readonly again?: number },
  ) => {
    let answer = await call(url, token, method, body);
    const isRepeated = patient && answer.status === 503;
    while (patient && answer.status === 503) {
      await new Promise((settle) => setTimeout(settle, retryDelayMs));
      answer = await call(url, token, method, body);
    }
    if (!done.includes(answer.status) && !(isRepeated && answer.status === again)) {
      throw new Error(`${method} ${url}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer;
  };

  const patch = (operations: readonly unknown[]) => ({
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: operations,
  });

  async function createUser(baseUrl: string, token: string): Promise<void> {
    counter += 1;
    const name = `${prefix}n${counter}`;
    unansweredCreate = name;
    const { body } = await write(`${baseUrl}/Users`, token, "POST", {
      body: {
        schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
        userName: name,
        externalId: name,
        title: "t0",
      },
      done: [201],
      again: 200,
    });
    unansweredCreate = undefined;
    acknowledged += 1;
    known.push({
      userId: body.id,
      belief: { name, title: "t0", active: true },
      pending: undefined,
      member: false,
      pendingMember: undefined,
    });
  }

  async function changeUser(baseUrl: string, token: string, user: Known): Promise<void> {
    if (user.belief === undefined) {
      return;
    }
    counter += 1;
    const next = {
      ...user.belief,
      title: `t${counter}`,
      active: random(3) > 0,
      ...(random(4) === 0 ? { name: `${prefix}r${counter}` } : {}),
    };
    user.pending = { state: next };
    await write(`${baseUrl}/Users/${user.userId}`, token, "PATCH", {
      body: patch([
        { op: "replace", path: "title", value: next.title },
        { op: "replace", value: { active: next.active, userName: next.name } },
      ]),
      done: [200],
    });
    settle(user, next);
  }

  async function deleteUser(baseUrl: string, token: string, user: Known): Promise<void> {
    if (user.belief === undefined) {
      return;
    }
    user.pending = { state: undefined };
    user.pendingMember = false;
    await write(`${baseUrl}/Users/${user.userId}`, token, "DELETE", { done: [204], again: 404 });
    user.member = false;
    user.pendingMember = undefined;
    settle(user, undefined);
  }

  async function changeMembership(baseUrl: string, token: string, user: Known): Promise<void> {
    if (user.belief === undefined || groupId === undefined) {
      return;
    }
    const joins = !user.member;
    user.pendingMember = joins;
    const operation = joins
      ? { op: "add", path: "members", value: [{ value: user.userId }] }
      : { op: "remove", path: `members[value eq "${user.userId}"]` };
    const body = patch([operation]);
    await write(`${baseUrl}/Groups/${groupId}`, token, "PATCH", { body, done: [200] });
    user.member = joins;
    user.pendingMember = undefined;
    acknowledged += 1;
  }

  function settle(user: Known, state: Belief): void {
    user.belief = state;
    user.pending = undefined;
    acknowledged += 1;
  }

  async function ensureGroup(baseUrl: string, token: string): Promise<void> {
    if (groupId !== undefined) {
      return;
    }
    // 200 is adoption: the group of a POST that had got no answer.
    const { body } = await write(`${baseUrl}/Groups`, token, "POST", {
      body: {
        schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        displayName: `${prefix}g`,
        externalId: `${prefix}g`,
      },
      done: [200, 201],
    });
    acknowledged += 1;
    groupId = body.id;
  }

  async function writeOnce(baseUrl: string, token: string): Promise<void> {
    await ensureGroup(baseUrl, token);
    const user = known[random(Math.max(1, known.length))];
    const dice = random(10);
    if (user === undefined || dice < 3) {
      await createUser(baseUrl, token);
    } else if (dice < 6) {
      await changeUser(baseUrl, token, user);
    } else if (dice < 9) {
      await changeMembership(baseUrl, token, user);
    } else {
      await deleteUser(baseUrl, token, user);
    }
  }

  async function verifyUser(baseUrl: string, token: string, user: Known): Promise<Finding[]> {
    const { status, body } = await call(`${baseUrl}/Users/${user.userId}`, token, "GET");
    const seen: Belief =
      status === 200 ? { name: body.userName, title: body.title, active: body.active } : undefined;
    const candidates = [user.belief, ...(user.pending === undefined ? [] : [user.pending.state])];
    const held = candidates.some((state) => JSON.stringify(state) === JSON.stringify(seen));
    user.belief = seen;
    user.pending = undefined;
    if (!held) {
      return [{ rule: "INV-1", detail: `${user.userId}: ${JSON.stringify({ seen, candidates })}` }];
    }
    return [];
  }

  async function verifyMembers(baseUrl: string, token: string): Promise<Finding[]> {
    if (groupId === undefined) {
      return [];
    }
    const { body } = await call(`${baseUrl}/Groups/${groupId}`, token, "GET");
    const ids = new Set<string>(body.members.map((member: { value: string }) => member.value));
    return known.flatMap((user) => {
      const seen = ids.has(user.userId);
      const held = seen === user.member || seen === user.pendingMember || user.belief === undefined;
      const dangling = seen && user.belief === undefined;
      user.member = seen;
      user.pendingMember = undefined;
      return [
        ...(held ? [] : [{ rule: "INV-1", detail: `membership of ${user.userId} is ${seen}` }]),
        ...(dangling ? [{ rule: "INV-8", detail: `${user.userId} is a dangling member` }] : []),
      ];
    });
  }

  return {
    acknowledged: () => acknowledged,
    async write(baseUrl, token, stop) {
      while (stop?.aborted !== true) {
        try {
          await writeOnce(baseUrl, token);
        } catch (error) {
          // Only a broken connection ends the writing; a wrong answer is a failure of the test.
          if (error instanceof TypeError || error instanceof SyntaxError) {
            return;
          }
          throw error;
        }
      }
    },
    async verify(baseUrl, token) {
      const findings: Finding[] = [];
      if (unansweredCreate !== undefined) {
        const name = unansweredCreate;
        unansweredCreate = undefined;
        const filter = encodeURIComponent(`userName eq "${name}"`);
        const { body } = await call(`${baseUrl}/Users?filter=${filter}`, token, "GET");
        if (body.totalResults > 1) {
          findings.push({ rule: "INV-2", detail: `${name} is there ${body.totalResults} times` });
        }
        const found = body.Resources[0];
        if (found !== undefined) {
          if (found.title !== "t0" || found.externalId !== name) {
            findings.push({ rule: "INV-1", detail: `${name} is there in part` });
          }
          known.push({
            userId: found.id,
            belief: { name, title: found.title, active: found.active },
            pending: undefined,
            member: false,
            pendingMember: undefined,
          });
        }
      }
      for (const user of known) {
        findings.push(...(await verifyUser(baseUrl, token, user)));
      }
      findings.push(...(await verifyMembers(baseUrl, token)));
      // Only the living are watched further, so that a long run stays fast.
      const living = known.filter(({ belief }) => belief !== undefined);
      known.splice(0, known.length, ...living.slice(-40));
      return findings;
    },
  };
}
