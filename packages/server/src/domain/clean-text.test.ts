import fc from "fast-check";
import { expect, test } from "vitest";
import { cleanText } from "./clean-text.ts";

test("line breaks, escape sequences and hidden direction marks are gone", () => {
  expect(cleanText("a\r\nb\u001b[31mc\u202ed\u200be\u2028f\u0085g\u007f")).toBe(
    "a��b�[31mc�d�e�f�g�",
  );
});

test("ordinary text of any script stays as it is", () => {
  expect(cleanText("Zoë 山田 😀 <b>&")).toBe("Zoë 山田 😀 <b>&");
});

test("the result never has more characters than asked for, and never half of one", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat({ max: 50 }), (text, max) => {
      const cleaned = cleanText(text, max);
      expect([...cleaned].length).toBeLessThanOrEqual(max);
      expect(cleaned).not.toMatch(/\p{Cs}/u);
    }),
    { seed: 20_260_121, numRuns: 500 },
  );
});
