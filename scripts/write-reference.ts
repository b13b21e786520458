/** Writes the generated pages of docs/reference: `npm run docs`. */
import { writeFileSync } from "node:fs";
import { pages } from "./reference/pages.ts";

for (const { path, text } of pages()) {
  writeFileSync(path, text);
  process.stdout.write(`${path}\n`);
}
