import { expect, test } from "vitest";
import type { Line } from "./lines.ts";
import { linesOf } from "./lines.ts";

async function* chunksOf(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += size) {
    yield bytes.subarray(start, start + size);
  }
}

async function linesIn(text: string, size: number, lengthMax?: number): Promise<Line[]> {
  const found: Line[] = [];
  const reading = lengthMax === undefined ? {} : { lengthMax };
  for await (const lines of linesOf(chunksOf(text, size), reading)) {
    found.push(...lines);
  }
  return found;
}

test.each([1, 2, 3, 1000])(
  "lines end at line feeds only, in chunks of %i bytes too",
  async (size) => {
    const text = 'ä\u2028b\n\n{"c":"\\n"}\r\nend';
    const lines = await linesIn(text, size);
    expect(lines.map(({ bytes }) => bytes.toString())).toEqual([
      "ä\u2028b",
      "",
      '{"c":"\\n"}\r',
      "end",
    ]);
    expect(lines.at(-1)?.end).toBe(Buffer.byteLength(text));
    expect(await linesIn("", size)).toEqual([]);
    expect(await linesIn("a\n", size)).toHaveLength(1);
  },
);

test("a line without end is refused before it fills the memory", async () => {
  await expect(linesIn("x".repeat(5000), 100, 1000)).rejects.toThrow("longer than 1000 bytes");
});
