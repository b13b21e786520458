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
  /** Writes until the server does not answer any more. */
  write(baseUrl: string, token: string): Promise<void>;
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

/** Makes a writer; `prefix` keeps its names apart from those of others. */
export function createWriter(prefix: string, seed: number): Writer {
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

  const patch = (operations: readonly unknown[]) => ({
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: operations,
  });

  async function createUser(baseUrl: string, token: string): Promise<void> {
    counter += 1;
    const name = `${prefix}n${counter}`;
    unansweredCreate = name;
    const { status, body } = await call(`${baseUrl}/Users`, token, "POST", {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
      userName: name,
      externalId: name,
      title: "t0",
    });
    if (status !== 201) {
      throw new Error(`create ${name}: ${status} ${JSON.stringify(body)}`);
    }
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
    const { status, body } = await call(
      `${baseUrl}/Users/${user.userId}`,
      token,
      "PATCH",
      patch([
        { op: "replace", path: "title", value: next.title },
        { op: "replace", value: { active: next.active, userName: next.name } },
      ]),
    );
    if (status !== 200) {
      throw new Error(`patch: ${status} ${JSON.stringify(body)}`);
    }
    settle(user, next);
  }

  async function deleteUser(baseUrl: string, token: string, user: Known): Promise<void> {
    if (user.belief === undefined) {
      return;
    }
    user.pending = { state: undefined };
    user.pendingMember = false;
    const { status } = await call(`${baseUrl}/Users/${user.userId}`, token, "DELETE");
    if (status !== 204) {
      throw new Error(`delete: ${status}`);
    }
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
    const { status, body } = await call(
      `${baseUrl}/Groups/${groupId}`,
      token,
      "PATCH",
      patch([operation]),
    );
    if (status !== 200) {
      throw new Error(`members: ${status} ${JSON.stringify(body)}`);
    }
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
    const { status, body } = await call(`${baseUrl}/Groups`, token, "POST", {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
      displayName: `${prefix}g`,
      externalId: `${prefix}g`,
    });
    // 200 is adoption: the group of a POST that had got no answer.
    if (status !== 201 && status !== 200) {
      throw new Error(`group: ${status} ${JSON.stringify(body)}`);
    }
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
    async write(baseUrl, token) {
      for (;;) {
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
