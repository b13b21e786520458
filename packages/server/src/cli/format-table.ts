/** Tables for people: aligned columns of text that cannot harm a terminal. */
import { cleanText } from "../domain/clean-text.ts";

/** The widest cell, in characters. */
const cellLengthMax = 60;

/** Lays rows out under their headings, one line each. */
export function formatTable(
  headings: readonly string[],
  rows: readonly (readonly (string | undefined)[])[],
): readonly string[] {
  const lines = [headings, ...rows.map((row) => row.map(cellOf))];
  const widths = headings.map((_, column) =>
    Math.max(...lines.map((line) => widthOf(line[column] ?? ""))),
  );
  return lines.map((line) =>
    line
      .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - widthOf(cell)))
      .join("  ")
      .trimEnd(),
  );
}

/** Lays out names and values, one pair a line. */
export function formatFields(
  fields: readonly (readonly [string, string | undefined])[],
): readonly string[] {
  const width = Math.max(...fields.map(([name]) => name.length));
  return fields.map(([name, value]) => `${name.padEnd(width)}  ${cleanText(value ?? "-", 500)}`);
}

function cellOf(value: string | undefined): string {
  const text = value === undefined || value === "" ? "-" : value;
  return widthOf(text) > cellLengthMax ? `${cleanText(text, cellLengthMax - 1)}…` : cleanText(text);
}

function widthOf(text: string): number {
  return [...text].length;
}
