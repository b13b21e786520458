/** Derives docs/reference/command-line.md: every command with its options. */
import type { Command } from "../../packages/server/src/cli/command.ts";
import { commands } from "../../packages/server/src/cli/main.ts";

/** Writes the page. */
export function formatCommandLine(): string {
  return `# Command line

Made by \`npm run docs\` from the code; do not edit. Every command takes \`--json\` and \`--help\`; those that work on data take
\`--data\` and \`--database-url\` too ([settings](configuration.md)). The exit code is 0 when all went well, 1 when something
was refused or found wrong, 2 when the command line was not understood.

${commands.map(commandText).join("\n")}`;
}

function commandText({ usage, summary, options }: Command): string {
  const rows = options.map(([flags, sentence]) => `| \`${flags}\` | ${escaped(sentence)} |`);
  const table = rows.length === 0 ? [] : ["", "| option | what |", "|---|---|", ...rows];
  return [`## \`rollcall ${usage}\``, "", escaped(sentenceOf(summary)), ...table, ""].join("\n");
}

function sentenceOf(summary: string): string {
  return `${summary.slice(0, 1).toUpperCase()}${summary.slice(1)}.`;
}

/** A bar would end the cell. */
function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
