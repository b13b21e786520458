import { expect, test } from "vitest";
import { wholeNumberOption } from "./whole-number-option.ts";

const read = (text: string | undefined): number =>
  wholeNumberOption({ text: () => text }, "limit", 50, 0, 100);

test("digits within the bounds are a number, nothing said is the default", () => {
  expect([read("0"), read("100"), read("007"), read(undefined)]).toEqual([0, 100, 7, 50]);
});

test.each(["", " 5", "-1", "101", "1e1", "0x10", "1.0", "9".repeat(20)])("%j is none", (text) => {
  expect(() => read(text)).toThrow("expected a whole number from 0 to 100");
});
