import { expect, test } from "vitest";
import type { FairShareLimits, Place } from "./fair-share.ts";
import { createFairShare } from "./fair-share.ts";

/** Places with what is under way, by tenant, in the order in which they began. */
function site(limits: FairShareLimits) {
  const share = createFairShare(limits);
  const began: string[] = [];
  const running: { readonly tenant: string; readonly leave: () => void }[] = [];
  const turnedAway: string[] = [];
  const settle = (tenant: string, place: Place): void => {
    if (place.kind === "taken") {
      began.push(tenant);
      running.push({ tenant, leave: place.leave });
    } else {
      turnedAway.push(tenant);
    }
  };
  return {
    share,
    began,
    running,
    turnedAway,
    async send(tenant: string, count = 1, isOver = () => false) {
      for (let index = 0; index < count; index += 1) {
        const place = share.enter(tenant, isOver);
        if (place instanceof Promise) {
          void place.then((late) => settle(tenant, late));
        } else {
          settle(tenant, place);
        }
      }
      await Promise.resolve();
    },
    /** Ends the one that has been under way longest. */
    async end(count = 1) {
      for (let index = 0; index < count; index += 1) {
        running.shift()?.leave();
        await Promise.resolve();
        await Promise.resolve();
      }
    },
    of: (tenant: string) => running.filter((one) => one.tenant === tenant).length,
  };
}

test("a tenant has as many under way as it may, and one more waits", async () => {
  const { share, send, of, end } = site({ ofTenant: 3 });
  await send("a", 3);
  expect(share.counts()).toEqual({ underWay: 3, waiting: 0 });
  await send("a");
  expect(share.counts()).toEqual({ underWay: 3, waiting: 1 });
  expect(of("a")).toBe(3);
  await end();
  expect(share.counts()).toEqual({ underWay: 3, waiting: 0 });
});

test("a tenant that floods does not keep another one waiting", async () => {
  const { send, of } = site({ ofTenant: 3, atOnce: 6 });
  await send("flood", 500);
  await send("quiet");
  expect(of("quiet")).toBe(1);
  expect(of("flood")).toBe(3);
});

test("where all places are taken, tenants take turns however many wait", async () => {
  const { began, send, end } = site({ ofTenant: 2, atOnce: 2 });
  await send("flood", 100);
  await send("b", 2);
  await send("c", 1);
  await end(6);
  expect(began.slice(2, 8)).toEqual(["flood", "b", "c", "flood", "b", "flood"]);
});

test("everybody who waited is served, in the order of the tenant, and nothing is left", async () => {
  const { share, began, send, end } = site({ ofTenant: 2, atOnce: 3 });
  for (let round = 0; round < 40; round += 1) {
    await send(`t${round % 5}`, 1 + (round % 3));
  }
  const sent = Array.from({ length: 40 }, (_, round) => 1 + (round % 3)).reduce((a, b) => a + b);
  await end(sent);
  expect(began).toHaveLength(sent);
  expect(share.counts()).toEqual({ underWay: 0, waiting: 0 });
});

test("as many of a tenant may wait as the limit says, and one more is turned away", async () => {
  const { share, send, turnedAway } = site({ ofTenant: 1, waitingOfTenant: 4 });
  await send("a", 5);
  expect(turnedAway).toEqual([]);
  expect(share.enter("a", () => false)).toEqual({
    kind: "full",
    retryAfterSeconds: 1,
    isFirst: true,
  });
  expect(share.enter("a", () => false)).toMatchObject({ kind: "full", isFirst: false });
  await send("b");
  expect(share.counts()).toEqual({ underWay: 2, waiting: 4 });
});

test("when everything is full of one tenant, it gives up a place for another", async () => {
  const { share, send, turnedAway } = site({ ofTenant: 1, atOnce: 1, waiting: 10 });
  await send("flood", 11);
  expect(turnedAway).toEqual([]);
  await send("quiet");
  expect(turnedAway).toEqual(["flood"]);
  await send("flood");
  expect(turnedAway).toEqual(["flood", "flood"]);
  expect(share.counts()).toEqual({ underWay: 1, waiting: 10 });
});

test("whose time is up gets no place, and holds none", async () => {
  const { share, began, send, end } = site({ ofTenant: 1, waitingOfTenant: 2 });
  let isOver = false;
  await send("a");
  await send("a", 2, () => isOver);
  isOver = true;
  await send("a");
  expect(share.counts()).toEqual({ underWay: 1, waiting: 1 });
  await end(2);
  expect(began).toEqual(["a", "a"]);
  expect(share.counts()).toEqual({ underWay: 0, waiting: 0 });
});

test("leaving twice frees one place", async () => {
  const { share, running, send } = site({ ofTenant: 1 });
  await send("a", 3);
  const [first] = running;
  first?.leave();
  first?.leave();
  expect(share.counts()).toEqual({ underWay: 1, waiting: 1 });
});

test("0 is no limit", async () => {
  const { share, send } = site({ ofTenant: 0 });
  await send("a", 5_000);
  expect(share.counts()).toEqual({ underWay: 5_000, waiting: 0 });
});
