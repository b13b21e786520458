import { expect, test } from "vitest";
import { checkedName } from "./checked-name.ts";
import { cleanText } from "./clean-text.ts";
import { isRefusal } from "./refusal.ts";

test.each(["Okta", "Müller & Söhne", "漢".repeat(64), "😀".repeat(64)])("%s is a name", (name) => {
  expect(checkedName(name)).toBe(name);
});

test.each(["", "  ", "x".repeat(65), "a\nb", "a\u001b[31m", "a\u202eb"])("%j is none", (name) => {
  const refused = (() => {
    try {
      return checkedName(name);
    } catch (error) {
      return error;
    }
  })();
  expect(isRefusal(refused) && refused.message).toMatch(/1 to 64 characters/);
  expect(cleanText(String(refused))).toBe(String(refused));
});
