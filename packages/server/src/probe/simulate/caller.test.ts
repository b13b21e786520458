import { expect, test } from "vitest";
import { createCaller } from "./caller.ts";
import { authentik } from "./clients/authentik.ts";
import { entra } from "./clients/entra.ts";

const nowMs = Date.parse("2026-01-01T00:00:00Z");

/** A caller of a server that gives these answers, the last one again and again. */
function newCaller(answers: readonly (() => Response)[], habits = entra) {
  const waits: number[] = [];
  let next = 0;
  const caller = createCaller({
    target: {
      baseUrl: "http://scim.example",
      token: "t",
      fetch: async () => {
        next += 1;
        const answer = answers[next - 1] ?? answers.at(-1);
        return answer?.() ?? Response.error();
      },
    },
    habits,
    patience: { wait: async (ms) => void waits.push(ms), now: () => nowMs },
  });
  return { caller, waits };
}

const busy = (retryAfter?: string) => () =>
  new Response(null, {
    status: 429,
    headers: retryAfter === undefined ? {} : { "retry-after": retryAfter },
  });
const silent = (): Response => {
  throw new TypeError("fetch failed");
};
const fine = () => Response.json({ id: "1" });

test("it waits as long as it is told, by seconds or a date, or longer each time", async () => {
  const date = new Date(nowMs + 7_000).toUTCString();
  const answers = [busy("3"), busy(date), busy(), busy("999999"), silent, fine];
  const { caller, waits } = newCaller(answers);
  const answer = await caller.ask("GET", "/Users", { accepts: [200] });
  expect(answer?.body).toEqual({ id: "1" });
  expect(waits).toEqual([3_000, 7_000, 4_000, 60_000, 16_000]);
  expect(caller.retries()).toBe(5);
  expect(Object.fromEntries(caller.statuses)).toEqual({ "429": 4, none: 1, "200": 1 });
  expect(caller.failures()).toEqual([]);
});

test("after ten attempts it is a failure", async () => {
  const { caller, waits } = newCaller([busy("1")]);
  expect(await caller.ask("POST", "/Users", { body: {}, accepts: [201] })).toBeUndefined();
  expect(waits).toHaveLength(9);
  expect(caller.failures()).toMatchObject([{ request: "POST /Users", status: 429, count: 1 }]);
});

test("failures of one kind are counted together, with what this client does about them", async () => {
  const refused = () => Response.json({ detail: "taken", scimType: "uniqueness" }, { status: 409 });
  const ask = async (habits: typeof entra) => {
    const { caller } = newCaller([refused], habits);
    await caller.ask("POST", "/Users", { body: {}, accepts: [201] });
    await caller.ask("POST", "/Users", { body: {}, accepts: [201] });
    return caller.failures();
  };
  expect(await ask(entra)).toEqual([
    {
      request: "POST /Users",
      status: 409,
      scimType: "uniqueness",
      detail: "taken",
      reaction: "the object stays unmatched; it is tried again with growing delay",
      count: 2,
    },
  ]);
  const [failure] = await ask(authentik);
  expect(failure?.reaction).toMatch(/^the sync of the object fails/);
});

test("an answer without the JSON that the client reads is a failure", async () => {
  const { caller } = newCaller([() => new Response("", { status: 201 })]);
  await caller.ask("POST", "/Users", { body: {}, accepts: [201], needsBody: true });
  expect(caller.failures()).toMatchObject([
    { status: 201, detail: "the answer has no JSON in it" },
  ]);
});
