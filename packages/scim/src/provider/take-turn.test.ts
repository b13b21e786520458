import { expect, test } from "vitest";
import { createTestProvider } from "../testing/test-provider.ts";
import { createTakeTurn } from "./take-turn.ts";

const userUri = "urn:ietf:params:scim:schemas:core:2.0:User";
const patchUri = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

test("works of one key run one after another, in the order they came, also after one has failed", async () => {
  const takeTurn = createTakeTurn();
  const seen: string[] = [];
  const work = (name: string, fails = false) =>
    takeTurn("key", async () => {
      seen.push(`${name} begins`);
      await Promise.resolve();
      seen.push(`${name} ends`);
      if (fails) {
        throw new Error(name);
      }
      return name;
    });
  const results = await Promise.allSettled([work("a"), work("b", true), work("c")]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(seen).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});

test("works of different keys do not wait for each other", async () => {
  const takeTurn = createTakeTurn();
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const slow = takeTurn("a", () => gate);
  await expect(takeTurn("b", async () => "done")).resolves.toBe("done");
  open();
  await slow;
});

test("64 simultaneous PATCHes of one user are all applied, none gets a 503", async () => {
  const { send } = createTestProvider();
  await send("POST", "/Users", { body: { schemas: [userUri], userName: "a" } });
  const answers = await Promise.all(
    Array.from({ length: 64 }, (_, index) =>
      send("PATCH", "/Users/id-1", {
        body: {
          schemas: [patchUri],
          Operations: [{ op: "add", path: "emails", value: [{ value: `${index}@example.com` }] }],
        },
      }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect((await send("GET", "/Users/id-1")).body["emails"]).toHaveLength(64);
});
