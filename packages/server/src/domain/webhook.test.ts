/** Tests of what webhooks are told of and signed with. */
import { expect, test } from "vitest";
import type { WebhookSecret } from "./webhook.ts";
import { rotatedSecrets, secretsAt, typesProblemOf, wantsType } from "./webhook.ts";

function secret(sealed: string, created: string, ends?: string): WebhookSecret {
  return { sealed, created, ends };
}

test("a webhook wants the types it names, those behind a beginning, or all", () => {
  expect(wantsType({ types: [] }, "user.created")).toBe(true);
  expect(wantsType({ types: ["user.created"] }, "user.created")).toBe(true);
  expect(wantsType({ types: ["user.created"] }, "user.created.twice")).toBe(false);
  expect(wantsType({ types: ["group.", "user.deleted"] }, "group.updated")).toBe(true);
  expect(wantsType({ types: ["group."] }, "groups.updated")).toBe(false);
  expect(wantsType({ types: ["user."] }, "sessions.revoke")).toBe(false);
});

test("names of types are refused that no event can have", () => {
  for (const types of [[], ["user."], ["user.created", "sessions.revoke"], ["device.updated"]]) {
    expect(typesProblemOf(types)).toBeUndefined();
  }
  for (const types of [[""], ["user"], ["."], ["*"], ["user.*"], ["user.created "], ["a.b.c"]]) {
    expect(typesProblemOf(types)).toBeTypeOf("string");
  }
  expect(typesProblemOf(Array.from({ length: 51 }, () => "user."))).toMatch(/up to 50/);
});

test("a rotation leaves the secret before it a day, and none older", () => {
  const first = [secret("one", "2025-06-15T12:00:00.000Z")];
  const second = rotatedSecrets(first, secret("two", "2025-06-20T12:00:00.000Z"));
  expect(second.map(({ sealed, ends }) => [sealed, ends])).toEqual([
    ["two", undefined],
    ["one", "2025-06-21T12:00:00.000Z"],
  ]);
  const third = rotatedSecrets(second, secret("three", "2025-06-20T13:00:00.000Z"));
  expect(third.map(({ sealed }) => sealed)).toEqual(["three", "two"]);
  const signing = (at: string) => secretsAt(third, at).map(({ sealed }) => sealed);
  expect(signing("2025-06-21T12:59:59.999Z")).toEqual(["three", "two"]);
  expect(signing("2025-06-21T13:00:00.000Z")).toEqual(["three"]);
});
