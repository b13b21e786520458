import { expect, test } from "vitest";
import { createFairShare } from "./fair-share.ts";
import { inTurn } from "./tenant-turn.ts";

const nobodyIsOver = { tenant: "a", isOver: () => false };

test("the place is free again when the work is done, and when it fails", async () => {
  const share = createFairShare({ ofTenant: 1 });
  expect(await inTurn(share, nobodyIsOver, async () => share.counts().underWay)).toBe(1);
  const failing = inTurn(share, nobodyIsOver, async () => {
    throw new Error("failed");
  });
  await expect(failing).rejects.toThrow("failed");
  expect(share.counts()).toEqual({ underWay: 0, waiting: 0 });
});

test("who only waits gives the place to others, and waits for one again", async () => {
  const share = createFairShare({ ofTenant: 1 });
  const steps: string[] = [];
  const gate: { open?: () => void } = {};
  const first = inTurn(share, nobodyIsOver, async (turn) => {
    steps.push("first begins");
    await turn.away(() => new Promise<void>((resolve) => (gate.open = resolve)));
    steps.push("first goes on");
  });
  await inTurn(share, nobodyIsOver, async () => {
    steps.push("second begins");
    gate.open?.();
    await new Promise((resolve) => setImmediate(resolve));
    steps.push("second ends");
  });
  await first;
  expect(steps).toEqual(["first begins", "second begins", "second ends", "first goes on"]);
  expect(share.counts()).toEqual({ underWay: 0, waiting: 0 });
});

test("what went wrong while waiting is told as it is, and no place is kept", async () => {
  const share = createFairShare({ ofTenant: 1 });
  const broken = inTurn(share, nobodyIsOver, (turn) =>
    turn.away(() => Promise.reject(new Error("the body broke off"))),
  );
  await expect(broken).rejects.toThrow("the body broke off");
  expect(share.counts()).toEqual({ underWay: 0, waiting: 0 });
});

test("who finds no place on coming back is turned away with Retry-After", async () => {
  const share = createFairShare({ ofTenant: 1, waitingOfTenant: 1 });
  const held: (() => void)[] = [];
  const late = inTurn(share, nobodyIsOver, (turn) =>
    turn.away(async () => {
      for (let index = 0; index < 2; index += 1) {
        void inTurn(share, nobodyIsOver, () => new Promise<void>((resolve) => held.push(resolve)));
      }
    }),
  );
  await expect(late).rejects.toMatchObject({ status: 429, headers: { "Retry-After": "1" } });
  held[0]?.();
});
