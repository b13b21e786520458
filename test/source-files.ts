/** The source files of the packages, for the tests of their shape. */
import { readdirSync, readFileSync } from "node:fs";

/** A file with its path from the root and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Reads every TypeScript file below the folders; built and installed files are none of ours. */
export function readSourceFiles(...roots: readonly string[]): readonly SourceFile[] {
  return roots.flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts") && !/(^|\/)(dist|node_modules)\//.test(path))
      .map((path) => ({ path: `${root}/${path}`, text: readFileSync(`${root}/${path}`, "utf8") })),
  );
}

/** Tells whether a file is a test or only used by tests. */
export function isTest({ path }: SourceFile): boolean {
  return /\.(test|contract)\.ts$/.test(path);
}

/** Gives the text without comments and string literals, so that prose trips no check of code. */
export function codeOf({ text }: SourceFile): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/(^|\s)\/\/.*$/gm, "$1")
    .replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
}
