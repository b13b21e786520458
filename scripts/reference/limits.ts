/** Derives docs/reference/limits.md: every named limit, with the sentence above it. */
import type { MarkedFile } from "./rfc-map.ts";

/** A limit as the code names it. */
interface Limit {
  readonly path: string;
  readonly name: string;
  readonly value: number;
  readonly sentence: string;
}

// A port is a default and no limit.
const pattern =
  /\/\*\* ([^\n]*?) ?\*\/\n(?:export )?const ((?!port)\w+(?:Max|Min|Default|TimeoutMs|Days)\w*)(?:: number)? = ([\d_]+(?: \* [\d_]+)*);/g;

/** Finds every limit that says what it is. */
function limitsIn(files: readonly MarkedFile[]): readonly Limit[] {
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map(([, sentence = "", name = "", product = ""]) => ({
      path,
      name,
      sentence,
      value: product
        .split("*")
        .reduce((value, factor) => value * Number(factor.trim().replaceAll("_", "")), 1),
    })),
  );
}

/** Writes the page; how much the command line shows is no limit of the service. */
export function formatLimits(files: readonly MarkedFile[]): string {
  const rows = limitsIn(files.filter(({ path }) => !path.includes("/cli/"))).map(
    ({ path, name, sentence, value }) =>
      `| ${sentence.replaceAll("|", "\\|")} | ${value.toLocaleString("en-US")} | [\`${name}\`](../../${path}) |`,
  );
  return `# Limits\n\nMade by \`npm run docs\` from the constants in the code; do not edit. Names ending in Ms are milliseconds. What limits a request (filter, path, body, JSON, operations, values, headers) is refused with a 4xx SCIM Error that names the limit, and changes nothing; the others say how much is shown, kept, repeated or waited for.\n\n| what | limit | where |\n|---|---|---|\n${rows.join("\n")}\n`;
}
