import { expect, test } from "vitest";
import { cleanText } from "./clean-text.ts";
import { safeJson } from "./safe-json.ts";

test("what a terminal obeys is escaped, and reads back as it was", () => {
  const value = {
    "a\u009bb": ["\u001b[31m", "\u202e\u200b\u2028\u007f", "\u{e0001}", "é漢😀\n"],
  };
  for (const text of [safeJson(value), safeJson(value, 2)]) {
    for (const line of text.split("\n")) {
      expect(cleanText(line)).toBe(line);
    }
    expect(text).toContain("é漢😀");
    expect(JSON.parse(text)).toEqual(value);
  }
  expect(safeJson(value)).not.toContain("\n");
});
