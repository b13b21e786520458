import { expect, test } from "vitest";
import type { Decided } from "./decide-again.ts";
import { answered, decideAgain, decisionsMax, staleDecisionsMax } from "./decide-again.ts";

/** Runs decisions with these outcomes in turn; tells how many were made. */
async function run(...outcomes: readonly Decided[]) {
  let made = 0;
  const answer = await decideAgain(async () => {
    const outcome = outcomes[Math.min(made, outcomes.length - 1)];
    made++;
    return outcome ?? { kind: "stale" };
  }).catch((error: unknown) => error);
  return { answer, made };
}

const done = answered({ status: 204 });

test("an answer ends it", async () => {
  expect(await run(done)).toEqual({ answer: { status: 204 }, made: 1 });
});

test("a conflict is decided again", async () => {
  const taken = { kind: "taken", path: "userName", holderId: "1" } as const;
  expect(await run({ kind: "stale" }, taken, done)).toEqual({ answer: { status: 204 }, made: 3 });
});

test("a resource that never holds still is 503 with Retry-After", async () => {
  const { answer, made } = await run({ kind: "stale" });
  expect(made).toBe(staleDecisionsMax);
  expect(answer).toMatchObject({ status: 503, headers: { "Retry-After": "1" } });
});

test("a key that stays taken is 409", async () => {
  const { answer, made } = await run({ kind: "taken", path: "userName", holderId: "7" });
  expect(made).toBe(decisionsMax);
  expect(answer).toMatchObject({
    status: 409,
    scimType: "uniqueness",
    message: expect.stringMatching(/userName.*7/),
    reason: "constraint userName, existing 7",
  });
});
