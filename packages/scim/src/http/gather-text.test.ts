import { expect, test } from "vitest";
import { gatherText, longTextMin } from "./gather-text.ts";

/** Pieces that say how far they were read, and whether they were given up. */
function watched(pieces: readonly string[]) {
  const seen = { read: 0, closed: false };
  function* source(): Iterable<string> {
    try {
      for (const piece of pieces) {
        seen.read += 1;
        yield piece;
      }
    } finally {
      seen.closed = true;
    }
  }
  return { seen, source: source() };
}
const kilobyte = "x".repeat(1024);

test.each([[[]], [["a"]], [["a", "", "b"]]])("%j is one string", (pieces) => {
  expect(gatherText(pieces)).toBe(pieces.join(""));
});

test("up to the limit it is one string, from there on pieces that say the same", () => {
  const short = Array.from({ length: longTextMin / 1024 - 1 }, () => kilobyte);
  expect(typeof gatherText(short)).toBe("string");
  const long = [...short, kilobyte, "the", kilobyte, "end"];
  const gathered = gatherText(long);
  expect(typeof gathered).toBe("object");
  expect([...gathered].join("")).toBe(long.join(""));
});

test("small pieces are put together, and read only as far as they are wanted", () => {
  const { seen, source } = watched(Array.from({ length: 10_000 }, () => kilobyte));
  const gathered = gatherText(source);
  expect(seen.read).toBe(longTextMin / 1024);
  const pieces = [...gathered];
  expect(pieces.slice(0, -1).every(({ length }) => length >= 65_536)).toBe(true);
  expect(pieces.every(({ length }) => length <= longTextMin)).toBe(true);
  expect(pieces.join("")).toHaveLength(10_000 * 1024);
});

test("who stops reading gives the source up", () => {
  const { seen, source } = watched(Array.from({ length: 10_000 }, () => kilobyte));
  for (const piece of gatherText(source)) {
    expect(piece).toHaveLength(longTextMin);
    break;
  }
  expect(seen.closed).toBe(true);
  expect(seen.read).toBeLessThan(500);
});

test("a failure of the source is the reader's", () => {
  function* failing(): Iterable<string> {
    yield "a";
    throw new Error("broken");
  }
  expect(() => gatherText(failing())).toThrow("broken");
});
