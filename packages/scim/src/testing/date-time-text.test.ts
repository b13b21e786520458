import fc from "fast-check";
import { expect, test } from "vitest";
import { dateTimeText } from "./date-time-text.ts";

test("writes what Date writes", () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), (ms) => {
      expect(dateTimeText(ms)).toBe(new Date(ms).toISOString());
    }),
    { seed: 7643 },
  );
});
